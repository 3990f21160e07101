"""A conversation as the act network takes it: pieces of turns in order, each knowing what came before it."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.acts.dialogues import Said
from pipelines.units import sentences
from recordings import Conversation, Event, Turn

MOST_WORDS = 80
"""Words in a piece: a longer turn is read in several, cut between sentences."""
SLACK_S = 0.4


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters ``start`` to ``end`` of a turn's text."""

    turn: Turn
    start: int
    end: int

    @property
    def text(self) -> str:
        """The piece's words."""
        return self.turn.text[self.start : self.end]


def pieces(conversation: Conversation) -> tuple[list[Piece], list[Said]]:
    """The pieces of all turns that count, and each as the network sees it.

    Turns without words, turns with doubtful text and bystanders are left out.
    """
    found: list[Piece] = []
    said: list[Said] = []
    pauses = sorted(
        (e for e in conversation.events or () if e.kind in ("hold", "silence") and e.start is not None),
        key=lambda e: e.start or 0.0,
    )
    at = 0
    for turn in conversation.turns:
        if turn.doubtful or not turn.text.strip() or turn.role == "other":
            continue
        waited = {"hold": 0.0, "silence": 0.0}
        while at < len(pauses) and turn.start is not None and _start(pauses[at]) <= turn.start + SLACK_S:
            waited[pauses[at].kind] += _length(pauses[at])
            at += 1
        for number, (start, end) in enumerate(_cut(turn.text)):
            first = number == 0
            found.append(Piece(turn, start, end))
            said.append(
                Said(
                    role=turn.role,
                    text=turn.text[start:end].strip(),
                    speaker=turn.speaker,
                    hold_s=waited["hold"] if first else 0.0,
                    silence_s=waited["silence"] if first else 0.0,
                )
            )
    return found, said


def _start(event: Event) -> float:
    return event.start or 0.0


def _length(event: Event) -> float:
    return max(0.0, (event.end or _start(event)) - _start(event))


def _cut(text: str) -> Iterable[tuple[int, int]]:
    if len(text.split()) <= MOST_WORDS:
        return [(0, len(text))]
    found: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if found and len(text[found[-1][0] : end].split()) <= MOST_WORDS:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
