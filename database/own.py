"""What an agent may know: everything held on them, who looked at it, what was praised."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from database import audit
from database.listing import assessment_of
from database.reviews import comments
from database.tables import AppUser, AuditEntry, Call, Comment, ConversationVersion, CriterionRow, Dispute
from database.viewers import Viewer, visible


@dataclass(frozen=True)
class Praise:
    """A praised moment of a call."""

    text: str
    writer: str
    call_id: int
    call: str
    moment: float | None


def praise_for(session: Session, viewer: Viewer) -> Praise | None:
    """The newest praise on a call within reach."""
    row = session.execute(
        select(Comment, AppUser.name, Call)
        .join(Call, col(Call.id) == Comment.call_id)
        .join(AppUser, col(AppUser.id) == Comment.by)
        .where(visible(viewer), Comment.kind == "praise")
        .order_by(col(Comment.id).desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    comment, writer, call = row
    return Praise(comment.text, writer, call.id or 0, call.call_key or call.file_name, comment.moment)


def weakest_call(session: Session, viewer: Viewer, criterion: str) -> int | None:
    """The newest call within reach that lost points on a criterion."""
    return session.exec(
        select(Call.id)
        .join(CriterionRow, col(CriterionRow.call_id) == Call.id)
        .where(
            visible(viewer),
            CriterionRow.criterion_id == criterion,
            func.coalesce(CriterionRow.points, 0) < func.coalesce(CriterionRow.max_points, 0),
        )
        .order_by(col(Call.started_at).desc())
        .limit(1)
    ).first()


def _ids(session: Session, viewer: Viewer) -> tuple[int, ...]:
    return tuple(i for i in session.exec(select(Call.id).where(visible(viewer))) if i is not None)


def seen_by(session: Session, viewer: Viewer, limit: int = 200) -> list[AuditEntry]:
    """Who listened to, changed, decided on or exported this agent's calls."""
    return audit.entries(session, subject="call", subject_ids=_ids(session, viewer), limit=limit)


def everything_on(session: Session, viewer: Viewer) -> dict[str, Any]:
    """All that is held on an agent as plain values: calls with transcript, scores, decisions, comments,
    disputes, and who looked."""
    calls = []
    for call in session.exec(select(Call).where(visible(viewer)).order_by(col(Call.id))).all():
        if call.id is None:
            continue
        document = session.exec(
            select(ConversationVersion.document).where(
                ConversationVersion.call_id == call.id, ConversationVersion.number == call.conversation_number
            )
        ).first()
        judged = assessment_of(session, call.id, call.assessment_number)
        rows = session.exec(select(CriterionRow).where(CriterionRow.call_id == call.id))
        calls.append(
            {
                "id": call.id,
                "file_name": call.file_name,
                "started_at": call.started_at.isoformat(),
                "score": call.score,
                "score_by": call.score_by,
                "review_state": call.review_state,
                "conversation": document,
                "assessment": judged.to_dict() if judged else None,
                "decided_by_people": {row.criterion_id: row.human for row in rows if row.human},
                "comments": [
                    {"by": line.writer, "at": line.comment.at.isoformat(), "text": line.comment.text}
                    for line in comments(session, call.id)
                ],
                "disputes": [
                    {"criterion": d.criterion_id, "state": d.state, "reason": d.reason}
                    for d in session.exec(select(Dispute).where(Dispute.call_id == call.id))
                ],
            }
        )
    seen = [
        {"at": e.at.isoformat(), "who": e.actor, "what": e.action, "call": e.subject_id}
        for e in seen_by(session, viewer, limit=100_000)
    ]
    return {"calls": calls, "seen_by": seen}
