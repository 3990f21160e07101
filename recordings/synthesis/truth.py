"""What is true of a rendered call, as a Conversation: turns, words, events and counted measures."""

from itertools import combinations, product

import numpy as np

from recordings.conversation import Conversation, Event, Recipe, Recording, Turn
from recordings.synthesis.engines import RATE
from recordings.synthesis.script import CallScript
from recordings.synthesis.timeline import PlacedTurn, Timeline
from recordings.synthesis.words import FRAME_S, voiced

DEAD_AIR_S = 8.0
SILENCE_S = 3.0
MIN_OVERLAP_S = 0.1
BREATH_S = 0.3


def truth(
    script: CallScript, line: Timeline, *, seconds: float, rate: int, sha256: str | None
) -> Conversation:
    """The true conversation. Silences of 3 s and more and all talk-over of 0.1 s and more become events;
    ``signals`` holds the counted criteria (hold_count, hold_total_seconds, interruptions_by_agent,
    dead_air_over_8s_unannounced) and ``holds_cut_out``."""
    channels = len(script.channels) or 1
    turns = tuple(_turn(index, placed, script) for index, placed in enumerate(line.turns))
    events = [event for event in line.events if event.kind != "silence"]
    told = [event for event in line.events if event.kind == "silence"]
    events += silences(line, told, seconds)
    events += overlaps(line.turns)
    events = sorted((_tidy(event, seconds) for event in events), key=lambda e: (e.start or 0, e.kind))
    recording = Recording(
        id=script.id,
        sha256=sha256,
        duration=seconds,
        channels=channels,
        sample_rate=rate,
        language=script.language,
        **script.metadata.model_dump(),
    )
    return Conversation(
        recording=recording,
        turns=turns,
        events=tuple(events),
        signals=_counts(events, line),
        made_by=Recipe(options={"script": script.id, "seed": script.seed, "codec": script.line.codec}),
    )


def _turn(index: int, placed: PlacedTurn, script: CallScript) -> Turn:
    return Turn(
        index=index,
        role=placed.role,
        role_confidence=1.0,
        speaker=placed.speaker,
        channel=script.channels.index(placed.side) if script.channels else 0,
        start=round(placed.start, 3),
        end=round(placed.end, 3),
        text=placed.text,
        words=placed.words,
    )


def silences(line: Timeline, told: list[Event], seconds: float) -> list[Event]:
    """Stretches of 3 s and more in which nobody speaks and no hold, tone or announcement sounds."""
    busy: list[tuple[float, float, str | None]] = [(t.start, t.end, t.role) for t in line.turns]
    busy += [(e.start or 0, e.end or 0, None) for e in line.events if e.kind in ("hold", "tone", "music")]
    busy.sort(key=lambda span: span[0])
    found: list[Event] = []
    reached, before = 0.0, None
    for start, end, who in [*busy, (seconds, seconds, None)]:
        if start - reached >= SILENCE_S:
            announced = any(
                bool(e.announced) and (e.start or 0) < start and (e.end or 0) > reached for e in told
            )
            found.append(
                Event(kind="silence", start=reached, end=start, announced=announced, before=before, after=who)
            )
        if end > reached:
            reached, before = end, who
    return found


def overlaps(turns: list[PlacedTurn]) -> list[Event]:
    """Where the voices of two sound at once for 0.1 s and more; ``by`` is who started later.

    A word in the other's pause of more than ``BREATH_S`` between two sentences is no talk-over.
    """
    found: list[Event] = []
    for first, second in combinations(sorted(turns, key=lambda t: t.start), 2):
        if first.speaker == second.speaker or second.start >= first.end:
            continue
        for one, other in product(talk(first), talk(second)):
            start, end = max(one[0], other[0]), min(one[1], other[1])
            if end - start >= MIN_OVERLAP_S:
                later = second if other[0] >= one[0] else first
                found.append(Event(kind="overlap", start=start, end=end, by=later.role))
    return found


def talk(turn: PlacedTurn) -> list[tuple[float, float]]:
    """The stretches of a turn in which its voice sounds (words.voiced, to 10 ms), breaths included."""
    edges = np.flatnonzero(
        np.diff(np.concatenate([[False], voiced(turn.audio, RATE), [False]]).astype(np.int8))
    )
    found: list[tuple[float, float]] = []
    for first, last in edges.reshape(-1, 2):
        start, end = turn.start + first * FRAME_S, turn.start + last * FRAME_S
        if found and start - found[-1][1] <= BREATH_S:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _tidy(event: Event, seconds: float) -> Event:
    start, end = round(event.start or 0, 3), round(min(seconds, event.end or 0), 3)
    return event.model_copy(update={"start": start, "end": max(start, end)})


def _counts(events: list[Event], line: Timeline) -> dict[str, float | int]:
    def length(event: Event) -> float:
        return (event.end or 0) - (event.start or 0)

    holds = [event for event in events if event.kind == "hold"]
    dead_air = [e for e in events if e.kind == "silence" and length(e) > DEAD_AIR_S and not e.announced]
    return {
        "hold_count": len(holds),
        "hold_total_seconds": round(sum(map(length, holds)), 3),
        "dead_air_over_8s_unannounced": len(dead_air),
        "interruptions_by_agent": sum(e.kind == "interruption" and e.by == "agent" for e in events),
        "holds_cut_out": line.holds_cut_out,
    }
