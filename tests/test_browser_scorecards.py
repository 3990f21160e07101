"""Publishing a scorecard in a real browser: edit, check, try, back-test, publish; the next score uses it."""

import re
from pathlib import Path

import pytest
from browsing import PHONE, Server, Visit, problems, shot
from playwright.sync_api import expect
from test_app_scorecards import read_calls

from database.cards import finder
from database.store import save_processed
from pipelines.process import Processor
from pipelines.scoring import Scoring
from pipelines.testing import build_light_pipeline
from pipelines.worker import Worker
from scorecards.acts.reader import read_phrases
from scorecards.loading import load_card

NEXT = load_card("customer-care", language="en").version + 1


def test_a_version_is_published_and_judges_the_next_call(visit: Visit, server: Server) -> None:
    import workplace

    read_calls(server.place)
    page = visit("ada", "/scorecards")
    page.locator(".r-card").first.wait_for()
    assert problems(page) == []
    shot(page, "scorecards-read")
    page.get_by_text("Edit", exact=True).click()
    page.get_by_role("button", name="Begin the next version").click()
    box = page.locator("textarea").first
    box.wait_for()
    good = box.input_value()
    assert f"\nversion: {NEXT}\n" in good

    def write(text: str) -> None:
        box.fill(text)
        box.press("Control+Enter")

    write(good.replace("pass_mark: 75", "pass_mark: 750"))
    expect(page.get_by_role("alert").filter(has_text="Line 8").first).to_be_visible(timeout=60_000)
    shot(page, "scorecards-problem")
    write(good.replace("pass_mark: 75", "pass_mark: 90"))
    expect(page.get_by_text(re.compile(r"All \d+ tests pass"))).to_be_visible(timeout=60_000)
    assert problems(page) == []
    page.wait_for_timeout(1500)  # a run that is still going would close the list
    call = page.get_by_role("combobox", name="Call", exact=True)
    call.click()
    call.press_sequentially("late", delay=40)
    call.press("ArrowDown")
    shot(page, "scorecards-call")
    call.press("Enter")
    expect(page.get_by_text("with this draft")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Run the back-test").click()
    expect(page.get_by_text("A worker will judge")).to_be_visible(timeout=60_000)
    place = server.place
    assert Worker(
        place.engine, Processor(place.settings, build_light_pipeline(place.settings), engine=place.engine)
    ).run_one()
    expect(page.get_by_text("of the answers change")).to_be_visible(timeout=60_000)
    shot(page, "scorecards-tried")
    page.get_by_role("button", name=f"Publish version {NEXT}").click()
    expect(page.get_by_text(f"customer-care.en version {NEXT} is published")).to_be_visible(timeout=60_000)
    shot(page, "scorecards-published")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.wait_for_timeout(800)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot(page, "scorecards-phone")

    talk = workplace.talk("new-call", "e", "ana", "north")
    judged = Scoring("customer-care", learned=False, find=finder(server.place.engine)).score(
        talk.with_acts(read_phrases(talk, "en"))
    )
    assert judged.scorecard.version == NEXT
    number = save_processed(server.place.engine, Path("new.flac"), talk.recording, talk, judged)
    page.goto(f"{server.url}/call?id={number}")
    expect(page.get_by_text(f"version {NEXT}")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize(("login", "path"), [("ada", "/people"), ("mia", "/reliability")])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_admin_pages_hold_no_serious_obstacle(visit: Visit, login: str, path: str, scheme: str) -> None:
    page = visit(login, path, color_scheme=scheme)
    page.locator("h1").first.wait_for()
    page.wait_for_timeout(2000)
    shot(page, f"{path.strip('/')}-{scheme}")
    assert problems(page) == []
