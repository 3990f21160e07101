"""Every page opens at its own address, typed before or after signing in, for each role that has it."""

import pytest
import workplace
from browsing import Server, Visit
from sqlalchemy import update

from database.engine import reading, writing
from database.people import person_of, user_by_login
from database.tables import AppUser
from qa_app.i18n import translator
from qa_app.navigation import pages_for

LOGINS = ("tess", "ana", "mia", "ada")


def addresses(server: Server, login: str) -> list[str]:
    """A person's first page, and the pages that nobody before them has."""
    found: dict[str, list[str]] = {}
    with reading(server.place.engine) as session:
        for one in LOGINS:
            found[one] = [page.path for page in pages_for(person_of(user_by_login(session, one)))]
    known = {path for one in LOGINS[: LOGINS.index(login)] for path in found[one]}
    return [path for number, path in enumerate(found[login]) if not number or path not in known]


@pytest.mark.parametrize("login", LOGINS)
def test_a_typed_address_opens_its_page(visit: Visit, server: Server, login: str) -> None:
    paths = addresses(server, login)
    page = visit(login, f"/{paths[0]}?from=typed")
    for path in paths:
        if path != paths[0]:
            page.goto(f"{server.url}/{path}")
        page.locator("h1, .r-empty h2").first.wait_for()
        page.wait_for_timeout(300)
        assert page.get_by_role("dialog").count() == 0, path
        assert page.url.split("?")[0] == f"{server.url}/{path}"


def test_whoever_must_choose_a_password_finds_that_at_every_address(visit: Visit, server: Server) -> None:
    with writing(server.place.engine) as session:
        session.execute(update(AppUser).where(AppUser.login == "tess").values(must_change_password=True))
    page = visit("tess", "/worklist")
    asked = page.get_by_text(translator("en")("account.must_change"))
    asked.wait_for()
    page.goto(f"{server.url}/calls")
    asked.wait_for()
    page.wait_for_timeout(300)
    assert page.get_by_role("dialog").count() == 0
    assert workplace.PASSWORD not in page.content()
