"""The house's own scorecards: published versions (rows are added, never changed), who retired which, and
what somebody is working on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.types import PlainJSON, UTCDateTime, utc_now


class CardVersion(SQLModel, table=True):
    """A published version: the card's text and its own tests as they were, and the sha256 of its form."""

    __tablename__ = "card_version"
    __table_args__ = (UniqueConstraint("card_id", "language", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    card_id: str = Field(max_length=64)
    language: str = Field(max_length=5)
    version: int
    title: str = Field(max_length=2000)
    text: str = Field(sa_type=Text)
    tests: str = Field(default="", sa_type=Text)
    sha256: str = Field(max_length=64, index=True)
    note: str = Field(default="", max_length=2000)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int | None = Field(default=None, foreign_key="app_user.id")


class CardRetirement(SQLModel, table=True):
    """A version is not used for new scores any more; what it judged keeps its results."""

    __tablename__ = "card_retirement"

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="card_version.id", unique=True)
    why: str = Field(default="", max_length=2000)
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int | None = Field(default=None, foreign_key="app_user.id")


class CardDraft(SQLModel, table=True):
    """A card in the making, by name; ``number`` counts its savings, so that two people do not overwrite
    each other."""

    __tablename__ = "card_draft"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=80)
    text: str = Field(sa_type=Text)
    tests: str = Field(default="", sa_type=Text)
    number: int = 1
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    by: int | None = Field(default=None, foreign_key="app_user.id")


class BackTestRow(SQLModel, table=True):
    """A draft's text that a worker tries on the newest stored calls, how far it is, and what came out, where
    calls and agents stand by their ids alone. Only whoever asked sees it."""

    __tablename__ = "back_test"
    __table_args__ = (Index("ix_back_test_name_by", "name", "by"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    text: str = Field(sa_type=Text)
    wanted: int
    done: int = 0
    total: int | None = None
    result: Any = Field(default=None, sa_type=PlainJSON, nullable=True)
    job_id: int | None = Field(default=None, foreign_key="job.id")
    at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    by: int = Field(foreign_key="app_user.id")
