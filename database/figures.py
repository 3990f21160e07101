"""Figures for dashboards: counts and sums, from which pages make averages with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, case, func
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from database.listing import criteria_known
from database.tables import Agent, Call, CriterionRow, Review, ReviewItem
from database.viewers import Viewer, visible


@dataclass(frozen=True)
class Spread:
    """Scores of a group as sums: how many, their sum, the sum of their squares."""

    name: str
    count: int
    total: float
    squares: float


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
        select(func.max(Call.started_at)).where(visible(viewer), col(Call.score).is_not(None))
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


def by_agent(session: Session, where: list[ColumnElement[bool]]) -> list[Spread]:
    """Scores per agent, by name."""
    rows = session.execute(
        select(Agent.name, func.count(), func.sum(Call.score), func.sum(col(Call.score) * col(Call.score)))
        .join(Call, col(Call.agent_id) == Agent.id)
        .where(*where)
        .group_by(col(Agent.id), col(Agent.name))
        .order_by(Agent.name)
    )
    return [Spread(name, int(n), float(s), float(q)) for name, n, s, q in rows]


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


def met_by_criterion(
    session: Session, viewer: Viewer, since: datetime, team_id: int | None = None
) -> list[Share]:
    """The same as ``by_criterion`` for whoever sees whole teams, counted from one index: a year of 100,000
    calls takes some hundredths of a second. An agent's calls are counted one by one."""
    if not viewer.sees_others:
        return by_criterion(session, scored(viewer, since, team_id))
    team = viewer.team_id if viewer.team_id is not None else team_id
    if viewer.team_id is not None and team_id not in (None, viewer.team_id):
        return []
    names = criteria_known(session)

    def counted(name: str, met: bool) -> ScalarSelect[int]:
        query = select(func.count()).where(
            CriterionRow.criterion_id == name,
            col(CriterionRow.met).is_(met),
            col(CriterionRow.started_at) >= since,
        )
        if team is not None:
            query = query.where(CriterionRow.team_id == team)
        return query.scalar_subquery()

    if not names:
        return []
    columns = [counted(name, met) for name in names for met in (True, False)]
    counts = session.execute(sa_select(*columns)).one()
    pairs = [(name, int(counts[2 * n]), int(counts[2 * n + 1])) for n, name in enumerate(names)]
    return [Share(name, yes, yes + no) for name, yes, no in pairs if yes + no]


def by_reason(session: Session, where: list[ColumnElement[bool]]) -> list[Share]:
    """Contact reasons, the most frequent first."""
    # The expression keeps SQLite from walking all calls by the reason's index instead of the chosen days.
    reason = func.coalesce(Call.contact_reason, "")
    rows = session.execute(
        select(reason, func.count())
        .where(*where, col(Call.contact_reason).is_not(None))
        .group_by(reason)
        .order_by(func.count().desc())
    ).all()
    of = sum(int(n) for _, n in rows)
    return [Share(str(name), int(n), of) for name, n in rows]


def agreement(session: Session, viewer: Viewer, since: datetime) -> list[Share]:
    """Per criterion: how often a finished review left the machine's verdict, where the machine had one."""
    newer = aliased(ReviewItem)
    replaced = sa_select(col(newer.id)).where(
        col(newer.review_id) == ReviewItem.review_id,
        col(newer.criterion_id) == ReviewItem.criterion_id,
        col(newer.id) > ReviewItem.id,
    )
    rows = session.execute(
        select(
            ReviewItem.criterion_id,
            func.sum(case((col(ReviewItem.verdict) == col(ReviewItem.machine_verdict), 1), else_=0)),
            func.count(),
        )
        .join(Review, col(Review.id) == ReviewItem.review_id)
        .join(Call, col(Call.id) == Review.call_id)
        .where(
            visible(viewer),
            col(Review.submitted_at) >= since,
            Review.kind == "trainer",
            ~replaced.exists(),
            ReviewItem.action != "cleared",
            col(ReviewItem.machine_verdict).in_(("yes", "no", "na")),
        )
        .group_by(ReviewItem.criterion_id)
        .order_by(ReviewItem.criterion_id)
    )
    return [Share(name, int(hits), int(of)) for name, hits, of in rows]
