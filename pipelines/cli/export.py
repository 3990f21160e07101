"""`rapport export`: what the database holds, as JSON or as tests and labels for the scorer."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.common import out

exports = typer.Typer(no_args_is_help=True, help="Write what the database holds.")


def add(app: typer.Typer) -> None:
    """Add the command."""
    from pipelines.cli.export_labels import disputes, labels

    exports.command(epilog="Example: rapport export disputes --out disputes")(disputes)
    exports.command(epilog="Example: rapport export labels --out gold-of-ours")(labels)
    app.add_typer(exports, name="export")


@exports.callback()
def _group() -> None:
    """Write what the database holds."""


@exports.command(epilog="Example: rapport export calls --json calls.json")
def calls(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="the file; default: standard output")
    ] = None,
) -> None:
    """Every call with its state (waiting, running, done, failed, quarantined), score and file name."""
    from database.settings import settings
    from database.store import export_calls, open_database

    _write(export_calls(open_database(settings())), json_file)


@exports.command(epilog="Example: rapport export coaching --json coaching.json")
def coaching(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="the file; default: standard output")
    ] = None,
) -> None:
    """Every coaching plan with its notes, signatures, actions and clips."""
    from database.coaching_export import export_plans
    from database.engine import open_database, reading
    from database.settings import settings
    from database.viewers import OPERATOR

    with reading(open_database(settings())) as session:
        rows = export_plans(session, OPERATOR)
    _write(rows, json_file)


@exports.command(epilog="Example: rapport export calibrations --json calibrations.json")
def calibrations(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="the file; default: standard output")
    ] = None,
) -> None:
    """Every calibration session; the answers of those that are no longer sealed."""
    from database.calibration_answers import export_sessions
    from database.engine import open_database, reading
    from database.settings import settings
    from database.viewers import OPERATOR

    with reading(open_database(settings())) as session:
        rows = export_sessions(session, OPERATOR)
    _write(rows, json_file)


def _write(rows: list[dict[str, Any]], json_file: Path | None) -> None:
    from recordings import write_atomically

    text = json.dumps(rows, ensure_ascii=False, indent=1)
    if json_file is None:
        out(text)
    else:
        write_atomically(json_file, (text + "\n").encode())
