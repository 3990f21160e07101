"""What waits and what went wrong, counted: for the plan, the progress bar and the morning report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, pstdev
from typing import Any

from sqlalchemy import Engine, UnaryExpression, func, update
from sqlmodel import col, select

from database.engine import reading, writing
from database.errors import DatabaseError
from database.jobs import OVER
from database.tables import Call, Job, Team
from database.types import utc_now


@dataclass(frozen=True)
class Counts:
    """Calls by state."""

    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    quarantined: int = 0


def counts(engine: Engine) -> Counts:
    """How many calls are in each state."""
    with reading(engine) as session:
        rows = session.exec(select(Call.state, func.count()).group_by(col(Call.state))).all()
    return Counts(**dict(rows))


def unfinished_jobs(engine: Engine, kinds: Sequence[str]) -> int:
    """Jobs of these kinds that are waiting (for a retry too) or running."""
    query = select(func.count()).select_from(Job)
    with reading(engine) as session:
        return session.exec(query.where(col(Job.state).not_in(OVER), col(Job.kind).in_(list(kinds)))).one()


def waiting_durations(engine: Engine) -> list[tuple[int, float | None]]:
    """Call id and seconds of audio (None where unknown) of everything that is still to be done."""
    query = select(Call.id, Call.duration).where(col(Call.state).in_(("waiting", "running", "failed")))
    with reading(engine) as session:
        return [(number or 0, duration) for number, duration in session.exec(query)]


FIRST = ("newest", "oldest", "shortest")
"""What may go first: calls by their time, or short ones."""
BAND = 10_000_000
"""Arranged jobs have priorities below 0: ordinary ones from -2 bands up, those of flagged teams from -1 band.
So what is asked for meanwhile (0, or more where it is urgent) needs no arranging to go first."""


def arrange(engine: Engine, first: str = "newest", flagged: Sequence[str] = ()) -> int:
    """Rank every waiting ``process`` job that is not urgent: flagged teams, then the rest, each by ``first``;
    unknown lengths count as long. Returns how many were ranked."""
    if first not in FIRST:
        raise DatabaseError(f"{first!r} cannot go first; there are {', '.join(FIRST)}")
    orders: dict[str, tuple[UnaryExpression[Any], ...]] = {
        "newest": (col(Call.started_at).asc(), col(Job.id).desc()),
        "oldest": (col(Call.started_at).desc(), col(Job.id).desc()),
        "shortest": (func.coalesce(Call.duration, 1e9).desc(), col(Job.id).desc()),
    }
    query = (
        select(Job.id, Team.name)
        .join(Call, col(Call.id) == Job.call_id)
        .outerjoin(Team, col(Team.id) == Call.team_id)
        .where(Job.kind == "process", Job.state == "waiting", col(Job.priority) <= 0)
        .order_by(*orders[first])
    )
    with writing(engine) as session:
        ranks = [
            {"id": number, "priority": (-BAND if team in flagged else -2 * BAND) + rank}
            for rank, (number, team) in enumerate(session.exec(query))
        ]
        if ranks:
            session.execute(update(Job), ranks)
    return len(ranks)


def recent_speeds(engine: Engine, limit: int = 200) -> list[float]:
    """Seconds of audio per second of work of the calls done last."""
    query = (
        select(Call.duration, Job.started_at, Job.ended_at)
        .join(Job, col(Job.call_id) == Call.id)
        .where(Job.kind == "process", Job.state == "done", col(Call.duration).is_not(None))
        .order_by(col(Job.id).desc())
        .limit(limit)
    )
    with reading(engine) as session:
        rows = session.exec(query).all()
    took = [(d, (e - s).total_seconds()) for d, s, e in rows if d and s and e]
    return [duration / seconds for duration, seconds in took if seconds > 0]


def running_jobs(engine: Engine) -> list[tuple[Job, float | None]]:
    """Jobs being done now, with their call's duration in seconds where known."""
    query = (
        select(Job, Call.duration).outerjoin(Call, col(Call.id) == Job.call_id).where(Job.state == "running")
    )
    with reading(engine) as session:
        return [(job, duration) for job, duration in session.exec(query)]


MOST_INTERRUPTIONS = 20
"""A call that was being worked on at this many ends of a whole run is suspected of causing them."""


def release(engine: Engine, gone: Callable[[str], bool], cause: str, *, blame: bool = True) -> list[int]:
    """Give back the jobs of workers that have ended (``gone`` tells by name) without waiting for their
    leases; a job whose tries are used up fails, and its call goes to quarantine.

    Without ``blame`` (the whole run was stopped) it does not count as a try of the call, up to a limit.
    Returns the job ids.
    """
    released: list[int] = []
    with writing(engine) as session:
        for job in session.exec(select(Job).where(Job.state == "running").with_for_update()):
            if job.worker is None or job.id is None or not gone(job.worker):
                continue
            released.append(job.id)
            interrupted = int((job.payload or {}).get("interrupted", 0)) + 1
            if not blame and interrupted < MOST_INTERRUPTIONS:
                job.attempts = max(0, job.attempts - 1)
                job.payload = {**(job.payload or {}), "interrupted": interrupted}
            job.cause, job.leased_until = cause, None
            job.state = "waiting" if job.attempts < job.max_attempts else "failed"
            job.ended_at = utc_now() if job.state == "failed" else None
    settle(engine)
    return released


def settle(engine: Engine) -> None:
    """Make the states of calls agree with those of their jobs after a crash: a call whose job failed for
    good lies in quarantine, one whose job waits again waits."""
    with writing(engine) as session:
        newest = select(func.max(Job.id)).where(Job.kind == "process").group_by(col(Job.call_id))
        rows = session.exec(
            select(Call, Job)
            .join(Job, col(Job.call_id) == Call.id)
            .where(col(Job.id).in_(newest), col(Call.state).in_(("running", "failed", "waiting")))
        ).all()
        for call, job in rows:
            if job.state == "failed":
                call.state, call.cause, call.changed_at = "quarantined", job.cause, utc_now()
            elif job.state == "waiting" and call.state == "running":
                call.state, call.changed_at = "waiting", utc_now()


def times_taken(engine: Engine, since: datetime, until: datetime) -> list[tuple[str, float, float]]:
    """File name, seconds of audio and seconds of work of the calls done from ``since`` up to ``until``."""
    query = (
        select(Call.file_name, Call.duration, Job.started_at, Job.ended_at)
        .join(Job, col(Job.call_id) == Call.id)
        .where(Job.kind == "process", Job.state == "done", col(Call.duration).is_not(None))
        .where(col(Job.ended_at) >= since, col(Job.ended_at) < until)
    )
    with reading(engine) as session:
        rows = session.exec(query).all()
    return [(name, d, (e - s).total_seconds()) for name, d, s, e in rows if d and s and e]


def concessions(engine: Engine, since: datetime, until: datetime) -> dict[str, int]:
    """What was done with less than was chosen from ``since`` up to ``until``: note to number of calls."""
    query = select(Job.payload).where(
        Job.kind == "process", Job.state == "done", col(Job.ended_at) >= since, col(Job.ended_at) < until
    )
    found: dict[str, int] = {}
    with reading(engine) as session:
        for payload in session.exec(query):
            for note in (payload or {}).get("notes", ()):
                found[note] = found.get(note, 0) + 1
    return found


@dataclass(frozen=True)
class Problem:
    """A call that has failed or lies in quarantine."""

    file_name: str
    cause: str
    attempts: int
    quarantined: bool


def problems(engine: Engine) -> list[Problem]:
    """Every call that did not get through, with its cause and how often it was tried."""
    query = (
        select(Call.file_name, Call.cause, func.max(Job.attempts), Call.state)
        .outerjoin(Job, col(Job.call_id) == Call.id)
        .where(col(Call.state).in_(("failed", "quarantined")))
        .group_by(col(Call.id), col(Call.file_name), col(Call.cause), col(Call.state))
        .order_by(col(Call.file_name))
    )
    with reading(engine) as session:
        return [
            Problem(name, cause or "unknown", attempts or 0, state == "quarantined")
            for name, cause, attempts, state in session.exec(query)
        ]


@dataclass(frozen=True)
class Spell:
    """The calls done in a stretch of time: what the morning report compares."""

    calls: int
    audio_s: float
    scores: tuple[float, ...]
    languages: dict[str, int]
    to_review: int
    critical: int
    below_pass: int

    @property
    def score_figures(self) -> dict[str, float]:
        """Mean, standard deviation and n of the scores."""
        if not self.scores:
            return {"mean": 0.0, "sd": 0.0, "n": 0}
        return {"mean": fmean(self.scores), "sd": pstdev(self.scores), "n": len(self.scores)}


def spell(engine: Engine, since: datetime, until: datetime) -> Spell:
    """What was done from ``since`` up to ``until`` (by the end of its job)."""
    query = (
        select(Call)
        .join(Job, col(Job.call_id) == Call.id)
        .where(Job.kind == "process", Job.state == "done")
        .where(col(Job.ended_at) >= since, col(Job.ended_at) < until)
    )
    with reading(engine) as session:
        calls = list(session.exec(query))
    languages: dict[str, int] = {}
    for call in calls:
        languages[call.language or "unknown"] = languages.get(call.language or "unknown", 0) + 1
    return Spell(
        calls=len(calls),
        audio_s=sum(call.duration or 0.0 for call in calls),
        scores=tuple(call.score for call in calls if call.score is not None),
        languages=languages,
        to_review=sum(call.doubts > 0 for call in calls),
        critical=sum(call.critical_fails > 0 for call in calls),
        below_pass=sum(call.passed is False for call in calls),
    )


def call_ids_twice(engine: Engine, limit: int = 100) -> list[tuple[str, list[str]]]:
    """Call ids that calls of different sound carry, with the file names of those calls."""
    with reading(engine) as session:
        keys = session.exec(
            select(Call.call_key)
            .where(col(Call.call_key).is_not(None))
            .group_by(col(Call.call_key))
            .having(func.count() > 1)
            .order_by(col(Call.call_key))
            .limit(limit)
        ).all()
        rows = session.exec(
            select(Call.call_key, Call.file_name).where(col(Call.call_key).in_(keys)).order_by(col(Call.id))
        ).all()
    found: dict[str, list[str]] = {}
    for key, name in rows:
        found.setdefault(key or "", []).append(name)
    return sorted(found.items())
