"""Calls and what is known of them: every version of the conversation and of the assessment is kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.types import Packed, PlainJSON, UTCDateTime, utc_now


class Call(SQLModel, table=True):
    """One recording. The columns from ``score`` on repeat facts of the current versions, so that lists
    need no document; they change only together with what they repeat."""

    __tablename__ = "call"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'quarantined')", name="state"),
        CheckConstraint(
            "review_state IN ('none', 'draft', 'submitted', 'released', 'acknowledged')", name="review_state"
        ),
        Index("ix_call_team_started", "team_id", "started_at"),
        Index("ix_call_agent_started", "agent_id", "started_at"),
        Index("ix_call_state_started", "state", "started_at"),
        Index("ix_call_review_doubt", "review_state", "doubts"),
        Index("ix_call_started_team_score", "started_at", "team_id", "score"),
        # All that reports over time read of a call, so that they need no row.
        Index(
            "ix_call_reports",
            "started_at",
            "team_id",
            "queue",
            "contact_reason",
            "passed",
            "assessment_number",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True, max_length=64)
    file_name: str = Field(max_length=500, index=True)
    source_path: str | None = Field(default=None, max_length=4000)
    playback: str | None = Field(default=None, max_length=300)
    peaks: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    state: str = Field(default="waiting", max_length=20)
    cause: str | None = Field(default=None, max_length=4000)
    call_key: str | None = Field(default=None, max_length=200, index=True)
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    team_id: int | None = Field(default=None, foreign_key="team.id")
    queue: str | None = Field(default=None, max_length=200, index=True)
    direction: str | None = Field(default=None, max_length=20)
    language: str | None = Field(default=None, max_length=10, index=True)
    duration: float | None = None
    channels: int | None = None
    sample_rate: int | None = None
    started_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, index=True)
    added_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, index=True)
    changed_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    conversation_number: int | None = None
    assessment_number: int | None = None
    score: float | None = Field(default=None, index=True)
    score_by: str = Field(default="machine", max_length=10)
    passed: bool | None = None
    card_id: str | None = Field(default=None, max_length=120, index=True)
    card_version: int | None = None
    doubts: int = 0
    fails: int = 0
    critical_fails: int = 0
    contact_reason: str | None = Field(default=None, max_length=60, index=True)
    review_state: str = Field(default="none", max_length=20)
    reviewer_id: int | None = Field(default=None, foreign_key="app_user.id")
    open_disputes: int = 0


class CallName(SQLModel, table=True):
    """A name under which a call's recording was found; the same sound may lie in several places."""

    __tablename__ = "call_name"
    __table_args__ = (UniqueConstraint("call_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    name: str = Field(max_length=500)
    path: str | None = Field(default=None, max_length=4000)
    seen_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)


class ConversationVersion(SQLModel, table=True):
    """One version of a call's conversation document; ``made_by`` is None for the machine. What people made
    rests on a version of the machine's, whose number is ``base``."""

    __tablename__ = "conversation_version"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    number: int
    recipe: str = Field(max_length=64)
    document: str = Field(sa_type=Packed)
    made_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    made_by: int | None = Field(default=None, foreign_key="app_user.id")
    base: int | None = None
    why: str = Field(default="", max_length=2000)


class AssessmentVersion(SQLModel, table=True):
    """One version of a call's assessment document, tied to the conversation version it judged."""

    __tablename__ = "assessment_version"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    number: int
    conversation_number: int
    recipe: str = Field(max_length=64)
    card_id: str = Field(max_length=120)
    card_version: int
    card_language: str = Field(max_length=10)
    card_sha256: str = Field(max_length=64)
    score: float | None = None
    passed: bool | None = None
    document: str = Field(sa_type=Packed)
    made_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    why: str = Field(default="", max_length=2000)


class CriterionRow(SQLModel, table=True):
    """One criterion of the current assessment, in columns for filters and reports. ``verdict`` is the
    machine's; ``human`` what people made of it (None where nobody has confirmed or overridden), and
    ``human_value`` what they put in place of a measured ``value`` (None where that stands). ``met`` says yes
    or no for reports, people before the machine; None where it has no points or neither was said.
    ``started_at`` and ``team_id`` repeat the call's, so that a report needs one index only."""

    __tablename__ = "criterion_result"
    __table_args__ = (
        UniqueConstraint("call_id", "criterion_id"),
        Index("ix_criterion_result_met", "criterion_id", "met", "started_at", "team_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    criterion_id: str = Field(max_length=120)
    position: int = 0
    verdict: str = Field(max_length=10)
    human: str | None = Field(default=None, max_length=10)
    confidence: float | None = None
    value: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    human_value: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    points: float | None = None
    max_points: float | None = None
    critical: bool = False
    met: bool | None = None
    started_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    team_id: int | None = None


class TurnRow(SQLModel, table=True):
    """One turn of the current conversation, for the search by words."""

    __tablename__ = "turn"
    __table_args__ = (UniqueConstraint("call_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    position: int
    role: str | None = Field(default=None, max_length=10)
    start: float | None = None
    language: str = Field(default="en", max_length=10)
    text: str = Field(sa_type=Text)


class CorrectionRow(SQLModel, table=True):
    """What a person corrected in a call's conversation; ``number`` is the version that it made. Rows are
    added, never changed. ``old`` and ``new`` are a turn's text, or a role."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("kind IN ('text', 'role', 'swap')", name="kind"),
        Index("ix_correction_call_number", "call_id", "number"),
    )

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    number: int
    kind: str = Field(max_length=10)
    turn: int
    everywhere: bool = False
    old: str = Field(sa_type=Text)
    new: str = Field(sa_type=Text)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")


class SignalRow(SQLModel, table=True):
    """One number measured in the current conversation (docs/signals.md), for filters."""

    __tablename__ = "signal"
    __table_args__ = (
        UniqueConstraint("call_id", "name"),
        Index("ix_signal_name_number", "name", "number"),
    )

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    name: str = Field(max_length=60)
    number: float
