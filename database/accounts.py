"""Changing accounts and teams, and what is missing before everybody can work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from database import people
from database.audit import record
from database.errors import DatabaseError
from database.tables import Agent, AppUser, Call, Team
from database.types import utc_now
from database.viewers import Viewer

EVERY_TEAM = ""
"""The team of a trainer or manager who sees all teams."""


@dataclass(frozen=True)
class TeamLine:
    """A team with who is in it."""

    id: int
    name: str
    agents: int
    trainers: int
    calls: int


@dataclass(frozen=True)
class Missing:
    """What keeps people from working: agents named in the call data who have no account (with their calls),
    agents without a team, teams that no trainer sees."""

    accounts: tuple[tuple[str, int], ...]
    teams: tuple[str, ...]
    trainers: tuple[str, ...]


def change_account(
    session: Session,
    user: AppUser,
    *,
    by: Viewer,
    role: str | None = None,
    team: str | None = None,
    language: str | None = None,
    name: str | None = None,
    agent: str | None = None,
    last_admin_too: bool = False,
) -> None:
    """Change what is given and note what was before; ``team`` of ``""`` means every team.

    Raises DatabaseError for an unknown role or language, for an agent without a name in the call data, and
    (unless ``last_admin_too``) where no admin would be left.
    """
    if role is not None and role not in people.ROLES:
        raise DatabaseError(f"role {role!r} is not known; there are {', '.join(people.ROLES)}")
    if language is not None and language not in people.LANGUAGES:
        raise DatabaseError(f"language {language!r} is not known; there are {', '.join(people.LANGUAGES)}")
    role = role or user.role
    demoted = user.role == "admin" and role != "admin" and user.active
    if demoted and not last_admin_too and people.active_admins(session) <= 1:
        raise DatabaseError("this is the last active admin; add another one first")
    if role == "agent" and not agent and user.agent_id is None:
        raise DatabaseError("an agent's account needs --agent: the name that the call metadata uses for them")
    before = _facts(user)
    user.role = role
    user.language = language or user.language
    user.name = name.strip() if name and name.strip() else user.name
    if team is not None:
        user.team_id = people.team_id(session, team.strip()) if team.strip() else None
    if agent:
        user.agent_id = people.agent_id(session, agent.strip(), None, None)
    changed = {key: [before[key], value] for key, value in _facts(user).items() if value != before[key]}
    if changed:
        record(session, by, "user changed", "user", user.id, changed)


def _facts(user: AppUser) -> Mapping[str, Any]:
    return {name: getattr(user, name) for name in ("role", "team_id", "language", "name", "agent_id")}


def unlock(session: Session, user: AppUser, *, by: Viewer) -> None:
    """Let a locked-out account try again at once."""
    user.failed_sign_ins, user.locked_until = 0, None
    record(session, by, "unlocked", "user", user.id)


def is_locked(user: AppUser) -> bool:
    """Whether too many wrong passwords keep the account out at the moment."""
    return user.locked_until is not None and user.locked_until > utc_now()


def teams(session: Session) -> list[TeamLine]:
    """All teams with how many agents, trainers of their own and calls they have."""

    def counted(column: Any, *where: Any) -> dict[int, int]:
        rows = session.execute(select(column, func.count()).where(*where).group_by(column))
        return {int(team): int(n) for team, n in rows if team is not None}

    agents = counted(Agent.team_id, col(Agent.active))
    trainers = counted(AppUser.team_id, col(AppUser.active), col(AppUser.role) == "trainer")
    calls = counted(Call.team_id)
    return [
        TeamLine(team.id, team.name, agents.get(team.id, 0), trainers.get(team.id, 0), calls.get(team.id, 0))
        for team in session.exec(select(Team).order_by(Team.name))
        if team.id is not None
    ]


def rename_team(session: Session, team: int, name: str, *, by: Viewer) -> None:
    """Give a team another name. The call data must use the new name from then on."""
    found, name = session.get(Team, team), name.strip()
    if found is None:
        raise DatabaseError("there is no such team")
    if (
        not name
        or session.exec(select(Team.id).where(Team.name == name, Team.id != team)).first() is not None
    ):
        raise DatabaseError(f"team name {name!r} is empty or taken")
    record(session, by, "team renamed", "team", team, {"name": [found.name, name]})
    found.name = name


def move_agent(session: Session, key: str, team: str, *, by: Viewer) -> None:
    """Put an agent into a team; their later calls follow the call data."""
    agent = session.exec(select(Agent).where(Agent.key == key)).first()
    if agent is None:
        raise DatabaseError(f"no agent is called {key!r} in the call data")
    before = agent.team_id
    agent.team_id = people.team_id(session, team.strip()) if team.strip() else None
    record(session, by, "agent moved", "agent", agent.id, {"team_id": [before, agent.team_id]})


def missing(session: Session) -> Missing:
    """What keeps people from working."""
    has_account = select(AppUser.agent_id).where(col(AppUser.agent_id).is_not(None), col(AppUser.active))
    accounts = session.execute(
        select(Agent.key, func.count(col(Call.id)))
        .outerjoin(Call, col(Call.agent_id) == Agent.id)
        .where(col(Agent.active), col(Agent.id).not_in(has_account))
        .group_by(col(Agent.id), Agent.key)
        .order_by(func.count(col(Call.id)).desc(), Agent.key)
    )
    without = session.exec(
        select(Agent.key).where(col(Agent.active), col(Agent.team_id).is_(None)).order_by(Agent.key)
    )
    seen_by_all = session.exec(
        select(AppUser.id).where(
            AppUser.role == "trainer", col(AppUser.active), col(AppUser.team_id).is_(None)
        )
    ).first()
    alone = [] if seen_by_all is not None else [line.name for line in teams(session) if not line.trainers]
    return Missing(tuple((key, int(n)) for key, n in accounts), tuple(without), tuple(alone))
