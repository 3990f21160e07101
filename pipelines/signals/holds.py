"""Holds: where the customer is put on hold, from the sound and from the words before and after.

Pure: values in, events out. Definitions stand in docs/signals.md; the order of judgement is
telephony records, then music that nobody talks over, then gaps with enough evidence in words and sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.signals.cues import says
from pipelines.signals.hold_evidence import REPLY_S, Heard, agent_side, hold_event, said_after
from pipelines.signals.hold_music import is_queue, waiting_music, whole_gaps
from pipelines.signals.hold_silence import silent_holds
from pipelines.signals.intervals import Span, intersection, total, union, within
from pipelines.signals.silence import closing
from recordings import Event


@dataclass(frozen=True)
class Waits:
    """``holds`` as events in order; ``queue``: music in which the caller waits for the first agent;
    ``background``: music behind the talk."""

    holds: tuple[Event, ...]
    queue: tuple[Span, ...] = ()
    background: tuple[Span, ...] = ()


def find_holds(heard: Heard) -> Waits:
    """All holds that the recording itself shows."""
    voices = agent_side(heard)
    pieces, background = waiting_music(heard, voices)
    pieces = whole_gaps(heard, voices, pieces)
    queue: list[Span] = []
    musical: list[Event] = []
    for piece in pieces:
        if is_queue(heard, piece):
            queue.append(piece)
        else:
            musical.append(hold_event(heard, piece, music=True))
    silent = silent_holds(heard, voices, [*pieces], musical)
    return Waits(tuple(sorted([*musical, *silent], key=_start)), tuple(queue), tuple(background))


def _start(event: Event) -> float:
    return event.start or 0.0


def cut_out(heard: Heard, holds: Sequence[Event]) -> list[float]:
    """Moments at which a hold was announced and thanked for, with no wait in the recording: the recorder
    left it out."""
    found: list[float] = []
    turns = [t for t in heard.turns if t.start is not None and t.end is not None]
    for turn in turns:
        if turn.role != "agent" or not says(closing(turn, 25), "hold", heard.language):
            continue
        end = turn.end or 0.0
        if any(-2.0 <= (hold.start or 0) - end <= REPLY_S + 2 for hold in holds):
            continue
        back = said_after(heard, end + 1.5, REPLY_S)
        if says(back, "thanks", heard.language):
            found.append(end)
    return found


def from_telephony(heard: Heard, records: Sequence[Span]) -> tuple[Event, ...]:
    """The telephony's own holds as events; their sound and words are looked up in the recording."""
    events = []
    for span in union(records):
        music = within(heard.music, *span) > 0.3 * (span[1] - span[0])
        event = hold_event(heard, span, music=music)
        events.append(event.model_copy(update={"source": "telephony", "confidence": 1.0}))
    return tuple(events)


def talked_through(heard: Heard, records: Sequence[Span]) -> bool:
    """Whether the telephony's holds are full of the agent's talk: then the recorder cut the waits out and the
    recording runs ahead of the telephony's clock."""
    if not records:
        return False
    spans = union(records)
    return total(intersection(agent_side(heard), spans)) > 0.3 * total(spans)
