"""Correcting what the recogniser heard: a word, who speaks, or agent and customer exchanged.

The transcript is corrected at once. The scores follow: a worker reads what the correction touches (the
learned reader is not loaded here); where the phrase rules had read the call alone, this house reads again
with them by itself.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from database import corrections
from database.carried import ask_to_judge
from database.engine import writing
from database.errors import DatabaseError
from database.listing import OpenCall, open_call
from database.people import Person
from qa_app.actions.done import Done
from qa_app.policies import authorise
from qa_app.scoring import rules_of
from recordings import Conversation
from recordings.corrections import Correction
from scorecards.acts.reader import read_phrases
from scorecards.engine import score


def correct(
    engine: Engine, person: Person, call_id: int, changes: list[Correction], *, seen: int | None = None
) -> Done:
    """Correct the conversation whose version the person saw, and have it read and scored again."""
    if not changes:
        raise DatabaseError("that is how it stands already")
    with writing(engine) as session:
        opened = open_call(session, person.viewer, call_id)
        authorise(person, "correct", opened.call)
        corrected = corrections.correct(session, opened.call, person.viewer, changes, seen=seen)
        if opened.assessment is None:
            return Done("correct.saved")
        known = corrected.acts is not None or read_by_rules(opened)
        if known and _read_here(session, opened, corrected):
            return Done("correct.scored")
        ask_to_judge(session, opened.call, corrected, person.id)
    return Done("correct.waits")


def take_newer(engine: Engine, person: Person, call_id: int, *, seen: int | None = None) -> Done:
    """Go on from the machine's newest transcript, with the corrections that fit it."""
    with writing(engine) as session:
        opened = open_call(session, person.viewer, call_id)
        authorise(person, "correct", opened.call)
        taken = corrections.take_newer(session, opened.call, person.viewer, seen=seen)
        ask_to_judge(session, opened.call, taken, person.id)
    return Done("correct.taken")


def read_again(engine: Engine, person: Person, call_id: int) -> Done:
    """Ask once more for a corrected call to be read, after a try that failed."""
    with writing(engine) as session:
        opened = open_call(session, person.viewer, call_id)
        authorise(person, "correct", opened.call)
        if opened.conversation is not None and corrections.pending(session, opened.call) is not None:
            ask_to_judge(session, opened.call, opened.conversation, person.id)
    return Done("correct.waits")


def read_by_rules(opened: OpenCall) -> bool:
    """Whether phrase rules alone read the call: no learned reader is named in what made it."""
    conversation = opened.conversation
    if conversation is None or conversation.acts is None or conversation.made_by is None:
        return False
    return not any(name.startswith("acts-") for name in conversation.made_by.models)


def _read_here(session: Session, opened: OpenCall, conversation: Conversation) -> bool:
    number = opened.call.conversation_number
    card = rules_of(opened.assessment, session).card if opened.assessment else None
    if card is None or number is None:
        return False
    read = conversation
    if read.acts is None:
        read = conversation.with_acts(read_phrases(conversation, card.language))
    return corrections.keep_reading(session, opened.call, number, read, score(read, card))


def changes_in(event: Mapping[str, Any]) -> list[Correction]:
    """What the page's component asks to correct: ``turn`` with ``text``, ``role`` (and ``scope``: line,
    voice), or ``scope`` swap, or ``scope`` right with a turn and the role of each voice."""
    turn = event.get("turn")
    if not isinstance(turn, int):
        raise DatabaseError("the page asked for something unknown; reload it")
    if event.get("scope") == "swap":
        return [Correction(kind="swap", turn=turn)]
    if event.get("scope") == "right":
        return [Correction(kind="role", turn=i, new=role, everywhere=True) for i, role in _voices(event)]
    found: list[Correction] = []
    text, role = event.get("text"), event.get("role")
    if isinstance(text, str):
        found.append(Correction(kind="text", turn=turn, new=text))
    if isinstance(role, str):
        found.append(Correction(kind="role", turn=turn, new=role, everywhere=event.get("scope") == "voice"))
    return found


def _voices(event: Mapping[str, Any]) -> list[tuple[int, str]]:
    """A turn of each voice with its role, as the page names them."""
    told = event.get("voices")
    if not isinstance(told, list) or not told:
        raise DatabaseError("the page asked for something unknown; reload it")
    return [
        (one[0], str(one[1]))
        for one in told
        if isinstance(one, list) and len(one) == 2 and isinstance(one[0], int)
    ]
