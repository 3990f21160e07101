"""The review of one call: decisions, comments, submitting and releasing."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from database import reviews
from database.engine import reading, writing
from database.errors import DatabaseError
from database.listing import OpenCall, assessment_of, open_call
from database.people import Person
from database.tables import Call, Review
from qa_app.actions.done import Done
from qa_app.measured import own_value
from qa_app.policies import authorise
from qa_app.scoring import Rules, human_score, rules_of
from scorecards import Assessment, CriterionResult

CLEAR = 0.8
"""Machine verdicts with at least this confidence are confirmed together by one key."""
VERDICTS = ("yes", "no", "na")
ROOT_CAUSES = ("", "knowledge", "skill", "will", "process", "system")


class StaleError(DatabaseError):
    """The call was scored again while it was open; what was entered is kept with the older scores."""

    def __init__(self) -> None:
        super().__init__(
            "this call was scored again while it was open; look at the new scores and decide again"
        )


class BlindError(DatabaseError):
    """Nothing can be confirmed by whoever does not see it."""

    def __init__(self) -> None:
        super().__init__("you review without sight of the machine: give each item a verdict of your own")


class ElsewhereError(DatabaseError):
    """The person's own review went on in another window."""

    def __init__(self) -> None:
        super().__init__(
            "you have submitted or dropped this review in another window; here is how it stands now"
        )


def clear_criteria(assessment: Assessment) -> tuple[str, ...]:
    """What one key may confirm: sure verdicts only; ``review`` and ``unscored`` are never among them."""
    return tuple(r.id for r in assessment.criteria if is_clear(r))


def is_clear(result: CriterionResult) -> bool:
    """Whether the machine is sure of a verdict."""
    return result.verdict in VERDICTS and (result.confidence is None or result.confidence >= CLEAR)


def _load(
    session: Session, person: Person, call_id: int, seen: int | None
) -> tuple[OpenCall, Assessment, Call]:
    opened = open_call(session, person.viewer, call_id)
    authorise(person, "review", opened.call)
    if opened.assessment is None:
        raise DatabaseError("this call has no scores yet, so there is nothing to review")
    if seen is not None and seen != opened.call.assessment_number:
        raise StaleError
    return opened, opened.assessment, opened.call


def _draft(session: Session, call: Call, person: Person) -> Review:
    """The person's draft; a new one is blind where they review so and have not seen this call's scores."""
    seen = any(line.review.reviewer_id == person.id for line in reviews.reviews_of(session, call.id or 0))
    return reviews.begin(session, call, person.viewer, blind=person.blind and not seen)


def same_draft(engine: Engine, person: Person, call_id: int, draft: int) -> None:
    """Raise ElsewhereError unless the draft that the page shows is still the person's open one; a draft
    that went on on newer scores is told by StaleError."""
    with reading(engine) as session:
        call = open_call(session, person.viewer, call_id).call
        found = session.get(Review, draft)
        if found is None or found.reviewer_id != person.id or found.call_id != call.id:
            raise DatabaseError("the page asked for something unknown; reload it")
        if found.assessment_number != call.assessment_number:
            raise StaleError
        if found.state != "draft":
            raise ElsewhereError


def confirm(
    engine: Engine, person: Person, call_id: int, criteria: list[str], *, seen: int | None = None
) -> Done:
    """Confirm the machine's verdict on the criteria; those in doubt need a verdict and are refused."""
    with writing(engine) as session:
        _, assessment, call = _load(session, person, call_id, seen)
        review = _draft(session, call, person)
        if review.blind:
            raise BlindError
        for criterion in criteria:
            result = _result(assessment, criterion)
            if result.verdict not in VERDICTS:
                raise DatabaseError("an item in doubt needs a verdict: choose yes, no or not applicable")
            reviews.decide(
                session,
                review,
                person.viewer,
                criterion,
                action="confirmed",
                machine_verdict=result.verdict,
                verdict=result.verdict,
                value=result.value,
            )
    return Done("review.confirmed", {"n": len(criteria)})


def confirm_clear(engine: Engine, person: Person, call_id: int, *, seen: int | None = None) -> Done:
    """Confirm all sure verdicts that this review has not decided yet."""
    with writing(engine) as session:
        _, assessment, call = _load(session, person, call_id, seen)
        draft = reviews.draft_of(session, call, person.viewer)
        if (draft or _draft(session, call, person)).blind:
            raise BlindError
        decided = reviews.items(session, draft.id) if draft and draft.id is not None else {}
    left = [criterion for criterion in clear_criteria(assessment) if criterion not in decided]
    return confirm(engine, person, call_id, left, seen=seen) if left else Done("review.nothing_clear")


def _result(assessment: Assessment, criterion: str) -> CriterionResult:
    try:
        return assessment.criterion(criterion)
    except KeyError as error:
        raise DatabaseError(f"this card has no criterion {criterion!r}") from error


def override(
    engine: Engine,
    person: Person,
    call_id: int,
    criterion: str,
    verdict: str,
    reason: str,
    *,
    value: Any = None,
    root_cause: str = "",
    seen: int | None = None,
) -> Done:
    """Give one's own verdict (or value) with a reason. Deciding an item in doubt needs no reason: there
    is nothing to contradict; nor does a verdict given without sight of the machine's."""
    if verdict not in VERDICTS:
        raise DatabaseError(f"verdict {verdict!r} is not known; there are {', '.join(VERDICTS)}")
    if root_cause not in ROOT_CAUSES:
        raise DatabaseError(f"root cause {root_cause!r} is not known")
    with writing(engine) as session:
        _, assessment, call = _load(session, person, call_id, seen)
        result = _result(assessment, criterion)
        if value is not None:
            value = own_value(rules_of(assessment, session), result, value)
        review = _draft(session, call, person)
        contradicts = result.verdict in VERDICTS and not (verdict == result.verdict and value is None)
        if contradicts and not review.blind and not reason.strip():
            raise DatabaseError("say in a few words why: the agent will read it")
        same = verdict == result.verdict and (value is None or value == result.value)
        reviews.decide(
            session,
            review,
            person.viewer,
            criterion,
            action="confirmed" if same else "overridden",
            machine_verdict=result.verdict,
            verdict=verdict,
            value=result.value if value is None else value,
            reason=reason,
            root_cause=root_cause,
        )
    return Done("review.saved")


def undo(engine: Engine, person: Person, call_id: int, criterion: str, *, seen: int | None = None) -> Done:
    """Take a decision back; the earlier rows stay."""
    with writing(engine) as session:
        _, assessment, call = _load(session, person, call_id, seen)
        result = _result(assessment, criterion)
        draft = reviews.draft_of(session, call, person.viewer)
        if draft is None:
            return Done("review.saved")
        reviews.decide(
            session,
            draft,
            person.viewer,
            criterion,
            action="cleared",
            machine_verdict=result.verdict,
            verdict=result.verdict,
        )
    return Done("review.saved")


def add_comment(
    engine: Engine,
    person: Person,
    call_id: int,
    text: str,
    *,
    moment: float | None = None,
    kind: str = "remark",
) -> Done:
    """Add a comment; an agent's is a context note on their own call."""
    with writing(engine) as session:
        call = open_call(session, person.viewer, call_id).call
        authorise(person, "praise" if kind == "praise" else "comment", call)
        if person.role == "agent":
            kind = "context"
        reviews.comment(session, call, person.viewer, text, moment=moment, kind=kind)
    return Done("review.comment_saved")


def finish(
    engine: Engine,
    person: Person,
    call_id: int,
    *,
    seconds: float = 0.0,
    anyway: bool = False,
    release: bool = True,
    seen: int | None = None,
    since: datetime | None = None,
) -> Done:
    """Submit the draft and, as a rule, release it to the agent. Every criterion in doubt needs a
    decision first; sure ones that nobody touched are confirmed with it. A blind review needs a verdict on
    every item that people judge, and is not released with the same step: first the machine shows.

    Raises ReviewConflictError when somebody else submitted theirs since this person opened the call
    (``since``) or began; ``anyway`` lets both stand.
    """
    with writing(engine) as session:
        _, assessment, call = _load(session, person, call_id, seen)
        if release:
            authorise(person, "release", call)
        review = _draft(session, call, person)
        decided = reviews.items(session, _id(review))
        rules = rules_of(assessment, session)
        open_ones = still_open(assessment, rules, set(decided), blind=review.blind)
        if open_ones:
            raise DatabaseError(f"{len(open_ones)} item(s) in doubt still need your verdict")
        for result in assessment.criteria:
            if result.id not in decided and result.verdict in VERDICTS:
                reviews.decide(
                    session,
                    review,
                    person.viewer,
                    result.id,
                    action="confirmed",
                    machine_verdict=result.verdict,
                    verdict=result.verdict,
                    value=result.value,
                )
        reviews.submit(session, review, person.viewer, seconds=seconds, anyway=anyway, since=since)
        release = release and not review.blind
        if release:
            _release(session, review, person, assessment)
        message = "released" if release else "revealed" if review.blind else "submitted"
    return Done(f"review.{message}", {"seconds": round(seconds)})


def still_open(
    assessment: Assessment, rules: Rules, decided: set[str], *, blind: bool
) -> list[CriterionResult]:
    """What a review cannot be finished without: items in doubt; in a blind review all that people judge."""
    return [
        result
        for result in assessment.criteria
        if result.id not in decided and (judged(rules, result) if blind else result.verdict == "review")
    ]


def judged(rules: Rules, result: CriterionResult) -> bool:
    """Whether an item asks for a judgement: counts and labels are measured, and nobody judges them."""
    criterion = rules.criterion(result)
    if criterion is not None:
        return criterion.answers_yes_no
    return result.verdict == "review" or result.value is None or result.max_points is not None


def start_blind(engine: Engine, person: Person, call_id: int, *, seen: int | None = None) -> Done:
    """Begin a review without sight of the machine's verdicts and other people's. It goes on until it is
    submitted: what was seen cannot be unseen, so nobody turns it off half-way."""
    with writing(engine) as session:
        _, _, call = _load(session, person, call_id, seen)
        draft = reviews.draft_of(session, call, person.viewer)
        if draft is not None and reviews.items(session, _id(draft)):
            raise DatabaseError("you have decided on items already; a blind review begins with none")
        if draft is not None:
            draft.blind = True
        else:
            reviews.begin(session, call, person.viewer, blind=True)
    return Done("review.blind")


def release_own(engine: Engine, person: Person, call_id: int) -> Done:
    """Release the person's own review that was submitted before (a blind one)."""
    with writing(engine) as session:
        call = open_call(session, person.viewer, call_id).call
        authorise(person, "release", call)
        review = reviews.submitted_of(session, call_id, person.viewer)
        assessment = assessment_of(session, call_id, review.assessment_number) if review else None
        if review is None or assessment is None:
            raise DatabaseError("you have no submitted review of this call")
        _release(session, review, person, assessment)
    return Done("review.released", {"seconds": round(review.seconds)})


def _release(session: Session, review: Review, person: Person, assessment: Assessment) -> None:
    decided = reviews.items(session, _id(review))
    verdicts = {criterion: item.verdict for criterion, item in decided.items()}
    scored = human_score(assessment, verdicts, session, reviews.values_put_right(decided))
    reviews.release(session, review, person.viewer, score=scored.score, passed=scored.passed)


def _id(review: Review) -> int:
    if review.id is None:
        raise DatabaseError("the review was not stored")
    return review.id


def acknowledge(engine: Engine, person: Person, call_id: int, note: str = "") -> Done:
    """The agent has seen the released review of their call."""
    with writing(engine) as session:
        call = open_call(session, person.viewer, call_id).call
        authorise(person, "acknowledge", call)
        review = reviews.released_review(session, call_id)
        if review is None:
            raise DatabaseError("there is no released review of this call yet")
        reviews.acknowledge(session, review, person.viewer, note)
    return Done("review.acknowledged")
