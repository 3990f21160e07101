"""A trainer's day in a real browser: review by keyboard, correct, review blind, and what goes wrong."""

import logging
import sqlite3
import time
from pathlib import Path

import workplace
from browsing import PHONE, WAIT_MS, Server, Visit, call_path, heard, problems, ready, shot
from playwright.sync_api import Page, expect
from sqlmodel import select

from database.engine import reading, writing
from database.listing import open_call
from database.people import end_sessions, user_by_login
from database.store import save_processed
from database.tables import Agent, Comment, ReviewItem
from database.viewers import OPERATOR

MOST_ACTIONS, MOST_SECONDS = 12, 60.0
SCRIPT = "<img src=x onerror=alert(1)> <script>alert(2)</script>"


def no_script_may_run(page: Page) -> None:
    """Any alert fails the test."""

    def alarm(dialog: object) -> None:
        raise AssertionError(f"a script ran: {dialog}")

    page.on("dialog", alarm)


def item(page: Page, criterion: str) -> str:
    return f".item[data-criterion='{criterion}']"


def test_a_review_by_keyboard_alone(visit: Visit, server: Server) -> None:
    page = visit("tess")
    page.locator("table button.open", has_text="K-other-team").wait_for()
    shot(page, "worklist-desktop")
    page.locator("table button.open", has_text="K-other-team").focus()
    actions, started = 0, time.monotonic()

    def press(key: str) -> None:
        nonlocal actions
        page.keyboard.press(key)
        actions += 1

    press("Enter")
    ready(page)
    chosen = page.locator(".item.chosen")
    expect(chosen).to_have_attribute("data-criterion", "empathy_shown")
    press("r")  # the reel: the first doubtful item's clip plays
    expect(page.locator(".call")).to_have_attribute("data-playing", "true")
    assert 14 < heard(page) < 19.5
    press("y")  # the verdict, and the next clip plays
    expect(page.locator(".item.done")).to_have_count(1)
    expect(chosen).to_have_attribute("data-criterion", "resolution_confirmed")
    press("n")
    expect(page.locator(".item.done")).to_have_count(2)
    press("a")
    page.locator(".clear:disabled").wait_for()
    shot(page, "decided-desktop")
    press("f")
    expect(page.locator(".state").first).to_contain_text("Released by Tess Trainer")
    seconds = time.monotonic() - started
    logging.getLogger(__name__).info("worklist to released: %d actions, %.1f s", actions, seconds)
    assert actions <= MOST_ACTIONS
    assert seconds < MOST_SECONDS
    expect(page.locator(".card-head .maker")).to_have_text("reviewed by a person")
    shot(page, "released-desktop")
    press("g")  # and on to the next call of the worklist
    expect(page.locator(".r-head h1")).to_have_text("K-second-call")
    ready(page)
    with reading(server.place.engine) as session:
        opened = open_call(session, OPERATOR, server.place.calls[2]).call
        assert (opened.review_state, opened.score_by) == ("released", "human")
        verdicts = {i.criterion_id: i.verdict for i in session.exec(select(ReviewItem))}
    assert (verdicts["empathy_shown"], verdicts["resolution_confirmed"]) == ("yes", "no")


def test_an_override_with_its_cause_a_comment_and_praise(visit: Visit, server: Server) -> None:
    page = visit("tess", call_path(server))
    no_script_may_run(page)
    ready(page)
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_be_visible()
    page.keyboard.press("y")  # the help lies over the page: no verdict is given
    page.keyboard.press("?")
    expect(page.locator(".item.done")).to_have_count(0)
    page.locator(f"{item(page, 'apology_when_due')} .item-head").click()
    page.keyboard.press("n")
    page.locator(".reason textarea").fill(f"{SCRIPT} too late")
    page.locator(".reason .cause").select_option("skill")
    shot(page, "override-desktop")
    # Leaving the page loses nothing: the reason is open again with its text.
    page.goto(f"{server.url}/calls")
    page.locator("table").first.wait_for()
    page.goto(server.url + call_path(server))
    ready(page)
    expect(page.locator(".reason textarea")).to_have_value(f"{SCRIPT} too late")
    page.locator(".reason .cause").select_option("skill")
    page.locator(".reason textarea").press("Enter")
    expect(page.locator(f"{item(page, 'apology_when_due')} .verdict")).to_have_text("No")
    page.locator(f"{item(page, 'hold_count')} .item-head").click()
    expect(page.locator(".item.chosen .choices .same")).to_contain_text("Confirm 1")
    page.keyboard.press("n")  # a count is put right, not denied
    page.locator(".reason .value").fill("2")
    page.locator(".reason textarea").fill("one before the sound sets in")
    page.locator(".reason textarea").press("Enter")
    expect(page.locator(f"{item(page, 'hold_count')} .verdict")).to_have_text("2")
    expect(page.get_by_text("The machine said: 1")).to_be_hidden()
    page.keyboard.press("m")
    page.locator(".write textarea").fill(f"Nicely calm here {SCRIPT}")
    page.get_by_role("button", name="Save as praise").click()
    expect(page.locator(".remarks li.praise .text")).to_have_text(f"Nicely calm here {SCRIPT}")
    page.locator(f"{item(page, 'apology_when_due')} .item-head").click()
    expect(page.locator(f"{item(page, 'apology_when_due')} blockquote")).to_have_text(f"{SCRIPT} too late")
    expect(page.get_by_text("Root cause: knows, cannot yet")).to_be_visible()
    with reading(server.place.engine) as session:
        row, count = session.exec(select(ReviewItem).order_by(ReviewItem.id)).all()  # type: ignore[arg-type]
        assert (row.action, row.reason, row.root_cause) == ("overridden", f"{SCRIPT} too late", "skill")
        assert (count.action, count.value) == ("overridden", 2)
        assert [c.text for c in session.exec(select(Comment))] == [f"Nicely calm here {SCRIPT}"]


def test_a_line_is_corrected_and_the_page_follows(visit: Visit, server: Server) -> None:
    from pipelines.correcting import read_corrected
    from pipelines.process import Processor
    from pipelines.scoring import Scoring
    from pipelines.testing import build_light_pipeline

    place, call = server.place, server.place.calls[0]
    page = visit("tess", call_path(server))
    ready(page)
    page.locator(".turn[data-turn='2'] .w", has_text="department").dblclick()
    field = page.locator(".turn[data-turn='2'] .editor textarea")
    expect(field).to_be_focused()
    assert field.evaluate("f => f.value.slice(f.selectionStart, f.selectionEnd)") == "department,"
    page.keyboard.press("Escape")
    page.locator(".turn[data-turn='2']").hover()
    page.locator(".turn[data-turn='2'] .edit").click()
    field.fill("I'll ask the depot for you, one moment.")
    shot(page, "correct-desktop")
    page.reload()  # what was typed is still open
    ready(page)
    expect(field).to_have_value("I'll ask the depot for you, one moment.")
    field.press("Enter")
    expect(page.locator(".pending")).to_contain_text("being scored again")
    expect(page.locator(".turn[data-turn='2'] .said")).to_contain_text("I'll ask the depot for you")
    expect(page.locator(".turn[data-turn='2'] .note")).to_have_text("corrected by Tess Trainer")
    page.locator(".turn[data-turn='3']").hover()
    page.locator(".turn[data-turn='3'] .edit").click()
    page.locator(".turn[data-turn='3'] .editor select").first.select_option("agent")
    page.locator(".turn[data-turn='3'] .editor .main").click()
    expect(page.locator(".turn[data-turn='3'] .who")).to_have_text("Agent")
    shot(page, "corrected-desktop")
    processor = Processor(place.settings, build_light_pipeline(place.settings), engine=place.engine)
    processor.scoring = Scoring("customer-care", learned=False)
    assert read_corrected(place.engine, processor, call)
    expect(page.locator(".pending")).to_have_count(0, timeout=WAIT_MS)  # nobody had to reload
    expect(page.locator(".history .moved")).to_contain_text("moved")
    expect(page.locator(".history del").first).to_be_attached()
    assert problems(page) == []
    shot(page, "scored-again-desktop")


def test_a_blind_review(visit: Visit, server: Server) -> None:
    page = visit("tess", call_path(server))
    ready(page)
    page.locator(".blind-start").click()
    expect(page.locator(".blind")).to_be_visible()
    expect(page.locator(".item.chosen")).to_have_attribute("data-criterion", "greeting_with_name_and_company")
    expect(page.locator(".evidence-line")).to_have_count(0)
    assert problems(page) == []
    shot(page, "blind-desktop")
    for count in range(1, 16):
        page.keyboard.press("n" if count == 5 else "y")
        expect(page.locator(".item.done")).to_have_count(count)
    page.keyboard.press("f")
    expect(page.locator(".finish")).to_contain_text("Release")
    expect(page.locator(".card-head")).to_contain_text("9 of 12 as the machine")
    expect(page.locator(f"{item(page, 'hold_over_30s_without_checkin')} .maker")).to_have_text("machine: No")
    shot(page, "revealed-desktop")
    page.keyboard.press("f")
    expect(page.locator(".state").first).to_contain_text("Released by Tess Trainer")


def test_what_goes_wrong_meanwhile(visit: Visit, server: Server) -> None:
    place, call = server.place, server.place.calls[0]
    with writing(place.engine) as session:
        session.exec(select(Agent).where(Agent.key == "ana")).one().name = SCRIPT
    page = visit("tess", call_path(server), viewport=PHONE)
    no_script_may_run(page)
    ready(page)
    expect(page.locator(".r-lead")).to_contain_text(SCRIPT)

    def begin_reason(criterion: str, text: str) -> None:
        page.locator(f"{item(page, criterion)} .item-head").click()
        page.locator(f"{item(page, criterion)} [data-verdict='no']").click()
        page.locator(".reason textarea").fill(text)

    # The database is busy for too long in the middle of a save.
    begin_reason("closing_courteous", "mumbled")
    with sqlite3.connect(place.settings.home / "rapport.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        page.locator(".reason textarea").press("Enter")
        expect(page.locator(".answer .bad")).to_contain_text("not saved", timeout=WAIT_MS)
        expect(page.locator(".reason textarea")).to_have_value("mumbled")
        shot(page, "database-away-phone")
        other.execute("ROLLBACK")
    page.locator(".reason textarea").press("Enter")
    expect(page.locator(f"{item(page, 'closing_courteous')} .verdict")).to_have_text("No")

    # The call is scored again while it is open.
    talk = workplace.talk("late-parcel", "a", "ana", "north")
    newer = workplace.assessment(talk, score=61.0, version=2)
    save_processed(place.engine, Path("x"), talk.recording, talk, newer)
    begin_reason("anything_else_offered", "too fast")
    page.locator(".reason textarea").press("Enter")
    expect(page.locator(".answer .bad")).to_contain_text("scored again while it was open")
    expect(page.locator(f"{item(page, 'closing_courteous')} .verdict")).to_have_text("No")
    expect(page.locator(".reason textarea")).to_have_value("too fast")

    # The session ends with a reason half written; signing in again in the same tab brings it back.
    with writing(place.engine) as session:
        end_sessions(session, user_by_login(session, "tess"))
    page.locator(".reason textarea").press("Enter")
    page.get_by_text("You have been signed out").wait_for()
    shot(page, "signed-out-phone")
    page.get_by_role("link", name="Sign in again").click()
    page.fill("#login", "tess")
    page.fill("#password", workplace.PASSWORD)
    page.click("button[type=submit]")
    ready(page)
    expect(page.locator(".reason textarea")).to_have_value("too fast")
    page.locator(".reason textarea").press("Enter")
    expect(page.locator(f"{item(page, 'anything_else_offered')} .verdict")).to_have_text("No")
    with reading(place.engine) as session:
        assert [i.reason for i in session.exec(select(ReviewItem)) if i.reason == "too fast"] == ["too fast"]

    # The sound is gone: first from under an open page, then before one is opened.
    (place.settings.audio_path / f"{'a' * 64}.flac").unlink()
    page.reload()
    ready(page)
    expect(page.get_by_text("The sound of this call is not stored here")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.request.get(f"{server.url}/calls/{call}/audio").status == 404
