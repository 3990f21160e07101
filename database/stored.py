"""The current documents of a call, for those who judge again: read, and add a result beside the old ones."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from database.engine import reading, writing
from database.errors import DatabaseError
from database.tables import Call, CallName, ConversationVersion
from database.versions import add_assessment
from recordings import Conversation
from scorecards import Assessment


def current_conversation(engine: Engine, call_id: int) -> tuple[Conversation, int]:
    """The call's current conversation and its version number; raises DatabaseError where there is none."""
    with reading(engine) as session:
        return _current(session, call_id)


def _current(session: Session, call_id: int) -> tuple[Conversation, int]:
    row = session.exec(
        select(ConversationVersion)
        .join(Call, col(Call.id) == ConversationVersion.call_id)
        .where(ConversationVersion.call_id == call_id, ConversationVersion.number == Call.conversation_number)
    ).first()
    if row is None:
        raise DatabaseError(f"call {call_id} has no conversation yet; process it first")
    return Conversation.from_json(
        row.document, where=f"conversation {row.number} of call {call_id}"
    ), row.number


def call_ids(engine: Engine) -> list[int]:
    """The ids of all calls that have a conversation."""
    query = select(Call.id).where(col(Call.conversation_number).is_not(None)).order_by(col(Call.id))
    with reading(engine) as session:
        return [call_id for call_id in session.exec(query) if call_id is not None]


def stored_calls(engine: Engine) -> Iterator[tuple[int, Conversation]]:
    """Every call that has a conversation, with the current one, one at a time in flat memory."""
    for call_id in call_ids(engine):
        yield call_id, current_conversation(engine, call_id)[0]


def add_rescored(engine: Engine, call_id: int, assessment: Assessment, number: int, *, why: str) -> bool:
    """Keep another assessment of conversation version ``number``; the old one stays. It becomes the current
    one unless the conversation has been corrected meanwhile. Returns whether the current one changed."""
    with writing(engine) as session:
        call = session.get(Call, call_id)
        if call is None:
            raise DatabaseError(f"there is no call {call_id}")
        current, before = call.conversation_number == number, call.assessment_number
        add_assessment(session, call, assessment, number, why=why, current=current)
        return call.assessment_number != before


def stored_hashes(engine: Engine) -> frozenset[str]:
    """The hashes of all recordings whose result is stored."""
    query = select(Call.sha256).where(Call.state == "done", col(Call.conversation_number).is_not(None))
    with reading(engine) as session:
        return frozenset(session.exec(query))


def moved(engine: Engine, sha256: str, old: Path, new: Path) -> None:
    """Note where a recording lies now that it was moved from ``old``."""
    with writing(engine) as session:
        call = session.exec(select(Call).where(Call.sha256 == sha256)).one()
        if call.source_path == str(old.absolute()):
            call.source_path = str(new.absolute())
        for name in session.exec(select(CallName).where(CallName.call_id == call.id)):
            if name.path == str(old.absolute()):
                name.path = str(new.absolute())
