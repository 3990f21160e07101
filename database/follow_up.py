"""Did coaching work? How often an agent met a criterion before and since a plan began, and how often
colleagues of the same team did over the same days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func
from sqlmodel import Session, col, select

from database.coaching import PlanLine, entries
from database.figures import Share
from database.tables import Call, CriterionRow
from database.viewers import Viewer, visible

BEFORE = timedelta(days=90)
FEWEST_COLLEAGUES = 5
"""An agent sees colleagues' shares only where at least so many are in each: fewer could be recognised."""


@dataclass(frozen=True)
class FollowUp:
    """Yes among yes and no, before and since. ``colleagues_*`` are None where there is no team, nobody else
    in it, or too few for this viewer; ``colleagues`` says how many there are."""

    before: Share
    since: Share
    colleagues_before: Share | None
    colleagues_since: Share | None
    colleagues: int


def follow_up(
    session: Session, viewer: Viewer, line: PlanLine, now: datetime, *, before: timedelta = BEFORE
) -> FollowUp:
    """The figures of a plan that ``one_plan`` found within reach, until it ended or until now."""
    begun, end = line.plan.opened_at, _ended(session, line, now)
    first = begun - before
    own = [visible(viewer), col(Call.agent_id) == line.plan.agent_id]
    name = line.plan.criterion_id
    colleagues = 0
    shares: tuple[Share | None, Share | None] = (None, None)
    if line.agent.team_id is not None:
        # Counts over the team, never a call: the viewer's reach over calls is not asked here.
        others = [
            col(Call.team_id) == line.agent.team_id,
            col(Call.agent_id).is_not(None),
            col(Call.agent_id) != line.plan.agent_id,
        ]
        colleagues = _agents(session, name, others, first, end)
        spans = [_agents(session, name, others, *span) for span in ((first, begun), (begun, end))]
        fewest = FEWEST_COLLEAGUES if viewer.role == "agent" else 1
        if max(spans) >= fewest and all(n == 0 or n >= fewest for n in spans):
            shares = (
                _share(session, name, others, first, begun),
                _share(session, name, others, begun, end),
            )
    return FollowUp(
        _share(session, name, own, first, begun),
        _share(session, name, own, begun, end),
        *shares,
        colleagues,
    )


def calls_since(
    session: Session, viewer: Viewer, line: PlanLine, now: datetime, *, limit: int = 12
) -> list[tuple[Call, str]]:
    """The agent's calls within the viewer's reach since a plan began that called for its criterion, newest
    first, with the verdict that counts."""
    verdict = func.coalesce(CriterionRow.human, CriterionRow.verdict)
    own = [visible(viewer), col(Call.agent_id) == line.plan.agent_id]
    where = _met(line.plan.criterion_id, own, line.plan.opened_at, _ended(session, line, now))
    rows = session.execute(
        select(Call, verdict)
        .join(CriterionRow, col(CriterionRow.call_id) == Call.id)
        .where(*where)
        .order_by(col(Call.started_at).desc(), col(Call.id).desc())
        .limit(limit)
    )
    return [(call, str(stands)) for call, stands in rows]


def _ended(session: Session, line: PlanLine, now: datetime) -> datetime:
    if line.plan.state == "open":
        return now
    return max((e.entry.at for e in entries(session, line) if e.entry.kind == "state"), default=now)


def _met(
    name: str, who: list[ColumnElement[bool]], first: datetime, end: datetime
) -> list[ColumnElement[bool]]:
    verdict = func.coalesce(CriterionRow.human, CriterionRow.verdict)
    return [
        *who,
        col(CriterionRow.criterion_id) == name,
        verdict.in_(("yes", "no")),
        col(Call.started_at) >= first,
        col(Call.started_at) < end,
    ]


def _share(
    session: Session, name: str, who: list[ColumnElement[bool]], first: datetime, end: datetime
) -> Share:
    verdict = func.coalesce(CriterionRow.human, CriterionRow.verdict)
    row = session.execute(
        select(func.sum(case((verdict == "yes", 1), else_=0)), func.count())
        .select_from(CriterionRow)
        .join(Call, col(Call.id) == CriterionRow.call_id)
        .where(*_met(name, who, first, end))
    ).one()
    return Share(name, int(row[0] or 0), int(row[1] or 0))


def _agents(
    session: Session, name: str, who: list[ColumnElement[bool]], first: datetime, end: datetime
) -> int:
    return int(
        session.execute(
            select(func.count(func.distinct(Call.agent_id)))
            .select_from(CriterionRow)
            .join(Call, col(Call.id) == CriterionRow.call_id)
            .where(*_met(name, who, first, end))
        ).scalar_one()
    )
