"""The session cookie: one name, one place that reads it from a request."""

from collections.abc import Mapping

COOKIE = "rapport_session"


def secret_in(cookies: Mapping[str, str]) -> str | None:
    """The session's secret id, or None."""
    return cookies.get(COOKIE) or None
