"""Mutual silence: where nobody speaks, with who spoke before and after, and whether it was announced."""

from collections.abc import Sequence

from pipelines.signals.activity import Activity
from pipelines.signals.cues import is_backchannel, says
from pipelines.signals.intervals import Span, complement, union
from recordings import Event, Turn

SILENCE_S = 3.0
DEAD_AIR_S = 8.0
RECENT_S = 12.0
FILLER_S = 2.5
"""Talk shorter than this between two silences ("so…", "um") keeps an announcement in force."""


def find_silences(
    activity: Activity, turns: Sequence[Turn], busy: Sequence[Span], language: str | None
) -> list[Event]:
    """Silence events of 3 s and more between the first and the last talk.

    ``busy``: holds, tones and waiting music, in which nobody is expected to speak. The
    stretches before anybody speaks and after the last word belong to no one and are not silences of the call.
    """
    voiced = activity.voiced()
    if len(voiced) < 2:
        return []
    found: list[Event] = []
    for start, end in complement(union([*voiced, *busy]), voiced[0][0], voiced[-1][1]):
        if end - start < SILENCE_S:
            continue
        before, after = _neighbours(activity, start, end)
        earlier = found[-1] if found and start - (found[-1].end or 0) < FILLER_S else None
        told = is_announced(turns, start, language) or bool(earlier and earlier.announced)
        if before == "ivr" and after == "ivr":
            continue  # pauses of a menu
        found.append(
            Event(
                kind="silence",
                start=round(start, 3),
                end=round(end, 3),
                before=before,
                after=after,
                announced=told,
                source="audio+words" if told else "audio",
            )
        )
    return found


def is_announced(turns: Sequence[Turn], at_s: float, language: str | None) -> bool:
    """Whether the words before a silence said that it would come: the agent looks something up or puts the
    customer on hold, or somebody goes and does something while the other waits."""
    for turn in said_before(turns, at_s):
        cues = ("search", "task", "stays", *(("hold", "transfer") if turn.role == "agent" else ()))
        if any(says(closing(turn), cue, language) for cue in cues):
            return True
        agreed = says(turn.text, "agree", language) or is_backchannel(turn.text, language)
        if turn.role == "customer" and not agreed:
            return False  # an answer: what was announced or asked before it is done
    return False


def said_before(turns: Sequence[Turn], at_s: float, count: int = 3) -> list[Turn]:
    """The last few turns that end shortly before a moment, the latest first."""
    recent = [
        turn
        for turn in turns
        if turn.start is not None and turn.end is not None
        and turn.start < at_s and at_s - RECENT_S < turn.end < at_s + 1.5
    ]  # fmt: skip
    return sorted(recent, key=lambda turn: turn.end or 0, reverse=True)[:count]


def closing(turn: Turn, words: int = 40) -> str:
    """The last words of a turn: what was said long before a silence did not announce it."""
    return " ".join(turn.text.split()[-words:])


def _neighbours(activity: Activity, start: float, end: float) -> tuple[str | None, str | None]:
    before = max((t for t in activity.talks if t.end <= start + 0.05), key=lambda t: t.end, default=None)
    after = min((t for t in activity.talks if t.start >= end - 0.05), key=lambda t: t.start, default=None)
    return (before.role if before else None), (after.role if after else None)
