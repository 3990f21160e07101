"""Stored calls to try a scorecard on: the newest within reach that carry acts."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from database.listing import assessment_of
from database.tables import Call, ConversationVersion
from database.viewers import Viewer, visible
from recordings import Conversation
from scorecards import Assessment


@dataclass(frozen=True)
class Sample:
    """A call to try a card on."""

    id: int
    name: str
    agent_id: int | None = None


def newest_calls(session: Session, viewer: Viewer, language: str, limit: int) -> list[Sample]:
    """The newest processed calls within reach that were spoken in a language (``en``, ``de``)."""
    rows = session.exec(
        select(Call.id, Call.call_key, Call.file_name, Call.agent_id)
        .where(
            visible(viewer),
            col(Call.conversation_number).is_not(None),
            col(Call.language).startswith(language),
        )
        .order_by(col(Call.started_at).desc(), col(Call.id).desc())
        .limit(limit)
    )
    return [Sample(number, key or file, agent) for number, key, file, agent in rows if number is not None]


def talk_of(session: Session, viewer: Viewer, call_id: int) -> Conversation | None:
    """The current conversation of a call within reach; None where there is none or nobody read its acts."""
    row = session.exec(
        select(ConversationVersion.document)
        .join(Call, col(Call.id) == ConversationVersion.call_id)
        .where(visible(viewer), Call.id == call_id, ConversationVersion.number == Call.conversation_number)
    ).first()
    talk = Conversation.from_json(row, where=f"conversation of call {call_id}") if row else None
    return talk if talk is not None and talk.acts is not None else None


def stands(session: Session, viewer: Viewer, call_id: int) -> Assessment | None:
    """The current assessment of a call within reach."""
    number = session.exec(select(Call.assessment_number).where(visible(viewer), Call.id == call_id)).first()
    return assessment_of(session, call_id, number)
