"""Signing in by the house's identity provider: out to it, and back with its claims.

OpenID Connect, code flow with PKCE, state and nonce by Authlib. What comes back becomes a session of our own,
on which all rights hang.
"""

import logging
import secrets
from functools import cache
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from database import single_sign_on
from database.engine import writing
from database.errors import DatabaseError
from database.people import SignInError
from database.settings import Oidc
from qa_app.context import shared_engine, shared_settings
from qa_app.cookies import give
from qa_app.gate import local_target
from qa_app.i18n import best_language, translator
from qa_app.sign_in import page

OUT, BACK = "/account/oidc", "/account/oidc/back"
TEN_MINUTES = 600

log = logging.getLogger("rapport.sign-in")


@cache
def provider() -> Any:
    """The client of the configured provider; its addresses and keys are read when first needed."""
    oidc = shared_settings().oidc
    if oidc is None:
        raise DatabaseError("no identity provider is configured")
    from authlib.integrations.starlette_client import OAuth

    return OAuth().register(
        "provider",
        server_metadata_url=f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=oidc.client_id,
        client_secret=oidc.client_secret or None,
        client_kwargs={"scope": oidc.scope, "code_challenge_method": "S256", "timeout": 15},
    )


async def leave(request: Request) -> Response:
    """Send the browser to the provider."""
    oidc = shared_settings().oidc
    if oidc is None:
        return RedirectResponse("/account/sign-in", 303)
    request.session["next"] = local_target(request.query_params.get("next", "/"))
    back = oidc.redirect_uri or str(request.url.replace(path=BACK, query=""))
    try:
        answer: Response = await provider().authorize_redirect(request, back)
    except Exception as error:  # an address that does not answer, an answer that is none
        log.warning("the identity provider cannot be reached", exc_info=error)
        return _refused(request, "unreachable", 503)
    return answer


async def come_back(request: Request) -> Response:
    """The provider sends the browser here with a code; it buys the claims."""
    oidc = shared_settings().oidc
    if oidc is None:
        return RedirectResponse("/account/sign-in", 303)
    target = local_target(str(request.session.get("next", "/")))
    try:
        token = await provider().authorize_access_token(request)
        claims = await _all_claims(oidc, token)
    except Exception as error:  # refused there, a forged or old answer, a bad signature, a network down
        log.warning("sign-in by the identity provider failed", exc_info=error)
        return _refused(request, "refused", 401)
    request.session.clear()
    try:
        secret = await run_in_threadpool(_sign_in, oidc, claims)
    except SignInError as error:
        return _refused(request, error.reason, 403)
    except (DatabaseError, SQLAlchemyError):
        return _refused(request, "database", 503)
    return give(RedirectResponse(target, 303), secret, secure=request.url.scheme == "https")


async def _all_claims(oidc: Oidc, token: dict[str, Any]) -> dict[str, Any]:
    """The claims of the checked id token; where it does not tell the groups, those of the user-info address
    of the same person as well."""
    claims = dict(token["userinfo"])
    client = provider()
    lacking = [n for n in (oidc.role_claim, oidc.login_claim) if n.split(".")[0] not in claims]
    if lacking and (await client.load_server_metadata()).get("userinfo_endpoint"):
        more = dict(await client.userinfo(token=token))
        if more.get("sub") == claims["sub"]:
            return {**more, **claims}
    return claims


def _sign_in(oidc: Oidc, claims: dict[str, Any]) -> str:
    with writing(shared_engine()) as session:
        return single_sign_on.sign_in(session, oidc, claims)


def _refused(request: Request, reason: str, status: int) -> Response:
    t = translator(best_language(request.headers.get("accept-language", "")))
    said = t("error.database") if reason == "database" else t(f"sign_in.{reason}")
    oidc = shared_settings().oidc
    return HTMLResponse(page(t, problem=said, provider=oidc.name if oidc else None), status)


_BETWEEN = [
    Middleware(
        SessionMiddleware,
        secret_key=secrets.token_hex(32),  # a sign-in that a restart cuts in two begins anew
        session_cookie="rapport_oidc",
        max_age=TEN_MINUTES,
        path=OUT,
        same_site="lax",
    )
]
ROUTES = [
    Route(OUT, leave, methods=["GET"], middleware=_BETWEEN),
    Route(BACK, come_back, methods=["GET"], middleware=_BETWEEN),
]
