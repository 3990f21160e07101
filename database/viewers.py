"""Who looks, and which calls they may see. Every query takes a viewer, so no page can forget to ask."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, true
from sqlmodel import col

from database.tables import Call


@dataclass(frozen=True)
class Viewer:
    """A signed-in person as queries see them. ``agent_id`` is set for agents only; ``team_id`` limits
    trainers and managers to one team."""

    user_id: int | None
    name: str
    role: str
    agent_id: int | None = None
    team_id: int | None = None

    @property
    def sees_others(self) -> bool:
        """Whether calls of other people are in reach at all."""
        return self.role in ("trainer", "manager", "admin", "operator")


OPERATOR = Viewer(user_id=None, name="command line", role="operator")
"""Whoever may run commands on the machine that holds the database."""


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that holds for calls which this viewer may see."""
    if viewer.role == "agent":
        if viewer.agent_id is None:
            return false()
        return col(Call.agent_id) == viewer.agent_id
    if viewer.role in ("trainer", "manager") and viewer.team_id is not None:
        return col(Call.team_id) == viewer.team_id
    return true() if viewer.sees_others else false()
