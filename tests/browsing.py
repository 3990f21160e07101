"""A real browser on the real app: the server as a process, people signed in, screenshots.

Screenshots for people to look at land in test-results/.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import workplace
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

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

    def __init__(self, home: Path, **settings: Any) -> None:
        self.place = workplace.make(home)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("RAPPORT_", "STREAMLIT_"))}
        given = {f"RAPPORT_{name.upper()}": json.dumps(value) for name, value in settings.items()}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qa_app", "--port", str(self.port)],
            cwd=ROOT,
            env={**kept, "RAPPORT_HOME": str(home), **given},
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


def settled(page: Page) -> None:
    """Wait until the page's script has run to its end, where it has one."""
    page.wait_for_timeout(500)
    if not page.locator("[data-testid='stApp']").count():
        return
    page.locator("[data-testid='stApp'][data-test-script-state='notRunning']").wait_for()
    expect(page.locator("[data-stale='true']")).to_have_count(0)


def problems(page: Page) -> list[str]:
    """What axe-core holds to be a serious obstacle on the page, the component's shadow root included."""
    import axe_playwright_python

    settled(page)
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


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("app") / "home")
    yield running
    running.stop()
