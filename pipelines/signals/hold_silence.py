"""Holds without music: gaps in the talk with enough evidence in words and in the sound of the line."""

from collections.abc import Sequence

from pipelines.signals.hold_evidence import (
    CHANGED_DB,
    ENOUGH,
    Heard,
    evidence,
    hold_event,
    line_change,
    without_reply,
)
from pipelines.signals.intervals import Span, complement, union, within
from recordings import Event


def silent_holds(
    heard: Heard, voices: Sequence[Span], music: Sequence[Span], musical: Sequence[Event]
) -> list[Event]:
    """Holds in the gaps between ``voices``, but for those with music, which are known already."""
    found: list[Event] = []
    taken = union([*music, *heard.tone], 5.0)
    for gap in complement(voices, 0.0, heard.duration_s):
        if within(taken, *gap) > 0.5 * (gap[1] - gap[0]) or within(music, *gap) > 1.0:
            continue
        trimmed = without_reply(heard, gap)
        if trimmed is None:
            continue
        known = [*musical, *found]
        if evidence(heard, trimmed, gap[0], known) >= ENOUGH:
            trimmed = _settled(heard, trimmed)
            played = within(heard.music, *trimmed) > 0.5 * (trimmed[1] - trimmed[0])
            found.append(hold_event(heard, trimmed, music=played, asked_at=gap[0]))
    return found


def _settled(heard: Heard, gap: Span) -> Span:
    """The part of a gap in which the line sounds as it does on hold, where that differs from its pauses: the
    hold starts when the line changes, not when the last word ends."""
    if line_change(heard, gap) == 0 or heard.levels is None:
        return gap
    inside = heard.levels.middle_db(gap[0] + 0.5, gap[1] - 0.5)
    if inside is None:
        return gap
    steady = heard.levels.near(inside, CHANGED_DB / 2 + 1.0, gap[0], gap[1])
    if steady is None or steady[0] - gap[0] > 2.0 or gap[1] - steady[1] > 2.0:
        return gap
    return steady
