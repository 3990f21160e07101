"""People: who signs in (app_user, session), and whom the telephony names (agent, team)."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from database.types import UTCDateTime, utc_now


class Team(SQLModel, table=True):
    """A team as the call metadata names it."""

    __tablename__ = "team"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=200)


class Agent(SQLModel, table=True):
    """Somebody who takes calls; ``key`` is how the call metadata names them, ``name`` how people do."""

    __tablename__ = "agent"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=200)
    name: str = Field(max_length=200)
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    active: bool = True


class AppUser(SQLModel, table=True):
    """An account. ``agent_id`` ties an agent's account to their calls; a trainer's or manager's
    ``team_id`` limits them to that team, None lets them see every team. ``blind``: reviews with the
    machine's verdicts and other people's hidden until submitted."""

    __tablename__ = "app_user"
    __table_args__ = (CheckConstraint("role IN ('trainer', 'agent', 'manager', 'admin')", name="role"),)

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True, max_length=120)
    name: str = Field(max_length=200)
    role: str = Field(max_length=20)
    password_hash: str = Field(max_length=300)
    language: str = Field(default="en", max_length=5)
    time_zone: str = Field(default="UTC", max_length=60)
    team_id: int | None = Field(default=None, foreign_key="team.id")
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    active: bool = True
    blind: bool = False
    must_change_password: bool = False
    failed_sign_ins: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    made_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    last_sign_in: datetime | None = Field(default=None, sa_type=UTCDateTime)
    toured: bool = False
    sso_subject: str | None = Field(default=None, unique=True, max_length=600)


class SignIn(SQLModel, table=True):
    """One signed-in browser. The cookie holds a random id; only its hash is kept here."""

    __tablename__ = "session"

    id_hash: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    made_at: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    last_seen: datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
