"""The matrix of rights: every role against every action, every function that changes something, every page
and every address. What exists is read from the program, so that a new one without a row here fails."""

import importlib
import inspect
import os
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import workplace
from opening import Open
from sqlalchemy import Engine, text
from sqlalchemy import inspect as look
from sqlmodel import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from database.corrections import Correction
from database.engine import reading, writing
from database.errors import DatabaseError
from database.people import Person, begin_session, person_of, user_by_login
from database.tables import AppUser
from qa_app import actions, context
from qa_app.actions import blind_scoring, coaching, disputing, reviewing, scorecards
from qa_app.cookies import COOKIE
from qa_app.gate import Gate
from qa_app.navigation import BY_ROLE
from qa_app.policies import PAGES, ROLES_BY_ACTION, NotAllowedError
from qa_app.routes import ROUTES
from qa_app.widgets import components

LOGINS = {"trainer": "tess", "agent": "ana", "manager": "mia", "admin": "ada"}
T, A, M, D = "trainer", "agent", "manager", "admin"
EVERYBODY = {T, A, M, D}

ACTIONS: dict[str, set[str]] = {
    "see_calls": EVERYBODY,
    "see_worklist": {T, M},
    "see_dashboard": {T, M, D},
    "see_reliability": {T, M, D},
    "see_own_page": {A},
    "see_disputes": EVERYBODY,
    "review": {T, M},
    "release": {T, M},
    "comment": {T, A, M},
    "praise": {T, M},
    "dispute": {A},
    "acknowledge": {A},
    "decide_dispute": {T, M},
    "correct": {T, M},
    "export": {M, D},
    "see_scorecards": {T, M, D},
    "edit_scorecards": {M, D},
    "publish_scorecards": {M, D},
    "see_people": {M, D},
    "manage_people": {D},
    "see_audit": {D},
    "see_runs": {M, D},
    "erase": {D},
    "see_coaching": {T, A, M},
    "coach": {T, M},
    "add_example": {T, A, M},
    "consent_example": {A},
    "calibrate": {T, M},
    "self_review": {A},
    "see_self_review": {T, A, M},
    "own_account": EVERYBODY,
}
PAGE_FILES: dict[str, set[str]] = {
    "worklist": {T, M},
    "my_page": {A},
    "calls": EVERYBODY,
    "call": EVERYBODY,
    "disputes": EVERYBODY,
    "coaching": {T, A, M},
    "plan": {T, A, M},
    "examples": {T, A, M},
    "calibrations": {T, M},
    "calibration": {T, M},
    "self_review": {T, A, M},
    "progress": {A},
    "my_data": {A},
    "dashboard": {T, M, D},
    "scorecards": {T, M, D},
    "back_test": {M, D},
    "reliability": {T, M, D},
    "people": {M, D},
    "runs": {M, D},
    "audit": {D},
    "account": EVERYBODY,
}
OWN = "anybody, on what is their own"
FUNCTIONS: dict[str, set[str] | str] = {
    "accounts.change_password": OWN,
    "accounts.put_tour_away": OWN,
    "accounts.add_account": {D},
    "accounts.switch": {D},
    "accounts.reset_password": {D},
    "accounts.change": {D},
    "accounts.unlock": {D},
    "accounts.rename_team": {D},
    "accounts.move_agent": {D},
    "scorecards.begin": {M, D},
    "scorecards.save": {M, D},
    "scorecards.drop": {M, D},
    "scorecards.preview": {T, M, D},
    "scorecards.ask_back_test": {M, D},
    "scorecards.publish": {M, D},
    "scorecards.retire": {M, D},
    "scorecards.score_again": {M, D},
    "asking.handle": {T, A, M},
    "blind_scoring.agree": {T, M},
    "blind_scoring.answer_calibration": {T, M},
    "blind_scoring.answer_self": {A},
    "blind_scoring.close_session": {T, M},
    "blind_scoring.open_session": {T, M},
    "coaching.begin": {T, M},
    "coaching.keep_example": {T, A, M},
    "coaching.link": {T, A, M},
    "coaching.move": {T, M},
    "coaching.postpone": {T, M},
    "coaching.say": {T, A, M},
    "coaching.share": {A},
    "coaching.take_out": {T, A, M},
    "correcting.correct": {T, M},
    "correcting.read_again": {T, M},
    "correcting.take_newer": {T, M},
    "disputing.decide": {T, M},
    "disputing.dispute": {A},
    "disputing.escalate": {A},
    "disputing.withdraw": {A},
    "reviewing.acknowledge": {A},
    "reviewing.add_comment": {T, A, M},
    "reviewing.confirm": {T, M},
    "reviewing.confirm_clear": {T, M},
    "reviewing.finish": {T, M},
    "reviewing.override": {T, M},
    "reviewing.release_own": {T, M},
    "reviewing.same_draft": OWN,
    "reviewing.start_blind": {T, M},
    "reviewing.undo": {T, M},
}
"""Functions of ``qa_app.actions`` that take a person, and who may call them."""

KINDS: dict[str, Any] = {"str": "x", "int": 1, "bool": True, "float": 1.0}
SENSIBLE: dict[str, Any] = {
    "verdict": "no",
    "criterion": "apology_when_due",
    "start": 1.0,
    "end": 2.0,
    "changes": [Correction(kind="text", turn=0, new="Good evening")],
    "event": {"do": "override", "criterion": "apology_when_due", "verdict": "no", "reason": "heard it"},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[workplace.Workplace]:
    """A workplace with one of everything: a released review, a dispute, a plan, an example …"""
    made = workplace.make(tmp_path_factory.mktemp("rights") / "home")
    engine, call = made.engine, made.calls[0]
    tess, tom, nora, ana, ada = (person(engine, login) for login in ("tess", "tom", "nora", "ana", "ada"))
    for criterion in ("empathy_shown", "resolution_confirmed"):
        reviewing.override(engine, tess, call, criterion, "no", "not shown")
    reviewing.finish(engine, tess, call)
    disputing.dispute(engine, ana, call, "empathy_shown", "yes", "I named the two lost days")
    coaching.begin(engine, tess, ana.viewer.agent_id or 0, "empathy_shown")
    coaching.keep_example(engine, tess, call, "Names the loss", 19.6, 25.3)
    blind_scoring.open_session(engine, tess, made.calls[1], "Empathy", [tom.id, nora.id])
    scorecards.begin(engine, ada, "x.en")
    yield made
    made.engine.dispose()


def person(engine: Engine, login: str) -> Person:
    with reading(engine) as session:
        return person_of(session.exec(select(AppUser).where(AppUser.login == login)).one())


def test_every_action_has_its_row() -> None:
    assert {action: set(roles) for action, roles in ROLES_BY_ACTION.items()} == ACTIONS


def test_every_page_has_its_row() -> None:
    views = {path.stem for path in (Path(components.FRONTEND).parent / "views").glob("[!_]*.py")}
    assert views == set(PAGE_FILES)
    found = {
        file: {role for role, pages in BY_ROLE.items() if file in {p.file for p in pages}} for file in views
    }
    assert found == PAGE_FILES
    assert {page.name for pages in BY_ROLE.values() for page in pages} == set(PAGES)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_a_page_of_another_role_cannot_be_opened(
    home: Path, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    made = workplace.make(home)
    context.forget()
    components._component.cache_clear()
    at = Open(made, monkeypatch)(LOGINS[role])
    for file, roles in PAGE_FILES.items():
        if role not in roles:
            with pytest.raises(Exception, match="navigation page"):
                at.switch_page(f"views/{file}.py").run()
    context.forget()
    made.engine.dispose()


def functions() -> dict[str, Callable[..., Any]]:
    """The public functions of the actions that act for a person on the database."""
    found = {}
    for module in pkgutil.iter_modules(actions.__path__):
        loaded = importlib.import_module(f"qa_app.actions.{module.name}")
        for name, member in inspect.getmembers(loaded, inspect.isfunction):
            if member.__module__ != loaded.__name__ or name.startswith("_"):
                continue
            if {"person", "engine"} <= set(inspect.signature(member).parameters):
                found[f"{module.name}.{name}"] = member
    return found


def arguments(function: Callable[..., Any], engine: Engine, who: Person, call: int) -> dict[str, Any]:
    """Something for each parameter that must be given."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "engine":
            given[name] = engine
        elif name == "person":
            given[name] = who
        elif name == "call_id":
            given[name] = call
        elif name in SENSIBLE:
            given[name] = SENSIBLE[name]
        elif parameter.default is inspect.Parameter.empty:
            kind = getattr(parameter.annotation, "__name__", str(parameter.annotation))
            given[name] = KINDS.get(kind, [])
    return given


def everything(engine: Engine) -> dict[str, int]:
    """How many rows each table holds."""
    with engine.connect() as connection:
        return {
            table: connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()
            for table in look(engine).get_table_names()
        }


def test_every_function_has_its_row() -> None:
    assert set(functions()) == set(FUNCTIONS)


DENIED = [
    (name, role)
    for name, roles in sorted(FUNCTIONS.items())
    if roles != OWN
    for role in sorted(EVERYBODY - set(roles))
]


@pytest.mark.parametrize(("name", "role"), DENIED)
def test_a_function_refuses_other_roles_and_changes_nothing(
    place: workplace.Workplace, name: str, role: str
) -> None:
    function, who = functions()[name], person(place.engine, LOGINS[role])
    before = everything(place.engine)
    with pytest.raises(DatabaseError) as refused:
        function(**arguments(function, place.engine, who, place.calls[0]))
    assert isinstance(refused.value, NotAllowedError) or "there is no" in str(refused.value), refused.value
    assert everything(place.engine) == before


NOBODY, NORA, BEN = "nobody", "nora", "ben"
"""Beside the roles: nobody signed in, a trainer of one team, an agent of the other team."""
ALL = {NOBODY, T, A, M, D, NORA, BEN}
ADDRESSES: dict[str, dict[str, set[str]]] = {
    "/account/sign-in": {"200": ALL},
    "/account/oidc": {"303": ALL},
    "/account/oidc/back": {"303": ALL},
    "/account/sign-out": {"401": {NOBODY}, "303": ALL - {NOBODY}},
    "/account/data": {"401": {NOBODY}, "200": {A, BEN}, "404": {T, M, D, NORA}},
    "/calls/{first}/audio": {"401": {NOBODY}, "200": {T, A, M, D, NORA}, "404": {BEN}},
    "/calls/{other}/audio": {"401": {NOBODY}, "200": {T, M, D, BEN}, "404": {A, NORA}},
    "/calls/999/audio": {"401": {NOBODY}, "404": ALL - {NOBODY}},
    "/examples/{example}/audio": {"401": {NOBODY}, "200": {T, A, M, NORA}, "404": {D, BEN}},
    "/examples/999/audio": {"401": {NOBODY}, "404": ALL - {NOBODY}},
    "/player/1/call.js": {"200": ALL},
    "/player/1/..%2fstyle.js": {"404": ALL},
}
"""Addresses of our own routes: which answer to whom."""


def test_every_address_has_its_row(place: workplace.Workplace) -> None:
    """Each route of the app is met by an address of the table."""
    from starlette.routing import Match

    asked = [{"type": "http", "path": path, "method": "GET"} for path in addresses(place).values()]
    missed = [r.path for r in ROUTES if not any(r.matches(scope)[0] is Match.FULL for scope in asked)]
    assert missed == []


def addresses(place: workplace.Workplace) -> dict[str, str]:
    first, _, other = place.calls
    return {path: path.format(first=first, other=other, example=1) for path in ADDRESSES}


def test_addresses_answer_each_person_as_they_should(
    place: workplace.Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("RAPPORT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAPPORT_HOME", str(place.settings.home))
    context.forget()
    app = Starlette(routes=ROUTES, middleware=[Middleware(Gate)])
    people = {NOBODY: None, **LOGINS, NORA: "nora", BEN: "ben"}
    found: dict[str, dict[str, set[str]]] = {}
    for template, path in addresses(place).items():
        for who, login in people.items():
            client = TestClient(app, follow_redirects=False)
            if login is not None:
                with writing(place.engine) as session:
                    client.cookies.set(COOKIE, begin_session(session, user_by_login(session, login)))
            status = str(client.get(path).status_code)
            found.setdefault(template, {}).setdefault(status, set()).add(who)
    context.forget()
    assert found == ADDRESSES
