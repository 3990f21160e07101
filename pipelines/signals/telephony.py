"""Hold and transfer records of the telephony: which can be used, which are left out and why."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.signals.intervals import Span


@dataclass(frozen=True)
class Records:
    """Usable stretches in seconds of the recording, and one line for each record that was left out.

    ``told_s``: seconds on hold by all usable records, what lies beyond the recording included.
    """

    holds: tuple[Span, ...] = ()
    transfers: tuple[Span, ...] = ()
    left_out: tuple[str, ...] = ()
    beyond: bool = False


def read_records(records: Sequence[Mapping[str, Any]], duration_s: float) -> Records:
    """Sort the records of a source.

    A record needs ``kind`` hold or transfer, ``start`` of 0 or more and an ``end`` after it, finite numbers
    both; one that breaks this is left out and named, as half a record would make a wrong hold. An end
    beyond the recording is cut to it; a record that starts beyond it marks the recording as shorter than
    the call.
    """
    kept: dict[str, list[Span]] = {"hold": [], "transfer": []}
    left_out: list[str] = []
    beyond = False
    for number, record in enumerate(records, start=1):
        kind = str(record.get("kind", "")).strip().lower()
        start, end = _number(record.get("start")), _number(record.get("end"))
        if kind not in kept:
            left_out.append(f"record {number}: kind is {record.get('kind')!r}, expected hold or transfer")
        elif start is None or end is None:
            left_out.append(f"record {number}: a time is missing or no number")
        elif start < 0 or end <= start:
            left_out.append(f"record {number}: times {start:g} to {end:g} s are no stretch of the call")
        elif start >= duration_s:
            left_out.append(f"record {number}: starts at {start:g} s, the recording lasts {duration_s:g} s")
            beyond = beyond or kind == "hold"
        else:
            kept[kind].append((start, min(end, duration_s)))
    return Records(tuple(kept["hold"]), tuple(kept["transfer"]), tuple(left_out), beyond)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
