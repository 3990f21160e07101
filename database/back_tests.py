"""Back-tests: what a draft scorecard would change on stored calls, asked of a worker and kept.

Whoever asks may leave the page: progress and result are rows. Results name calls and agents by id alone and
are shown to nobody but who asked; the names behind the ids are looked up within their reach.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from database import jobs
from database.engine import writing
from database.errors import DatabaseError
from database.tables import Agent, BackTestRow, Call, Job
from database.types import utc_now
from database.viewers import Viewer, visible

JOB = "back_test"
URGENT = 10
PATIENCE = timedelta(seconds=60)
"""A worker that is there takes a back-test up within seconds."""


@dataclass(frozen=True)
class BackTestLine:
    """A back-test with the state of its job; ``idle`` says that no worker has taken it up for a while."""

    row: BackTestRow
    state: str
    cause: str | None
    idle: bool

    @property
    def under_way(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")


def ask(session: Session, viewer: Viewer, name: str, text: str, wanted: int) -> int:
    """Ask a worker to try a draft's text on the newest ``wanted`` calls within the person's reach. What the
    person asked of the same card before and is under way is given up. Returns the back-test's id."""
    if viewer.user_id is None:
        raise DatabaseError("a back-test needs a signed-in person")
    before = newest(session, viewer, name)
    if before is not None and before.under_way and before.row.job_id is not None:
        jobs.cancel(session, before.row.job_id)
    row = BackTestRow(name=name, text=text, wanted=wanted, by=viewer.user_id)
    session.add(row)
    session.flush()
    row.job_id = jobs.ask(session, JOB, {"back_test": row.id}, priority=URGENT, made_by=viewer.user_id)
    session.flush()
    return row.id or 0


def newest(session: Session, viewer: Viewer, name: str) -> BackTestLine | None:
    """This person's newest back-test of a card."""
    row = session.exec(
        select(BackTestRow)
        .where(BackTestRow.name == name, BackTestRow.by == viewer.user_id)
        .order_by(col(BackTestRow.id).desc())
    ).first()
    return None if row is None else _line(session, row)


def one(session: Session, viewer: Viewer, number: int) -> BackTestLine:
    """One of this person's back-tests; raises DatabaseError when there is none."""
    row = session.get(BackTestRow, number)
    if row is None or row.by != viewer.user_id:
        raise DatabaseError(f"there is no back-test {number} of yours")
    return _line(session, row)


def _line(session: Session, row: BackTestRow) -> BackTestLine:
    job = session.get(Job, row.job_id) if row.job_id is not None else None
    if row.result is not None:
        return BackTestLine(row, "done", None, idle=False)
    if job is None:
        return BackTestLine(row, "failed", None, idle=False)
    idle = job.state == "waiting" and utc_now() - job.made_at > PATIENCE
    return BackTestLine(row, job.state, job.cause, idle)


def told(engine: Engine, job: Job, number: int, done: int, total: int) -> bool:
    """Note how far a worker is; False where the job was given up or lost: stop then."""
    if not jobs.extend(engine, job):
        return False
    with writing(engine) as session:
        row = session.get(BackTestRow, number)
        if row is not None:
            row.done, row.total = done, total
    return True


def keep(engine: Engine, number: int, result: Mapping[str, Any]) -> None:
    """Keep what came out."""
    with writing(engine) as session:
        row = session.get(BackTestRow, number)
        if row is not None:
            row.result, row.ended_at = dict(result), utc_now()
            row.done = row.total = result["calls"]


def names_of(
    session: Session, viewer: Viewer, calls: Iterable[int], agents: Iterable[int]
) -> tuple[dict[int, str], dict[int, str]]:
    """The names of calls and of agents behind ids, as far as the person may see them now."""
    rows = session.exec(
        select(Call.id, Call.call_key, Call.file_name).where(visible(viewer), col(Call.id).in_(list(calls)))
    )
    known = {number: key or file for number, key, file in rows if number is not None}
    within = select(Call.agent_id).where(visible(viewer), col(Call.agent_id).is_not(None))
    people = session.exec(
        select(Agent.id, Agent.name).where(col(Agent.id).in_(list(agents)), col(Agent.id).in_(within))
    )
    return known, {number: name for number, name in people if number is not None}
