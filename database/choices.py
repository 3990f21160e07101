"""What a viewer can filter calls by: only what occurs in calls within reach.

Asked by probes of indexes, one for each team, agent and value: no look-up walks through all calls.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, exists, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from database.tables import Agent, Call, CriterionRow, Team
from database.viewers import Viewer, visible


@dataclass(frozen=True)
class Choices:
    """The values to offer in filters: teams and agents by id."""

    teams: dict[int, str]
    agents: dict[int, str]
    queues: tuple[str, ...]
    cards: tuple[str, ...]
    languages: tuple[str, ...]
    criteria: tuple[str, ...]


def choices(session: Session, viewer: Viewer) -> Choices:
    """The values to offer in filters."""
    seen = visible(viewer)

    def named(table: type[Team | Agent], column: Any) -> dict[int, str]:
        query = (
            sa_select(col(table.id), col(table.name))
            .where(exists().where(col(column) == table.id, seen))
            .order_by(table.name)
        )
        return {number: name for number, name in session.execute(query) if number is not None}

    def values(column: Any) -> tuple[str, ...]:
        found = known(col(column))
        query = sa_select(found.c.value).where(exists().where(col(column) == found.c.value, seen))
        return tuple(str(value) for value in session.execute(query.order_by(found.c.value)).scalars())

    return Choices(
        named(Team, Call.team_id),
        named(Agent, Call.agent_id),
        values(Call.queue),
        values(Call.card_id),
        values(Call.language),
        tuple(criteria_known(session)),
    )


def known(column: Any) -> CTE:
    """Every value of an indexed column, by hops through its index; ends with a None."""
    least = sa_select(func.min(column).label("value")).cte("known", recursive=True)
    after = sa_select(func.min(column)).where(column > least.c.value)
    return least.union_all(sa_select(after.scalar_subquery()).where(least.c.value.is_not(None)))


def criteria_known(session: Session) -> list[str]:
    """Every criterion id that occurs, in the order of the cards."""
    found = known(col(CriterionRow.criterion_id))
    place = (
        sa_select(col(CriterionRow.position)).where(col(CriterionRow.criterion_id) == found.c.value).limit(1)
    ).scalar_subquery()
    rows = session.execute(
        sa_select(found.c.value, place).where(found.c.value.is_not(None)).order_by(place, found.c.value)
    )
    return [str(name) for name, _ in rows]
