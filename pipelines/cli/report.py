"""`rapport report`: why people had to call in a month, on one page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import out, say


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report", epilog="Example: rapport report --month 2026-10 --html october.html")(report)


def last_month() -> str:
    """The month before this one."""
    return (datetime.now(UTC).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


def report(
    month: Annotated[str | None, typer.Option(help="as 2026-10; the last full month by default")] = None,
    html: Annotated[Path | None, typer.Option(help="write one printable page to this file")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the figures to this file")] = None,
    time_zone: Annotated[str, typer.Option(help="whose months are meant")] = "UTC",
) -> None:
    """Contact reasons with change and interval, failure causes, promises, redacted quotes."""
    import json
    from dataclasses import asdict

    from database.engine import open_database, reading
    from database.monthly import month_of
    from database.settings import settings
    from database.viewers import OPERATOR
    from pipelines.monthly import as_html, as_text
    from recordings import write_atomically

    with reading(open_database(settings())) as session:
        found = month_of(session, OPERATOR, month or last_month(), zone=time_zone)
    if html is not None:
        write_atomically(html, as_html(found).encode())
        say(f"written: {html}")
    if json_file is not None:
        text = json.dumps(asdict(found), ensure_ascii=False, indent=1, default=str)
        write_atomically(json_file, (text + "\n").encode())
    if html is None and json_file is None:
        out(as_text(found).rstrip())
