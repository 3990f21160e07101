"""The job table: what the app or a schedule asks of a worker.

A worker claims a job for a lease; while it works it extends the lease; when it dies, the lease runs out
and another worker takes the job, until ``max_attempts`` is reached. Claiming is exclusive: SKIP LOCKED on
PostgreSQL, the write lock on SQLite.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, or_
from sqlmodel import Session, col, select

from database.engine import reading, writing
from database.errors import DatabaseError
from database.tables import Job
from database.types import utc_now

OVER = ("done", "failed", "cancelled")
LEASE_S = 600.0


def ask(
    session: Session,
    kind: str,
    payload: Mapping[str, Any] | None = None,
    *,
    call_id: int | None = None,
    priority: int = 0,
    dedupe: str | None = None,
    made_by: int | None = None,
    run_after: datetime | None = None,
    max_attempts: int = 3,
) -> int:
    """Add a job within a transaction of ``engine.writing``; returns its id. A job with the same
    ``dedupe`` that is not over is returned instead."""
    if dedupe is not None:
        same = session.exec(select(Job.id).where(Job.dedupe == dedupe, col(Job.state).not_in(OVER))).first()
        if same is not None:
            return same
    job = Job(
        kind=kind,
        payload=dict(payload or {}),
        call_id=call_id,
        priority=priority,
        dedupe=dedupe,
        made_by=made_by,
        run_after=run_after,
        max_attempts=max_attempts,
    )
    session.add(job)
    session.flush()
    if job.id is None:
        raise DatabaseError("the job was not stored")
    return job.id


def claim(
    engine: Engine,
    worker: str,
    *,
    kinds: tuple[str, ...] = (),
    lease_s: float = LEASE_S,
    untried: bool = False,
) -> Job | None:
    """Take the most urgent job that is waiting or whose lease ran out; None when there is none. ``untried``
    leaves those that were tried before."""
    now = utc_now()
    with writing(engine) as session:
        _give_up(session, now)
        query = (
            select(Job)
            .where(
                or_(
                    col(Job.state) == "waiting",
                    (col(Job.state) == "running") & (col(Job.leased_until) < now),
                ),
                or_(col(Job.run_after).is_(None), col(Job.run_after) <= now),
                col(Job.attempts) < col(Job.max_attempts),
            )
            .order_by(col(Job.priority).desc(), col(Job.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if kinds:
            query = query.where(col(Job.kind).in_(kinds))
        if untried:
            query = query.where(col(Job.attempts) == 0)
        job = session.exec(query).first()
        if job is None:
            return None
        job.state, job.worker, job.started_at = "running", worker, now
        job.attempts += 1
        job.leased_until = now + timedelta(seconds=lease_s)
        session.flush()
        session.expunge(job)
        return job


def _give_up(session: Session, now: datetime) -> None:
    lost = session.exec(
        select(Job)
        .where(
            Job.state == "running", col(Job.leased_until) < now, col(Job.attempts) >= col(Job.max_attempts)
        )
        .with_for_update(skip_locked=True)
    )
    for job in lost:
        job.state, job.ended_at = "failed", now
        job.cause = job.cause or f"the worker {job.worker} stopped answering, {job.attempts} times"


def extend(engine: Engine, job: Job, lease_s: float = LEASE_S) -> bool:
    """Say that the work goes on; False when the job was lost to another worker or cancelled: stop then."""
    with writing(engine) as session:
        mine = _mine(session, job)
        if mine is None:
            return False
        mine.leased_until = utc_now() + timedelta(seconds=lease_s)
        return True


def finish(engine: Engine, job: Job, *, notes: Sequence[str] = (), took_s: float | None = None) -> bool:
    """Mark done; False when the job was no longer this worker's. ``notes`` say what was conceded, ``took_s``
    how long the job itself took where it was done together with others."""
    with writing(engine) as session:
        mine = _mine(session, job)
        if mine is None:
            return False
        mine.state, mine.ended_at, mine.cause, mine.leased_until = "done", utc_now(), None, None
        if took_s is not None:
            mine.started_at = mine.ended_at - timedelta(seconds=took_s)
        if notes:
            mine.payload = {**(mine.payload or {}), "notes": list(notes)}
        return True


MOST_REFUSALS = 12
"""How often a job may meet a full disk, a lost network and the like before that counts as its own fault."""


def refusals(job: Job) -> int:
    """How often the machine, not the work, was at fault so far."""
    return int((job.payload or {}).get("refused", 0))


def fail(
    engine: Engine, job: Job, cause: str, *, retry_after_s: float | None = 0.0, blame: bool = True
) -> bool:
    """Mark failed with its cause; it waits again after ``retry_after_s`` unless that is None or its
    attempts are used up. Without ``blame`` (the machine was at fault) it is no attempt, up to a limit."""
    with writing(engine) as session:
        mine = _mine(session, job)
        if mine is None:
            return False
        mine.cause, mine.leased_until = cause[:4000], None
        if not blame and refusals(mine) < MOST_REFUSALS:
            mine.attempts = max(0, mine.attempts - 1)
            mine.payload = {**(mine.payload or {}), "refused": refusals(mine) + 1}
        if retry_after_s is None or mine.attempts >= mine.max_attempts:
            mine.state, mine.ended_at = "failed", utc_now()
        else:
            mine.state, mine.run_after = "waiting", utc_now() + timedelta(seconds=retry_after_s)
        return True


def cancel(session: Session, job_id: int) -> None:
    """Give a job up; a worker that is at it notices when it extends its lease."""
    job = session.exec(select(Job).where(Job.id == job_id).with_for_update()).first()
    if job is not None and job.state not in OVER:
        job.state, job.ended_at, job.leased_until = "cancelled", utc_now(), None


def _mine(session: Session, job: Job) -> Job | None:
    found = session.exec(select(Job).where(Job.id == job.id).with_for_update()).first()
    if found is None or (found.state, found.worker, found.attempts) != ("running", job.worker, job.attempts):
        return None
    return found


def jobs(engine: Engine, *states: str, limit: int = 200) -> list[Job]:
    """Jobs, newest first, of the given states or all."""
    query = select(Job).order_by(col(Job.id).desc()).limit(limit)
    if states:
        query = query.where(col(Job.state).in_(states))
    with reading(engine) as session:
        return list(session.exec(query))
