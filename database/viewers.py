"""Who looks, and which calls they may see. Every query takes a viewer, so no page can forget to ask."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, select, true
from sqlalchemy.orm import aliased
from sqlmodel import col

from database.tables import CalibrationParticipant, CalibrationSession, Call, Review


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
    """The condition that holds for calls which this viewer may see: those within reach, without the ones
    that they are asked to score blind and whose answers are still sealed."""
    if viewer.role not in ("trainer", "manager") or viewer.user_id is None:
        return reach(viewer)
    return reach(viewer) & col(Call.id).not_in(asked_calls(viewer, sealed=True))


def asked_calls(viewer: Viewer, *, sealed: bool) -> Select[Any]:
    """The ids of calls of open calibration sessions that ask this viewer; with ``sealed`` only of those
    where somebody asked has not submitted yet."""
    made, asked, other, review = (
        aliased(CalibrationSession),
        aliased(CalibrationParticipant),
        aliased(CalibrationParticipant),
        aliased(Review),
    )
    query = (
        select(col(made.call_id))
        .join(asked, col(asked.session_id) == col(made.id))
        .where(col(asked.user_id) == viewer.user_id, col(made.state) == "open")
        .correlate(None)
    )
    if not sealed:
        return query
    submitted = exists().where(
        col(review.session_id) == col(made.id),
        col(review.reviewer_id) == col(other.user_id),
        col(review.kind) == "calibration",
        col(review.state) == "submitted",
    )
    return query.where(exists().where(col(other.session_id) == col(made.id), ~submitted))


def reach(viewer: Viewer) -> ColumnElement[bool]:
    """The condition for calls within the viewer's reach by role and team alone."""
    if viewer.role == "agent":
        if viewer.agent_id is None:
            return false()
        return col(Call.agent_id) == viewer.agent_id
    if viewer.role in ("trainer", "manager") and viewer.team_id is not None:
        return col(Call.team_id) == viewer.team_id
    return true() if viewer.sees_others else false()
