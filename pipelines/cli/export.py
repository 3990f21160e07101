"""`rapport export`: what the database holds, as JSON."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import out

exports = typer.Typer(no_args_is_help=True, help="Write what the database holds as JSON.")


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(exports, name="export")


@exports.callback()
def _group() -> None:
    """Write what the database holds as JSON."""


@exports.command(epilog="Example: rapport export calls --json calls.json")
def calls(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="the file; default: standard output")
    ] = None,
) -> None:
    """Every call with its state (waiting, running, done, failed, quarantined), score and file name."""
    from database.settings import settings
    from database.store import export_calls, open_database
    from recordings import write_atomically

    rows = export_calls(open_database(settings()))
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    if json_file is None:
        out(text)
    else:
        write_atomically(json_file, (text + "\n").encode())
