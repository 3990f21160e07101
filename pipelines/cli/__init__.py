"""The ``rapport`` command: one file per command, each adding itself; heavy imports happen inside commands."""

import importlib
import sys

import typer

from pipelines.cli.common import EXPECTED, say

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


def build() -> typer.Typer:
    """The command with all its sub-commands."""
    app = typer.Typer(
        name="rapport",
        help="Quality assurance and coaching for recorded customer-service calls, on your own machines.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    for name in COMMANDS:
        importlib.import_module(f"pipelines.cli.{name}").add(app)
    return app


def main() -> None:
    """Run the command; expected mistakes print as text and exit with 2 (wrong use)."""
    try:
        build()()
    except EXPECTED as error:
        say(f"rapport: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        say("rapport: stopped; what was done is kept, the same command goes on from there")
        sys.exit(130)
