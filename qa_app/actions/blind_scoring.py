"""Scoring blind: in a calibration session, or an agent's own call as self-review."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from database import calibration_answers, calibrations, reviews
from database.engine import writing
from database.errors import DatabaseError
from database.listing import open_call
from database.people import Person
from database.tables import Call, Review
from database.viewers import Viewer, visible
from qa_app.actions.done import Done
from qa_app.actions.reviewing import VERDICTS, judged
from qa_app.policies import authorise
from qa_app.scoring import rules_of
from scorecards import Assessment


def open_session(engine: Engine, person: Person, call_id: int, title: str, people: list[int]) -> int:
    """Ask several people to score a call blind; returns the session's id."""
    authorise(person, "calibrate")
    with writing(engine) as session:
        call = open_call(session, person.viewer, call_id).call
        made = calibrations.begin_session(session, person.viewer, call, title, people)
        if made.id is None:
            raise DatabaseError("the session was not stored")
        return made.id


def close_session(engine: Engine, person: Person, session_id: int) -> Done:
    """End a session before everybody has submitted."""
    authorise(person, "calibrate")
    with writing(engine) as session:
        line = calibrations.one_session(session, person.viewer, session_id)
        calibrations.close_session(session, person.viewer, line)
    return Done("calibration.closed")


def agree(engine: Engine, person: Person, session_id: int, criterion: str, verdict: str, reason: str) -> Done:
    """Record what those who took part agreed on."""
    authorise(person, "calibrate")
    with writing(engine) as session:
        line = calibrations.one_session(session, person.viewer, session_id)
        calibration_answers.agree(session, person.viewer, line, criterion, verdict, reason)
    return Done("calibration.saved")


def answer_calibration(engine: Engine, person: Person, session_id: int, event: Mapping[str, Any]) -> Done:
    """What the page asks while somebody scores in a session."""
    authorise(person, "calibrate")
    with writing(engine) as session:
        line = calibrations.one_session(session, person.viewer, session_id)
        review = calibrations.begin_review(session, person.viewer, line)
        return _answer(session, person.viewer, review, calibrations.asked_card(session, line), event)


def own_review(session: Session, viewer: Viewer, call_id: int) -> Review | None:
    """The agent's newest review of their own call, whatever its state."""
    return session.exec(_self_reviews(call_id).where(Review.reviewer_id == viewer.user_id)).first()


def agents_review(session: Session, viewer: Viewer, call_id: int) -> Review | None:
    """The newest submitted self-review of a call within the viewer's reach."""
    within = select(Call.id).where(visible(viewer))
    return session.exec(
        _self_reviews(call_id).where(Review.state == "submitted", col(Review.call_id).in_(within))
    ).first()


def _self_reviews(call_id: int) -> SelectOfScalar[Review]:
    return (
        select(Review)
        .where(Review.call_id == call_id, Review.kind == "self", Review.state != "dropped")
        .order_by(col(Review.id).desc())
    )


def answer_self(engine: Engine, person: Person, call_id: int, event: Mapping[str, Any]) -> Done:
    """What the page asks while an agent scores their own call; one self-review a scored version."""
    with writing(engine) as session:
        opened = open_call(session, person.viewer, call_id)
        authorise(person, "self_review", opened.call)
        if opened.assessment is None:
            raise DatabaseError("this call has no scores yet, so there is nothing to review")
        last = own_review(session, person.viewer, call_id)
        if last is not None and last.assessment_number == opened.call.assessment_number:
            review = last
        else:
            review = reviews.begin(session, opened.call, person.viewer, kind="self")
        return _answer(session, person.viewer, review, opened.assessment, event)


def _answer(
    session: Session, viewer: Viewer, review: Review, assessment: Assessment, event: Mapping[str, Any]
) -> Done:
    if review.id is None:
        raise DatabaseError("the review was not stored")
    rules = rules_of(assessment, session)
    criteria = [result for result in assessment.criteria if judged(rules, result)]
    match event.get("do"):
        case "override" | "undo" as what:
            criterion, verdict = str(event.get("criterion", "")), str(event.get("verdict", "na"))
            machine = next((r.verdict for r in criteria if r.id == criterion), None)
            if machine is None:
                raise DatabaseError(f"this card has no criterion {criterion!r}")
            if verdict not in VERDICTS:
                raise DatabaseError(f"verdict {verdict!r} is not known; there are {', '.join(VERDICTS)}")
            reviews.decide(
                session,
                review,
                viewer,
                criterion,
                action="cleared" if what == "undo" else "overridden",
                machine_verdict=machine,
                verdict=verdict,
                reason=str(event.get("reason", "")),
            )
            return Done("review.saved")
        case "confirm_clear":
            return Done("review.nothing_clear")
        case "finish":
            left = {r.id for r in criteria} - set(reviews.items(session, review.id))
            if left:
                raise DatabaseError(f"{len(left)} item(s) still need your answer")
            seconds = event.get("seconds")
            spent = float(seconds) if isinstance(seconds, int | float) else 0.0
            reviews.submit(session, review, viewer, seconds=min(max(spent, 0.0), 86_400.0))
            return Done("review.submitted")
    raise DatabaseError("the page asked for something unknown; reload it")
