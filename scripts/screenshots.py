"""The pictures of the documentation: the app on the sample calls, at a desk and on a phone.

    .venv/bin/python scripts/screenshots.py            # writes docs/images/*.png
    .venv/bin/python scripts/screenshots.py people     # only those whose name begins so
    .venv/bin/python scripts/screenshots.py --seen     # test-results/seen: in grey and to the colour-blind

Needs Chromium (Debian: apt install chromium) and no model: the samples' own transcripts are read and judged.
"""

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from sight import MATRICES, seen

from database.demo_people import make_demo_people
from database.engine import open_database, reading
from database.listing import list_calls, open_call
from database.people import person_of, user_by_login
from database.settings import Settings
from database.store import save_processed
from database.viewers import OPERATOR
from qa_app.actions import reviewing, scorecards
from recordings import Conversation
from recordings.playback import playback_copy
from recordings.samples import samples
from scorecards.acts.reader import read_phrases
from scorecards.engine import score
from scorecards.loading import load_card

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
SEEN = ROOT / "test-results" / "seen"
DESK, PHONE = (1440, 900), (390, 844)
COLOURS = 96
DRAWN = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
  const high = (part) => part.getBoundingClientRect().height > 20;
  return app?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"]')
    && charts.every((box) => [...box.querySelectorAll('canvas, svg')].some(high))
    && document.fonts.status === 'loaded';
}"""
"""The page's script has ended, and every chart has something in it."""


@dataclass(frozen=True)
class Shot:
    """One picture: its file's name, who looks, at which address, and what must be there first."""

    name: str
    role: str
    path: str
    wait: str
    size: tuple[int, int] = DESK
    click: str | None = None
    to: str | None = None
    """What is scrolled into the picture."""


SHOTS = (
    Shot("first-steps", "admin", "/", ".st-key-tour"),
    Shot("worklist", "trainer", "/", "table button.open"),
    Shot("call", "trainer", "/call?id={call}", '.call[data-ready="true"]'),
    Shot("overview", "manager", "/", ".r-shares"),
    Shot("reliability", "manager", "/reliability", "h2, h3"),
    Shot("scorecard", "manager", "/scorecards", ".r-card"),
    Shot("scorecard-edit", "manager", "/scorecards", "textarea", click="Edit"),
    Shot("people", "admin", "/people", "[data-testid=stExpander]"),
    Shot("my-page-phone", "agent", "/", "table button.open", PHONE),
    Shot("call-phone", "agent", "/call?id={own}", '.call[data-ready="true"]', PHONE),
    Shot("scorecard-phone", "manager", "/scorecards", ".r-card", PHONE),
)
MORE = (
    Shot("reasons", "manager", "/", ".r-plots .r-course", to=".r-plots"),
    Shot("overview-phone", "manager", "/", ".r-shares", PHONE),
    Shot("reasons-phone", "manager", "/", ".r-plots .r-course", PHONE, to=".r-plots"),
    Shot("progress", "agent", "/progress", "h1"),
)
"""Looked at as other eyes see them, and not in the documentation."""


def fill(settings: Settings) -> dict[str, str]:
    """Store the sample calls, one of them reviewed; returns the passwords of the demo people by role."""
    engine = open_database(settings)
    settings.audio_path.mkdir(parents=True, exist_ok=True)
    for sample in samples():
        talk = Conversation.read(sample.truth)
        language = (talk.recording.language or "en")[:2]
        card = load_card("customer-care", language)
        if talk.acts is None:
            talk = talk.with_acts(read_phrases(talk, language))
        sound = settings.audio_path / f"{talk.recording.sha256}.flac"
        playback_copy(sample.audio, sound)
        save_processed(engine, sample.audio, talk.recording, talk, score(talk, card), playback=sound)
    people = make_demo_people(engine, settings)
    with reading(engine) as session:
        trainer = person_of(user_by_login(session, "demo-trainer"))
        admin = person_of(user_by_login(session, "demo-admin"))
        calls = [line for line in list_calls(session, OPERATOR) if line.call.language == "en"]
    first = calls[-1].call.id or 0
    for line in calls[:-1]:
        number = line.call.id or 0
        with reading(engine) as session:
            judged = open_call(session, trainer.viewer, number).assessment
        for result in judged.criteria if judged else ():
            if result.verdict == "review" or result.id == "empathy_shown":
                reviewing.override(engine, trainer, number, result.id, "yes", "heard it")
        reviewing.finish(engine, trainer, number)
    told = "Names the lost day before anything else."
    reviewing.add_comment(engine, trainer, first, told, kind="praise", moment=20.0)
    scorecards.begin(engine, admin, "customer-care.en")
    engine.dispose()
    return {person.role: person.password for person in people}


class Server:
    """The app on a free port; ``url`` answers until ``stop``."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RAPPORT_")}
        environment["RAPPORT_HOME"] = str(settings.home)
        command = [sys.executable, "-m", "qa_app", "--port", str(port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5).read()
                return
            except OSError:
                time.sleep(0.2)
        raise SystemExit("the app did not start")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


def take(page: Page, shot: Shot, url: str, calls: dict[str, int]) -> Image.Image:
    """Go there and wait until it is drawn."""
    page.set_viewport_size({"width": shot.size[0], "height": shot.size[1]})
    page.goto(url + shot.path.format(**calls))
    if shot.click:
        page.get_by_role("radio", name=shot.click).or_(page.get_by_text(shot.click, exact=True)).first.click()
    page.locator(shot.wait).first.wait_for()
    drawn(page)
    if shot.to:
        page.locator(shot.to).first.evaluate("(e) => e.scrollIntoView({block: 'center'})")
        drawn(page)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def drawn(page: Page) -> None:
    """Wait until the page has settled and its charts are drawn, and stay so for a moment."""
    for _ in range(2):
        page.wait_for_function(DRAWN)
        page.wait_for_timeout(700)


def keep(picture: Image.Image, name: str, *, as_seen: bool) -> list[Path]:
    """Write the picture for the documentation, or as other eyes see it; returns the files."""
    if not as_seen:
        IMAGES.mkdir(parents=True, exist_ok=True)
        picture.quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)
        return [IMAGES / f"{name}.png"]
    SEEN.mkdir(parents=True, exist_ok=True)
    files = []
    for how in MATRICES:
        files.append(SEEN / f"{name}-{how}.png")
        seen(picture, how).save(files[-1])
    return files


def main() -> None:
    """Fill a home, start the app, take the pictures."""
    names = [word for word in sys.argv[1:] if word != "--seen"]
    as_seen = len(names) < len(sys.argv[1:])
    offered = (*SHOTS, *MORE) if as_seen else SHOTS
    wanted = [shot for shot in offered if not names or shot.name.startswith(tuple(names))]
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory(prefix="rapport-pictures-") as folder, sync_playwright() as play:
        settings = Settings(home=Path(folder))
        passwords = fill(settings)
        server = Server(settings)
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            engine = open_database(settings)
            with reading(engine) as session:
                agent = person_of(user_by_login(session, "demo-agent"))
                own = list_calls(session, agent.viewer)[0].call.id or 0
                english = [c for c in list_calls(session, OPERATOR) if c.call.language == "en"]
            engine.dispose()
            calls = {"own": own, "call": english[-1].call.id or 0}
            for role in dict.fromkeys(shot.role for shot in wanted):
                page = browser.new_page(locale="en-GB")
                page.set_default_timeout(60_000)
                page.goto(server.url)
                page.fill("#login", f"demo-{role}")
                page.fill("#password", passwords[role])
                page.click("button[type=submit]")
                away = page.get_by_role("button", name="Put away")
                away.wait_for()
                if role != "admin":
                    away.click()
                    away.wait_for(state="detached")
                for shot in wanted:
                    if shot.role == role:
                        picture = take(page, shot, server.url, calls)
                        for file in keep(picture, shot.name, as_seen=as_seen):
                            sys.stdout.write(f"{file.relative_to(ROOT)}\n")
                page.close()
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
