"""The gate before everything: who is not signed in reaches the sign-in page and nothing else.

Streamlit answers some of its own addresses without asking who is there; none of them gets through here.
"""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from database.engine import reading
from database.people import person_behind
from qa_app.context import shared_engine
from qa_app.cookies import secret_in

OPEN = ("/account/sign-in", "/account/oidc", "/_stcore/health", "/player/", "/favicon")
CLOSED = ("/_stcore/metrics", "/_stcore/agent")
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        b"connect-src 'self' ws: wss: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
        b"frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    ),
}


class Gate:
    """ASGI middleware: asks for a session before any request or socket is let through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, redirect to the sign-in page, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith(CLOSED):
            await _refuse(scope, receive, send, PlainTextResponse("not here\n", 404))
        elif path.startswith(OPEN) or await run_in_threadpool(_signed_in, scope):
            await self.app(scope, receive, _with_headers(send))
        elif scope["type"] == "http" and "text/html" in Request(scope).headers.get("accept", ""):
            target = quote(path + ("?" + scope["query_string"].decode() if scope["query_string"] else ""))
            await _refuse(scope, receive, send, RedirectResponse(f"/account/sign-in?next={target}", 303))
        else:
            await _refuse(scope, receive, send, PlainTextResponse("sign in first\n", 401))


def _signed_in(scope: Scope) -> bool:
    with reading(shared_engine()) as session:
        person, _ = person_behind(session, secret_in(cookies_of(scope)))
    return person is not None


def cookies_of(scope: Scope) -> dict[str, str]:
    """The cookies of a request or socket; broken ones are none."""
    header = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header.decode("latin-1")).items()}
    except CookieError:
        return {}


async def _refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await response(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def sending(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))  # type: ignore[call-overload]
            known = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in HEADERS.items() if name not in known]
            message = {**message, "headers": headers}
        await send(message)

    return sending  # type: ignore[return-value]


def local_target(target: str) -> str:
    """Where to go after signing in: an address of this server, nothing else."""
    parts = urlsplit(target)
    good = target.startswith("/") and not target.startswith(("//", "/\\", "/account/sign-", "/account/oidc"))
    return target if good and not parts.scheme and not parts.netloc else "/"
