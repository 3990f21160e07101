"""Counts and labels disputed by their value: entered by the agent, decided by somebody else, counted in
points and reports, exported; and a value that a person put right is never lost."""

from pathlib import Path
from typing import Any

import pytest
import workplace
from alembic import command
from browsing import PHONE, Server, Visit, call_path, ready, shot
from opening import Open, person, text_of
from playwright.sync_api import expect
from sqlmodel import select
from test_corrections import read_call
from typer.testing import CliRunner

from database import DatabaseError
from database.disputes import disputes
from database.engine import alembic_config, keys_unchecked, migrate_to_head, reading, writing
from database.listing import open_call
from database.own import everything_on
from database.store import save_processed
from database.tables import Call, CriterionRow, ReviewItem
from pipelines.cli import build
from qa_app.actions import asking, disputing, reviewing
from qa_app.i18n import translator
from qa_app.payload import payload
from qa_app.policies import NotAllowedError
from scorecards.cardtests import read_tests
from scorecards.engine import score
from scorecards.loading import load_card

ON_BOTH = True

EN = translator("en")
COUNT, LABEL = "interruptions_by_agent", "contact_reason"
WHY = "I only said yes, and she went on"


def dispute(
    place: workplace.Workplace, call: int, criterion: str, value: object, verdict: str = "yes"
) -> int:
    event = {"do": "dispute", "criterion": criterion, "verdict": verdict, "reason": WHY, "value": value}
    asking.handle(place.engine, person(place, "ana"), call, event)
    with reading(place.engine) as session:
        return disputes(session, person(place, "ana").viewer, "open")[0].dispute.id or 0


def item(place: workplace.Workplace, login: str, call: int, criterion: str) -> dict[str, Any]:
    who = person(place, login)
    with reading(place.engine) as session:
        shown = payload(session, who, open_call(session, who.viewer, call), EN, audio=None)
    return {i["id"]: i for i in shown["criteria"]}[criterion]


def call_row(place: workplace.Workplace, call: int) -> Call:
    with reading(place.engine) as session:
        return session.get_one(Call, call)


def test_an_accepted_value_stands_moves_the_points_and_survives_scoring_again(
    place: workplace.Workplace,
) -> None:
    call = read_call(place, heads=False)
    before = call_row(place, call).score or 0.0
    assert item(place, "ana", call, COUNT)["raw"] == 1
    number = dispute(place, call, COUNT, 0)
    assert call_row(place, call).score == before  # nothing moves before somebody decides
    with pytest.raises(DatabaseError, match="disputed already"):
        dispute(place, call, COUNT, 3)
    disputing.decide(place.engine, person(place, "tom"), number, "accepted", "heard it")
    for login in ("ana", "tess"):
        now = item(place, login, call, COUNT)
        assert (now["raw"], now["value"], now["was"], now["by"], now["dispute"]) == (
            0,
            "0",
            "1",
            "human",
            "accepted",
        )
    after = call_row(place, call)
    assert (after.score or 0.0) > before
    assert (after.score_by, after.open_disputes) == ("human", 0)
    # Processing again brings the machine's value and score anew; the person's stand.
    talk = workplace.talk("rude-call", "f", "ana", "north").with_acts(())
    judged = score(talk, load_card("customer-care", "en"))
    save_processed(place.engine, Path("rude.flac"), talk.recording, talk, judged)
    assert item(place, "ana", call, COUNT)["raw"] == 0
    assert (call_row(place, call).score, call_row(place, call).score_by) == (after.score, "human")


def test_part_of_it_another_value_and_a_manager_has_the_last_word(place: workplace.Workplace) -> None:
    call, tom, mia, ana = (
        read_call(place, heads=False),
        person(place, "tom"),
        person(place, "mia"),
        person(place, "ana"),
    )
    number = dispute(place, call, COUNT, 0)
    for state, value, says in (("partly", None, "needs the value"), ("partly", "many", "a number from 0")):
        with pytest.raises(DatabaseError, match=says):
            disputing.decide(place.engine, tom, number, state, "heard it", "yes", value=value)
    disputing.decide(place.engine, tom, number, "partly", "once, at 0:11", "yes", value=2)
    assert item(place, "ana", call, COUNT)["raw"] == 2
    disputing.escalate(place.engine, ana, number, "she had finished her sentence")
    with pytest.raises(NotAllowedError):
        disputing.decide(place.engine, tom, number, "accepted", "again")
    disputing.decide(place.engine, mia, number, "accepted", "she had")
    assert item(place, "ana", call, COUNT)["raw"] == 0
    with reading(place.engine) as session:
        [told] = everything_on(session, ana.viewer)["calls"][-1]["disputes"]
    assert (told["stood"], told["should_be"], told["state"]) == (1, 0, "accepted")


@pytest.mark.parametrize(
    ("criterion", "value", "verdict", "says"),
    [
        (COUNT, 1, "yes", "the value which stands"),
        (COUNT, "two", "yes", "a number from 0"),
        (COUNT, -1, "yes", "a number from 0"),
        (COUNT, float("nan"), "yes", "a number from 0"),
        (COUNT, True, "yes", "a number from 0"),
        (COUNT, None, "yes", "a number from 0"),
        (LABEL, "weather", "yes", "there are delivery"),
        (LABEL, 3, "yes", "there are delivery"),
        ("empathy_shown", 3, "yes", "answered with yes or no"),
        ("nothing_like_it", 3, "yes", "no criterion"),
    ],
)
def test_odd_values_are_refused(
    tmp_path: Path, criterion: str, value: object, verdict: str, says: str
) -> None:
    made = workplace.make(tmp_path / "home")
    call = read_call(made, heads=False)
    with pytest.raises(DatabaseError, match=says):
        dispute(made, call, criterion, value, verdict)
    with reading(made.engine) as session:
        assert disputes(session, person(made, "ana").viewer) == []
    made.engine.dispose()


def test_a_contact_reason_put_right_counts_in_reports(place: workplace.Workplace) -> None:
    call, tess = read_call(place, heads=False), person(place, "tess")
    assert call_row(place, call).contact_reason == "delivery"
    reviewing.override(place.engine, tess, call, LABEL, "yes", "the bill", value="billing")
    with reading(place.engine) as session:
        judged = open_call(session, tess.viewer, call).assessment
    for result in judged.criteria if judged else ():
        if result.verdict == "review":
            reviewing.override(place.engine, tess, call, result.id, "na", "")
    reviewing.finish(place.engine, tess, call)
    assert call_row(place, call).contact_reason == "billing"
    number = dispute(place, call, LABEL, "claim")
    disputing.decide(place.engine, person(place, "tom"), number, "accepted", "both, but first the claim")
    assert call_row(place, call).contact_reason == "claim"
    assert item(place, "ana", call, LABEL)["raw"] == "claim"
    talk = workplace.talk("rude-call", "f", "ana", "north").with_acts(())
    save_processed(
        place.engine, Path("x"), talk.recording, talk, score(talk, load_card("customer-care", "en"))
    )
    assert call_row(place, call).contact_reason == "claim"


def test_a_settled_value_is_a_test_of_the_scorer(tmp_path: Path, home: Path) -> None:
    made = workplace.make(home)
    call = read_call(made, heads=False)
    number = dispute(made, call, COUNT, 0)
    disputing.decide(made.engine, person(made, "tom"), number, "accepted", "heard it")
    said = CliRunner().invoke(build(), ["export", "disputes", "--out", str(tmp_path)])
    assert "1 test" in said.output, said.output
    [test] = read_tests(tmp_path / "customer-care.en.tests.yaml")
    assert test.expect[COUNT].value == 0
    made.engine.dispose()


def test_values_put_right_before_this_schema_are_taken_over(place: workplace.Workplace) -> None:
    call, tess = read_call(place, heads=False), person(place, "tess")
    reviewing.override(place.engine, tess, call, COUNT, "yes", "twice more", value=3)
    with reading(place.engine) as session:
        judged = open_call(session, tess.viewer, call).assessment
    for result in judged.criteria if judged else ():
        if result.verdict == "review":
            reviewing.override(place.engine, tess, call, result.id, "na", "")
    reviewing.finish(place.engine, tess, call)
    with place.engine.connect() as connection, keys_unchecked(connection), connection.begin():
        command.downgrade(alembic_config(connection), "0009")
    migrate_to_head(place.engine)
    with reading(place.engine) as session:
        rows = session.exec(select(CriterionRow).where(CriterionRow.call_id == call)).all()
        assert {r.criterion_id: r.human_value for r in rows if r.human_value is not None} == {COUNT: 3}
        assert len(session.exec(select(ReviewItem)).all()) > 1
    assert item(place, "ana", call, COUNT)["raw"] == 3


def test_the_page_asks_for_the_value_that_stands(opens: Open) -> None:
    place = opens.place
    call = read_call(place, heads=False)
    dispute(place, call, COUNT, 0)
    at = opens("tom", "disputes")
    assert "stands: 1 · should be: 0" in text_of(at)
    at.text_area(key="disputes.why.1").set_value("one of them")
    at.number_input(key="disputes.value.1").set_value(2)
    at.button(key="disputes.partly.1").click().run()
    assert not at.error, at.error[0].value
    assert "now: 2" in text_of(opens("ana", "disputes"))
    second = dispute(place, call, LABEL, "claim")
    at = opens("tom", "disputes")
    box = at.selectbox(key=f"disputes.value.{second}")
    assert box.value == "claim"
    at.text_area(key=f"disputes.why.{second}").set_value("neither")
    box.set_value("billing")
    at.button(key=f"disputes.partly.{second}").click().run()
    assert item(place, "ana", call, LABEL)["raw"] == "billing"


def test_an_agent_enters_the_value_on_a_phone(visit: Visit, server: Server) -> None:
    page = visit("ana", call_path(server), viewport=PHONE)
    ready(page)
    one = page.locator(".item[data-criterion='hold_count']")
    if "chosen" not in (one.get_attribute("class") or ""):
        one.locator(".item-head").click()
    one.locator("[data-verdict='value']").click()
    field = one.locator("input.value")
    one.locator("textarea").fill("She never came back from the second one")
    for odd in ("two", ""):
        field.fill(odd)
        one.locator("button.main").click()
        expect(field).to_have_attribute("aria-invalid", "true")
    shot(page, "dispute-value-phone")
    field.fill("2")
    one.locator("button.main").click()
    expect(one.locator(".disputed")).to_have_text("disputed")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    with reading(server.place.engine) as session:
        [line] = disputes(session, person(server.place, "ana").viewer)
    assert (line.dispute.disputed_value, line.dispute.own_value) == (1, 2)
    with writing(server.place.engine) as session:
        assert session.get_one(Call, line.call.id).open_disputes == 1
