"""What happens to open drafts when a call is scored anew: nobody's decisions are lost.

A draft belongs to the scores that it was made on. When new ones become current, each draft goes on as a new
one with every decision on an item that reads as before; the others stay in the old draft, which says so,
and are shown to their owner as earlier decisions.
"""

from sqlmodel import Session, col, select

from database.reviews import items
from database.tables import AssessmentVersion, Call, Review, ReviewItem, ReviewStep
from scorecards import Assessment, CriterionResult

DROPPED = "the call was scored again"


def carry_drafts(session: Session, call: Call, before: int | None, after: Assessment) -> None:
    """Carry the drafts on assessment ``before`` over to the current one, whose document is ``after``."""
    if before is None or before == call.assessment_number or call.assessment_number is None:
        return
    drafts = session.exec(
        select(Review).where(
            Review.call_id == call.id, Review.assessment_number == before, Review.state == "draft"
        )
    ).all()
    if not drafts:
        return
    document = session.exec(
        select(AssessmentVersion.document).where(
            AssessmentVersion.call_id == call.id, AssessmentVersion.number == before
        )
    ).one()
    same = unchanged(Assessment.from_json(document), after)
    for draft in drafts:
        _carry(session, draft, call.assessment_number, same)


def unchanged(before: Assessment, after: Assessment) -> set[str]:
    """The criteria on which both say the same, so that a decision on one holds for the other."""
    old = {result.id: _said(result) for result in before.criteria}
    return {result.id for result in after.criteria if old.get(result.id) == _said(result)}


def _said(result: CriterionResult) -> tuple[object, ...]:
    return result.verdict, result.suggestion, result.value


def _carry(session: Session, draft: Review, number: int, same: set[str]) -> None:
    decided = items(session, draft.id) if draft.id is not None else {}
    newer = Review(
        call_id=draft.call_id,
        assessment_number=number,
        reviewer_id=draft.reviewer_id,
        kind=draft.kind,
        session_id=draft.session_id,
        blind=draft.blind,
        started_at=draft.started_at,
    )
    session.add(newer)
    draft.state = "dropped"
    session.flush()
    if newer.id is None or draft.id is None:
        return
    session.add(ReviewStep(review_id=draft.id, state="dropped", by=draft.reviewer_id, note=DROPPED))
    session.add(
        ReviewStep(review_id=newer.id, state="draft", by=draft.reviewer_id, note=f"goes on from {draft.id}")
    )
    for criterion, item in decided.items():
        if criterion in same:
            kept = item.model_dump(exclude={"id", "review_id", "at"})
            session.add(ReviewItem(**kept, review_id=newer.id))
    session.flush()


def earlier(session: Session, draft: Review) -> dict[str, ReviewItem]:
    """The decisions of the draft that this one goes on from, on items that now read otherwise."""
    dropped = session.exec(
        select(Review)
        .where(
            Review.call_id == draft.call_id,
            Review.reviewer_id == draft.reviewer_id,
            Review.kind == draft.kind,
            Review.state == "dropped",
            col(Review.id) < (draft.id or 0),
        )
        .order_by(col(Review.id).desc())
        .limit(1)
    ).first()
    if dropped is None or dropped.id is None or draft.id is None:
        return {}
    now = items(session, draft.id)
    return {c: item for c, item in items(session, dropped.id).items() if c not in now}
