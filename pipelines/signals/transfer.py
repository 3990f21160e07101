"""Transfers: the call passes from one agent to another, announced or not, agreed to or not."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.signals.cues import says
from recordings import Event, Turn

SHORTEST_S = 3.0
"""A second agent says at least this much, or it is a slip of diarization."""
LOOK_BACK = 6
AGREE_S = 10.0


@dataclass(frozen=True)
class Transfer:
    """One transfer; ``agreed``: True and False by the customer's answer, None where nobody was asked."""

    event: Event
    agreed: bool | None


def find_transfers(turns: Sequence[Turn], language: str | None, duration_s: float) -> list[Transfer]:
    """Where another agent takes over, and announced transfers with which the recording ends.

    ``start`` is the end of the first agent's last turn, ``end`` the start of the second agent's first.
    """
    timed = [turn for turn in turns if turn.start is not None and turn.end is not None]
    agents = _agents(timed)
    found: list[Transfer] = []
    for place, turn in enumerate(timed):
        if turn.role != "agent" or turn.speaker not in agents:
            continue
        earlier = [t for t in timed[:place] if t.role == "agent" and t.speaker in agents]
        if not earlier or earlier[-1].speaker == turn.speaker:
            continue
        if any(t.speaker == turn.speaker for t in earlier):
            continue  # back to an agent who was there before: colleagues in one room, or the hand-over itself
        found.append(_transfer(timed, earlier[-1], turn, language))
    if not found and (last := _left_at_the_end(timed, language, duration_s)) is not None:
        found.append(last)
    return found


def _agents(turns: Sequence[Turn]) -> set[str | None]:
    seconds: dict[str | None, float] = {}
    for turn in turns:
        if turn.role == "agent":
            seconds[turn.speaker] = seconds.get(turn.speaker, 0.0) + (turn.end or 0) - (turn.start or 0)
    return {speaker for speaker, talked in seconds.items() if talked >= SHORTEST_S}


def _transfer(turns: Sequence[Turn], last: Turn, first: Turn, language: str | None) -> Transfer:
    by_now = [t for t in turns if (t.start or 0) <= (last.start or 0)]
    told = [t for t in by_now[-LOOK_BACK:] if t.role == "agent" and says(t.text, "transfer", language)]
    agreed = _answer(turns, told[-1], language) if told else None
    event = Event(
        kind="transfer",
        start=last.end,
        end=max(first.start or 0.0, last.end or 0.0),
        by="agent",
        announced=bool(told),
        source="audio+words" if told else "audio",
    )
    return Transfer(event, agreed)


def _answer(turns: Sequence[Turn], asked: Turn, language: str | None) -> bool | None:
    """What the customer says to an announced transfer; None where the answer is neither yes nor no."""
    for turn in turns:
        after = (turn.start or 0) - (asked.end or 0)
        if turn.role == "customer" and -0.5 <= after <= AGREE_S:
            if says(turn.text, "refuse", language):
                return False
            return True if says(turn.text, "agree", language) else None
    return None


def _left_at_the_end(turns: Sequence[Turn], language: str | None, duration_s: float) -> Transfer | None:
    """An announced transfer after which no agent says anything more of weight."""
    for place, turn in enumerate(turns):
        if turn.role != "agent" or not says(turn.text, "transfer", language):
            continue
        later = sum((t.end or 0) - (t.start or 0) for t in turns[place + 1 :] if t.role == "agent")
        if later < SHORTEST_S:
            event = Event(
                kind="transfer",
                start=turn.end,
                end=round(duration_s, 3),
                by="agent",
                announced=True,
                source="words",
            )
            return Transfer(event, _answer(turns, turn, language))
    return None
