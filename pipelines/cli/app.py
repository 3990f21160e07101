"""`rapport app`: the review app's server."""

import os
import sys
from typing import Annotated

import typer


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("app", epilog="Example: rapport app --port 8501")(serve)


def serve(
    port: Annotated[int, typer.Option(help="the port to listen on", min=1, max=65535)] = 8501,
    host: Annotated[
        str, typer.Option(help="the address to listen on; 0.0.0.0 lets other machines in")
    ] = "127.0.0.1",
) -> None:
    """Start the review app; stop it with Ctrl+C."""
    # The app is a program of its own: it takes this process over and brings no pipeline along.
    command = [sys.executable, "-m", "qa_app", "--host", host, "--port", str(port)]
    os.execv(sys.executable, command)
