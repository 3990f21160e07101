"""Versions of a call's conversation and assessment: added, never overwritten; the call's columns follow the
current ones."""

from sqlalchemy import delete, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from database.carried import CARRIED, ask_to_judge, carried_onto
from database.carrying import carry_drafts
from database.counting import CONTACT_REASON, lost_points, met
from database.errors import DatabaseError
from database.recipes import assessment_recipe, conversation_recipe
from database.signals import keep_signals
from database.tables import AssessmentVersion, Call, ConversationVersion, CriterionRow, TurnRow
from recordings import Conversation
from scorecards import Assessment


def id_of(call: Call) -> int:
    """The id of a stored call."""
    if call.id is None:
        raise DatabaseError("the call was not stored")
    return call.id


def add_conversation(
    session: Session,
    call: Call,
    conversation: Conversation,
    *,
    why: str = "",
    made_by: int | None = None,
    base: int | None = None,
) -> tuple[int, bool]:
    """Add a version unless one of the machine's has the same recipe; returns its number and whether it is
    current. The machine never takes the place of a version that a person made: such a one goes on as a
    version of its own, the corrections on top, where they fit. ``base`` is the machine's version that a
    person's one rests on, by default that of the current one."""
    recipe = conversation_recipe(conversation)
    call_id = id_of(call)
    versions = session.execute(
        sa_select(
            col(ConversationVersion.number),
            col(ConversationVersion.recipe),
            col(ConversationVersion.made_by),
            col(ConversationVersion.base),
        )
        .where(col(ConversationVersion.call_id) == call_id)
        .order_by(col(ConversationVersion.number))
    ).all()
    if made_by is None:  # what a person did is kept each time, also when it is undone
        for version in reversed(versions):
            if version.recipe == recipe:
                return version.number, version.number == call.conversation_number
    number = (versions[-1].number if versions else 0) + 1
    stands = next((version for version in versions if version.number == call.conversation_number), None)
    if made_by is not None and base is None and stands is not None:
        base = stands.number if stands.made_by is None else stands.base
    session.add(
        ConversationVersion(
            call_id=call_id,
            number=number,
            recipe=recipe,
            document=conversation.to_json(),
            why=why,
            made_by=made_by,
            base=base,
        )
    )
    if stands is not None and stands.made_by is not None and made_by is None:
        carried = carried_onto(session, call, conversation)
        if carried is not None and not carried.left:
            after = carried.conversation
            add_conversation(session, call, after, why=CARRIED, made_by=stands.made_by, base=number)
            ask_to_judge(session, call, after, None)
        return number, False
    call.conversation_number = number
    call.language = conversation.recording.language or call.language
    session.execute(delete(TurnRow).where(col(TurnRow.call_id) == call_id))
    session.flush()
    session.add_all(
        TurnRow(
            call_id=call_id,
            position=turn.index,
            role=turn.role,
            start=turn.start,
            language="de" if (call.language or "").startswith("de") else "en",
            text=turn.text,
        )
        for turn in conversation.turns
    )
    keep_signals(session, call_id, conversation.signals)
    session.flush()
    return number, True


def add_assessment(
    session: Session,
    call: Call,
    assessment: Assessment,
    conversation_number: int,
    *,
    why: str = "",
    current: bool = True,
) -> int:
    """Add a version unless one with the same recipe is there; when current, the call's columns and its
    criterion rows follow. What people confirmed or overrode is kept where the criterion still exists."""
    call_id = id_of(call)
    recipe = assessment_recipe(assessment, conversation_number)
    known = session.exec(
        select(AssessmentVersion.number).where(
            AssessmentVersion.call_id == call_id, AssessmentVersion.recipe == recipe
        )
    ).first()
    newest = session.exec(
        select(func.max(AssessmentVersion.number)).where(AssessmentVersion.call_id == call_id)
    ).first()
    number = known or (newest or 0) + 1
    if known is None:
        card = assessment.scorecard
        session.add(
            AssessmentVersion(
                call_id=call_id,
                number=number,
                conversation_number=conversation_number,
                recipe=recipe,
                card_id=card.id,
                card_version=card.version,
                card_language=card.language,
                card_sha256=card.sha256,
                score=assessment.score,
                passed=assessment.passed,
                document=assessment.to_json(),
                why=why,
            )
        )
    if current and call.assessment_number != number:
        before, call.assessment_number = call.assessment_number, number
        _repeat(session, call, assessment)
        carry_drafts(session, call, before, assessment)
    session.flush()
    return number


def _repeat(session: Session, call: Call, assessment: Assessment) -> None:
    call_id = id_of(call)
    rows = session.exec(select(CriterionRow).where(CriterionRow.call_id == call_id)).all()
    human = {row.criterion_id: row.human for row in rows}
    values = {row.criterion_id: row.human_value for row in rows}
    session.execute(delete(CriterionRow).where(col(CriterionRow.call_id) == call_id))
    session.flush()
    for position, result in enumerate(assessment.criteria):
        session.add(
            CriterionRow(
                call_id=call_id,
                criterion_id=result.id,
                position=position,
                verdict=result.verdict,
                human=human.get(result.id),
                confidence=result.confidence,
                value=result.value,
                human_value=values.get(result.id),
                points=result.points,
                max_points=result.max_points,
                critical=result.critical,
                met=met(human.get(result.id) or result.verdict, result.max_points),
                started_at=call.started_at,
                team_id=call.team_id,
            )
        )
    if call.score_by != "human":  # released, or moved by an accepted dispute: that score stands
        call.score, call.passed, call.score_by = assessment.score, assessment.passed, "machine"
    call.card_id, call.card_version = assessment.scorecard.id, assessment.scorecard.version
    call.doubts = sum(r.verdict == "review" and not human.get(r.id) for r in assessment.criteria)
    call.fails = sum(lost_points(result.points, result.max_points) for result in assessment.criteria)
    call.critical_fails = len(assessment.failed_by)
    read = next((r.value for r in assessment.criteria if r.id == CONTACT_REASON), None)
    reason = read if values.get(CONTACT_REASON) is None else values[CONTACT_REASON]
    call.contact_reason = None if reason is None else str(reason)
