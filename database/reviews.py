"""Reviews: drafts, decisions, comments, and what a release changes. Decisions are added, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from database.audit import record
from database.counting import CONTACT_REASON, met, reason_of
from database.errors import DatabaseError
from database.tables import (
    Acknowledgement,
    AppUser,
    Call,
    Comment,
    CriterionRow,
    Review,
    ReviewItem,
    ReviewStep,
)
from database.types import utc_now
from database.viewers import Viewer

FINAL = ("submitted", "released", "acknowledged")
MAX_TEXT = 10_000
UNSEEN = timedelta(seconds=5)
"""What a colleague submits as little as this before a call is opened may not have been in sight yet."""


class ReviewConflictError(DatabaseError):
    """Somebody else has meanwhile submitted a review of the same call; nothing was saved over theirs."""

    def __init__(self, other: str) -> None:
        self.other = other
        super().__init__(f"{other} has submitted a review of this call in the meantime")


@dataclass(frozen=True)
class ReviewLine:
    """A review with its reviewer's name."""

    review: Review
    reviewer: str


def reviews_of(session: Session, call_id: int, *, kind: str = "trainer") -> list[ReviewLine]:
    """A call's reviews, newest first, dropped ones left out."""
    query = (
        select(Review, AppUser.name)
        .join(AppUser, col(AppUser.id) == Review.reviewer_id)
        .where(Review.call_id == call_id, Review.kind == kind, Review.state != "dropped")
        .order_by(col(Review.id).desc())
    )
    return [ReviewLine(review, name) for review, name in session.exec(query)]


def draft_of(session: Session, call: Call, viewer: Viewer, *, kind: str = "trainer") -> Review | None:
    """This person's open draft on the call's current assessment."""
    return session.exec(
        select(Review).where(
            Review.call_id == call.id,
            Review.reviewer_id == viewer.user_id,
            Review.kind == kind,
            Review.state == "draft",
            Review.assessment_number == call.assessment_number,
        )
    ).first()


def begin(
    session: Session,
    call: Call,
    viewer: Viewer,
    *,
    kind: str = "trainer",
    session_id: int | None = None,
    blind: bool = False,
) -> Review:
    """This person's draft on the call, begun when there is none."""
    found = draft_of(session, call, viewer, kind=kind)
    if found is not None:
        return found
    if call.id is None or viewer.user_id is None:
        raise DatabaseError("a review needs a stored call and a signed-in person")
    if call.assessment_number is None:
        raise DatabaseError("this call has no scores yet, so there is nothing to review")
    review = Review(
        call_id=call.id,
        assessment_number=call.assessment_number,
        reviewer_id=viewer.user_id,
        kind=kind,
        session_id=session_id,
        blind=blind,
    )
    session.add(review)
    session.flush()
    _step(session, review, "draft", viewer)
    if kind == "trainer" and call.review_state == "none":
        call.review_state, call.reviewer_id = "draft", viewer.user_id
    return review


def submitted_of(session: Session, call_id: int, viewer: Viewer) -> Review | None:
    """This person's newest review of the call that is submitted and not released."""
    return session.exec(
        select(Review)
        .where(
            Review.call_id == call_id,
            Review.reviewer_id == viewer.user_id,
            Review.kind == "trainer",
            Review.state == "submitted",
        )
        .order_by(col(Review.id).desc())
    ).first()


def _step(session: Session, review: Review, state: str, viewer: Viewer, note: str = "") -> None:
    if review.id is None or viewer.user_id is None:
        raise DatabaseError("a review's step needs a stored review and a signed-in person")
    review.state = state
    session.add(ReviewStep(review_id=review.id, state=state, by=viewer.user_id, note=note))


def decide(
    session: Session,
    review: Review,
    viewer: Viewer,
    criterion_id: str,
    *,
    action: str,
    machine_verdict: str,
    verdict: str,
    value: Any = None,
    reason: str = "",
    root_cause: str = "",
) -> ReviewItem:
    """Add a decision on one criterion. ``action``: confirmed, overridden, cleared (undecided again)."""
    if review.state != "draft":
        raise DatabaseError("this review is submitted; its decisions stand")
    if review.id is None or viewer.user_id is None:
        raise DatabaseError("a decision needs a stored review and a signed-in person")
    item = ReviewItem(
        review_id=review.id,
        criterion_id=criterion_id,
        action=action,
        machine_verdict=machine_verdict,
        verdict=verdict,
        value=value,
        reason=_short(reason, 4000),
        root_cause=root_cause[:200],
        by=viewer.user_id,
    )
    session.add(item)
    session.flush()
    return item


def _short(text: str, limit: int = MAX_TEXT) -> str:
    if len(text) > limit:
        raise DatabaseError(f"the text has {len(text):,} characters; at most {limit:,} can be kept")
    return text.strip()


def items(session: Session, review_id: int) -> dict[str, ReviewItem]:
    """The decisions that count: the newest of each criterion, cleared ones left out."""
    rows = session.exec(
        select(ReviewItem).where(ReviewItem.review_id == review_id).order_by(col(ReviewItem.id))
    )
    newest = {row.criterion_id: row for row in rows}
    return {criterion: row for criterion, row in newest.items() if row.action != "cleared"}


def submit(
    session: Session,
    review: Review,
    viewer: Viewer,
    *,
    seconds: float = 0.0,
    anyway: bool = False,
    since: datetime | None = None,
) -> None:
    """Close a draft. Raises ReviewConflictError when another person's review of the call was submitted
    since this one began or since the person opened the call (``since``), unless ``anyway``: then both
    stand, and the later release counts."""
    if review.state != "draft":
        raise DatabaseError("this review is submitted already")
    # One at a time a call: on PostgreSQL two who submit at once would not see each other otherwise.
    session.exec(select(Call.id).where(Call.id == review.call_id).with_for_update()).one()
    other = session.exec(
        select(AppUser.name)
        .join(Review, col(Review.reviewer_id) == AppUser.id)
        .where(
            Review.call_id == review.call_id,
            Review.kind == review.kind,
            Review.id != review.id,
            Review.reviewer_id != review.reviewer_id,
            col(Review.state).in_(FINAL),
            col(Review.submitted_at) >= min(review.started_at, since or review.started_at) - UNSEEN,
        )
    ).first()
    if review.kind == "trainer" and other is not None and not anyway:
        raise ReviewConflictError(other)
    review.submitted_at, review.seconds = utc_now(), round(max(0.0, seconds), 1)
    _step(session, review, "submitted", viewer)
    call = session.get(Call, review.call_id)
    if review.kind == "trainer" and call is not None:
        if call.review_state in ("none", "draft"):
            call.review_state = "submitted"
        call.reviewer_id = review.reviewer_id
    record(
        session,
        viewer,
        "review submitted",
        "call",
        review.call_id,
        {"review": review.id, "kind": review.kind},
    )


def release(
    session: Session, review: Review, viewer: Viewer, *, score: float | None, passed: bool | None
) -> None:
    """Show a submitted review to the agent: from now on its verdicts and score are the call's."""
    if review.kind != "trainer":
        raise DatabaseError("only a trainer's review is released")
    if review.state != "submitted":
        raise DatabaseError(f"a review is released after it is submitted; this one is {review.state}")
    call = session.get(Call, review.call_id)
    if call is None or review.id is None:
        raise DatabaseError("the call is gone")
    review.released_at, review.score = utc_now(), score
    _step(session, review, "released", viewer)
    call.review_state, call.reviewer_id = "released", review.reviewer_id
    call.score, call.passed, call.score_by, call.changed_at = score, passed, "human", utc_now()
    decided = items(session, review.id)
    apply_verdicts(
        session, review.call_id, {c: i.verdict for c, i in decided.items()}, values_put_right(decided)
    )
    record(session, viewer, "review released", "call", call.id, {"review": review.id, "score": score})


def apply_verdicts(
    session: Session, call_id: int, verdicts: Mapping[str, str], values: Mapping[str, Any]
) -> None:
    """Note what people decided beside the machine's verdicts, and beside measured values where they put
    another one in place; a contact reason put right counts in reports."""
    call = session.get(Call, call_id)
    for row in session.exec(select(CriterionRow).where(CriterionRow.call_id == call_id)):
        if row.criterion_id in verdicts:
            row.human = verdicts[row.criterion_id]
            row.human_value = values.get(row.criterion_id)
            row.met = met(row.human, row.max_points)
            if row.criterion_id == CONTACT_REASON and call is not None:
                call.contact_reason = reason_of(row)
    session.flush()
    if call is not None:
        call.doubts = len(
            session.exec(
                select(CriterionRow.id).where(
                    CriterionRow.call_id == call_id,
                    CriterionRow.verdict == "review",
                    col(CriterionRow.human).is_(None),
                )
            ).all()
        )


def acknowledge(session: Session, review: Review, viewer: Viewer, note: str = "") -> None:
    """The agent has seen a released review."""
    if review.state not in ("released", "acknowledged") or review.id is None or viewer.user_id is None:
        raise DatabaseError("only a released review can be acknowledged")
    call = session.get(Call, review.call_id)
    if call is None:
        raise DatabaseError("the call is gone")
    session.add(
        Acknowledgement(
            call_id=review.call_id, review_id=review.id, note=_short(note, 4000), by=viewer.user_id
        )
    )
    if review.state == "released":
        _step(session, review, "acknowledged", viewer, note)
        call.review_state = "acknowledged"
    record(session, viewer, "review acknowledged", "call", review.call_id, {"review": review.id})


def comment(
    session: Session,
    call: Call,
    viewer: Viewer,
    text: str,
    *,
    moment: float | None = None,
    criterion_id: str | None = None,
    kind: str = "remark",
    review_id: int | None = None,
) -> Comment:
    """Add a comment at a moment (seconds) or about the whole call."""
    text = _short(text)
    if not text:
        raise DatabaseError("an empty comment says nothing; write something first")
    if call.id is None or viewer.user_id is None:
        raise DatabaseError("a comment needs a stored call and a signed-in person")
    made = Comment(
        call_id=call.id,
        review_id=review_id,
        criterion_id=criterion_id,
        moment=moment,
        kind=kind,
        text=text,
        by=viewer.user_id,
    )
    session.add(made)
    session.flush()
    record(session, viewer, "commented", "call", call.id, {"comment": made.id, "kind": kind})
    return made


@dataclass(frozen=True)
class CommentLine:
    """A comment with its writer's name and role."""

    comment: Comment
    writer: str
    role: str


def comments(session: Session, call_id: int) -> list[CommentLine]:
    """A call's comments by moment, those about the whole call last; superseded ones left out."""
    replaced = select(Comment.supersedes).where(col(Comment.supersedes).is_not(None))
    query = (
        select(Comment, AppUser.name, AppUser.role)
        .join(AppUser, col(AppUser.id) == Comment.by)
        .where(Comment.call_id == call_id, col(Comment.id).not_in(replaced))
        .order_by(col(Comment.moment).is_(None), col(Comment.moment), col(Comment.id))
    )
    return [CommentLine(*row) for row in session.exec(query)]


def values_put_right(decided: Mapping[str, ReviewItem]) -> dict[str, Any]:
    """What people put in place of a measured value, by criterion."""
    return {c: i.value for c, i in decided.items() if i.action == "overridden" and i.value is not None}


def released_review(session: Session, call_id: int) -> Review | None:
    """The newest review that the agent can see."""
    return session.exec(
        select(Review)
        .where(
            Review.call_id == call_id,
            Review.kind == "trainer",
            col(Review.state).in_(("released", "acknowledged")),
        )
        .order_by(col(Review.released_at).desc(), col(Review.id).desc())
    ).first()
