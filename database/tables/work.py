"""Work to be done (job), what was done (audit_log), and filters that people keep (saved_view)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.types import PlainJSON, UTCDateTime, utc_now


class Job(SQLModel, table=True):
    """Something for a worker. A claimed job carries a lease; when the lease runs out, another worker
    may take it. ``dedupe`` is unique among jobs that are not over."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        Index("ix_job_state_priority", "state", "priority", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=60, index=True)
    payload: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    state: str = Field(default="waiting", max_length=12)
    priority: int = 0
    attempts: int = 0
    max_attempts: int = 3
    dedupe: str | None = Field(default=None, max_length=200, index=True)
    call_id: int | None = Field(default=None, foreign_key="call.id", index=True)
    worker: str | None = Field(default=None, max_length=200)
    leased_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    run_after: datetime | None = Field(default=None, sa_type=UTCDateTime)
    cause: str | None = Field(default=None, max_length=4000)
    made_by: int | None = Field(default=None, foreign_key="app_user.id")
    made_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class AuditEntry(SQLModel, table=True):
    """Who did what to what. ``hash`` covers the entry and the hash before it, so that a changed or
    missing entry shows. No foreign keys: entries outlive what they speak of."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_subject", "subject", "subject_id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, index=True)
    actor_id: int | None = Field(default=None, index=True)
    actor: str = Field(max_length=200)
    action: str = Field(max_length=60, index=True)
    subject: str = Field(max_length=60)
    subject_id: int | None = None
    detail: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class SavedView(SQLModel, table=True):
    """Filters of the call list under a name, per person."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="app_user.id")
    name: str = Field(max_length=120)
    filters: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    made_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
