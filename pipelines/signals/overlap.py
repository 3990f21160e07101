"""Talk-over: overlaps, and interruptions, which take the floor."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.signals.activity import Activity
from pipelines.signals.cues import is_backchannel
from pipelines.signals.intervals import Span, intersection, union
from recordings import Event, Turn

OVERLAP_S = 0.1
RUN_GAP_S = 0.7
"""Talk with shorter breaks is one run of one speaker."""
TOGETHER_S = 0.35
"""Starts closer than this are both starting together."""
CUT_S = 0.2
"""An overlap shorter than this is an early start at the other's end."""
FLOOR_S = 0.7
"""Whoever takes the floor talks at least this long, and this long after the other has stopped."""
YIELD_S = 3.0
"""The other stops within this time of being interrupted."""


@dataclass(frozen=True)
class Run:
    """One speaker's talk without a break that hands over the floor."""

    start: float
    end: float
    role: str | None


def find_overlaps(activity: Activity) -> list[Event]:
    """Stretches in which two people talk at once; ``by`` is who started later."""
    if activity.overlaps is not None:
        return _heard_at_once(activity, activity.overlaps)
    people = {
        key: [(t.start, t.end) for t in activity.talks if (t.role, t.speaker) == key]
        for key in dict.fromkeys((t.role, t.speaker) for t in activity.talks if t.role != "ivr")
    }
    keys = list(people)
    found: list[Event] = []
    for number, one in enumerate(keys):
        for other in keys[:number]:
            left, right = union(people[one]), union(people[other])
            for start, end in intersection(left, right):
                if end - start < OVERLAP_S:
                    continue
                later = one if any(abs(s - start) < 1e-6 for s, _ in left) else other
                found.append(
                    Event(
                        kind="overlap", start=round(start, 3), end=round(end, 3), by=later[0], source="audio"
                    )
                )
    return sorted(found, key=lambda event: event.start or 0)


def _heard_at_once(activity: Activity, overlaps: Sequence[Span]) -> list[Event]:
    """The overlaps that were heard as such; by whom is told by the talk there, None where it is one's."""
    found: list[Event] = []
    for start, end in overlaps:
        there = [t for t in activity.talks if t.start < end and t.end > start]
        if end - start < OVERLAP_S or any(t.role == "ivr" for t in there):
            continue
        later = max(there, key=lambda t: t.start, default=None)
        by = later.role if later and len({(t.role, t.speaker) for t in there}) > 1 else None
        found.append(Event(kind="overlap", start=round(start, 3), end=round(end, 3), by=by, source="audio"))
    return found


def find_interruptions(activity: Activity, turns: Sequence[Turn], language: str | None) -> list[Event]:
    """Where the agent or the customer starts while the other speaks and takes the floor.

    Not one: a back-channel, both starting together, an early start at the other's last sound, talk that
    stops while the other goes on. ``start`` is the start of the talk that cuts in, ``end`` where the other
    stops.
    """
    runs = {role: _runs(activity, role) for role in ("agent", "customer")}
    found: list[Event] = []
    for role, other in (("agent", "customer"), ("customer", "agent")):
        for run in runs[role]:
            held = next((o for o in runs[other] if o.start < run.start < o.end), None)
            if held is None or not _takes_floor(run, held) or _only_listens(run, role, turns, language):
                continue
            found.append(
                Event(
                    kind="interruption",
                    start=round(run.start, 3),
                    end=round(held.end, 3),
                    by=role,
                    source="audio+words" if turns else "audio",
                )
            )
    return sorted(found, key=lambda event: event.start or 0)


def _runs(activity: Activity, role: str) -> list[Run]:
    spans = union(((t.start, t.end) for t in activity.talks if t.role == role), RUN_GAP_S)
    return [Run(start, end, role) for start, end in spans]


def _takes_floor(run: Run, held: Run) -> bool:
    return (
        run.start - held.start >= TOGETHER_S
        and held.end - run.start >= CUT_S
        and held.end - run.start <= YIELD_S
        and run.end - run.start >= FLOOR_S
        and run.end - held.end >= FLOOR_S
    )


def _only_listens(run: Run, role: str, turns: Sequence[Turn], language: str | None) -> bool:
    """Whether all that is said in a run is a back-channel, or nothing is."""
    said = " ".join(
        word.text
        for turn in turns
        if turn.role == role
        for word in turn.words
        if word.start is not None and run.start - 0.3 <= word.start <= run.end
    )
    if not said:  # where there are words at all, talk without any is a noise or somebody in the room
        return any(turn.words for turn in turns)
    return is_backchannel(said, language)
