"""Accounts: one's own settings and password, and what an admin does to others'."""

import secrets
from collections.abc import Mapping

from sqlalchemy import Engine
from sqlmodel import Session

from database import accounts as changing
from database import people
from database.engine import writing
from database.errors import DatabaseError
from database.people import Person
from database.tables import AppUser
from qa_app.cookies import secret_in
from qa_app.i18n import LANGUAGES
from qa_app.policies import authorise


def _account(session: Session, user_id: int) -> AppUser:
    user = session.get(AppUser, user_id)
    if user is None:
        raise DatabaseError("there is no such account")
    return user


def set_preferences(
    session: Session, person: Person, language: str, zone: str, *, blind: bool = False
) -> None:
    """Choose one's language, time zone, and whether to review blind."""
    if language not in LANGUAGES:
        raise DatabaseError(f"language {language!r} is not known; there are {', '.join(LANGUAGES)}")
    user = _account(session, person.id)
    user.language, user.time_zone, user.blind = language, zone, blind


def put_tour_away(engine: Engine, person: Person) -> None:
    """The first steps need not be shown to this person again; they stand on the account page still."""
    with writing(engine) as session:
        _account(session, person.id).toured = True


def change_password(engine: Engine, person: Person, old: str, new: str, cookies: Mapping[str, str]) -> bool:
    """Change one's own password; False when the present one is wrong. This browser stays signed in,
    all others are signed out."""
    with writing(engine) as session:
        found = people.check_password(session, person.login, old)
    if isinstance(found, people.SignInError):
        return False
    if old == new:
        raise DatabaseError("the new password is the present one; choose another")
    with writing(engine) as session:
        user = _account(session, person.id)
        people.set_password(session, user, new, by=person.viewer)
        people.revive(session, secret_in(cookies), user)
    return True


def add_account(
    engine: Engine,
    person: Person,
    login: str,
    role: str,
    *,
    name: str,
    team: str | None = None,
    agent: str | None = None,
    language: str = "en",
) -> str:
    """Add an account with a password made up here; returns that password, to be shown once."""
    authorise(person, "manage_people")
    password = secrets.token_urlsafe(12)
    with writing(engine) as session:
        people.add_user(
            session,
            login,
            password,
            role,
            name=name or login,
            team=team or None,
            agent=agent or None,
            language=language,
            by=person.viewer,
            must_change_password=True,
        )
    return password


def switch(engine: Engine, person: Person, user_id: int, active: bool) -> None:
    """Switch an account on or off; never one's own."""
    authorise(person, "manage_people")
    if user_id == person.id:
        raise DatabaseError("this is your own account; another admin can switch it off")
    with writing(engine) as session:
        people.set_active(session, _account(session, user_id), active, by=person.viewer)


def reset_password(engine: Engine, person: Person, user_id: int) -> str:
    """Give an account a new password made up here; returns it, to be shown once."""
    authorise(person, "manage_people")
    password = secrets.token_urlsafe(12)
    with writing(engine) as session:
        people.set_password(session, _account(session, user_id), password, by=person.viewer, must_change=True)
    return password


def change(
    engine: Engine,
    person: Person,
    user_id: int,
    *,
    role: str,
    team: str,
    language: str,
    name: str,
    agent: str = "",
) -> None:
    """Change another account; ``team`` of ``""`` means every team."""
    authorise(person, "manage_people")
    if user_id == person.id and role != person.role:
        raise DatabaseError("this is your own account; another admin can change its role")
    with writing(engine) as session:
        changing.change_account(
            session,
            _account(session, user_id),
            by=person.viewer,
            role=role,
            team=team,
            language=language,
            name=name,
            agent=agent or None,
        )


def unlock(engine: Engine, person: Person, user_id: int) -> None:
    """Let a locked-out account try again at once."""
    authorise(person, "manage_people")
    with writing(engine) as session:
        changing.unlock(session, _account(session, user_id), by=person.viewer)


def rename_team(engine: Engine, person: Person, team_id: int, name: str) -> None:
    """Give a team another name."""
    authorise(person, "manage_people")
    with writing(engine) as session:
        changing.rename_team(session, team_id, name, by=person.viewer)


def move_agent(engine: Engine, person: Person, key: str, team: str) -> None:
    """Put an agent of the call data into a team."""
    authorise(person, "manage_people")
    with writing(engine) as session:
        changing.move_agent(session, key, team, by=person.viewer)
