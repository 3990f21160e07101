"""People to try the app as, one per role. Only for a demo home: never beside real accounts."""

import secrets
from dataclasses import dataclass

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from database import people
from database.engine import writing
from database.errors import DatabaseError
from database.settings import Settings
from database.tables import Agent, AppUser, Call
from database.viewers import OPERATOR

MARK = "demo-home"
LOGINS = (
    ("trainer", "demo-trainer"),
    ("agent", "demo-agent"),
    ("manager", "demo-manager"),
    ("admin", "demo-admin"),
)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as; the password is not kept anywhere."""

    login: str
    role: str
    name: str
    password: str


def make_demo_people(engine: Engine, settings: Settings, *, language: str = "en") -> tuple[DemoPerson, ...]:
    """Make the demo people, or give those of an earlier demo new passwords; the caller shows them once.

    The agent is whoever has most calls in the database, so make the calls first. Raises DatabaseError in
    a home that has other accounts.
    """
    mark = settings.home / MARK
    with writing(engine) as session:
        known = {user.login: user for user in people.users(session)}
        others = sorted(set(known) - {login for _, login in LOGINS})
        if others and not mark.exists():
            raise DatabaseError(
                f"{settings.home} has real accounts ({', '.join(others[:3])}…); "
                "set RAPPORT_HOME to an empty folder for the demo"
            )
        agent = _busiest_agent(session)
        made = []
        for role, login in LOGINS:
            if role == "agent" and agent is None and login not in known:
                continue
            password = secrets.token_urlsafe(9)
            made.append(DemoPerson(login, role, _name(role, agent), password))
            user = known.get(login)
            if user is None:
                _add(session, made[-1], agent, language)
            else:
                people.set_password(session, user, password, by=OPERATOR)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text("This home holds demo accounts; `rapport demo` may change their passwords.\n")
    return tuple(made)


def _busiest_agent(session: Session) -> Agent | None:
    return session.exec(
        select(Agent)
        .join(Call, col(Call.agent_id) == Agent.id)
        .group_by(col(Agent.id), col(Agent.key), col(Agent.name), col(Agent.team_id), col(Agent.active))
        .order_by(func.count().desc(), col(Agent.id))
    ).first()


def _name(role: str, agent: Agent | None) -> str:
    if role == "agent" and agent is not None:
        return agent.name
    return {"trainer": "Toni Trainer", "manager": "Mia Manager", "admin": "Adrian Admin"}.get(role, "Agent")


def _add(session: Session, person: DemoPerson, agent: Agent | None, language: str) -> AppUser:
    key = agent.key if person.role == "agent" and agent is not None else None
    people.add_user(
        session, person.login, person.password, person.role, name=person.name, agent=key, language=language
    )
    return people.user_by_login(session, person.login)
