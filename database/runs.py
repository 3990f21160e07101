"""Processing as operators see it: how far the runs are, what failed and why, and trying again.

Every function takes a viewer: a manager of one team sees and retries that team's calls only, an agent none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, false, func, or_
from sqlmodel import Session, col, select

from database.audit import record
from database.engine import writing
from database.jobs import OVER, ask
from database.tables import Call, Job
from database.types import utc_now
from database.viewers import OPERATOR, Viewer, visible

NOT_THROUGH = ("failed", "quarantined")
RATE_OVER = timedelta(hours=1)
"""The stretch over which the present speed is taken."""


def _in_reach(viewer: Viewer) -> ColumnElement[bool]:
    """Calls whose processing this viewer may see: what they may see, but no agent's own."""
    return visible(viewer) if viewer.sees_others else false()


@dataclass(frozen=True)
class Progress:
    """How far the work is. ``ends`` is None where nothing waits or nothing was done in the last hour;
    ``unknown`` of the waiting calls have no known length and count as the median of the others."""

    counts: dict[str, int]
    waiting_s: float
    unknown: int
    done_last_hour: int
    audio_last_hour_s: float
    ends: datetime | None


def progress(session: Session, viewer: Viewer, now: datetime | None = None) -> Progress:
    """Calls by state, audio that waits, and when it will be done at the speed of the last hour."""
    now = now or utc_now()
    states = session.exec(
        select(Call.state, func.count()).where(_in_reach(viewer)).group_by(col(Call.state))
    ).all()
    waits = (_in_reach(viewer), col(Call.state).in_(("waiting", "running", "failed")))
    calls, known, audio = session.exec(
        select(func.count(), func.count(col(Call.duration)), func.sum(Call.duration)).where(*waits)
    ).one()
    mean = (audio or 0.0) / known if known else 300.0
    waiting_s = (audio or 0.0) + mean * (calls - known)
    done, heard, first = session.exec(
        select(func.count(), func.sum(Call.duration), func.min(Job.started_at))
        .select_from(Job)
        .join(Call, col(Call.id) == Job.call_id)
        .where(
            _in_reach(viewer),
            Job.kind == "process",
            Job.state == "done",
            col(Job.ended_at) >= now - RATE_OVER,
        )
    ).one()
    ends = None
    if calls and heard and first is not None:
        took = max(1.0, (now - max(first, now - RATE_OVER)).total_seconds())
        ends = now + timedelta(seconds=waiting_s * took / heard)
    return Progress(
        {state: int(count) for state, count in states}, waiting_s, calls - known, done, heard or 0.0, ends
    )


@dataclass(frozen=True)
class Stuck:
    """A call that did not get through: how often it was tried, and when it will be tried next by itself
    (None in quarantine)."""

    call_id: int
    file_name: str
    quarantined: bool
    cause: str
    attempts: int
    changed_at: datetime
    next_try: datetime | None


def stuck(session: Session, viewer: Viewer, limit: int = 500) -> list[Stuck]:
    """Calls that failed or were set aside, newest first."""
    rows = session.exec(
        select(Call, Job)
        .outerjoin(Job, col(Job.id) == _newest_job())
        .where(_in_reach(viewer), col(Call.state).in_(NOT_THROUGH))
        .order_by(col(Call.changed_at).desc())
        .limit(limit)
    ).all()
    return [
        Stuck(
            call_id=call.id or 0,
            file_name=call.file_name,
            quarantined=call.state == "quarantined",
            cause=call.cause or "",
            attempts=job.attempts if job is not None else 0,
            changed_at=call.changed_at,
            next_try=job.run_after if job is not None and job.state == "waiting" else None,
        )
        for call, job in rows
    ]


@dataclass(frozen=True)
class Running:
    """A call in hand: which worker has it, since when, and for which time."""

    file_name: str
    duration_s: float | None
    worker: str
    started_at: datetime | None
    attempt: int


def running(session: Session, viewer: Viewer) -> list[Running]:
    """Calls being processed now, longest first."""
    rows = session.exec(
        select(Call, Job)
        .join(Job, col(Job.call_id) == Call.id)
        .where(_in_reach(viewer), Job.kind == "process", Job.state == "running")
        .order_by(col(Job.started_at))
    ).all()
    return [
        Running(call.file_name, call.duration, job.worker or "", job.started_at, job.attempts)
        for call, job in rows
    ]


def retry(session: Session, viewer: Viewer, call_ids: Sequence[int]) -> int:
    """Ask for failed or quarantined calls to be processed again, each by a job with all its tries; a call
    that waits for its next try is due at once. Returns how many were asked for; others are passed over."""
    rows = session.exec(
        select(Call, Job)
        .outerjoin(Job, col(Job.id) == _newest_job())
        .where(_in_reach(viewer), col(Call.id).in_(call_ids), col(Call.state).in_(NOT_THROUGH))
    ).all()
    for call, job in rows:
        if job is not None and job.state not in OVER:
            job.run_after, job.attempts = None, 0
            session.add(job)
        else:
            ask(
                session,
                "process",
                _payload(call, job),
                call_id=call.id,
                dedupe=f"process:{call.sha256}",
                made_by=viewer.user_id,
            )
        call.state, call.changed_at = "waiting", utc_now()
        session.add(call)
        record(session, viewer, "asked to try again", "call", call.id)
    return len(rows)


def try_again(engine: Engine) -> list[int]:
    """Ask for every call in quarantine to be processed again (the command line); returns the calls' ids."""
    with writing(engine) as session:
        ids = [
            number for number in session.exec(select(Call.id).where(Call.state == "quarantined")) if number
        ]
        retry(session, OPERATOR, ids)
    return ids


def asked_for(session: Session, viewer: Viewer, limit: int = 100) -> list[Job]:
    """The newest jobs about calls within reach; those about no call only for who sees every call."""
    everything = viewer.sees_others and viewer.team_id is None
    about_none = col(Job.call_id).is_(None) if everything else false()
    return list(
        session.exec(
            select(Job)
            .outerjoin(Call, col(Call.id) == Job.call_id)
            .where(or_(about_none, col(Call.id).is_not(None) & _in_reach(viewer)))
            .order_by(col(Job.id).desc())
            .limit(limit)
        )
    )


def _newest_job() -> ColumnElement[int]:
    return (
        select(func.max(Job.id))
        .where(Job.call_id == Call.id, Job.kind == "process")
        .correlate(Call)
        .scalar_subquery()
    )


def _payload(call: Call, job: Job | None) -> dict[str, object]:
    """What the last job was told, without what it met; for a call that never had one, what is known."""
    if job is not None and job.payload:
        return {k: v for k, v in job.payload.items() if k not in ("refused", "interrupted", "notes")}
    return {"address": call.source_path, "sha256": call.sha256, "language": call.language}
