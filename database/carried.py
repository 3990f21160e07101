"""People's corrections and a newer transcript: carried onto it where all of them fit, else told and left to
people. Whatever the machine reads later, nothing that a person corrected is lost."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from database.jobs import ask
from database.tables import Call, ConversationVersion
from recordings import Conversation, RecordingError
from recordings.merging import Carried, carry

CARRIED = "corrections carried onto a newer transcript"
TAKEN = "newer transcript taken over"
READ, RESCORE, URGENT = "corrected", "rescore", 20


@dataclass(frozen=True)
class Newer:
    """A transcript of the machine's that is newer than the one people corrected: its number, when it was
    made, and what carrying the corrections onto it would give."""

    number: int
    at: datetime
    carried: Carried


def root(session: Session, call_id: int, number: int) -> int:
    """The machine's version that a version rests on; its own number where the machine made it."""
    base = session.exec(
        select(ConversationVersion.base).where(
            ConversationVersion.call_id == call_id, ConversationVersion.number == number
        )
    ).first()
    return number if base is None else base


def newer(session: Session, call: Call) -> Newer | None:
    """The newest transcript of the machine's that a corrected one has not gone on from."""
    if call.id is None or call.conversation_number is None:
        return None
    base = root(session, call.id, call.conversation_number)
    if base == call.conversation_number:
        return None
    row = session.exec(
        select(ConversationVersion)
        .where(
            ConversationVersion.call_id == call.id,
            col(ConversationVersion.made_by).is_(None),
            col(ConversationVersion.number) > base,
        )
        .order_by(col(ConversationVersion.number).desc())
    ).first()
    carried = None if row is None else carried_onto(session, call, _read(row))
    return None if row is None or carried is None else Newer(row.number, row.made_at, carried)


def carried_onto(session: Session, call: Call, theirs: Conversation) -> Carried | None:
    """What people corrected in the call's current transcript, carried onto another one; None where the
    current one's own base is not at hand."""
    if call.id is None or call.conversation_number is None:
        return None
    base = root(session, call.id, call.conversation_number)
    rows = session.exec(
        select(ConversationVersion).where(
            ConversationVersion.call_id == call.id,
            col(ConversationVersion.number).in_((base, call.conversation_number)),
        )
    )
    found = {row.number: _read(row) for row in rows}
    try:
        return carry(found[base], found[call.conversation_number], theirs)
    except (KeyError, RecordingError):
        return None


def ask_to_judge(session: Session, call: Call, conversation: Conversation, made_by: int | None) -> None:
    """Ask a worker to read the acts of the call's current transcript and judge it, or to judge it alone
    where its acts are known."""
    kind, payload = READ, {}
    if conversation.acts is not None:
        kind, payload = RESCORE, {"card": call.card_id} if call.card_id else {}
    dedupe = f"{kind}:{call.id}:{call.conversation_number}"
    ask(session, kind, payload, call_id=call.id, priority=URGENT, dedupe=dedupe, made_by=made_by)


def _read(row: ConversationVersion) -> Conversation:
    where = f"conversation {row.number} of call {row.call_id}"
    return Conversation.from_json(row.document, where=where)
