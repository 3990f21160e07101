"""Manifests: one CSV or JSON-lines file that lists recordings by address, with what is known of each.

Columns are those of sidecars (call id, agent, team …) and ``file``: a path, relative to the manifest's
folder, or an address such as ``s3://bucket/call.wav``. A wrong row refuses that row alone.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recordings.conversation import Role
from recordings.errors import RecordingError
from recordings.metadata import canonical, told_by

SUFFIXES = frozenset({".csv", ".jsonl", ".ndjson"})


@dataclass(frozen=True)
class Listed:
    """One row: the recording's address as written, the fields of Recording that it gives, roles per channel,
    and where it stands (``manifest.csv: line 7``). ``wrong`` says why it cannot be used."""

    address: str
    where: str
    fields: Mapping[str, str]
    roles: tuple[Role, ...] | None = None
    wrong: str | None = None


def is_manifest(name: str) -> bool:
    """Whether a file's name says that it lists recordings rather than being one."""
    return Path(name).suffix.lower() in SUFFIXES


def read_manifest(path: Path) -> list[Listed]:
    """All rows in order; the same recording named twice by rows that agree counts once.

    Raises RecordingError for a file that cannot be read, is not UTF-8, or has no column for the recordings.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    rows = _csv(text, path) if path.suffix.lower() == ".csv" else _lines(text, path)
    found: list[Listed] = []
    first: dict[str, Listed] = {}
    for where, row in rows:
        one = _listed(row, where)
        before = first.setdefault(one.address, one) if one.wrong is None else None
        if before is None or before is one:
            found.append(one)
        elif (before.fields, before.roles) != (one.fields, one.roles):
            wrong = f"{where}: {one.address} is told of differently in {before.where}"
            found.append(Listed(one.address, where, {}, wrong=wrong))
    return found


def _csv(text: str, path: Path) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    try:
        names = canonical(dict.fromkeys(reader.fieldnames or ()))
        if "file" not in names:
            raise RecordingError(
                f"{path}: has no column named file, recording, path or address; its columns are "
                f"{', '.join(reader.fieldnames or ()) or 'none'}"
            )
        for row in reader:
            where = f"{path.name}: line {reader.line_num}"
            extra = row.pop(None, None)
            yield where, f"{where}: has {len(extra)} fields too many" if extra else row
    except csv.Error as error:
        raise RecordingError(f"{path}: line {reader.line_num}: is not CSV ({error})") from error


def _lines(text: str, path: Path) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path.name}: line {number}"
        try:
            row = json.loads(line, parse_constant=_no_number)
        except ValueError as error:
            yield where, f"{where}: is not JSON ({error})"
        else:
            yield where, row if isinstance(row, dict) else f"{where}: is no object"


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _listed(row: Mapping[str, Any] | str, where: str) -> Listed:
    if isinstance(row, str):
        return Listed(where, where, {}, wrong=row)
    address = str(canonical(row).get("file") or "").strip()
    if not address:
        return Listed(where, where, {}, wrong=f"{where}: names no recording")
    try:
        fields, roles = told_by(row, where)
    except RecordingError as error:
        return Listed(address, where, {}, wrong=str(error))
    return Listed(address, where, fields, roles)
