"""Sign-in by the house's own identity provider (OpenID Connect): from its claims to one of our accounts.

The provider says who somebody is and, by its groups, which role they have; what they may do then hangs on our
own session and is looked up at every request, as for everybody else.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from database import people
from database.accounts import change_account
from database.audit import record
from database.errors import DatabaseError
from database.people import SignInError, person_of
from database.settings import Oidc
from database.tables import AppUser
from database.types import utc_now
from database.viewers import Viewer

PROVIDER = Viewer(user_id=None, name="identity provider", role="operator")
STRONGEST = ("admin", "manager", "trainer", "agent")


@dataclass(frozen=True)
class Known:
    """What the claims say, in our terms; ``subject`` is unique for ever: issuer and the provider's own id."""

    subject: str
    login: str
    name: str
    role: str
    team: str | None
    agent: str | None


def known(oidc: Oidc, claims: Mapping[str, Any]) -> Known:
    """Read the claims of an id token that has been checked. Raises SignInError("no_role") for somebody
    without a role here and SignInError("no_name") where the claims lack a usable name."""
    subject, login = claims.get("sub"), _text(claims, oidc.login_claim)
    if not subject or not login:
        raise SignInError("no_name")
    if oidc.login_claim == "email" and claims.get("email_verified") is not True:
        raise SignInError("no_name")
    given = _values(claims, oidc.role_claim)
    roles = {oidc.roles.get(value) if oidc.roles else value for value in given} | {oidc.default_role}
    role = next((role for role in STRONGEST if role in roles), None)
    if role is None:
        raise SignInError("no_role")
    agent = (_text(claims, oidc.agent_claim) if oidc.agent_claim else login) if role == "agent" else None
    team = _text(claims, oidc.team_claim) if oidc.team_claim else None
    name = _text(claims, "name") or login
    return Known(f"{claims.get('iss', oidc.issuer)} {subject}", login.lower(), name, role, team, agent)


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """A claim, or one inside another: ``realm_access.roles``. A name with dots of its own comes first."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _values(claims: Mapping[str, Any], path: str) -> list[str]:
    found = _at(claims, path)
    return [str(one) for one in found] if isinstance(found, list) else [str(found)] if found else []


def _text(claims: Mapping[str, Any], path: str) -> str | None:
    values = _values(claims, path)
    return values[0].strip() or None if values else None


def account_for(session: Session, oidc: Oidc, who: Known) -> AppUser:
    """The account of somebody the provider vouches for: theirs from before; else, at the first sign-in, the
    one with their user name, if nobody else has bound it; else a new one. Role, team and name follow the
    claims at each sign-in.

    Raises SignInError: disabled; taken (the user name belongs to another subject); unknown (no account, and
    the settings do not let the provider make any).
    """
    user = session.exec(select(AppUser).where(AppUser.sso_subject == who.subject)).first()
    if user is None:
        user = session.exec(select(AppUser).where(AppUser.login == who.login)).first()
        if user is not None and (user.sso_subject is not None or not oidc.match_accounts):
            raise SignInError("taken")
        user = _new(session, oidc, who) if user is None else user
        user.sso_subject = who.subject
        record(session, PROVIDER, "user bound to the identity provider", "user", user.id)
    if not user.active:
        raise SignInError("disabled")
    change_account(
        session,
        user,
        by=PROVIDER,
        role=who.role,
        team=who.team if oidc.team_claim else None,
        name=who.name,
        agent=who.agent,
        last_admin_too=True,
    )
    user.last_sign_in, user.must_change_password = utc_now(), False
    return user


def _new(session: Session, oidc: Oidc, who: Known) -> AppUser:
    if not oidc.make_accounts:
        raise SignInError("unknown")
    try:
        made = people.add_user(
            session,
            who.login,
            secrets.token_urlsafe(32),  # nobody knows it: this account signs in by the provider
            who.role,
            name=who.name,
            team=who.team,
            agent=who.agent,
            language=oidc.language,
            by=PROVIDER,
        )
    except DatabaseError as error:
        raise SignInError("no_name") from error
    user = session.get(AppUser, made)
    if user is None:
        raise DatabaseError("the account was not stored")
    return user


def sign_in(session: Session, oidc: Oidc, claims: Mapping[str, Any]) -> str:
    """Sign somebody in by the provider's claims; returns the secret id for our own cookie."""
    user = account_for(session, oidc, known(oidc, claims))
    secret = people.begin_session(session, user)
    record(session, person_of(user).viewer, "signed in by the identity provider", "user", user.id)
    return secret
