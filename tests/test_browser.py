"""The app in a real browser: sign in, hear, decide, dispute; nothing leaves the house; pages are accessible.

Screenshots for people to look at land in test-results/.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import workplace
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from database.engine import open_database, reading
from database.listing import open_call
from database.tables import AuditEntry, Comment, ReviewItem
from database.viewers import OPERATOR

ROOT = Path(__file__).parent.parent
SHOTS = ROOT / "test-results"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
WAIT_MS = 60_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium is installed (Debian: apt install chromium)")


class Server:
    """The app as a process of its own on a free port."""

    def __init__(self, home: Path) -> None:
        self.place = workplace.make(home)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("RAPPORT_", "STREAMLIT_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qa_app", "--port", str(self.port)],
            cwd=ROOT,
            env={**kept, "RAPPORT_HOME": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5).read()
                return
            except OSError:
                assert self.process.poll() is None, "the app's server stopped while starting"
                assert time.monotonic() < deadline, "the app's server did not start"
                time.sleep(0.2)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.place.engine.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = chromium()
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=executable, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "home with space")
    yield running
    running.stop()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Signs somebody in with a browser of their own; any request to elsewhere fails the test."""
    elsewhere: list[str] = []
    contexts = []

    def watch(request: Request) -> None:
        if not request.url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:")):
            elsewhere.append(request.url)

    def open_as(login: str, path: str = "/", *, viewport: dict[str, int] | None = None, **more: Any) -> Page:
        context = browser.new_context(viewport=viewport or DESKTOP, **more)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("request", watch)
        page.goto(f"{server.url}{path}")
        page.fill("#login", login)
        page.fill("#password", workplace.PASSWORD)
        page.click("button[type=submit]")
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert elsewhere == []


def call_path(server: Server, which: int = 0) -> str:
    return f"/call?id={server.place.calls[which]}"


def ready(page: Page) -> None:
    page.wait_for_selector('.call[data-ready="true"]', timeout=WAIT_MS)


def heard(page: Page) -> float:
    return float(page.get_attribute(".call", "data-time") or "nan")


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def problems(page: Page) -> list[str]:
    """What axe-core holds to be a serious obstacle on the page, the component's shadow root included."""
    import axe_playwright_python

    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text())
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'], resultTypes: ['violations']})"
    )
    return [
        f"{v['id']}: {node['target']} {node['failureSummary'][:160]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
        if "stToolbar" not in str(node["html"]) and "stMainMenu" not in str(node["html"])
    ]


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


def test_a_review_by_keyboard_alone(visit: Visit, server: Server) -> None:
    page = visit("tess")
    page.locator("table button.open", has_text="K-late-parcel").first.wait_for()
    shot(page, "worklist-desktop")
    page.locator("table button.open", has_text="K-late-parcel").first.focus()
    page.keyboard.press("Enter")
    ready(page)
    actions = 1

    def press(key: str) -> None:
        nonlocal actions
        page.keyboard.press(key)
        actions += 1

    def saved(count: int) -> None:
        expect(page.locator(".item.done")).to_have_count(count)

    expect(page.locator(".item.chosen")).to_have_attribute("data-criterion", "empathy_shown")
    press("y")
    saved(1)
    expect(page.locator(".item.chosen")).to_have_attribute("data-criterion", "resolution_confirmed")
    press("n")
    saved(2)
    press("a")
    page.locator(".clear:disabled").wait_for()
    page.locator(".item[data-criterion='apology_when_due'] .item-head").click()
    page.keyboard.press("n")
    page.locator(".reason textarea").fill("<img src=x onerror=alert(1)> too late")
    shot(page, "override-desktop")
    page.keyboard.press("Enter")
    expect(page.locator(".item[data-criterion='apology_when_due'] .verdict")).to_have_text("No")
    page.keyboard.press("m")
    page.locator(".write textarea").fill("Nicely calm here")
    page.get_by_role("button", name="Save as praise").click()
    expect(page.locator(".remarks li.praise")).to_have_count(1)
    page.locator(".items").click(position={"x": 2, "y": 2})
    press("f")
    expect(page.locator(".state")).to_contain_text("Released by Tess Trainer")
    expect(page.locator(".card-head .maker")).to_have_text("reviewed by a person")
    shot(page, "released-desktop")
    assert actions <= 12
    engine = open_database(server.place.settings)
    with reading(engine) as session:
        opened = open_call(session, OPERATOR, server.place.calls[0]).call
        assert (opened.review_state, opened.score_by) == ("released", "human")
        items = {i.criterion_id: i for i in session.query(ReviewItem)}
        assert items["apology_when_due"].action == "overridden"
        assert items["apology_when_due"].reason == "<img src=x onerror=alert(1)> too late"
        assert items["resolution_confirmed"].verdict == "no"
        assert [c.text for c in session.query(Comment)] == ["Nicely calm here"]
    engine.dispose()


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


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("app") / "home")
    yield running
    running.stop()


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
