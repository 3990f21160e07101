"""A workplace for each test, on SQLite or on a real PostgreSQL, and its pages drawn without a browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import workplace

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from database.people import Person

ROOT = Path(__file__).parent.parent
DATABASES = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The tests of a module that says ``ON_BOTH = True`` run in a place on each database."""
    if "place" in metafunc.fixturenames and getattr(metafunc.module, "ON_BOTH", False):
        metafunc.parametrize("place", DATABASES, indirect=True)


@pytest.fixture
def place(
    request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[workplace.Workplace]:
    """A home with calls and people, which the app and commands find; on PostgreSQL where the test asks so."""
    from qa_app import context
    from qa_app.widgets import components

    url = None
    if getattr(request, "param", "sqlite") == "postgresql":
        url = request.getfixturevalue("workplace_url")
        monkeypatch.setenv("RAPPORT_DATABASE_URL", url)
    made = workplace.make(home, url, filled=url is not None)
    context.forget()
    components._component.cache_clear()
    yield made
    context.forget()
    made.engine.dispose()


@pytest.fixture(scope="session")
def _filled_database(postgres_server: int, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database that holds a workplace and that nobody is connected to."""
    import psycopg

    with psycopg.connect(_admin(postgres_server), autocommit=True) as admin:
        admin.execute("CREATE DATABASE filled")
    url = f"postgresql+psycopg://qa@127.0.0.1:{postgres_server}/filled"
    workplace.make(tmp_path_factory.mktemp("filled"), url).engine.dispose()
    return "filled"


@pytest.fixture
def workplace_url(
    postgres_server: int, _filled_database: str, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of a copy of it, this test's own."""
    import psycopg

    name = f"w{abs(hash(request.node.nodeid)) % 10**12}"
    with psycopg.connect(_admin(postgres_server), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {_filled_database}")
        yield f"postgresql+psycopg://qa@127.0.0.1:{postgres_server}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _admin(port: int) -> str:
    return f"host=127.0.0.1 port={port} user=qa dbname=postgres"


@pytest.fixture
def opens(place: workplace.Workplace, monkeypatch: pytest.MonkeyPatch) -> "Open":
    return Open(place, monkeypatch)


class Open:
    """Opens pages as somebody: ``opens("tess", "calls")``."""

    def __init__(self, place: workplace.Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place, self.monkeypatch = place, monkeypatch

    def __call__(self, login: str | None, view: str | None = None, **query: str) -> "AppTest":
        from streamlit.testing.v1 import AppTest

        from database.engine import writing
        from database.people import begin_session, user_by_login
        from qa_app import identity
        from qa_app.cookies import COOKIE

        cookies: dict[str, str] = {}
        if login is not None:
            with writing(self.place.engine) as session:
                cookies[COOKIE] = begin_session(session, user_by_login(session, login))
        self.monkeypatch.setattr(identity, "cookies", lambda: cookies)
        at = AppTest.from_file(str(ROOT / "qa_app" / "main.py"), default_timeout=60)
        at.run()
        if view is not None:
            at.switch_page(f"views/{view}.py")
            for name, value in query.items():
                at.query_params[name] = value
            at.run()
        assert not at.exception, at.exception
        return at


def text_of(at: "AppTest") -> str:
    """All that a page says, mark-up left out."""
    parts = [*at.main.get("html"), *at.markdown, *at.caption, *at.error, *at.info, *at.warning, *at.subheader]
    words = [
        str(getattr(part, "value", None) or getattr(part, "body", "") or part.proto.body) for part in parts
    ]
    return re.sub(r"<style>.*?</style>|<[^>]+>", " ", " ".join(words), flags=re.S)


def person(place: workplace.Workplace, login: str) -> "Person":
    """Somebody of the workplace by their login."""
    from database.engine import reading
    from database.people import person_of, user_by_login

    with reading(place.engine) as session:
        return person_of(user_by_login(session, login))
