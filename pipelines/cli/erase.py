"""`rapport erase`: delete a call, or everything held on an agent. For good, and logged."""

from typing import Annotated

import typer

from pipelines.cli.common import WRONG_USE, out, say


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog='Example: rapport erase --agent ana --as admin --reason "left, asked for it"')(erase)


def erase(
    reason: Annotated[str, typer.Option(help="why; kept in the audit log")],
    call: Annotated[list[int] | None, typer.Option(help="a call id; may be given again")] = None,
    agent: Annotated[str | None, typer.Option(help="everything held on this agent")] = None,
    acting: Annotated[
        str | None,
        typer.Option("--as", help="the admin account that answers for it; default: the command line"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask again")] = False,
) -> None:
    """Delete calls, or all of one agent's, with every version, decision, comment and stored sound.

    The source recordings outside the home stay where they are.
    """
    from database import people
    from database.engine import open_database, writing
    from database.erase import delete_copies, erase_agent, erase_calls
    from database.errors import DatabaseError
    from database.settings import settings
    from database.viewers import OPERATOR

    if bool(call) == bool(agent):
        say("rapport erase: name either --call or --agent")
        raise typer.Exit(WRONG_USE)
    what = f"everything held on agent {agent}" if agent else f"call {', '.join(map(str, call or []))}"
    if not yes and not typer.confirm(f"Erase {what} for good?", err=True):
        say("nothing was erased")
        raise typer.Exit(WRONG_USE)
    chosen = settings()
    with writing(open_database(chosen)) as session:
        viewer = OPERATOR
        if acting:
            account = people.user_by_login(session, acting)
            if not account.active:
                raise DatabaseError(f"account {acting!r} is disabled")
            viewer = people.person_of(account).viewer
        if agent:
            erased = erase_agent(session, viewer, agent, reason)
        else:
            erased = erase_calls(session, viewer, call or [], reason)
    copies = delete_copies(erased, chosen.audio_path)
    out(f"erased {len(erased.calls)} call(s) and {copies} stored sound file(s)")
