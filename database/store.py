"""Storing what the pipeline made, and listing it: the functions that commands and workers call."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, func, update
from sqlmodel import Session, col, select

from database.carrying import carry_drafts
from database.counting import lost_points, met
from database.engine import open_database, reading, writing
from database.errors import DatabaseError
from database.recipes import assessment_recipe, conversation_recipe
from database.signals import keep_signals
from database.tables import (
    Agent,
    AssessmentVersion,
    Call,
    CallName,
    ConversationVersion,
    CriterionRow,
    Review,
    Team,
    TurnRow,
)
from database.types import as_utc, utc_now
from recordings import Conversation, Recording
from scorecards import Assessment

__all__ = ["calls_in", "export_calls", "open_database", "register", "save_processed", "set_state"]

STATES = ("waiting", "running", "done", "failed", "quarantined")
BAD_WHEN_YES = ("forbidden_phrase_used", "hold_over_30s_without_checkin")


def register(engine: Engine, source_path: Path, recording: Recording, *, state: str = "waiting") -> int:
    """Note that a recording is there; a recording known by its hash keeps its state. Returns the call id."""
    with writing(engine) as session:
        call, is_new = _call_for(session, source_path, recording)
        if is_new:
            call.state = _known_state(state)
            session.flush()
        return _id(call)


def set_state(engine: Engine, call_id: int, state: str, cause: str | None = None) -> None:
    """Set a call's state; ``cause`` says why it failed or lies in quarantine."""
    with writing(engine) as session:
        call = session.get(Call, call_id)
        if call is None:
            raise DatabaseError(f"there is no call {call_id}")
        call.state, call.cause, call.changed_at = _known_state(state), cause, utc_now()


def save_processed(
    engine: Engine,
    source_path: Path,
    recording: Recording,
    conversation: Conversation,
    assessment: Assessment | None,
    *,
    playback: Path | None = None,
    peaks: Sequence[Sequence[float]] | None = None,
    why: str = "",
    made_by: int | None = None,
) -> int:
    """Keep one processed call, all or nothing; returns its id.

    The same sound (by hash) with the same recipe changes nothing; another recipe adds a version and the
    older ones stay. A conversation that a person corrected stays the current one.

    ``playback`` is a copy that a browser can play, lying in ``settings.audio_path``; only its name is
    kept. ``peaks`` holds the waveform, one list of 0..1 per channel; left out, it is read from the copy.
    """
    if playback is not None and peaks is None:
        from recordings.peaks import peaks_of_file

        peaks = peaks_of_file(playback)
    with writing(engine) as session:
        call, _ = _call_for(session, source_path, recording)
        call.state, call.cause = "done", None
        if playback is not None:
            call.playback = playback.name
        if peaks is not None:
            call.peaks = [[round(float(p), 3) for p in channel] for channel in peaks]
        number, current = add_conversation(session, call, conversation, why=why, made_by=made_by)
        if assessment is not None:
            add_assessment(session, call, assessment, number, why=why, current=current)
        call.changed_at = utc_now()
        return _id(call)


def _known_state(state: str) -> str:
    if state not in STATES:
        raise DatabaseError(f"call state {state!r} is not known; there are {', '.join(STATES)}")
    return state


def _id(call: Call) -> int:
    if call.id is None:
        raise DatabaseError("the call was not stored")
    return call.id


def _call_for(session: Session, source_path: Path, recording: Recording) -> tuple[Call, bool]:
    if not recording.sha256:
        raise DatabaseError(f"{source_path}: the recording has no sha256, so it cannot be told from others")
    call = session.exec(select(Call).where(Call.sha256 == recording.sha256)).first()
    is_new = call is None
    if call is None:
        call = Call(sha256=recording.sha256, file_name=recording.file_name or source_path.name)
        call.started_at = as_utc(recording.started_at) or call.added_at
        session.add(call)
    call.source_path = str(source_path.absolute())
    session.flush()
    name = recording.file_name or source_path.name
    named = select(CallName.id).where(CallName.call_id == call.id, CallName.name == name)
    if session.exec(named).first() is None:
        session.add(CallName(call_id=_id(call), name=name, path=call.source_path))
    team = _team(session, recording.team) if recording.team else None
    known: dict[str, Any] = {
        "call_key": recording.call_id,
        "queue": recording.queue,
        "direction": recording.direction,
        "language": recording.language,
        "duration": recording.duration,
        "channels": recording.channels,
        "sample_rate": recording.sample_rate,
        "started_at": as_utc(recording.started_at),
        "team_id": team.id if team else None,
        "agent_id": _agent(session, recording.agent, team).id if recording.agent else None,
    }
    for name, value in known.items():
        if value is not None:
            setattr(call, name, value)
    session.flush()
    if not is_new:
        repeated = {"started_at": call.started_at, "team_id": call.team_id}
        session.execute(update(CriterionRow).where(col(CriterionRow.call_id) == call.id).values(**repeated))
    return call, is_new


def _team(session: Session, name: str) -> Team:
    team = session.exec(select(Team).where(Team.name == name)).first()
    if team is None:
        team = Team(name=name)
        session.add(team)
        session.flush()
    return team


def _agent(session: Session, key: str, team: Team | None) -> Agent:
    agent = session.exec(select(Agent).where(Agent.key == key)).first()
    if agent is None:
        agent = Agent(key=key, name=key)
        session.add(agent)
    if team is not None:
        agent.team_id = team.id
    session.flush()
    return agent


def add_conversation(
    session: Session, call: Call, conversation: Conversation, *, why: str = "", made_by: int | None = None
) -> tuple[int, bool]:
    """Add a version unless one of the machine's has the same recipe; returns its number and whether it is
    current. The machine never takes the place of a version that a person made."""
    recipe = conversation_recipe(conversation)
    call_id = _id(call)
    versions = session.exec(
        select(ConversationVersion.number, ConversationVersion.recipe, ConversationVersion.made_by)
        .where(ConversationVersion.call_id == call_id)
        .order_by(col(ConversationVersion.number))
    ).all()
    if made_by is None:  # what a person did is kept each time, also when it is undone
        for number, known, _ in reversed(versions):
            if known == recipe:
                return number, number == call.conversation_number
    number = (versions[-1][0] if versions else 0) + 1
    session.add(
        ConversationVersion(
            call_id=call_id,
            number=number,
            recipe=recipe,
            document=conversation.to_json(),
            why=why,
            made_by=made_by,
        )
    )
    corrected = any(by is not None for n, _, by in versions if n == call.conversation_number)
    if corrected and made_by is None:
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
    call_id = _id(call)
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
    call_id = _id(call)
    rows = session.exec(select(CriterionRow).where(CriterionRow.call_id == call_id)).all()
    human = {row.criterion_id: row.human for row in rows}
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
                points=result.points,
                max_points=result.max_points,
                critical=result.critical,
                met=met(human.get(result.id) or result.verdict, result.max_points),
                started_at=call.started_at,
                team_id=call.team_id,
            )
        )
    reviewed = session.exec(
        select(Review.id).where(
            Review.call_id == call_id, col(Review.state).in_(("released", "acknowledged"))
        )
    ).first()
    if reviewed is None:
        call.score, call.passed, call.score_by = assessment.score, assessment.passed, "machine"
    call.card_id, call.card_version = assessment.scorecard.id, assessment.scorecard.version
    call.doubts = sum(r.verdict == "review" and not human.get(r.id) for r in assessment.criteria)
    call.fails = sum(lost_points(result.points, result.max_points) for result in assessment.criteria)
    call.critical_fails = len(assessment.failed_by)
    call.contact_reason = next(
        (str(r.value) for r in assessment.criteria if r.id == "contact_reason" and r.value is not None), None
    )


def calls_in(engine: Engine, *states: str, limit: int | None = None) -> list[Call]:
    """Calls in the given states (all when none is given), oldest first: what a batch has to do."""
    query = select(Call).order_by(col(Call.added_at), col(Call.id))
    if states:
        query = query.where(col(Call.state).in_([_known_state(state) for state in states]))
    if limit is not None:
        query = query.limit(limit)
    with reading(engine) as session:
        return list(session.exec(query))


def export_calls(engine: Engine) -> list[dict[str, Any]]:
    """Every call as plain values: state, score and file name first (the contract's `export calls`)."""
    query = (
        select(Call, Agent.key, Team.name)
        .outerjoin(Agent, col(Agent.id) == Call.agent_id)
        .outerjoin(Team, col(Team.id) == Call.team_id)
        .order_by(col(Call.id))
    )
    with reading(engine) as session:
        names: dict[int, list[str]] = {}
        for call_id, name in session.exec(select(CallName.call_id, CallName.name).order_by(col(CallName.id))):
            names.setdefault(call_id, []).append(name)
        return [
            {
                "id": call.id,
                "file_name": call.file_name,
                "file_names": names.get(_id(call), [call.file_name]),
                "state": call.state,
                "score": call.score,
                "score_by": call.score_by if call.score is not None else None,
                "passed": call.passed,
                "cause": call.cause,
                "call_id": call.call_key,
                "agent": agent,
                "team": team,
                "queue": call.queue,
                "language": call.language,
                "duration": call.duration,
                "started_at": call.started_at.isoformat(),
                "scorecard": {"id": call.card_id, "version": call.card_version} if call.card_id else None,
                "doubts": call.doubts,
                "review_state": call.review_state,
                "sha256": call.sha256,
            }
            for call, agent, team in session.exec(query)
        ]
