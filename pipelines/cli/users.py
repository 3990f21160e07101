"""`rapport users`: accounts of the review app. The first admin is made here."""

import secrets
import sys
from typing import Annotated

import typer

from pipelines.cli.common import out

people = typer.Typer(no_args_is_help=True, help="Add, list, disable accounts; set passwords.")


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(people, name="users")


def _password(given_by_stdin: bool) -> tuple[str, bool]:
    """The password and whether it was made up here."""
    if given_by_stdin:
        return sys.stdin.readline().rstrip("\n"), False
    if sys.stdin.isatty():
        return typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True), False
    return secrets.token_urlsafe(12), True


StdinPassword = Annotated[
    bool, typer.Option("--password-stdin", help="read the password from standard input, one line")
]


@people.command("add", epilog="Example: rapport users add ana --role trainer --team north")
def add_user(
    login: str,
    role: Annotated[str, typer.Option(help="trainer, agent, manager or admin")],
    name: Annotated[str | None, typer.Option(help="the name that people see")] = None,
    team: Annotated[str | None, typer.Option(help="limits trainers and managers to one team")] = None,
    agent: Annotated[str | None, typer.Option(help="role agent: their name in the call metadata")] = None,
    language: Annotated[str, typer.Option(help="en or de")] = "en",
    password_stdin: StdinPassword = False,
) -> None:
    """Add an account. Asks for the password; without a terminal it makes one up and prints it once."""
    from database import people as accounts
    from database.engine import open_database, writing
    from database.settings import settings

    password, made_up = _password(password_stdin)
    with writing(open_database(settings())) as session:
        accounts.add_user(
            session,
            login,
            password,
            role,
            name=name,
            team=team,
            agent=agent,
            language=language,
            must_change_password=made_up,
        )
    out(
        f"{login}: {role}"
        + (f", password {password} (to be changed at the first sign-in)" if made_up else "")
    )


@people.command("list", epilog="Example: rapport users list")
def list_users() -> None:
    """List the accounts."""
    from database import people as accounts
    from database.engine import open_database, reading
    from database.settings import settings

    with reading(open_database(settings())) as session:
        for user in accounts.users(session):
            state = "active" if user.active else "disabled"
            last = f"{user.last_sign_in:%Y-%m-%d %H:%M} UTC" if user.last_sign_in else "never signed in"
            out(f"{user.login:<24} {user.role:<8} {state:<9} {user.name} ({last})")


@people.command("password", epilog="Example: rapport users password ana")
def set_password(login: str, password_stdin: StdinPassword = False) -> None:
    """Set a new password, unlock the account and end its sessions."""
    from database import people as accounts
    from database.engine import open_database, writing
    from database.settings import settings
    from database.viewers import OPERATOR

    password, made_up = _password(password_stdin)
    with writing(open_database(settings())) as session:
        user = accounts.user_by_login(session, login)
        accounts.set_password(session, user, password, by=OPERATOR, must_change=made_up)
    out(
        f"{login}: password " + (f"{password} (to be changed at the first sign-in)" if made_up else "changed")
    )


@people.command("disable", epilog="Example: rapport users disable ana")
def disable(
    login: str, enable: Annotated[bool, typer.Option("--enable", help="let them in again")] = False
) -> None:
    """Keep an account from signing in, and sign it out at once."""
    from database import people as accounts
    from database.engine import open_database, writing
    from database.settings import settings
    from database.viewers import OPERATOR

    with writing(open_database(settings())) as session:
        accounts.set_active(session, accounts.user_by_login(session, login), enable, by=OPERATOR)
    out(f"{login}: {'enabled' if enable else 'disabled'}")


@people.command("change", epilog="Example: rapport users change nora --role manager --team north")
def change(
    login: str,
    role: Annotated[str | None, typer.Option(help="trainer, agent, manager or admin")] = None,
    team: Annotated[str | None, typer.Option(help='their team; "" for every team')] = None,
    language: Annotated[str | None, typer.Option(help="en or de")] = None,
    name: Annotated[str | None, typer.Option(help="the name that people see")] = None,
    agent: Annotated[str | None, typer.Option(help="role agent: their name in the call metadata")] = None,
) -> None:
    """Change role, team, language or name of an account; takes effect at once."""
    from database import accounts as changing
    from database import people as accounts
    from database.engine import open_database, writing
    from database.settings import settings
    from database.viewers import OPERATOR

    with writing(open_database(settings())) as session:
        user = accounts.user_by_login(session, login)
        changing.change_account(
            session, user, by=OPERATOR, role=role, team=team, language=language, name=name, agent=agent
        )
        out(f"{login}: {user.role}, {user.language}, {user.name}")


@people.command("unlock", epilog="Example: rapport users unlock ana")
def unlock(login: str) -> None:
    """Let an account that is locked after wrong passwords try again at once."""
    from database import accounts as changing
    from database import people as accounts
    from database.engine import open_database, writing
    from database.settings import settings
    from database.viewers import OPERATOR

    with writing(open_database(settings())) as session:
        changing.unlock(session, accounts.user_by_login(session, login), by=OPERATOR)
    out(f"{login}: unlocked")


@people.command("teams", epilog="Example: rapport users teams --rename north=coast --move ana=coast")
def show_teams(
    rename: Annotated[str | None, typer.Option(metavar="OLD=NEW", help="give a team another name")] = None,
    move: Annotated[str | None, typer.Option(metavar="AGENT=TEAM", help="put an agent into a team")] = None,
) -> None:
    """List the teams, and tell what is missing before everybody can work."""
    from database import accounts as changing
    from database.engine import open_database, reading, writing
    from database.settings import settings
    from database.viewers import OPERATOR

    engine = open_database(settings())
    if rename or move:
        with writing(engine) as session:
            if rename:
                old, new = _pair(rename)
                found = {line.name: line.id for line in changing.teams(session)}
                changing.rename_team(session, found.get(old, 0), new, by=OPERATOR)
            if move:
                changing.move_agent(session, *_pair(move), by=OPERATOR)
    with reading(engine) as session:
        for line in changing.teams(session):
            counts = f"{line.agents} agents, {line.trainers} trainers, {line.calls} calls"
            out(f"{line.name:<24} {counts}")
        lacking = changing.missing(session)
    for key, calls in lacking.accounts:
        out(f"no account yet: agent {key} ({calls} calls)")
    for key in lacking.teams:
        out(f"no team: agent {key}")
    for team in lacking.trainers:
        out(f"no trainer: team {team}")


def _pair(text: str) -> tuple[str, str]:
    left, sign, right = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text!r}: write it as OLD=NEW")
    return left, right
