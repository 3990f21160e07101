"""Storing what the pipeline made, and listing it: the functions that commands and workers call."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from database.engine import open_database, reading, writing
from database.errors import DatabaseError
from database.tables import Agent, Call, CallName, CriterionRow, Team
from database.types import as_utc, utc_now
from database.versions import add_assessment, add_conversation, id_of
from recordings import Conversation, Recording
from scorecards import Assessment

__all__ = ["calls_in", "export_calls", "open_database", "register", "save_processed", "set_state"]

STATES = ("waiting", "running", "done", "failed", "quarantined")


def register(engine: Engine, source_path: Path, recording: Recording, *, state: str = "waiting") -> int:
    """Note that a recording is there; a recording known by its hash keeps its state. Returns the call id."""
    with writing(engine) as session:
        call, is_new = _call_for(session, source_path, recording)
        if is_new:
            call.state = _known_state(state)
            session.flush()
        return id_of(call)


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
    older ones stay. What a person corrected is carried onto the newer conversation where all of it fits, and
    a worker is asked to read that; where it does not, the corrected one stays the current one.

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
        return id_of(call)


def _known_state(state: str) -> str:
    if state not in STATES:
        raise DatabaseError(f"call state {state!r} is not known; there are {', '.join(STATES)}")
    return state


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
        session.add(CallName(call_id=id_of(call), name=name, path=call.source_path))
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
                "file_names": names.get(id_of(call), [call.file_name]),
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
