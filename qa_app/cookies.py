"""The session cookie: one name, one place that reads it from a request."""

from collections.abc import Mapping

from starlette.responses import Response

from database.people import LIFETIME

COOKIE = "rapport_session"


def secret_in(cookies: Mapping[str, str]) -> str | None:
    """The session's secret id, or None."""
    return cookies.get(COOKIE) or None


def give(response: Response, secret: str, *, secure: bool) -> Response:
    """Put the cookie on a response: out of reach of scripts, and not sent along by other sites' forms."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return response
