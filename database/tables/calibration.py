"""Calibration: several people score the same call blind; their answers are reviews of kind calibration."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.types import UTCDateTime, utc_now


class CalibrationSession(SQLModel, table=True):
    """One call, scored by several. Sealed until everybody has submitted or the owner has closed it.
    ``assessment_number`` fixes whose criteria are asked, whatever is scored again meanwhile."""

    __tablename__ = "calibration_session"
    __table_args__ = (CheckConstraint("state IN ('open', 'closed')", name="state"),)

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=200)
    call_id: int = Field(foreign_key="call.id", index=True)
    assessment_number: int
    owner_id: int = Field(foreign_key="app_user.id")
    state: str = Field(default="open", max_length=10)
    opened_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class CalibrationParticipant(SQLModel, table=True):
    """Somebody who is asked to score."""

    __tablename__ = "calibration_participant"
    __table_args__ = (UniqueConstraint("session_id", "user_id"),)

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="calibration_session.id")
    user_id: int = Field(foreign_key="app_user.id", index=True)


class AgreedAnswer(SQLModel, table=True):
    """What the participants agreed on for one criterion, and why; the newest row counts."""

    __tablename__ = "agreed_answer"
    __table_args__ = (CheckConstraint("verdict IN ('yes', 'no', 'na')", name="verdict"),)

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="calibration_session.id", index=True)
    criterion_id: str = Field(max_length=120)
    verdict: str = Field(max_length=10)
    reason: str = Field(default="", max_length=4000)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")
