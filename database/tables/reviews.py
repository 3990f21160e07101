"""What people decided. Rows are added, never changed: a newer item takes the place of an older one.

The exceptions are the cached ``state`` columns; their history stands in the step and decision rows.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from database.types import PlainJSON, UTCDateTime, utc_now

VERDICTS = "('yes', 'no', 'na', 'review', 'unscored')"


class Review(SQLModel, table=True):
    """One person's review of one assessment. ``kind``: trainer, self (the agent's own), calibration.
    ``blind``: the machine's verdicts and other people's were hidden until it was submitted."""

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'submitted', 'released', 'acknowledged', 'dropped')", name="state"
        ),
        CheckConstraint("kind IN ('trainer', 'self', 'calibration')", name="kind"),
        Index("ix_review_call_kind", "call_id", "kind"),
        Index("ix_review_reviewer_started", "reviewer_id", "started_at"),
        Index("ix_review_submitted", "submitted_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    assessment_number: int
    reviewer_id: int = Field(foreign_key="app_user.id")
    kind: str = Field(default="trainer", max_length=12)
    session_id: int | None = Field(default=None, index=True)
    blind: bool = False
    state: str = Field(default="draft", max_length=12)
    score: float | None = None
    seconds: float = 0.0
    started_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ReviewStep(SQLModel, table=True):
    """A review changed its state: when and by whom."""

    __tablename__ = "review_step"

    id: int | None = Field(default=None, primary_key=True)
    review_id: int = Field(foreign_key="review.id", index=True)
    state: str = Field(max_length=12)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")
    note: str = Field(default="", max_length=4000)


class ReviewItem(SQLModel, table=True):
    """A criterion confirmed or overridden; the newest row of a review and criterion counts."""

    __tablename__ = "review_item"
    __table_args__ = (
        CheckConstraint("action IN ('confirmed', 'overridden', 'cleared')", name="action"),
        CheckConstraint(f"verdict IN {VERDICTS}", name="verdict"),
        Index("ix_review_item_review_criterion", "review_id", "criterion_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    review_id: int = Field(foreign_key="review.id")
    criterion_id: str = Field(max_length=120)
    action: str = Field(max_length=12)
    machine_verdict: str = Field(max_length=10)
    verdict: str = Field(max_length=10)
    value: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    reason: str = Field(default="", max_length=4000)
    root_cause: str = Field(default="", max_length=200)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")


class Comment(SQLModel, table=True):
    """A remark at a moment of a call. ``kind``: remark, praise, context (the agent's own note)."""

    __tablename__ = "comment"
    __table_args__ = (CheckConstraint("kind IN ('remark', 'praise', 'context')", name="kind"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    review_id: int | None = Field(default=None, foreign_key="review.id")
    criterion_id: str | None = Field(default=None, max_length=120)
    moment: float | None = None
    kind: str = Field(default="remark", max_length=10)
    text: str = Field(max_length=10000)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")
    supersedes: int | None = Field(default=None, foreign_key="comment.id")


class Dispute(SQLModel, table=True):
    """An agent holds one item to be wrong, says what it should be and why. The values are those of something
    measured; None where the item is answered with a verdict alone."""

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'accepted', 'partly', 'rejected', 'withdrawn', 'escalated')", name="state"
        ),
        Index("ix_dispute_state_opened", "state", "opened_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    review_id: int | None = Field(default=None, foreign_key="review.id")
    assessment_number: int
    criterion_id: str = Field(max_length=120)
    disputed_verdict: str = Field(max_length=10)
    own_verdict: str = Field(max_length=10)
    disputed_value: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    own_value: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    reason: str = Field(max_length=4000)
    state: str = Field(default="open", max_length=12)
    opened_by: int = Field(foreign_key="app_user.id", index=True)
    opened_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)


class DisputeDecision(SQLModel, table=True):
    """What somebody other than the reviewer decided."""

    __tablename__ = "dispute_decision"

    id: int | None = Field(default=None, primary_key=True)
    dispute_id: int = Field(foreign_key="dispute.id", index=True)
    state: str = Field(max_length=12)
    verdict: str | None = Field(default=None, max_length=10)
    value: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    reason: str = Field(max_length=4000)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")


class Acknowledgement(SQLModel, table=True):
    """The agent has seen a released review."""

    __tablename__ = "acknowledgement"

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    review_id: int = Field(foreign_key="review.id")
    note: str = Field(default="", max_length=4000)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")
