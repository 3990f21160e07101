"""What a person corrects in a conversation: a turn's text, who says it, or agent and customer exchanged.

Corrections return copies. Words that stay keep their times; whatever hangs on who spoke is told anew where
the turns tell it, and left out where only the sound could (a person's word changes no measurement).
"""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

from recordings.conversation import Conversation, Event, Role, Turn, Word
from recordings.documents import Document
from recordings.errors import RecordingError

MAX_TEXT = 10_000
ROLES: tuple[Role, ...] = ("agent", "customer", "ivr", "other")
SWAPPED: dict[str | None, Role] = {"agent": "customer", "customer": "agent"}
NEAR_S = 0.6
"""An event belongs to a turn that begins this close to it."""


class Correction(Document):
    """One change. ``text``: ``new`` is the turn's whole text ("" where nobody said it). ``role``: ``new`` is
    the role of the turn, or of all turns of its speaker (``everywhere``); the role that is there already is
    thereby made sure. ``swap``: agent and customer change places in the whole call; ``turn`` is where it
    was noticed."""

    kind: Literal["text", "role", "swap"]
    turn: int
    new: str = ""
    everywhere: bool = False


def corrected(conversation: Conversation, change: Correction) -> Conversation:
    """The conversation as the correction leaves it. Its acts are dropped, as they have to be read again,
    unless a role was only made sure.

    Raises RecordingError for a turn that is not there, an unknown role, a text that is too long, or a change
    that changes nothing.
    """
    if not 0 <= change.turn < len(conversation.turns):
        raise RecordingError(f"there is no line {change.turn}; there are {len(conversation.turns)}")
    if change.kind == "text":
        after = _with_text(conversation, change.turn, change.new)
    else:
        after = with_roles(conversation, _roles(conversation, change))
    if after.turns == conversation.turns:
        raise RecordingError("that is how it stands already")
    return after


def _with_text(conversation: Conversation, index: int, text: str) -> Conversation:
    text = " ".join(text.split())
    if len(text) > MAX_TEXT:
        raise RecordingError(f"the text has {len(text):,} characters; at most {MAX_TEXT:,} can be kept")
    turn = conversation.turns[index]
    if text == turn.text:
        raise RecordingError("that is how it stands already")
    words = retimed(turn, text.split())
    changed = turn.model_copy(update={"text": text, "words": words, "doubtful": False})
    return conversation.with_turns(changed if t.index == index else t for t in conversation.turns)


def retimed(turn: Turn, texts: Sequence[str]) -> tuple[Word, ...]:
    """The words of a turn's new text: those that stay keep times and probability, new ones share the time of
    what they replace and are sure (a person heard them). No words where the turn had none."""
    old = turn.words
    if not old:
        return ()
    found: list[Word] = []
    matcher = SequenceMatcher(a=[word.text for word in old], b=list(texts), autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            found.extend(old[a1:a2])
            continue
        start = old[a1].start if a1 < a2 else (old[a1 - 1].end if a1 else turn.start)
        end = old[a2 - 1].end if a1 < a2 else (old[a1].start if a1 < len(old) else turn.end)
        found.extend(_spread(texts[b1:b2], start, end))
    return tuple(found)


def _spread(texts: Sequence[str], start: float | None, end: float | None) -> list[Word]:
    if start is None or end is None:
        return [Word(text=text, probability=1.0) for text in texts]
    step = max(0.0, end - start) / max(1, len(texts))
    return [
        Word(
            text=text,
            start=round(start + i * step, 3),
            end=round(start + (i + 1) * step, 3),
            probability=1.0,
        )
        for i, text in enumerate(texts)
    ]


def _roles(conversation: Conversation, change: Correction) -> dict[int, Role]:
    """The turns that the change speaks of, with their role from now on."""
    turns = conversation.turns
    if change.kind == "swap":
        return {turn.index: SWAPPED[turn.role] for turn in turns if turn.role in SWAPPED}
    role = next((role for role in ROLES if role == change.new), None)
    if role is None:
        raise RecordingError(f"role {change.new!r} is not known; there are {', '.join(ROLES)}")
    chosen = turns[change.turn]
    return dict.fromkeys(voice(conversation, chosen) if change.everywhere else (chosen.index,), role)


def voice(conversation: Conversation, chosen: Turn) -> set[int]:
    """The turns of the same speaker; where speakers are not told apart, those of the same role."""
    if chosen.speaker is None:
        return {turn.index for turn in conversation.turns if turn.role == chosen.role}
    return {turn.index for turn in conversation.turns if turn.speaker == chosen.speaker}


def with_roles(conversation: Conversation, roles: Mapping[int, Role]) -> Conversation:
    """The conversation with other roles of some turns, and of what hangs on who spoke; the turns named are
    sure from now on."""
    before = conversation.turns
    labels: dict[Role | None, set[str | None]] = {}
    for turn in before:
        labels.setdefault(turn.role, set()).add(turn.speaker)
    sides = {(turn.speaker, roles.get(turn.index, turn.role)) for turn in before}
    whole = len(sides) == len({turn.speaker for turn in before})
    turns = []
    for turn in before:
        role = roles.get(turn.index)
        known = labels.get(role, set())
        # One line given to another voice takes that voice's label; a voice with a new role keeps its own.
        keeps = role == turn.role or whole or len(known) != 1
        changes = {
            "role": role,
            "role_confidence": 1.0,
            "speaker": turn.speaker if keeps else next(iter(known)),
        }
        turns.append(turn if role is None else turn.model_copy(update=changes))
    if all(now.role == then.role for now, then in zip(turns, before, strict=True)):
        return conversation.model_copy(update={"turns": tuple(turns)})
    after = conversation.with_turns(turns)
    events = conversation.events
    if events is not None:
        events = tuple(_told(event, before, after.turns) for event in events)
    return after.model_copy(update={"events": events, "signals": _signals(conversation.signals, events)})


def _told(event: Event, before: Sequence[Turn], after: Sequence[Turn]) -> Event:
    """An event with the roles of the turns around it as they are now."""
    changes: dict[str, Any] = {}
    start, end = event.start, event.end
    if start is None:
        return event
    if event.kind in ("interruption", "overlap") and event.by is not None:
        near = [
            t for t in before if t.role == event.by and t.start is not None and abs(t.start - start) <= NEAR_S
        ]
        if near:
            by = min(near, key=lambda t: abs((t.start or 0.0) - start))
            changes["by"] = after[by.index].role
    if event.kind == "silence":
        timed = [t for t in after if t.start is not None and t.end is not None]
        first = [t for t in timed if (t.end or 0.0) <= start + NEAR_S]
        then = [t for t in timed if end is not None and (t.start or 0.0) >= end - NEAR_S]
        changes = {
            "before": max(first, key=lambda t: t.end or 0.0).role if first else event.before,
            "after": min(then, key=lambda t: t.start or 0.0).role if then else event.after,
        }
    return event.model_copy(update=changes) if changes else event


def _signals(signals: dict[str, Any], events: Sequence[Event] | None) -> dict[str, Any]:
    """What does not hang on who spoke, and the interruptions counted from the events."""
    kept = {
        name: value
        for name, value in signals.items()
        if not name.startswith(("agent_", "customer_", "talk_share", "interruptions_by_"))
    }
    for role in ("agent", "customer"):
        name = f"interruptions_by_{role}"
        if signals.get(name) is not None and events is not None:
            kept[name] = sum(e.kind == "interruption" and e.by == role for e in events)
    return kept
