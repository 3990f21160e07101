"""What an agent may know: everything held on them, who looked at it, what was praised."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from database import audit
from database.coaching import plans
from database.coaching_export import export_plans
from database.examples import examples
from database.listing import assessment_of
from database.reviews import comments, items
from database.tables import (
    AppUser,
    AssessmentVersion,
    AuditEntry,
    Call,
    Comment,
    ConversationVersion,
    CriterionRow,
    Dispute,
    Review,
)
from database.viewers import Viewer, visible

FACT = "praise"
"""The card's fact that holds what customers said in praise (docs/scorecards.md)."""
SEARCHED = 30


@dataclass(frozen=True)
class Praise:
    """A praised moment of a call; ``writer`` is None where the customer said it, and only then ``end`` is
    known."""

    text: str
    writer: str | None
    call_id: int
    call: str
    at: datetime
    moment: float | None
    end: float | None = None


def praise_for(session: Session, viewer: Viewer) -> Praise | None:
    """The newest praise on a call within reach: colleagues' first, else a customer's."""
    written = praised(session, viewer, limit=1)
    return next(iter(written or praise_by_customers(session, viewer, limit=1)), None)


def praised(session: Session, viewer: Viewer, *, limit: int = 20) -> list[Praise]:
    """What colleagues praised on calls within reach, newest first."""
    rows = session.execute(
        select(Comment, AppUser.name, Call)
        .join(Call, col(Call.id) == Comment.call_id)
        .join(AppUser, col(AppUser.id) == Comment.by)
        .where(visible(viewer), Comment.kind == "praise")
        .order_by(col(Comment.id).desc())
        .limit(limit)
    )
    return [
        Praise(c.text, writer, call.id or 0, call.call_key or call.file_name, c.at, c.moment)
        for c, writer, call in rows
    ]


def praise_by_customers(session: Session, viewer: Viewer, *, limit: int = 20) -> list[Praise]:
    """What customers said in praise on the newest calls within reach, by the cards' fact ``praise``."""
    calls = session.exec(
        select(Call)
        .where(visible(viewer), col(Call.assessment_number).is_not(None))
        .order_by(col(Call.started_at).desc())
        .limit(SEARCHED)
    ).all()
    found: list[Praise] = []
    for call in calls:
        judged = assessment_of(session, call.id or 0, call.assessment_number)
        said = [e for f in (judged.facts if judged else ()) if f.id == FACT for e in f.evidence]
        name = call.call_key or call.file_name
        found += [
            Praise(e.text, None, call.id or 0, name, call.started_at, e.start, e.end) for e in said if e.text
        ]
        if len(found) >= limit:
            break
    return found[:limit]


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


def call_names(session: Session, viewer: Viewer, ids: set[int]) -> dict[int, str]:
    """How calls within reach are called, by id."""
    rows = session.exec(
        select(Call.id, Call.call_key, Call.file_name).where(visible(viewer), col(Call.id).in_(ids))
    )
    return {call_id or 0: key or file for call_id, key, file in rows}


def held_on(session: Session, viewer: Viewer) -> dict[str, int]:
    """How much is held on an agent, by kind."""
    ids = select(Call.id).where(visible(viewer))

    def count(table: Any, *where: Any) -> int:
        return session.exec(select(func.count()).select_from(table).where(*where)).one()

    return {
        "calls": count(Call, visible(viewer)),
        "transcripts": count(ConversationVersion, col(ConversationVersion.call_id).in_(ids)),
        "scores": count(AssessmentVersion, col(AssessmentVersion.call_id).in_(ids)),
        "reviews": count(Review, col(Review.call_id).in_(ids), Review.state != "draft"),
        "comments": count(Comment, col(Comment.call_id).in_(ids)),
        "disputes": count(Dispute, col(Dispute.call_id).in_(ids)),
        "plans": len(plans(session, viewer)),
        "examples": sum(line.own for line in examples(session, viewer, limit=100_000)),
    }


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
        rows = session.exec(select(CriterionRow).where(CriterionRow.call_id == call.id)).all()
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
                "values_put_right": {
                    row.criterion_id: row.human_value for row in rows if row.human_value is not None
                },
                "comments": [
                    {
                        "by": line.writer,
                        "kind": line.comment.kind,
                        "at": line.comment.at.isoformat(),
                        "moment": line.comment.moment,
                        "text": line.comment.text,
                    }
                    for line in comments(session, call.id)
                ],
                "disputes": [
                    {
                        "criterion": d.criterion_id,
                        "state": d.state,
                        "reason": d.reason,
                        "stood": d.disputed_verdict if d.disputed_value is None else d.disputed_value,
                        "should_be": d.own_verdict if d.own_value is None else d.own_value,
                    }
                    for d in session.exec(select(Dispute).where(Dispute.call_id == call.id))
                ],
                "self_reviews": _self_reviews(session, viewer, call.id),
            }
        )
    seen = [
        {"at": e.at.isoformat(), "who": e.actor, "what": e.action, "call": e.subject_id}
        for e in seen_by(session, viewer, limit=100_000)
    ]
    shown = examples(session, viewer, limit=100_000)
    return {
        "calls": calls,
        "coaching": export_plans(session, viewer),
        "good_examples": [
            {
                "call": line.call.id,
                "title": line.example.title,
                "start": line.example.start,
                "end": line.example.end,
                "by": line.writer,
                "shared": line.shared,
            }
            for line in shown
            if line.own
        ],
        "seen_by": seen,
    }


def _self_reviews(session: Session, viewer: Viewer, call_id: int) -> list[dict[str, Any]]:
    rows = session.exec(
        select(Review).where(
            Review.call_id == call_id, Review.kind == "self", Review.reviewer_id == viewer.user_id
        )
    )
    return [
        {
            "at": row.started_at.isoformat(),
            "state": row.state,
            "verdicts": {c: item.verdict for c, item in items(session, row.id or 0).items()},
        }
        for row in rows
    ]
