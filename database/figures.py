"""Figures for dashboards: counts and sums, from which pages make averages with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func
from sqlmodel import Session, col, select

from database.tables import Call, CriterionRow
from database.viewers import Viewer, visible


@dataclass(frozen=True)
class Spread:
    """Scores of a group as sums: how many, their sum, the sum of their squares."""

    name: str
    count: int
    total: float
    squares: float


def join(spreads: Sequence[Spread], name: str) -> Spread:
    """Several groups as one."""
    return Spread(
        name, sum(s.count for s in spreads), sum(s.total for s in spreads), sum(s.squares for s in spreads)
    )


@dataclass(frozen=True)
class Share:
    """Hits among occasions."""

    name: str
    hits: int
    of: int


def scored(viewer: Viewer, since: datetime, team_id: int | None = None) -> list[ColumnElement[bool]]:
    """The condition for scored calls within reach since a moment."""
    found = [visible(viewer), col(Call.started_at) >= since, col(Call.score).is_not(None)]
    return [*found, col(Call.team_id) == team_id] if team_id is not None else found


def days_with_calls(session: Session, viewer: Viewer, choices: Sequence[int], now: datetime) -> int:
    """The shortest of the given spans of days that is not empty, from the second on; the last if all are."""
    newest = session.execute(
        select(col(Call.started_at))
        .where(visible(viewer), col(Call.score).is_not(None))
        .order_by(col(Call.started_at).desc())
        .limit(1)
    ).scalar_one_or_none()
    age = (now - newest).total_seconds() / 86_400 if newest is not None else 0.0
    return next((days for days in choices[1:] if age < days), choices[-1])


def total(session: Session, where: list[ColumnElement[bool]]) -> Spread:
    """All scores together."""
    row = session.execute(
        select(func.count(), func.sum(Call.score), func.sum(col(Call.score) * col(Call.score))).where(*where)
    ).one()
    return Spread("", int(row[0]), float(row[1] or 0), float(row[2] or 0))


def heard(session: Session, where: list[ColumnElement[bool]]) -> tuple[int, int]:
    """How many of the calls people have reviewed, and how many still hold doubt."""
    row = session.execute(
        select(
            func.sum(case((col(Call.score_by) == "human", 1), else_=0)),
            func.sum(case((col(Call.doubts) > 0, 1), else_=0)),
        ).where(*where)
    ).one()
    return int(row[0] or 0), int(row[1] or 0)


def by_day(session: Session, where: list[ColumnElement[bool]]) -> list[Spread]:
    """Scores per day (UTC), oldest first; pages join days to weeks."""
    day = func.date(Call.started_at)
    rows = session.execute(
        select(day, func.count(), func.sum(Call.score), func.sum(col(Call.score) * col(Call.score)))
        .where(*where)
        .group_by(day)
        .order_by(day)
    )
    return [Spread(str(d), int(n), float(s), float(q)) for d, n, s, q in rows]


def by_criterion(session: Session, where: list[ColumnElement[bool]]) -> list[Share]:
    """Per criterion with points: yes among yes and no; people's verdict counts before the machine's."""
    verdict = func.coalesce(CriterionRow.human, CriterionRow.verdict)
    rows = session.execute(
        select(
            CriterionRow.criterion_id,
            func.sum(case((verdict == "yes", 1), else_=0)),
            func.count(),
            func.min(CriterionRow.position),
        )
        .join(Call, col(Call.id) == CriterionRow.call_id)
        .where(*where, verdict.in_(("yes", "no")), col(CriterionRow.max_points) > 0)
        .group_by(CriterionRow.criterion_id)
        .order_by(func.min(CriterionRow.position))
    )
    return [Share(name, int(hits), int(of)) for name, hits, of, _ in rows]
