"""What is worth hearing first: stakes before doubt before recency, and a slice drawn by chance.

The random slice keeps averages honest: it is drawn per day from calls of the last two weeks by a hash of
the day and the call, the same for everybody and repeatable, and the draw is written to the audit log.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, Float, Integer, func, literal_column
from sqlmodel import Session, col, select

from database import audit
from database.engine import reading, writing
from database.filters import Filters, conditions
from database.listing import CallLine, with_names
from database.tables import Call, Review
from database.types import utc_now
from database.viewers import Viewer, visible

RANDOM_DAYS = 14
RANDOM_CALLS = 5
LOW_SCORE = 70.0


@dataclass(frozen=True)
class Task:
    """A call with the reasons for hearing it: critical, dispute, draft, doubt, low, random, new."""

    line: CallLine
    why: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How long its review is likely to take: clips of what is in doubt, not the whole call."""
        return 20.0 + 12.0 * self.line.call.doubts + 10.0 * self.line.call.critical_fails


WAITS = (
    "CASE WHEN call.state = 'done' AND call.assessment_number IS NOT NULL "
    "AND (call.review_state IN ('none', 'draft') OR call.open_disputes > 0) THEN 1 ELSE 0 END"
)
WORTH = (
    "CASE WHEN call.open_disputes > 0 THEN 8.0 ELSE 0.0 END "
    "+ CASE WHEN call.critical_fails > 0 THEN 4.0 ELSE 0.0 END "
    "+ CASE WHEN call.doubts > 5 THEN 2.5 ELSE call.doubts * 0.5 END "
    f"+ CASE WHEN call.score < {LOW_SCORE} THEN 1.0 ELSE 0.0 END"
)
"""What waits, and how much it is worth hearing, word for word as the index ``ix_call_worth`` has them: the
first page of 100,000 calls is read off its end."""


def _waiting(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return visible(viewer), literal_column(f"({WAITS})", Integer) == 1


def worklist(
    session: Session, viewer: Viewer, filters: Filters = Filters(), *, limit: int = 60, zone: str = "UTC"
) -> list[Task]:
    """The calls to hear first, the weightiest in front, newer before older among equals."""
    query = (
        with_names()
        .where(*_waiting(viewer), *conditions(session, viewer, filters, zone))
        .order_by(
            literal_column(f"({WORTH})", Float).desc(), col(Call.started_at).desc(), col(Call.id).desc()
        )
        .limit(limit)
    )
    return [
        Task(line, reasons(line.call, viewer)) for line in (CallLine(*row) for row in session.execute(query))
    ]


def reasons(call: Call, viewer: Viewer) -> tuple[str, ...]:
    """Why a call is on the list."""
    found = [
        name
        for name, holds in (
            ("dispute", call.open_disputes > 0),
            ("critical", call.critical_fails > 0),
            ("draft", call.review_state == "draft" and call.reviewer_id == viewer.user_id),
            ("doubt", call.doubts > 0),
            ("low", call.score is not None and call.score < LOW_SCORE),
        )
        if holds
    ]
    return tuple(found) or ("new",)


def random_slice(engine: Engine, viewer: Viewer, *, now: datetime | None = None) -> list[Task]:
    """Today's random calls within reach that nobody has reviewed yet; the first look logs the draw."""
    moment = now or utc_now()
    day = f"{moment:%Y-%m-%d}"
    with reading(engine) as session:
        ids = session.exec(
            select(Call.id).where(
                visible(viewer),
                col(Call.state) == "done",
                col(Call.assessment_number).is_not(None),
                col(Call.added_at) >= moment - timedelta(days=RANDOM_DAYS),
            )
        ).all()
        drawn = draw([i for i in ids if i is not None], day)
        lines = session.execute(
            with_names().where(col(Call.id).in_(drawn), col(Call.review_state).in_(("none", "draft")))
        ).all()
        logged = audit.entries(
            session,
            subject="random slice",
            actor_id=viewer.user_id,
            since=moment.replace(hour=0, minute=0, second=0, microsecond=0),
            limit=1,
        )
    if drawn and not logged:
        with writing(engine) as session:
            audit.record(session, viewer, "drawn", "random slice", None, {"day": day, "calls": drawn})
    return [Task(CallLine(*row), ("random",)) for row in lines]


def draw(ids: Sequence[int], day: str, count: int = RANDOM_CALLS) -> list[int]:
    """``count`` of the ids, by a hash of day and id: chance that can be checked afterwards."""
    return sorted(ids, key=lambda i: hashlib.sha256(f"{day}/{i}".encode()).digest())[:count]


RANDOM_SHARE = 0.25
"""The part of somebody's time that goes to calls drawn by chance, so that averages stay fair."""


def plan(
    tasks: Sequence[Task], drawn: Sequence[Task], minutes: float | None
) -> tuple[list[Task], list[Task]]:
    """What fits into somebody's minutes: the calls worth hearing first, and of the random slice as many as
    fit into a quarter of the time, at least one. A random call that is worth hearing anyway stands among
    the first ones, with chance as one more reason."""
    if minutes is None:
        fair = list(drawn)
    else:
        fair = fit(drawn, minutes * RANDOM_SHARE) or fit(drawn[:1], minutes)
        minutes -= sum(task.seconds for task in fair) / 60
    random = {task.line.call.id for task in fair}
    others = {task.line.call.id for task in fit([t for t in tasks if t.line.call.id not in random], minutes)}
    first = [
        Task(task.line, (*task.why, "random")) if task.line.call.id in random else task
        for task in tasks
        if task.line.call.id in random | others
    ]
    listed = {task.line.call.id for task in first}
    return first, [task for task in fair if task.line.call.id not in listed]


def fit(tasks: Sequence[Task], minutes: float | None) -> list[Task]:
    """As many tasks, from the front, as fit into the minutes; all without a limit."""
    if minutes is None:
        return list(tasks)
    chosen: list[Task] = []
    left = minutes * 60
    for task in tasks:
        if task.seconds <= left:
            chosen.append(task)
            left -= task.seconds
    return chosen


def own_times(session: Session, viewer: Viewer, *, days: int = 30) -> list[float]:
    """Seconds of this person's finished reviews; shown to nobody else."""
    return list(
        session.exec(
            select(Review.seconds).where(
                Review.reviewer_id == viewer.user_id,
                Review.kind == "trainer",
                col(Review.submitted_at) >= utc_now() - timedelta(days=days),
                col(Review.seconds) > 0,
            )
        )
    )


def anything_waits(session: Session, viewer: Viewer) -> bool:
    """Whether any call waits for a person."""
    return session.exec(select(Call.id).where(*_waiting(viewer)).limit(1)).first() is not None


def count_waiting(session: Session, viewer: Viewer) -> int:
    """How many calls wait for a person."""
    return session.exec(select(func.count()).select_from(Call).where(*_waiting(viewer))).one()
