"""What people decided, as examples for the scorer: accepted disputes, and the verdicts of reviewed calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from database.carried import root
from database.corrections import version_of
from database.listing import assessment_of
from database.tables import (
    AssessmentVersion,
    Call,
    ConversationVersion,
    CriterionRow,
    Dispute,
    DisputeDecision,
    Review,
    ReviewItem,
)
from recordings import Conversation
from scorecards import Assessment

ACCEPTED = ("accepted", "partly")
SHOWN = ("released", "acknowledged")


@dataclass(frozen=True)
class Settled:
    """A dispute that people settled against the machine: what was said, what the machine made of it, and the
    answer that stands: a verdict, or the value of something measured."""

    dispute: Dispute
    conversation: Conversation
    assessment: Assessment
    answer: str | int | float
    reason: str


def settled_disputes(session: Session) -> Iterator[Settled]:
    """Disputes accepted wholly or in part, the oldest first, where the machine still says otherwise than
    people (one whose verdict another person had made is no fault of the scorer)."""
    rows = session.exec(
        select(Dispute, DisputeDecision, AssessmentVersion.conversation_number)
        .join(DisputeDecision, col(DisputeDecision.dispute_id) == Dispute.id)
        .join(
            AssessmentVersion,
            (col(AssessmentVersion.call_id) == Dispute.call_id)
            & (col(AssessmentVersion.number) == Dispute.assessment_number),
        )
        .where(col(Dispute.state).in_(ACCEPTED), DisputeDecision.state == Dispute.state)
        .order_by(col(Dispute.id), col(DisputeDecision.id))
    ).all()
    newest = {dispute.id: (dispute, decision, number) for dispute, decision, number in rows}
    for dispute, decision, number in newest.values():
        assessment = assessment_of(session, dispute.call_id, dispute.assessment_number)
        if assessment is None or decision.verdict is None:
            continue
        said = assessment.criterion(dispute.criterion_id)
        answer = decision.verdict if decision.value is None else decision.value
        if answer == (said.verdict if decision.value is None else said.value):
            continue
        conversation = _as_corrected(session, dispute.call_id, number)
        yield Settled(dispute, conversation, assessment, answer, decision.reason)


def _as_corrected(session: Session, call_id: int, number: int) -> Conversation:
    """The conversation that was judged, with what people corrected in it since."""
    later = session.exec(
        select(ConversationVersion.number)
        .where(
            ConversationVersion.call_id == call_id,
            col(ConversationVersion.number) >= number,
            ConversationVersion.base == root(session, call_id, number),
        )
        .order_by(col(ConversationVersion.number).desc())
    ).first()
    return version_of(session, call_id, number if later is None else later)


@dataclass(frozen=True)
class Reviewed:
    """A call with what people decided of it: criterion to verdict, the values they put in place of measured
    ones, and the reasons they gave."""

    call: Call
    conversation: Conversation
    assessment: Assessment
    verdicts: dict[str, str]
    values: dict[str, Any]
    reasons: dict[str, str]


def reviewed_calls(session: Session) -> Iterator[Reviewed]:
    """Calls whose verdicts people decided, the oldest first, one at a time."""
    ids = session.exec(
        select(CriterionRow.call_id)
        .where(col(CriterionRow.human).is_not(None))
        .distinct()
        .order_by(col(CriterionRow.call_id))
    ).all()
    for call_id in ids:
        call = session.get(Call, call_id)
        if call is None or call.conversation_number is None:
            continue
        assessment = assessment_of(session, call_id, call.assessment_number)
        if assessment is None:
            continue
        rows = session.exec(
            select(CriterionRow).where(CriterionRow.call_id == call_id, col(CriterionRow.human).is_not(None))
        ).all()
        items = session.exec(
            select(ReviewItem)
            .join(Review, col(Review.id) == ReviewItem.review_id)
            .where(Review.call_id == call_id, col(Review.state).in_(SHOWN))
            .order_by(col(ReviewItem.id))
        ).all()
        newest = {item.criterion_id: item for item in items}
        yield Reviewed(
            call,
            version_of(session, call_id, call.conversation_number),
            assessment,
            {row.criterion_id: row.human for row in rows if row.human},
            {row.criterion_id: row.human_value for row in rows if row.human_value is not None},
            {c: item.reason for c, item in newest.items() if item.reason},
        )
