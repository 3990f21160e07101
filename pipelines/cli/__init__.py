"""The ``rapport`` command: one file per command, each adding itself; heavy imports happen inside commands."""

import importlib
import sys
from collections.abc import Iterable, Sequence

import typer

from pipelines.cli.common import say
from pipelines.starting import loading

COMMANDS: tuple[str, ...] = (
    # one line a command, in the order of `rapport --help`
    "process",
    "nightly",
    "score",
    "scorecard",
    "evaluate",
    "bench",
    "demo",
    "models",
    "app",
    "users",
    "db",
    "export",
    "report",
    "erase",
    "retention",
)


def build(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command with the sub-commands of these files."""
    app = typer.Typer(
        name="rapport",
        help="Quality assurance and coaching for recorded customer-service calls, on your own machines.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(_several)
    for name in names:
        importlib.import_module(f"pipelines.cli.{name}").add(app)
    return app


def _several() -> None:
    # Without a callback, a command with one sub-command would take the sub-command's place.
    pass


def needed(arguments: Sequence[str]) -> tuple[str, ...]:
    """The files that these arguments need: the command's own where they begin with one, else all."""
    first = arguments[0] if arguments else ""
    return (first,) if first in COMMANDS else COMMANDS


def main() -> None:
    """Run the command; expected mistakes print as text and exit with 2 (wrong use)."""
    try:
        with loading():
            command = build(needed(sys.argv[1:]))
        command()
    except KeyboardInterrupt:
        say("rapport: stopped; what was done is kept, the same command goes on from there")
        sys.exit(130)
    except Exception as error:
        from pipelines.cli.expected import EXPECTED

        if not isinstance(error, EXPECTED):
            raise
        say(f"rapport: {error}")
        sys.exit(2)
