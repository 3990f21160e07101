"""Figures of the overview over any span of time: monthly totals where they are kept, the rows elsewhere.

The figures are those of the rows alone, whatever part of them a total covers.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, String, Subquery, case, cast, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from database import figures
from database.choices import criteria_known
from database.extent import Extent, Span
from database.figures import Share, Spread
from database.tables import Agent, CriterionRow, MonthTotal
from database.totals import SUMS, key_of, said


def total(session: Session, extent: Extent) -> tuple[Spread, int, int]:
    """All scores together, how many of the calls people have reviewed, and how many still hold doubt."""
    found = groups(extent, "agent").c
    row = session.execute(sa_select(*_sums(found), func.sum(found.human), func.sum(found.doubt))).one()
    return _spread("", *row[:3]), int(row[3] or 0), int(row[4] or 0)


def by_agent(session: Session, extent: Extent) -> dict[int, Spread]:
    """Scores per agent by their id, in the order of their names."""
    found = groups(extent, "agent").c
    rows = session.execute(
        sa_select(col(Agent.id), col(Agent.name), *_sums(found))
        .join(Agent, cast(col(Agent.id), String) == found.key)
        .group_by(col(Agent.id), col(Agent.name))
        .order_by(col(Agent.name), col(Agent.id))
    )
    return {number: _spread(*rest) for number, *rest in rows}


def by_queue(session: Session, extent: Extent) -> list[Spread]:
    """Scores per queue, by name."""
    found = groups(extent, "queue").c
    rows = session.execute(sa_select(found.key, *_sums(found)).group_by(found.key).order_by(found.key))
    return [_spread(*row) for row in rows]


def by_reason(session: Session, extent: Extent) -> list[Share]:
    """Contact reasons, the most frequent first."""
    found = groups(extent, "reason").c
    count = func.sum(found.n)
    rows = session.execute(
        sa_select(found.key, count).group_by(found.key).order_by(count.desc(), found.key)
    ).all()
    of = sum(int(n) for _, n in rows)
    return [Share(name, int(n), of) for name, n in rows]


def by_month(session: Session, extent: Extent) -> list[Spread]:
    """Scores per month (UTC, ``2026-10``), oldest first."""
    sums = _sums(MonthTotal)
    kept = sa_select(col(MonthTotal.month), *sums).where(*extent.totals("agent")).group_by(MonthTotal.month)
    found = {month: [_spread(month, *rest)] for month, *rest in session.execute(kept)}
    for day in figures.by_day(session, extent.scored()):
        found.setdefault(day.name[:7], []).append(day)
    return [figures.join(found[month], month) for month in sorted(found)]


def by_criterion(session: Session, extent: Extent) -> list[Share]:
    """Per criterion with points: yes among yes and no; people's verdict counts before the machine's. What no
    total covers is counted from one index, except an agent's calls."""
    if not extent.viewer.sees_others:
        return figures.by_criterion(session, extent.scored())
    names = criteria_known(session)
    kept: Select[str, float, int] = sa_select(
        col(MonthTotal.key).label("key"), col(MonthTotal.total).label("met"), col(MonthTotal.n).label("of")
    ).where(*extent.totals("criterion"))
    found = kept.union_all(*(_said(extent, names, span) for span in extent.rest)).subquery().c
    rows = session.execute(sa_select(found.key, func.sum(found.met), func.sum(found.of)).group_by(found.key))
    counted = {name: (int(met), int(of)) for name, met, of in rows}
    return [Share(name, *counted[name]) for name in names if name in counted]


def groups(extent: Extent, kind: str) -> Subquery:
    """Sums by key from both sources: key, n, total, squares, human, doubt; a key may come several times."""
    names = ("key", "n", "total", "squares", "human", "doubt")
    kept = sa_select(*(col(getattr(MonthTotal, name)) for name in names)).where(*extent.totals(kind))
    key, has_one = key_of(kind)
    counted = sa_select(key.label("key"), *SUMS).where(*extent.scored(), *has_one).group_by(key)
    return kept.union_all(counted).subquery()


def _spread(name: str, count: int | None, total: float | None, squares: float | None) -> Spread:
    return Spread(name, int(count or 0), float(total or 0), float(squares or 0))


def _sums(columns: object) -> tuple[ColumnElement[float], ...]:
    return tuple(func.sum(getattr(columns, name)) for name in ("n", "total", "squares"))


def _said(extent: Extent, names: Sequence[str], span: Span) -> Select[str, int, int]:
    """How often each criterion was met, among yes and no, where no total covers it."""
    n = func.count()
    query = (
        sa_select(
            col(CriterionRow.criterion_id).label("key"),
            case((col(CriterionRow.met).is_(True), n), else_=0).label("met"),
            n.label("of"),
        )
        .where(*said(names, [span]))
        .group_by(col(CriterionRow.criterion_id), col(CriterionRow.met))
    )
    if extent.team_id is not None:
        query = query.where(col(CriterionRow.team_id) == extent.team_id)
    return query.where(col(CriterionRow.call_id).not_in(extent.sealed)) if extent.sealed else query
