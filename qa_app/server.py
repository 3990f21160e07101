"""The server: Streamlit with our own routes for signing in, for sound and for the player's script."""

import logging
import sys
from pathlib import Path

from starlette.middleware import Middleware

from qa_app import theme

HERE = Path(__file__).parent


def build(host: str = "127.0.0.1", port: int = 8501) -> object:
    """The ASGI application; opens (and migrates) the database first, so that mistakes show at once."""
    del host, port
    import streamlit as st

    from qa_app.context import shared_engine
    from qa_app.gate import Gate
    from qa_app.routes import ROUTES

    shared_engine()
    return st.App(HERE / "main.py", routes=ROUTES, middleware=[Middleware(Gate)], on_script_error=tell_kindly)


def tell_kindly(error: Exception) -> bool:
    """Show a person words that help; the log keeps what happened."""
    import streamlit as st

    from qa_app.i18n import best_language, translator

    logging.getLogger("rapport.app").error("a page failed", exc_info=error)
    st.error(translator(best_language(st.context.locale or ""))("error.unexpected"))
    return True


def configuration(host: str, port: int) -> dict[str, str | int | bool]:
    """Streamlit's options: nothing leaves the house, no developer's menus, our own theme."""
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.enableStaticServing": False,
        "server.maxUploadSize": 1,
        "browser.gatherUsageStats": False,
        "runner.magicEnabled": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "global.suppressDeprecationWarnings": True,
        "logger.level": "warning",
        **theme.options(),
    }


def run(*, host: str, port: int) -> None:
    """Serve until stopped; a database that cannot be opened is told in one line."""
    from database.errors import DatabaseError

    try:
        app = build(host, port)
    except DatabaseError as error:
        sys.stderr.write(f"rapport app: {error}\n")
        raise SystemExit(2) from None
    sys.stderr.write(f"Rapport: http://{'localhost' if host == '127.0.0.1' else host}:{port}\n")
    app.run(config=configuration(host, port))  # type: ignore[attr-defined]
