"""Our own addresses: signing in and out, the sound of a call, the scripts of our components."""

import json
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from database import audit
from database.calibrations import may_hear
from database.engine import reading, writing
from database.errors import DatabaseError
from database.own import everything_on
from database.people import (
    SignInError,
    begin_session,
    check_password,
    end_session,
    person_behind,
)
from qa_app.clip_audio import example_sound
from qa_app.context import shared_engine, shared_settings
from qa_app.cookies import COOKIE, give, secret_in
from qa_app.gate import local_target
from qa_app.i18n import best_language, translator
from qa_app.listening import note_listening
from qa_app.own_page import readable
from qa_app.policies import allowed
from qa_app.sign_in import page
from qa_app.single_sign_on import ROUTES as OIDC_ROUTES

SCRIPTS = Path(__file__).parent / "player" / "bundle"
KINDS = {
    ".flac": "audio/flac",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
}


def _same_site(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == request.headers.get("host")


def _provider() -> str | None:
    oidc = shared_settings().oidc
    return oidc.name if oidc else None


async def sign_in(request: Request) -> Response:
    """The sign-in page and what its form sends."""
    t = translator(best_language(request.headers.get("accept-language", "")))
    target = local_target(request.query_params.get("next", "/"))
    if request.method == "GET":
        return HTMLResponse(page(t, provider=_provider(), target=target))
    if not _same_site(request):
        return PlainTextResponse("this form was sent from another site\n", 403)
    form = await request.form()
    login, password = str(form.get("login", ""))[:200], str(form.get("password", ""))[:2000]
    try:
        secret = await run_in_threadpool(_check, login, password)
    except SignInError as error:
        said = t(f"sign_in.{error.reason}", minutes=error.minutes)
        return HTMLResponse(page(t, provider=_provider(), target=target, login=login, problem=said), 401)
    except (DatabaseError, SQLAlchemyError):
        return HTMLResponse(
            page(t, provider=_provider(), target=target, login=login, problem=t("error.database")), 503
        )
    return give(RedirectResponse(target, 303), secret, secure=request.url.scheme == "https")


def _check(login: str, password: str) -> str:
    with writing(shared_engine()) as session:
        found = check_password(session, login, password)
        secret = None if isinstance(found, SignInError) else begin_session(session, found)
    if isinstance(found, SignInError) or secret is None:
        raise found if isinstance(found, SignInError) else SignInError("wrong")
    return secret


async def sign_out(request: Request) -> Response:
    """End this browser's session."""
    secret = secret_in(request.cookies)
    if secret:
        await run_in_threadpool(_end, secret)
    response = RedirectResponse("/account/sign-in", 303)
    response.delete_cookie(COOKIE)
    return response


def _end(secret: str) -> None:
    with writing(shared_engine()) as session:
        end_session(session, secret)


async def audio(request: Request) -> Response:
    """A call's sound, whole or a range, for people who may see the call. A call that is not there and one
    that is out of reach get the same answer."""
    found = await run_in_threadpool(_sound, secret_in(request.cookies), request.path_params["call_id"])
    if found is None:
        return PlainTextResponse("there is no such sound\n", 404)
    kind = KINDS.get(found.suffix.lower(), "application/octet-stream")
    return FileResponse(found, media_type=kind, headers={"cache-control": "private, no-store"})


def _sound(secret: str | None, call_id: int) -> Path | None:
    engine = shared_engine()
    with reading(engine) as session:
        person, _ = person_behind(session, secret)
        if person is None:
            return None
        try:
            call = may_hear(session, person.viewer, call_id)
        except DatabaseError:
            return None
    folder = shared_settings().audio_path.resolve()
    if not call.playback:
        return None
    path = (folder / call.playback).resolve()
    if path.parent != folder or not path.is_file():
        return None
    note_listening(engine, person, call_id)
    return path


async def example_audio(request: Request) -> Response:
    """The stretch of a good example, for people who may hear it; no more of the call than that."""
    found = await run_in_threadpool(
        example_sound, secret_in(request.cookies), request.path_params["example_id"]
    )
    if found is None:
        return PlainTextResponse("there is no such sound\n", 404)
    return Response(found, media_type="audio/flac", headers={"cache-control": "private, no-store"})


async def own_data(request: Request) -> Response:
    """Everything held on the agent who asks, as a file: JSON, or a page to read with ``?as=html``."""
    page_ = request.query_params.get("as") == "html"
    text = await run_in_threadpool(_own_data, secret_in(request.cookies), page_)
    if text is None:
        return PlainTextResponse("only agents have calls of their own\n", 404)
    kind, ending = ("text/html", "html") if page_ else ("application/json", "json")
    name = {
        "content-disposition": f'attachment; filename="my-calls.{ending}"',
        "cache-control": "private, no-store",
    }
    return Response(text, media_type=kind, headers=name)


def _own_data(secret: str | None, as_page: bool) -> str | None:
    engine = shared_engine()
    with reading(engine) as session:
        person, _ = person_behind(session, secret)
        if person is None or not allowed(person, "see_own_page"):
            return None
        held = everything_on(session, person.viewer)
    with writing(engine) as session:
        audit.record(session, person.viewer, "exported", "own data", None, {"calls": len(held["calls"])})
    if as_page:
        return readable(held, translator(person.language), person.viewer.name, person.time_zone)
    return json.dumps(held, ensure_ascii=False, indent=1)


async def script(request: Request) -> Response:
    """A script of our components; it holds no data."""
    path = SCRIPTS / f"{request.path_params['name']}.js"
    if path.parent != SCRIPTS or not path.is_file():
        return PlainTextResponse("there is no such script\n", 404)
    return FileResponse(
        path, media_type="text/javascript", headers={"cache-control": "public, max-age=31536000"}
    )


ROUTES = [
    Route("/account/sign-in", sign_in, methods=["GET", "POST"]),
    *OIDC_ROUTES,
    Route("/account/sign-out", sign_out, methods=["GET", "POST"]),
    Route("/account/data", own_data, methods=["GET"]),
    Route("/examples/{example_id:int}/audio", example_audio, methods=["GET"]),
    Route("/calls/{call_id:int}/audio", audio, methods=["GET"]),
    Route("/player/{version}/{name}.js", script, methods=["GET"]),
]
