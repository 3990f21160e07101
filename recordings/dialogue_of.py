"""A conversation written down as the few readable lines that ``recordings.dialogue`` reads."""

from collections.abc import Collection
from typing import Any

from recordings.conversation import Conversation, Event, Turn

SILENCE_S = 3.0
CUT_IN_S = 0.35
NUMBERED = {"agent": ("agent", "agent2"), "customer": ("customer", "customer2")}


def dialogue_of(
    conversation: Conversation, turns: Collection[int] | None = None
) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """The lines of the given turns (all by default) with the holds and silences between them, and where each
    turn went: its number in the conversation to its number among the lines' turns.

    Turns that nobody said (no text) are left out, and so are turns whose speaker is unknown.
    """
    chosen = [
        turn
        for turn in conversation.turns
        if (turns is None or turn.index in turns) and turn.role is not None and turn.text.strip()
    ]
    names = _names(conversation)
    lines: list[dict[str, Any]] = []
    places: dict[int, int] = {}
    last: Turn | None = None
    for turn in chosen:
        lines += [_pause(event) for event in _between(conversation, last, turn)]
        line: dict[str, Any] = {names[turn.role, turn.speaker]: " ".join(turn.text.split())}
        if _cuts_in(last, turn):
            line["cuts_in"] = True
        places[turn.index] = len(places)
        lines.append(line)
        last = turn
    return lines, places


def _names(conversation: Conversation) -> dict[tuple[str | None, str | None], str]:
    found: dict[tuple[str | None, str | None], str] = {}
    for turn in conversation.turns:
        key = (turn.role, turn.speaker)
        if key not in found:
            known = sum(role == turn.role for role, _ in found)
            names = NUMBERED.get(turn.role or "", (turn.role or "other",))
            found[key] = names[min(known, len(names) - 1)]
    return found


def _between(conversation: Conversation, last: Turn | None, turn: Turn) -> list[Event]:
    if last is None or last.start is None or turn.start is None:
        return []
    return [
        event
        for event in conversation.events or ()
        if event.start is not None
        and event.end is not None
        and last.start < event.start <= turn.start
        and (event.kind == "hold" or (event.kind == "silence" and event.end - event.start >= SILENCE_S))
    ]


def _pause(event: Event) -> dict[str, Any]:
    seconds = round((event.end or 0.0) - (event.start or 0.0), 1)
    if event.kind == "hold":
        return {"hold": {"seconds": seconds, "music": bool(event.music)}}
    return {"silence": seconds}


def _cuts_in(last: Turn | None, turn: Turn) -> bool:
    if last is None or last.end is None or turn.start is None or last.role == turn.role:
        return False
    return last.end - turn.start > CUT_IN_S
