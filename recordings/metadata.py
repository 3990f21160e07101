"""What is known of a call before anybody listens: from its file name, files beside it, telephony records.

Beside ``call.wav`` may lie ``call.json`` or ``call.csv`` (call id, agent, team, queue, direction, start,
language, roles) and ``call.events.csv`` (holds and transfers as the telephony recorded them). Reading is
tolerant of other fields and spellings of names, and strict about contradictions.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from recordings.conversation import Role
from recordings.errors import RecordingError
from recordings.telephony import DEFAULT_MAPPING, Mapped, read_records

FIELDS = ("call_id", "agent", "team", "queue", "direction", "started_at", "language")
DIRECTIONS = ("inbound", "outbound", "internal")
LANGUAGE = re.compile(r"^[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?$")
ROLES: tuple[Role, ...] = get_args(Role)

_ALIASES = {
    "callid": "call_id",
    "id": "call_id",
    "agent_name": "agent",
    "agent_id": "agent",
    "group": "team",
    "skill": "queue",
    "start": "started_at",
    "start_time": "started_at",
    "started": "started_at",
    "lang": "language",
    "channels": "roles",
    "filename": "file",
    "file_name": "file",
    "recording": "file",
    "path": "file",
    "address": "file",
    "url": "file",
}
_NOTHING = frozenset({"nan", "NaN", "null", "NULL"})
"""What tables write where they know nothing; no name of anybody."""
_DIRECTIONS = {"in": "inbound", "incoming": "inbound", "out": "outbound", "outgoing": "outbound"}


@dataclass(frozen=True)
class Known:
    """What was found: ``recording`` fields of Recording by name, roles per channel, telephony records
    (kind, start, end in seconds), and where each came from."""

    recording: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[Role, ...] | None = None
    telephony: tuple[Mapping[str, Any], ...] = ()
    files: tuple[Path, ...] = ()


def read_sidecars(
    path: Path | str,
    *,
    pattern: str | None = None,
    mapping: Path | Mapped | None = None,
    listed: Mapping[str, str] | None = None,
) -> Known:
    """Everything known of a recording: file name (if it fits ``pattern``), sidecars, telephony records, and
    what a manifest has ``listed``.

    The manifest wins over a sidecar and a sidecar over the file name, except that two different call ids are
    an error: then one of them belongs to another call. ``mapping`` tells the columns of the telephony records
    (a file or a value). Raises RecordingError that names the file, the field and what was expected.
    """
    path = Path(path)
    from_name = parse_name(path, pattern) if pattern else {}
    found: dict[str, str] = {}
    roles: tuple[Role, ...] | None = None
    files: list[Path] = []
    for sidecar in _sidecars(path):
        row = _read_json(sidecar, path) if sidecar.suffix.lower() == ".json" else _read_csv(sidecar, path)
        if row is None:
            continue
        fields, told = _fields(row, sidecar, path)
        for key, value in fields.items():
            if found.setdefault(key, value) != value:
                raise RecordingError(
                    f"{sidecar}: {key} is {value!r}, but {files[0].name} says {found[key]!r}"
                )
        roles = roles or told
        files.append(sidecar)
    if "call_id" in from_name and found.get("call_id", from_name["call_id"]) != from_name["call_id"]:
        raise RecordingError(
            f"{files[0]}: belongs to call {found['call_id']!r}, but the file name of {path.name} says "
            f"{from_name['call_id']!r}; one of them belongs to another call"
        )
    fields = {**from_name, **found}
    listed_id = (listed or {}).get("call_id")
    if listed_id is not None and fields.get("call_id", listed_id) != listed_id:
        where = files[0].name if "call_id" in found else "its name"
        raise RecordingError(
            f"{path.name}: the manifest says call {listed_id!r}, but {where} says {fields['call_id']!r}; "
            "one of them belongs to another call"
        )
    fields |= listed or {}
    records: tuple[Mapping[str, Any], ...] = ()
    events = path.with_name(f"{path.stem}.events.csv")
    if events.is_file():
        records = read_records(events, mapping or DEFAULT_MAPPING, call_id=fields.get("call_id"))
        files.append(events)
    return Known(fields, roles, records, tuple(files))


def parse_name(path: Path | str, pattern: str) -> dict[str, str]:
    """Fields out of a file's stem: ``{started_at:%Y%m%d-%H%M%S}_{queue}_{agent}_{call_id}``.

    Returns {} for a name that does not fit. Raises RecordingError for a pattern that names an unknown
    field and for a time that is none.
    """
    path = Path(path)
    expression, formats = _compile(pattern)
    match = expression.fullmatch(path.stem)
    if match is None:
        return {}
    fields = {name: text for name, text in match.groupdict().items() if text}
    for name, layout in formats.items():
        try:
            fields[name] = _utc(datetime.strptime(fields[name], layout))
        except ValueError as error:
            raise RecordingError(f"{path.name}: {fields[name]!r} is no time of the form {layout}") from error
    return _checked(fields, path)


def _compile(pattern: str) -> tuple[re.Pattern[str], dict[str, str]]:
    parts: list[str] = []
    formats: dict[str, str] = {}
    position = 0
    for match in re.finditer(r"\{(\w+)(?::([^}]*))?\}", pattern):
        name, layout = match[1], match[2]
        if name not in (*FIELDS, "skip"):
            raise RecordingError(
                f"the file name pattern {pattern!r} names {name!r}; "
                f"the fields are {', '.join(FIELDS)} and skip"
            )
        parts.append(re.escape(pattern[position : match.start()]))
        parts.append(".*?" if name == "skip" else f"(?P<{name}>.+?)")
        if layout:
            formats[name] = layout
        position = match.end()
    parts.append(re.escape(pattern[position:]))
    try:
        return re.compile("".join(parts), re.DOTALL), formats
    except re.error as error:
        raise RecordingError(f"the file name pattern {pattern!r} cannot be used ({error})") from error


def _sidecars(path: Path) -> list[Path]:
    """The files beside a recording that may describe it, without the recording itself."""
    names = [f"{stem}{suffix}" for stem in (path.stem, path.name) for suffix in (".json", ".csv")]
    places = [path.with_name(name) for name in names]
    return [place for place in places if place != path and place.is_file()]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path}: is not UTF-8 text (byte {error.start})") from error


def _read_json(sidecar: Path, path: Path) -> Mapping[str, Any] | None:
    try:
        value = json.loads(_text(sidecar), parse_constant=_no_number)
    except ValueError as error:
        raise RecordingError(f"{sidecar}: is not JSON ({error})") from error
    if isinstance(value, list):
        return _own_row([row for row in value if isinstance(row, dict)], sidecar, path)
    if not isinstance(value, dict):
        raise RecordingError(f"{sidecar}: must hold an object of fields such as {', '.join(FIELDS[:3])}")
    if str(value.get("format", "")).startswith("rapport/"):
        return None  # one of our own documents that lies beside the recording
    return value


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _read_csv(sidecar: Path, path: Path) -> Mapping[str, Any] | None:
    text = _text(sidecar)
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        rows = list(reader)
    except csv.Error as error:
        raise RecordingError(f"{sidecar}: line {reader.line_num}: is not CSV ({error})") from error
    return _own_row([{k: v for k, v in row.items() if k is not None} for row in rows], sidecar, path)


def _own_row(rows: list[dict[str, Any]], sidecar: Path, path: Path) -> Mapping[str, Any] | None:
    """The row about this recording: the one that names it, or the only one."""
    mine = [row for row in rows if Path(str(canonical(row).get("file") or "")).name in (path.name, path.stem)]
    if len(mine) == 1 or len(rows) == 1:
        return (mine or rows)[0]
    if not rows:
        return None
    what = f"{len(mine)} rows name" if mine else "no row names"
    raise RecordingError(
        f"{sidecar}: {what} {path.name} in a column file; exactly one of its {len(rows)} must"
    )


def canonical(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row's values under the names of FIELDS, roles and file, whatever spelling its columns have."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        name = re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(key).strip())).lower()
        found.setdefault(_ALIASES.get(name, _ALIASES.get(name.replace("_", ""), name)), value)
    return found


def _fields(
    row: Mapping[str, Any], sidecar: Path, path: Path
) -> tuple[dict[str, str], tuple[Role, ...] | None]:
    known = canonical(row)
    named = known.get("file")
    if isinstance(named, str) and named.strip() and Path(named.strip()).stem not in (path.stem, path.name):
        raise RecordingError(f"{sidecar}: is about {named.strip()!r}, not about {path.name}")
    for name in ("duration", "duration_s"):
        value = known.get(name)
        if value not in (None, "", *_NOTHING) and not _number(value, sidecar, name) >= 0:
            raise RecordingError(f"{sidecar}: {name} is {value}; it cannot be negative")
    return told_by(row, sidecar)


def told_by(row: Mapping[str, Any], where: Path | str) -> tuple[dict[str, str], tuple[Role, ...] | None]:
    """The fields of Recording and the roles per channel that a row gives, in their one form; empty values
    and ``nan`` are unknown. Raises RecordingError naming ``where`` and the field."""
    known = canonical(row)
    fields = {
        name: str(known[name]).strip()
        for name in FIELDS
        if known.get(name) is not None and str(known[name]).strip() not in ("", *_NOTHING)
    }
    return _checked(fields, where), _roles(known.get("roles"), where)


def _checked(fields: dict[str, str], where: Path | str) -> dict[str, str]:
    """Fields in their one form: direction and language by name, the start in UTC."""
    found = dict(fields)
    if "direction" in found:
        direction = found["direction"].lower()
        found["direction"] = _DIRECTIONS.get(direction, direction)
        if found["direction"] not in DIRECTIONS:
            raise RecordingError(
                f"{where}: direction is {fields['direction']!r}; it is one of {', '.join(DIRECTIONS)}"
            )
    if "language" in found:
        if not LANGUAGE.match(found["language"]):
            raise RecordingError(
                f"{where}: language is {found['language']!r}; expected a code such as en or de"
            )
        found["language"] = re.split("[-_]", found["language"])[0]
    if "started_at" in found:
        try:
            found["started_at"] = _utc(datetime.fromisoformat(found["started_at"]))
        except ValueError as error:
            raise RecordingError(
                f"{where}: started_at is {fields['started_at']!r}; "
                "expected ISO 8601 such as 2026-03-01T09:30:00Z"
            ) from error
    return found


def _utc(moment: datetime) -> str:
    """ISO 8601 in UTC; a time without zone is taken as UTC, since nothing tells the recorder's zone."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _roles(value: Any, where: Path | str) -> tuple[Role, ...] | None:
    if value in (None, "", []):
        return None
    names = value if isinstance(value, list) else re.split(r"[,/|;\s]+", str(value).strip())
    found: list[Role] = []
    for name in names:
        known = next((role for role in ROLES if role == str(name).strip().lower()), None)
        if known is None:
            raise RecordingError(f"{where}: roles names {name!r}; a channel is one of {', '.join(ROLES)}")
        found.append(known)
    return tuple(found)


def _number(value: Any, where: Path, name: str) -> float:
    try:
        return float(str(value).replace(",", "."))
    except ValueError as error:
        raise RecordingError(f"{where}: {name} is {value!r}, which is no number") from error
