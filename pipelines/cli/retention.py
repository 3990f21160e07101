"""`rapport retention`: erase what has run out by rule. A dry run unless told otherwise."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import out


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: rapport retention rules.toml --apply")(retention)


def retention(
    rules: Annotated[Path, typer.Argument(help="TOML file: [audio] and [text] after_days, [protect].")],
    do: Annotated[
        bool, typer.Option("--apply/--dry-run", help="Erase for good; default: only tell what would go.")
    ] = False,
) -> None:
    """Erase stored sound, then whole calls, by age. Protected calls stay; every call erased is logged."""
    from database.engine import open_database
    from database.retention import apply, due, read_rules
    from database.settings import settings
    from database.viewers import OPERATOR

    chosen, told = settings(), read_rules(rules)
    engine = open_database(chosen)
    found = apply(engine, told, OPERATOR, chosen.audio_path) if do else due(engine, told)
    verb = "erased" if do else "would be erased"
    out(f"{len(found.text)} call(s) {verb} with all that is held on them")
    out(f"stored sound of {len(found.audio)} further call(s) {verb}")
    out(f"{found.protected} protected call(s) stay")
    if not do and (found.text or found.audio):
        out("nothing was changed; --apply does it")
