"""Coaching and calibration in a real browser: a plan from clip to follow-up, a calibration of three."""

from datetime import timedelta

import pytest
from browsing import PHONE, Server, Visit, call_path, problems, ready, settled, shot
from playwright.sync_api import Page, expect
from sqlmodel import select

from database.coaching import entries, one_plan
from database.coaching_export import export_plans
from database.engine import reading, writing
from database.tables import Agent, Call, CoachingPlan, CriterionRow, GoodExample, Team
from database.types import utc_now
from database.viewers import OPERATOR

GOAL = "empathy_shown"


def calls(server: Server, key: str, verdicts: str, days: int) -> None:
    """Scored calls of an agent, so many days ago, one a verdict."""
    with writing(server.place.engine) as session:
        agent = session.exec(select(Agent).where(Agent.key == key)).first()
        if agent is None:
            team = session.exec(select(Team.id).where(Team.name == "north")).one()
            agent = Agent(key=key, name=key.title(), team_id=team)
            session.add(agent)
            session.flush()
        for i, verdict in enumerate(verdicts.split()):
            call = Call(
                sha256=f"{key}{days}-{i}".rjust(64, "0"), file_name=f"{key}-{days}-{i}.flac", state="done",
                agent_id=agent.id, team_id=agent.team_id, duration=240.0, score=60.0,
                started_at=utc_now() - timedelta(days=days, minutes=i),
            )  # fmt: skip
            session.add(call)
            session.flush()
            session.add(
                CriterionRow(
                    call_id=call.id or 0, criterion_id=GOAL, verdict=verdict, points=5 * (verdict == "yes"),
                    max_points=5, met=verdict == "yes", started_at=call.started_at, team_id=call.team_id,
                )
            )  # fmt: skip
    server.place.engine.dispose()


def fits(page: Page) -> bool:
    """Whether nothing sticks out of a phone's width."""
    return bool(page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])


def test_a_plan_from_clip_to_follow_up(visit: Visit, server: Server) -> None:
    calls(server, "ana", "no no no no no yes no no", 20)
    for i in range(5):
        calls(server, f"colleague{i}", "no yes", 20)
    trainer = visit("tess", "/coaching")
    trainer.get_by_text("Suggested by the data: Shows empathy").wait_for()
    shot(trainer, "coaching-empty-desktop")
    trainer.get_by_label("What you want to reach together").fill(
        "Take up the feeling before the first question"
    )
    trainer.get_by_role("button", name="Begin a plan").click()
    trainer.get_by_role("heading", name="Ana Agent: Shows empathy").wait_for()
    number = int(trainer.url.rsplit("=", 1)[1])
    # the same moment from the call itself
    trainer.goto(server.url + call_path(server))
    ready(trainer)
    trainer.get_by_role("button", name="Use this call").click()
    trainer.get_by_label("From line").click()
    trainer.get_by_role("option", name="0:19 Agent").click()
    trainer.get_by_label("Comment", exact=True).last.fill("Here you name the two lost days <b>well</b>")
    shot(trainer, "clip-desktop")
    trainer.get_by_role("button", name="Keep the clip").click()
    trainer.get_by_text("The clip is in the plan.").wait_for()
    trainer.goto(f"{server.url}/plan?id={number}")
    trainer.get_by_text("Here you name the two lost days <b>well</b>").wait_for()
    trainer.get_by_role("textbox", name="Write").fill("We heard it twice. You noticed the pause yourself.")
    trainer.get_by_role("button", name="Save", exact=True).click()
    trainer.get_by_text("Waits for the signature of Ana Agent").wait_for()
    settled(trainer)
    trainer.get_by_text("Agreed action", exact=True).click()
    trainer.get_by_role("textbox", name="Write").fill("Name the loss first, then ask for the number")
    trainer.get_by_role("button", name="Save", exact=True).click()
    trainer.get_by_text("Name the loss first, then ask for the number").wait_for()
    shot(trainer, "plan-begun-desktop")

    with writing(server.place.engine) as session:
        session.get_one(CoachingPlan, number).opened_at = utc_now() - timedelta(days=10)
    server.place.engine.dispose()
    calls(server, "ana", "yes yes no yes yes yes", 3)
    for i in range(5):
        calls(server, f"colleague{i}", "yes no", 3)

    agent = visit("ana", viewport=PHONE)
    agent.get_by_role("button", name="To the coaching plan (1 to sign)").wait_for()
    agent.wait_for_timeout(800)
    shot(agent, "my-page-plan-phone")
    agent.get_by_role("button", name="To the coaching plan (1 to sign)").click()
    agent.get_by_text("More often since the plan began").wait_for()
    agent.get_by_label("Add something (optional)").fill("In the second call I was too fast")
    assert fits(agent)
    shot(agent, "plan-agent-phone")
    agent.get_by_role("button", name="Sign", exact=True).click()
    agent.get_by_text("signed by Ana Agent").wait_for()
    settled(agent)
    agent.get_by_role("button", name="Done", exact=True).click()
    agent.get_by_text("✓ Name the loss first").wait_for()
    settled(agent)
    assert problems(agent) == []

    trainer.reload()
    trainer.get_by_text("In the second call I was too fast").wait_for()
    expect(trainer.get_by_text("Team (5), since then")).to_be_visible()
    heard_from = """async (audio) => {
        await audio.play(); const at = audio.currentTime; audio.pause(); return at
    }"""
    assert trainer.locator("audio").first.evaluate(heard_from) == pytest.approx(19.6, abs=0.6)
    trainer.get_by_text("Calls since then that called for it (6)").click()
    settled(trainer)
    shot(trainer, "plan-desktop")
    assert problems(trainer) == []
    trainer.get_by_role("button", name="Change").click()
    trainer.get_by_label("Why?").fill("Five of six calls")
    trainer.get_by_role("button", name="Reached – finish").click()
    trainer.get_by_text("done · Tess Trainer").wait_for()
    with reading(server.place.engine) as session:
        kinds = [e.entry.kind for e in entries(session, one_plan(session, OPERATOR, number))]
        assert kinds == ["note", "action", "signed", "action_done", "state"]
        [held] = export_plans(session, OPERATOR)
        assert held["clips"][0]["start"] == pytest.approx(19.6)
        assert held["basis"]["of"] == 8


def test_a_good_example_is_shared_by_its_agent_alone(visit: Visit, server: Server) -> None:
    agent = visit("ana", call_path(server), viewport=PHONE)
    ready(agent)
    agent.get_by_role("button", name="Use this call").click()
    agent.get_by_label("Title").fill("Names the loss before anything else")
    agent.get_by_label("From line").click()
    agent.get_by_role("option", name="0:19 Agent").click()
    shot(agent, "example-form-phone")
    agent.get_by_role("button", name="Keep the clip").click()
    agent.get_by_text("Only you and your trainers hear it").wait_for()
    with reading(server.place.engine) as session:
        number = session.exec(select(GoodExample.id)).one()
    colleague = visit("ben", "/examples")
    colleague.get_by_text("No good examples yet").wait_for()
    address = f"{server.url}/examples/{number}/audio"
    assert colleague.request.get(address).status == 404
    agent.goto(f"{server.url}/examples")
    agent.get_by_text("Colleagues may hear this").click()
    agent.get_by_text("Shared. You can take that back").wait_for()
    settled(agent)
    assert fits(agent)
    shot(agent, "examples-phone")
    colleague.reload()
    colleague.get_by_text("Names the loss before anything else").wait_for()
    shot(colleague, "examples-desktop")
    sound = colleague.request.get(address)
    assert (sound.status, sound.headers["content-type"]) == (200, "audio/flac")
    whole = agent.request.get(f"{server.url}/calls/{server.place.calls[0]}/audio")
    assert 0 < len(sound.body()) < len(whole.body()) / 4
    assert colleague.request.get(f"{server.url}/calls/{server.place.calls[0]}/audio").status == 404
    agent.get_by_text("Colleagues may hear this").click()
    agent.get_by_text("No longer shared").wait_for()
    assert colleague.request.get(address).status == 404
    agent.goto(f"{server.url}/my-data")
    agent.get_by_text("What is stored", exact=True).wait_for()
    agent.wait_for_timeout(1000)
    shot(agent, "my-data-phone")
    assert fits(agent)
    page = agent.request.get(f"{server.url}/account/data?as=html")
    assert "Names the loss before anything else" in page.text()
    assert "text/html" in page.headers["content-type"]


def answer(page: Page, differing: dict[str, str]) -> None:
    """Score all items by keyboard: yes unless told otherwise."""
    ready(page)
    for _ in range(page.locator(".item").count()):
        chosen = page.locator(".item.chosen")
        criterion = chosen.get_attribute("data-criterion") or ""
        done = page.locator(".item.done").count()
        page.keyboard.press({"yes": "y", "no": "n", "na": "x"}[differing.get(criterion, "yes")])
        expect(page.locator(".item.done")).to_have_count(done + 1)


def test_a_calibration_of_three(visit: Visit, server: Server) -> None:
    owner = visit("mia", call_path(server))
    ready(owner)
    owner.get_by_role("button", name="Gespräch nutzen").click()
    owner.get_by_role("button", name="Daran kalibrieren").click()
    owner.get_by_label("Name der Sitzung").fill("Empathie, November")
    for name in ("Tess Trainer", "Tom Trainer", "Nora North"):
        owner.get_by_role("combobox", name="Personen").click()
        owner.get_by_role("option", name=name).click()
    owner.keyboard.press("Escape")
    shot(owner, "calibrations-desktop")
    owner.get_by_role("button", name="Sitzung eröffnen").click()
    owner.get_by_text("Die Antworten sind noch versiegelt").wait_for()
    number = int(owner.url.rsplit("=", 1)[1])
    people = {
        "tess": {},
        "tom": {GOAL: "no", "apology_when_due": "no"},
        "nora": {GOAL: "no", "verification_before_account_details": "na"},
    }
    called = visit("tess")
    called.get_by_text("A calibration waits for your answers.").wait_for()
    called.wait_for_timeout(800)
    shot(called, "worklist-calibration-desktop")
    called.get_by_role("button", name="Answer now").click()
    called.get_by_role("heading", name="Empathie, November").wait_for()
    pages = {}
    for login, differing in people.items():
        page = pages[login] = visit(login, f"/calibration?id={number}")
        ready(page)
        expect(page.locator(".card .maker.machine")).to_have_count(0)
        assert "80" not in page.locator(".card-head").inner_text()
        if login == "tess":
            shot(page, "calibration-blind-desktop")
        answer(page, differing)
        page.keyboard.press("f")
        if login != "nora":
            page.get_by_text("Answers are still sealed").wait_for()
    shot(pages["tom"], "calibration-sealed-desktop")
    last = pages["nora"]
    last.get_by_text("Answered alike").wait_for()
    settled(last)
    shot(last, "calibration-desktop")
    assert problems(last) == []
    last.get_by_label("Why? The next session reads this.").fill("The feeling came in the second answer")
    last.get_by_role("button", name="Record").click()
    last.get_by_text("Recorded.").wait_for()
    owner.goto(f"{server.url}/calibrations")
    owner.get_by_text("ab zwei verglichenen Sitzungen").wait_for()
    owner.wait_for_timeout(800)
    shot(owner, "calibrations-one-desktop")


def test_an_agent_scores_themselves_and_sees_their_progress(visit: Visit, server: Server) -> None:
    calls(server, "ana", "no no yes no", 70)
    calls(server, "ana", "yes no yes yes yes", 10)
    page = visit("ana", "/progress", viewport=PHONE)
    page.get_by_text("One criterion").wait_for()
    settled(page)
    shot(page, "progress-phone")
    assert fits(page)
    assert problems(page) == []
    page.goto(server.url + call_path(server))
    ready(page)
    page.get_by_role("button", name="Use this call").click()
    page.get_by_role("button", name="Score it yourself").click()
    ready(page)
    expect(page.locator(".card .maker.machine")).to_have_count(0)
    answer(page, {GOAL: "no"})
    shot(page, "self-review-phone")
    page.get_by_role("button", name="Submit my answers").click()
    page.get_by_text("The same answer in").wait_for()
    page.wait_for_timeout(800)
    shot(page, "self-compared-phone")
    assert fits(page)
