"""`rapport db`: bring the database to the newest schema, check it, back it up."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import DONE, SOME_FAILED, out, say

db = typer.Typer(no_args_is_help=True, help="Upgrade, check and back up the database.")


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(db, name="db")


@db.command(epilog="Example: rapport db upgrade")
def upgrade() -> None:
    """Make the database or bring it to the newest schema; safe to run again."""
    from database.engine import open_database, schema_version
    from database.settings import settings

    engine = open_database(settings())
    found, _ = schema_version(engine)
    out(f"schema {found}: {engine.url.render_as_string(hide_password=True)}")


@db.command(epilog="Example: rapport db check")
def check() -> None:
    """Check the schema version and the chain of the audit log; prints the newest hash to keep elsewhere."""
    from database.audit import newest_hash, verify
    from database.engine import open_database, reading, schema_version
    from database.settings import settings

    engine = open_database(settings(), migrate=False)
    found, wanted = schema_version(engine)
    if found != wanted:
        say(f"the schema is {found or 'empty'}, this version wants {wanted}; run: rapport db upgrade")
        raise typer.Exit(SOME_FAILED)
    with reading(engine) as session:
        problems = verify(session)
        head = newest_hash(session)
    for problem in problems:
        say(f"audit log: {problem}")
    out(f"schema {found}, audit log {'broken' if problems else 'whole'}, newest hash {head}")
    raise typer.Exit(SOME_FAILED if problems else DONE)


@db.command(epilog="Example: rapport db totals")
def totals() -> None:
    """Count the monthly totals that are missing, which make figures over years quick; safe at any time.
    The night run and a worker do it too."""
    from database.engine import open_database
    from database.settings import settings
    from database.totals import count_missing

    counted = count_missing(open_database(settings()))
    out(f"counted: {', '.join(counted) or 'nothing was missing'}")


@db.command(epilog="Example: rapport db backup backups/monday.db")
def backup(
    file: Annotated[Path | None, typer.Argument(help="the new file; default: in the home's backups")] = None,
) -> None:
    """Write a consistent copy while everything goes on running."""
    from database.backup import backup as write
    from database.engine import open_database
    from database.settings import settings

    chosen = settings()
    engine = open_database(chosen, migrate=False)
    ending = "db" if engine.dialect.name == "sqlite" else "dump"
    name = f"rapport-{datetime.now(UTC):%Y%m%d-%H%M%S}.{ending}"
    out(str(write(engine, file or chosen.home / "backups" / name)))
