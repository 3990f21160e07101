"""Builders that make test conversations readable: ``conversation(agent("Hi"), customer("Hello"))``."""

from typing import Any

from recordings.conversation import Conversation, Event, Recording, Role, Turn


def _turn(role: Role, text: str, **fields: Any) -> Turn:
    return Turn(index=0, role=role, role_confidence=fields.pop("role_confidence", 1.0), text=text, **fields)


def agent(text: str, **fields: Any) -> Turn:
    """An agent's turn; times and words may be given as keywords."""
    return _turn("agent", text, speaker=fields.pop("speaker", "S0"), **fields)


def customer(text: str, **fields: Any) -> Turn:
    """A customer's turn."""
    return _turn("customer", text, speaker=fields.pop("speaker", "S1"), **fields)


def ivr(text: str, **fields: Any) -> Turn:
    """An announcement of the telephone system."""
    return _turn("ivr", text, speaker=fields.pop("speaker", "S9"), **fields)


def conversation(
    *turns: Turn,
    language: str = "en",
    events: tuple[Event, ...] | None = None,
    name: str = "test",
    **fields: Any,
) -> Conversation:
    """A conversation of the given turns, numbered from 0."""
    numbered = tuple(turn.model_copy(update={"index": i}) for i, turn in enumerate(turns))
    recording = Recording(id=name, language=language)
    return Conversation(recording=recording, turns=numbered, events=events, **fields)
