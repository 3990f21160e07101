"""The app in a real browser: sign in, hear, dispute; nothing leaves the house; pages are accessible."""

import urllib.error
import urllib.request

import pytest
import workplace
from browsing import PHONE, WAIT_MS, Server, Visit, call_path, heard, problems, ready, shot
from playwright.sync_api import Browser, Page, expect

from database.engine import reading
from database.tables import AuditEntry


def test_a_line_a_word_and_a_clip_move_the_player(visit: Visit, server: Server) -> None:
    page = visit("tess", call_path(server))
    ready(page)
    shot(page, "call-desktop")
    assert heard(page) == 0
    page.locator(".turn[data-turn='6'] .when").click()
    expect(page.locator(".call")).to_have_attribute("data-playing", "true")
    page.wait_for_timeout(1500)
    now = heard(page)
    assert 43.2 <= now < 50
    page.keyboard.press("Space")
    expect(page.locator(".call")).to_have_attribute("data-playing", "false")
    page.locator(".turn[data-turn='6'] .w", has_text="tomorrow").click()
    page.keyboard.press("Space")
    assert 48 < heard(page) < 52
    expect(page.locator(".turn.now")).to_have_attribute("data-turn", "6")
    page.locator(".item.chosen .play").first.click()
    page.wait_for_timeout(300)
    assert 14 < heard(page) < 19.9
    page.keyboard.press("Space")
    page.keyboard.press("]")
    assert page.locator(".controls select").input_value() == "1.25"
    before = heard(page)
    page.keyboard.press("ArrowRight")
    assert heard(page) == pytest.approx(before + 5, abs=0.3)
    page.locator(".transcript input").fill("Dépot")
    expect(page.locator(".found")).to_have_text("3 lines")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_be_visible()
    shot(page, "keys-desktop")


def test_an_agent_on_a_phone_sees_acknowledges_and_disputes(visit: Visit, server: Server) -> None:
    from database.people import person_of, user_by_login
    from qa_app.actions import reviewing

    with reading(server.place.engine) as session:
        tess = person_of(user_by_login(session, "tess"))
    for criterion in ("empathy_shown", "resolution_confirmed"):
        reviewing.override(server.place.engine, tess, server.place.calls[0], criterion, "no", "")
    reviewing.finish(server.place.engine, tess, server.place.calls[0])
    page = visit("ana", viewport=PHONE)
    page.locator("table button.open").first.wait_for()
    shot(page, "my-page-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.goto(server.url + call_path(server))
    ready(page)
    shot(page, "call-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator(".acknowledge").click()
    expect(page.locator(".state")).to_contain_text("acknowledged")
    item = page.locator(".item[data-criterion='empathy_shown']")
    if "chosen" not in (item.get_attribute("class") or ""):
        item.locator(".item-head").click()
    item.locator("[data-verdict='yes']").click()
    item.locator("textarea").fill("I named the two lost days")
    item.locator("button.main").click()
    expect(item.locator(".disputed")).to_have_text("disputed")
    shot(page, "disputed-phone")


def test_sound_and_pages_are_for_those_who_may(visit: Visit, server: Server) -> None:
    def status(page: Page, path: str, headers: dict[str, str] | None = None) -> int:
        return page.request.get(server.url + path, headers=headers or {}).status

    page = visit("ben", "/calls")
    page.locator("table").wait_for()
    own, others = server.place.calls[2], server.place.calls[0]
    assert status(page, f"/calls/{own}/audio") == 200
    assert status(page, f"/calls/{own}/audio", {"range": "bytes=100-199"}) == 206
    assert status(page, f"/calls/{others}/audio") == 404
    assert status(page, "/calls/999/audio") == 404
    assert status(page, "/calls/..%2f..%2frapport.db/audio") in (400, 404)
    assert status(page, "/_stcore/metrics") == 404
    held = page.request.get(f"{server.url}/account/data")
    assert [call["id"] for call in held.json()["calls"]] == [own]
    with reading(server.place.engine) as session:
        log = [(e.action, e.subject_id) for e in session.query(AuditEntry) if e.actor == "Ben Agent"]
    assert log.count(("listened", own)) == 1
    assert ("listened", others) not in log
    page.request.get(f"{server.url}/account/sign-out")
    assert status(page, f"/calls/{own}/audio") == 401


@pytest.mark.parametrize("cookie", [None, "rapport_session=forged", "rapport_session=" + "a" * 5000])
@pytest.mark.parametrize("path", ["/calls/1/audio", "/account/data", "/static/index.html", "/_stcore/stream"])
def test_nothing_answers_without_a_session(module_server: Server, path: str, cookie: str | None) -> None:
    request = urllib.request.Request(module_server.url + path, headers={"Cookie": cookie} if cookie else {})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 401


@pytest.mark.parametrize(
    ("login", "path", "wait"),
    [("tess", "/", "table"), ("tess", "call", ".call"), ("ana", "/", "table"), ("ada", "/people", "h1")],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_hold_no_serious_obstacle(
    visit: Visit, server: Server, login: str, path: str, wait: str, scheme: str
) -> None:
    page = visit(login, call_path(server) if path == "call" else path, color_scheme=scheme)
    page.locator(wait).first.wait_for()
    page.wait_for_timeout(1500)
    name = "call" if path == "call" else path.strip("/") or "home"
    shot(page, f"{login}-{name}-{scheme}")
    assert problems(page) == []


def test_the_sign_in_page(browser: Browser, module_server: Server) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{module_server.url}/account/sign-in?next=//evil.example/")
    assert problems(page) == []
    page.fill("#login", "tess")
    page.fill("#password", "wrong")
    page.click("button")
    expect(page.get_by_role("alert")).to_contain_text("Wrong user name or password")
    shot(page, "sign-in-phone")
    page.fill("#password", workplace.PASSWORD)
    page.click("button")
    page.wait_for_url(f"{module_server.url}/")
    page.close()


def test_the_overview_draws_its_plots(visit: Visit, server: Server) -> None:
    """Streamlit leaves out of HTML what it does not hold for safe (SVG, say): no text tells that."""
    page = visit("mia", "/")
    page.locator(".r-shares .dot").first.wait_for()
    for part in (".r-shares .span", ".r-plots .r-course .dot", ".r-plots .r-course .span"):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 2, part
    assert problems(page) == []
    shot(page, "overview-desktop")
