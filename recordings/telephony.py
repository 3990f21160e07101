"""Hold and transfer records as telephony systems export them: CSV with columns of their own names.

A mapping file (YAML) tells which column is what::

    columns: {kind: EventType, start: Begin, end: Finish, call_id: CallRef}
    kinds: {HOLD_START_END: hold, XFER: transfer}
    time: seconds        # or milliseconds, clock (HH:MM:SS), or iso (with start_of_call)
"""

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recordings.conversation import EventKind
from recordings.errors import RecordingError

KINDS: tuple[EventKind, ...] = get_args(EventKind)
_CLOCK = re.compile(r"^(?:(\d+):)?(\d{1,2}):(\d{2}(?:[.,]\d+)?)$")


class Columns(BaseModel):
    """The column of each value; ``end`` and ``duration`` may both be missing for moments (transfers)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "kind"
    start: str = "start"
    end: str | None = "end"
    duration: str | None = "duration"
    call_id: str | None = "call_id"
    by: str | None = "by"
    start_of_call: str | None = "start_of_call"


class Mapped(BaseModel):
    """How one telephony system writes its records."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Columns = Columns()
    kinds: dict[str, EventKind] = Field(default_factory=dict)
    time: Literal["seconds", "milliseconds", "clock", "iso"] = "seconds"
    ignore_other_kinds: bool = False


DEFAULT_MAPPING = Mapped()


def read_mapping(path: Path) -> Mapped:
    """A mapping file; raises RecordingError that names the file and the key at fault."""
    try:
        return Mapped.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error})") from error
    except yaml.YAMLError as error:
        raise RecordingError(f"{path}: is not YAML ({error})") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RecordingError(f"{path}: {where}: {first['msg']}") from error


def read_records(
    path: Path, mapping: Path | Mapped = DEFAULT_MAPPING, *, call_id: str | None = None
) -> tuple[Mapping[str, Any], ...]:
    """The records of one call, in order of start: ``kind``, ``start`` and ``end`` in seconds from the
    recording's start (``end`` None for a moment), ``by`` where it is told, ``source`` telephony.

    Rows of other calls are passed over where both the call id and its column are known. Raises
    RecordingError that names the line for a missing or negative time, an end before its start and an
    unknown kind.
    """
    mapped = mapping if isinstance(mapping, Mapped) else read_mapping(mapping)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    missing = [c for c in (mapped.columns.kind, mapped.columns.start) if c not in (reader.fieldnames or ())]
    if missing:
        raise RecordingError(
            f"{path}: has no column {', '.join(missing)}; "
            f"its columns are {', '.join(reader.fieldnames or ())}. Name them in a mapping file"
        )
    found: list[dict[str, Any]] = []
    mine = other = 0
    for row in reader:
        where = f"{path}: line {reader.line_num}"
        named = _cell(row, mapped.columns.call_id)
        if call_id is not None and named is not None and named != call_id:
            other += 1
            continue
        mine += 1
        record = _record(row, mapped, where)
        if record is not None:
            found.append(record)
    if other and not mine:
        raise RecordingError(f"{path}: names other calls only, not {call_id!r}")
    return tuple(sorted(found, key=lambda record: float(record["start"])))


def _record(row: Mapping[str, Any], mapped: Mapped, where: str) -> dict[str, Any] | None:
    columns = mapped.columns
    word = _cell(row, columns.kind)
    kind = mapped.kinds.get(word or "") or next((k for k in KINDS if k == (word or "").lower()), None)
    if kind is None:
        if mapped.ignore_other_kinds:
            return None
        choices = ", ".join([*mapped.kinds, *KINDS])
        raise RecordingError(f"{where}: the kind {word!r} is not known; the choices are {choices}")
    start = _seconds(row, columns.start, mapped, where)
    if start is None:
        raise RecordingError(f"{where}: the {kind} has no start")
    end = _seconds(row, columns.end, mapped, where)
    lasts = _cell(row, columns.duration)
    if end is None and lasts is not None:
        end = start + _plain(lasts, mapped, where)
    if end is None and kind in ("hold", "silence", "music"):
        raise RecordingError(f"{where}: the {kind} has no end and no duration")
    if end is not None and end < start:
        raise RecordingError(f"{where}: the {kind} ends at {end:g} s before it starts at {start:g} s")
    return {"kind": kind, "start": start, "end": end, "by": _cell(row, columns.by), "source": "telephony"}


def _seconds(row: Mapping[str, Any], column: str | None, mapped: Mapped, where: str) -> float | None:
    text = _cell(row, column)
    if text is None:
        return None
    if mapped.time == "iso":
        origin = _cell(row, mapped.columns.start_of_call)
        if origin is None:
            raise RecordingError(f"{where}: times of day need the start of the call beside them")
        try:
            value = (datetime.fromisoformat(text) - datetime.fromisoformat(origin)).total_seconds()
        except (ValueError, TypeError) as error:
            raise RecordingError(f"{where}: {text!r} or {origin!r} is no ISO 8601 time ({error})") from error
    else:
        value = _plain(text, mapped, where)
    if value < 0:
        raise RecordingError(f"{where}: the time {text} lies {-value:g} s before the recording starts")
    return value


def _plain(text: str, mapped: Mapped, where: str) -> float:
    clock = _CLOCK.match(text)
    if mapped.time in ("clock", "iso") and clock:
        hours, minutes, seconds = clock.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    try:
        value = float(text.replace(",", "."))
    except ValueError as error:
        raise RecordingError(f"{where}: {text!r} is no time in {mapped.time}") from error
    if not isfinite(value):
        raise RecordingError(f"{where}: {text!r} is no time in {mapped.time}")
    return value / 1000 if mapped.time == "milliseconds" else value


def _cell(row: Mapping[str, Any], column: str | None) -> str | None:
    value = row.get(column) if column is not None else None
    return str(value).strip() or None if value is not None else None
