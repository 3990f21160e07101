"""Accounts and sessions. Of a password only its argon2id hash is kept, of a session id only its hash."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, update
from sqlmodel import Session, col, select

from database.audit import record
from database.errors import DatabaseError
from database.tables import Agent, AppUser, SignIn, Team
from database.types import utc_now
from database.viewers import OPERATOR, Viewer

ROLES = ("trainer", "agent", "manager", "admin")
LANGUAGES = ("en", "de")
MIN_PASSWORD = 10
MAX_PASSWORD = 1000
FAILURES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)
IDLE = timedelta(hours=2)
LIFETIME = timedelta(hours=12)
TOUCH = timedelta(minutes=1)

_hasher = PasswordHasher()
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,119}")


class SignInError(DatabaseError):
    """The sign-in failed; ``reason`` is wrong, locked or disabled; by an identity provider also no_role,
    no_name, taken or unknown."""

    def __init__(self, reason: str, minutes: int = 0) -> None:
        self.reason, self.minutes = reason, minutes
        super().__init__({"locked": f"locked for {minutes} minutes"}.get(reason, "wrong name or password"))


@dataclass(frozen=True)
class Person:
    """A signed-in person: who they are to queries, and how the app speaks to them."""

    viewer: Viewer
    login: str
    language: str
    time_zone: str
    must_change_password: bool
    blind: bool = False
    toured: bool = True
    """Whether they have put the first steps away."""
    """Reviews with the machine's verdicts and other people's hidden until submitted."""

    @property
    def id(self) -> int:
        """The account's id."""
        if self.viewer.user_id is None:
            raise DatabaseError("nobody is signed in")
        return self.viewer.user_id

    @property
    def role(self) -> str:
        """trainer, agent, manager or admin."""
        return self.viewer.role


def person_of(user: AppUser) -> Person:
    """The person behind an account row."""
    viewer = Viewer(
        user_id=user.id,
        name=user.name,
        role=user.role,
        agent_id=user.agent_id if user.role == "agent" else None,
        team_id=user.team_id if user.role in ("trainer", "manager") else None,
    )
    return Person(
        viewer,
        user.login,
        user.language,
        user.time_zone,
        user.must_change_password,
        user.blind,
        user.toured,
    )


def add_user(
    session: Session,
    login: str,
    password: str,
    role: str,
    *,
    name: str | None = None,
    team: str | None = None,
    agent: str | None = None,
    language: str = "en",
    by: Viewer = OPERATOR,
    must_change_password: bool = False,
) -> int:
    """Add an account; returns its id. ``agent`` is the key that the call metadata uses (role agent).

    Raises DatabaseError for a login that is taken or odd, a short password, an unknown role or language.
    """
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise DatabaseError(f"login {login!r}: use letters a-z, digits and . _ @ + -, at most 120")
    if role not in ROLES:
        raise DatabaseError(f"role {role!r} is not known; there are {', '.join(ROLES)}")
    if language not in LANGUAGES:
        raise DatabaseError(f"language {language!r} is not known; there are {', '.join(LANGUAGES)}")
    if role == "agent" and not agent:
        raise DatabaseError("an agent's account needs --agent: the name that the call metadata uses for them")
    if session.exec(select(AppUser.id).where(AppUser.login == login)).first() is not None:
        raise DatabaseError(f"login {login!r} is taken")
    user = AppUser(
        login=login,
        name=(name or login).strip(),
        role=role,
        password_hash=hash_password(password),
        language=language,
        team_id=team_id(session, team) if team else None,
        agent_id=agent_id(session, agent, team, name) if role == "agent" and agent else None,
        must_change_password=must_change_password,
    )
    session.add(user)
    session.flush()
    if user.id is None:
        raise DatabaseError("the account was not stored")
    record(session, by, "user added", "user", user.id, {"login": login, "role": role})
    return user.id


def hash_password(password: str) -> str:
    """An argon2id hash; raises DatabaseError for a password that is too short or absurdly long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise DatabaseError(
            f"a password needs at least {MIN_PASSWORD} characters (and at most {MAX_PASSWORD})"
        )
    return _hasher.hash(password)


def team_id(session: Session, name: str) -> int | None:
    """The team's id; a new name makes a team."""
    team = session.exec(select(Team).where(Team.name == name)).first()
    if team is None:
        team = Team(name=name)
        session.add(team)
        session.flush()
    return team.id


def agent_id(session: Session, key: str, team: str | None, name: str | None) -> int | None:
    """The agent's id; a new key makes an agent."""
    agent = session.exec(select(Agent).where(Agent.key == key)).first()
    if agent is None:
        agent = Agent(key=key, name=name or key)
        session.add(agent)
    if name:
        agent.name = name
    if team:
        agent.team_id = team_id(session, team)
    session.flush()
    return agent.id


def user_by_login(session: Session, login: str) -> AppUser:
    """An account; raises DatabaseError when there is none."""
    user = session.exec(select(AppUser).where(AppUser.login == login.strip().lower())).first()
    if user is None:
        raise DatabaseError(f"there is no account {login!r}; rapport users list shows them")
    return user


def users(session: Session) -> list[AppUser]:
    """All accounts, by role and name."""
    return list(session.exec(select(AppUser).order_by(AppUser.role, AppUser.name)))


def set_password(
    session: Session, user: AppUser, password: str, *, by: Viewer, must_change: bool = False
) -> None:
    """Give an account a new password, unlock it and end its other sessions."""
    user.password_hash = hash_password(password)
    user.must_change_password, user.failed_sign_ins, user.locked_until = must_change, 0, None
    end_sessions(session, user)
    record(session, by, "password changed", "user", user.id)


def set_active(session: Session, user: AppUser, active: bool, *, by: Viewer) -> None:
    """Let an account sign in or not; a disabled one is signed out at once. The last admin stays."""
    if not active and user.role == "admin" and active_admins(session) <= 1:
        raise DatabaseError("this is the last active admin; add another one first")
    user.active = active
    if not active:
        end_sessions(session, user)
    record(session, by, "user enabled" if active else "user disabled", "user", user.id)


def active_admins(session: Session) -> int:
    """How many admins can sign in."""
    return session.exec(
        select(func.count()).select_from(AppUser).where(AppUser.role == "admin", col(AppUser.active))
    ).one()


def end_sessions(session: Session, user: AppUser) -> None:
    """Sign an account out everywhere."""
    session.execute(
        update(SignIn)
        .where(col(SignIn.user_id) == user.id, col(SignIn.ended_at).is_(None))
        .values(ended_at=utc_now())
    )


def check_password(session: Session, login: str, password: str) -> AppUser | SignInError:
    """The account, or why not. Unknown names take as long as wrong passwords. The caller commits either
    way: failures count towards the lock-out."""
    user = session.exec(
        select(AppUser).where(AppUser.login == login.strip().lower()).with_for_update()
    ).first()
    if user is None:
        _matches(_nobody(), password)
        return SignInError("wrong")
    now = utc_now()
    if user.locked_until is not None and user.locked_until > now:
        return SignInError("locked", 1 + int((user.locked_until - now).total_seconds() // 60))
    if not _matches(user.password_hash, password[:MAX_PASSWORD]):
        user.failed_sign_ins += 1
        if user.failed_sign_ins >= FAILURES_BEFORE_LOCK:
            user.failed_sign_ins, user.locked_until = 0, now + LOCK
            record(session, person_of(user).viewer, "locked out", "user", user.id)
            return SignInError("locked", int(LOCK.total_seconds() // 60))
        return SignInError("wrong")
    if not user.active:
        return SignInError("disabled")
    user.failed_sign_ins, user.locked_until, user.last_sign_in = 0, None, now
    return user


@cache
def _nobody() -> str:
    """The hash of a password that nobody has: a wrong name takes as long as a wrong password. Made when first
    needed, as a process that starts should not wait for it."""
    return _hasher.hash(secrets.token_hex(16))


def _matches(known: str, password: str) -> bool:
    try:
        return _hasher.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


def begin_session(session: Session, user: AppUser) -> str:
    """Sign in: returns the secret id for the cookie."""
    if user.id is None:
        raise DatabaseError("the account was not stored")
    secret = secrets.token_urlsafe(32)
    session.add(SignIn(id_hash=_digest(secret), user_id=user.id, expires_at=utc_now() + LIFETIME))
    record(session, person_of(user).viewer, "signed in", "user", user.id)
    return secret


def end_session(session: Session, secret: str) -> None:
    """Sign one browser out."""
    found = session.get(SignIn, _digest(secret))
    if found is not None and found.ended_at is None:
        found.ended_at = utc_now()


def person_behind(session: Session, secret: str | None) -> tuple[Person | None, bool]:
    """Who holds this cookie, looked up each time; and whether ``touch`` is due. None when the session
    is unknown, ended, idle for too long or over, or the account was disabled."""
    if not secret or len(secret) > 200:
        return None, False
    now = utc_now()
    row = session.exec(
        select(SignIn, AppUser)
        .join(AppUser, col(AppUser.id) == SignIn.user_id)
        .where(SignIn.id_hash == _digest(secret), col(SignIn.ended_at).is_(None))
    ).first()
    if row is None:
        return None, False
    found, user = row
    if not user.active or now >= found.expires_at or now - found.last_seen > IDLE:
        return None, False
    return person_of(user), now - found.last_seen > TOUCH


def touch(session: Session, secret: str) -> None:
    """Note that the person is still there."""
    found = session.get(SignIn, _digest(secret))
    if found is not None and found.ended_at is None:
        found.last_seen = utc_now()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def revive(session: Session, secret: str | None, user: AppUser) -> None:
    """Let one browser stay signed in after a change of password."""
    found = session.get(SignIn, _digest(secret)) if secret else None
    if found is not None and found.user_id == user.id:
        found.ended_at = None
