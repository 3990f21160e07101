"""Disputes: the agent opens one, somebody else decides."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, select

from database import disputes, reviews
from database.engine import writing
from database.errors import DatabaseError
from database.listing import OpenCall, assessment_of, open_call
from database.people import Person
from database.tables import AssessmentVersion, CriterionRow, Review
from database.types import utc_now
from qa_app.actions.done import Done
from qa_app.actions.reviewing import VERDICTS
from qa_app.measured import options_of, own_value, standing_values
from qa_app.policies import NotAllowedError, authorise, may_decide
from qa_app.scoring import human_score, rules_of
from scorecards import Assessment


def dispute(
    engine: Engine,
    person: Person,
    call_id: int,
    criterion: str,
    verdict: str,
    reason: str,
    *,
    value: Any = None,
) -> Done:
    """Open a dispute on one item of an own call, with the verdict held to be right, or the value where it is
    measured, and why."""
    if verdict not in VERDICTS:
        raise DatabaseError(f"verdict {verdict!r} is not known; there are {', '.join(VERDICTS)}")
    with writing(engine) as session:
        opened = open_call(session, person.viewer, call_id)
        authorise(person, "dispute", opened.call)
        if opened.assessment is None:
            raise DatabaseError("this call has no scores yet")
        until = open_until(session, opened)
        if until is not None and utc_now() >= until:
            raise DatabaseError(f"the time to dispute this call ended on {until:%Y-%m-%d}")
        stands = standing_verdicts(session, call_id).get(criterion)
        if stands is None:
            raise DatabaseError(f"this card has no criterion {criterion!r}")
        if value is not None:
            value = _value(session, opened.assessment, criterion, value)
        disputes.open_dispute(
            session,
            opened.call,
            person.viewer,
            criterion,
            disputed_verdict=stands,
            own_verdict=verdict,
            reason=reason,
            disputed_value=standing_values(session, call_id).get(criterion) if value is not None else None,
            own_value=value,
        )
    return Done("dispute.opened")


def _value(session: Session, assessment: Assessment, criterion: str, value: Any) -> int | float | str:
    try:
        result = assessment.criterion(criterion)
    except KeyError as error:
        raise DatabaseError(f"this card has no criterion {criterion!r}") from error
    return own_value(rules_of(assessment, session), result, value)


def labels_for(session: Session, line: disputes.DisputeLine) -> tuple[str, ...]:
    """The labels that the value of a disputed item is one of; none where it is a number."""
    dispute, call = line.dispute, line.call
    assessment = assessment_of(session, dispute.call_id, call.assessment_number)
    result = (
        next((r for r in assessment.criteria if r.id == dispute.criterion_id), None) if assessment else None
    )
    return options_of(rules_of(assessment, session), result) if assessment and result else ()


def open_until(session: Session, opened: OpenCall) -> datetime | None:
    """When the time to dispute a call's items ends: as many days as its card gives after the release, or
    after the scoring while nothing is released. None: without end."""
    if opened.assessment is None:
        return None
    card = rules_of(opened.assessment, session).card
    if card is None or card.dispute_days is None:
        return None
    review = reviews.released_review(session, opened.id)
    begun = review.released_at if review else None
    if begun is None:
        begun = session.exec(
            select(AssessmentVersion.made_at).where(
                AssessmentVersion.call_id == opened.id,
                AssessmentVersion.number == opened.call.assessment_number,
            )
        ).one()
    return begun + timedelta(days=card.dispute_days)


def standing_verdicts(session: Session, call_id: int) -> dict[str, str]:
    """What counts now, per criterion: people's verdict where there is one, else the machine's."""
    rows = session.exec(select(CriterionRow).where(CriterionRow.call_id == call_id))
    return {row.criterion_id: row.human or row.verdict for row in rows}


def decide(
    engine: Engine,
    person: Person,
    dispute_id: int,
    state: str,
    reason: str,
    verdict: str | None = None,
    *,
    value: Any = None,
) -> Done:
    """Decide a dispute; an accepted one moves the verdict or the value, and the score. ``verdict`` and
    ``value`` are what stands after one that is accepted in part."""
    if verdict is not None and verdict not in VERDICTS:
        raise DatabaseError(f"verdict {verdict!r} is not known; there are {', '.join(VERDICTS)}")
    with writing(engine) as session:
        line = disputes.one_dispute(session, person.viewer, dispute_id)
        review = session.get(Review, line.dispute.review_id) if line.dispute.review_id else None
        if not may_decide(person, line.dispute, review, disputes.decided_by(session, dispute_id)):
            raise NotAllowedError("decide_dispute")
        call = line.call
        assessment = assessment_of(session, line.dispute.call_id, call.assessment_number)
        if value is not None and assessment is not None:
            value = _value(session, assessment, line.dispute.criterion_id, value)
        disputes.decide_dispute(session, line, person.viewer, state, reason, verdict=verdict, value=value)
        if state != "rejected" and call.id is not None and assessment is not None:
            standing = standing_verdicts(session, call.id)
            scored = human_score(assessment, standing, session, standing_values(session, call.id))
            call.score, call.passed, call.score_by = scored.score, scored.passed, "human"
            session.add(call)
    return Done("dispute.decided")


def withdraw(engine: Engine, person: Person, dispute_id: int) -> Done:
    """Take an own dispute back."""
    with writing(engine) as session:
        line = disputes.one_dispute(session, person.viewer, dispute_id)
        if line.dispute.opened_by != person.id:
            raise NotAllowedError("dispute")
        disputes.withdraw(session, line, person.viewer)
    return Done("dispute.withdrawn")


def escalate(engine: Engine, person: Person, dispute_id: int, reason: str) -> Done:
    """Take a decision against oneself to a manager."""
    with writing(engine) as session:
        line = disputes.one_dispute(session, person.viewer, dispute_id)
        if line.dispute.opened_by != person.id:
            raise NotAllowedError("dispute")
        disputes.escalate(session, line, person.viewer, reason)
    return Done("dispute.escalated")


def review_of(session: Session, call_id: int) -> Review | None:
    """The review that the agent sees, if any."""
    return reviews.released_review(session, call_id)
