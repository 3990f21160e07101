"""The review of one call: decisions, comments, submitting and releasing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from database import reviews
from database.engine import writing
from database.errors import DatabaseError
from database.listing import OpenCall, open_call
from database.people import Person
from database.tables import Call, Review
from qa_app.policies import authorise
from qa_app.scoring import human_score
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


@dataclass(frozen=True)
class Done:
    """What an action did: a message key for the page with its values."""

    message: str = ""
    values: dict[str, object] = field(default_factory=dict)


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


def confirm(
    engine: Engine, person: Person, call_id: int, criteria: list[str], *, seen: int | None = None
) -> Done:
    """Confirm the machine's verdict on the criteria; those in doubt need a verdict and are refused."""
    with writing(engine) as session:
        _, assessment, call = _load(session, person, call_id, seen)
        review = reviews.begin(session, call, person.viewer)
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
    is nothing to contradict."""
    if verdict not in VERDICTS:
        raise DatabaseError(f"verdict {verdict!r} is not known; there are {', '.join(VERDICTS)}")
    if root_cause not in ROOT_CAUSES:
        raise DatabaseError(f"root cause {root_cause!r} is not known")
    with writing(engine) as session:
        _, assessment, call = _load(session, person, call_id, seen)
        result = _result(assessment, criterion)
        if result.verdict in VERDICTS and not reason.strip():
            raise DatabaseError("say in a few words why: the agent will read it")
        review = reviews.begin(session, call, person.viewer)
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
) -> Done:
    """Submit the draft and, as a rule, release it to the agent. Every criterion in doubt needs a
    decision first; sure ones that nobody touched are confirmed with it.

    Raises ReviewConflictError when somebody else was faster; ``anyway`` lets both stand.
    """
    with writing(engine) as session:
        _, assessment, call = _load(session, person, call_id, seen)
        if release:
            authorise(person, "release", call)
        review = reviews.begin(session, call, person.viewer)
        decided = reviews.items(session, _id(review))
        open_ones = [r for r in assessment.criteria if r.id not in decided and r.verdict == "review"]
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
        reviews.submit(session, review, person.viewer, seconds=seconds, anyway=anyway)
        if release:
            _release(session, review, person, assessment)
    return Done("review.released" if release else "review.submitted", {"seconds": round(seconds)})


def _release(session: Session, review: Review, person: Person, assessment: Assessment) -> None:
    verdicts = {c: i.verdict for c, i in reviews.items(session, _id(review)).items()}
    scored = human_score(assessment, verdicts)
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


def handle(engine: Engine, person: Person, call_id: int, event: Mapping[str, Any]) -> Done:
    """Do what the call page's component asks; anything odd in the event is refused, nothing is guessed."""
    from qa_app.actions import disputing

    seen = event.get("seen")
    seen = seen if isinstance(seen, int) else None
    criterion, reason = str(event.get("criterion", "")), str(event.get("reason", ""))
    match event.get("do"):
        case "confirm":
            return confirm(engine, person, call_id, [criterion], seen=seen)
        case "confirm_clear":
            return confirm_clear(engine, person, call_id, seen=seen)
        case "override":
            return override(
                engine,
                person,
                call_id,
                criterion,
                str(event.get("verdict", "")),
                reason,
                value=event.get("value"),
                root_cause=str(event.get("root_cause", "")),
                seen=seen,
            )
        case "undo":
            return undo(engine, person, call_id, criterion, seen=seen)
        case "comment":
            at = event.get("moment")
            return add_comment(
                engine,
                person,
                call_id,
                str(event.get("text", "")),
                moment=float(at) if isinstance(at, int | float) else None,
                kind="praise" if event.get("kind") == "praise" else "remark",
            )
        case "finish":
            return finish(
                engine,
                person,
                call_id,
                seconds=_seconds(event.get("seconds")),
                anyway=event.get("anyway") is True,
                seen=seen,
            )
        case "acknowledge":
            return acknowledge(engine, person, call_id, str(event.get("text", "")))
        case "dispute":
            return disputing.dispute(
                engine, person, call_id, criterion, str(event.get("verdict", "")), reason
            )
    raise DatabaseError("the page asked for something unknown; reload it")


def _seconds(value: object) -> float:
    return min(float(value), 24 * 3600.0) if isinstance(value, int | float) and value >= 0 else 0.0
