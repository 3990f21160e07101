"""Coaching: plans with what was said and agreed, clips of calls, and the library of good examples.

Rows are added, never changed; ``state`` and ``due`` of a plan repeat what its newest entries say.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from database.types import PlainJSON, UTCDateTime, utc_now


class CoachingPlan(SQLModel, table=True):
    """One agent works on one criterion. ``basis`` holds the figures that suggested it, as they were then."""

    __tablename__ = "coaching_plan"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'dropped')", name="state"),
        Index("ix_coaching_plan_agent_state", "agent_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agent.id")
    criterion_id: str = Field(max_length=120)
    aim: str = Field(default="", max_length=4000)
    basis: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    state: str = Field(default="open", max_length=10)
    due: date | None = None
    opened_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    opened_by: int = Field(foreign_key="app_user.id")


class CoachingEntry(SQLModel, table=True):
    """Something said or agreed in a plan. ``note``: a session's note by the trainer, which is their
    signature; ``signed``: the agent signs a note and may add to it; ``action`` and ``action_done``;
    ``remark`` by either; ``due``: another day; ``state``: the plan's new state. ``about`` names the entry
    that it answers."""

    __tablename__ = "coaching_entry"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('note', 'signed', 'action', 'action_done', 'remark', 'due', 'state')", name="kind"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="coaching_plan.id", index=True)
    kind: str = Field(max_length=12)
    text: str = Field(default="", max_length=10000)
    about: int | None = Field(default=None, foreign_key="coaching_entry.id")
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")


class CoachingClip(SQLModel, table=True):
    """A stretch of a call that a plan points to, with a comment. Times are seconds; ``turn`` is the first."""

    __tablename__ = "coaching_clip"

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="coaching_plan.id", index=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    turn: int | None = None
    start: float
    end: float
    comment: str = Field(default="", max_length=4000)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")


class GoodExample(SQLModel, table=True):
    """A stretch of a call worth hearing. Colleagues meet it only while the agent's consent stands."""

    __tablename__ = "good_example"

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    agent_id: int = Field(foreign_key="agent.id", index=True)
    criterion_id: str | None = Field(default=None, max_length=120, index=True)
    title: str = Field(max_length=200)
    comment: str = Field(default="", max_length=4000)
    turn: int | None = None
    start: float
    end: float
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")


class ExampleStep(SQLModel, table=True):
    """The agent consented or withdrew the consent, or the example was taken out; the newest row counts."""

    __tablename__ = "example_step"
    __table_args__ = (CheckConstraint("kind IN ('consented', 'withdrawn', 'removed')", name="kind"),)

    id: int | None = Field(default=None, primary_key=True)
    example_id: int = Field(foreign_key="good_example.id", index=True)
    kind: str = Field(max_length=12)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")
