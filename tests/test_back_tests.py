"""A draft tried on stored calls by a worker: progress and result are kept for whoever asked, within reach."""

import re
from dataclasses import replace

import pytest
import workplace
from opening import Open, person, text_of
from test_app_scorecards import NAME, NEXT, read_calls

from database import DatabaseError, back_tests, jobs
from database.back_tests import BackTestLine
from database.engine import reading, writing
from database.erase import erase_agent
from database.people import Person, user_by_login
from database.samples import newest_calls, talk_of
from database.tables import AppUser, BackTestRow
from database.viewers import OPERATOR
from pipelines.backtesting import run_back_test
from pipelines.process import Processor
from pipelines.testing import build_light_pipeline
from pipelines.worker import Worker
from qa_app.actions import scorecards
from scorecards.backtest import back_test
from scorecards.engine import score
from scorecards.loading import card_from_text, load_card

ON_BOTH = True


@pytest.fixture(autouse=True)
def _read(place: workplace.Workplace) -> None:
    read_calls(place)


def stricter(place: workplace.Workplace) -> str:
    """The next version of the ready card, in which nobody says goodbye well."""
    with reading(place.engine) as session:
        found = scorecards.source_of(session, NAME)
    assert found is not None
    old = "{any_of: [goodbye, wish], where: {last: 2}}"
    assert old in found.text
    text = re.sub(r"(?m)^version:.*$", f"version: {NEXT}", found.text, count=1)
    return text.replace(old, "{any_of: [name_company], where: {last: 2}}")


def newest(place: workplace.Workplace, who: Person) -> BackTestLine:
    with reading(place.engine) as session:
        line = back_tests.newest(session, who.viewer, NAME)
    assert line is not None
    return line


def test_a_worker_does_it_and_keeps_what_came_out(place: workplace.Workplace) -> None:
    ada, text = person(place, "ada"), stricter(place)
    number = scorecards.ask_back_test(place.engine, ada, NAME, text, 200)
    waits = newest(place, ada)
    assert (waits.row.id, waits.state, waits.idle, waits.row.result) == (number, "waiting", False, None)
    worker = Worker(
        place.engine, Processor(place.settings, build_light_pipeline(place.settings), engine=place.engine)
    )
    assert worker.run_one()
    done = newest(place, ada)
    assert (done.state, done.row.done, done.row.total) == ("done", 2, 2)
    result = done.row.result
    # The same as comparing here, with numbers in place of names.
    with reading(place.engine) as session:
        talks = [talk_of(session, OPERATOR, call.id) for call in newest_calls(session, OPERATOR, "en", 200)]
    here = back_test(
        [talk for talk in talks if talk is not None], load_card("customer-care", "en"), card_from_text(text)
    )
    assert (result["changed"], result["answers"]) == (len(here.changes), here.answers)
    assert [(i["id"], i["changed"]) for i in result["items"]] == list(here.by_criterion())
    assert result["changed"] > 0
    assert {int(call["call"]) for call in result["hear"]} == {place.calls[0], place.calls[2]}
    assert all(a["agent"].isdigit() for a in result["agents"])
    assert "ana" not in str(result)


def test_nobody_tries_a_card_on_calls_out_of_reach(place: workplace.Workplace) -> None:
    with writing(place.engine) as session:
        manager = user_by_login(session, "mia")
        manager.team_id = user_by_login(session, "nora").team_id
    mia = person(place, "mia")
    number = scorecards.ask_back_test(place.engine, mia, NAME, stricter(place), 50)
    job = jobs.claim(place.engine, "w", kinds=("back_test",))
    assert job is not None
    run_back_test(place.engine, job)
    with reading(place.engine) as session:
        line = back_tests.one(session, mia.viewer, number)
        assert [int(call["call"]) for call in line.row.result["hear"]] == [place.calls[0]]
        for other in ("ada", "tess"):
            with pytest.raises(DatabaseError, match="no back-test"):
                back_tests.one(session, person(place, other).viewer, number)
            assert back_tests.newest(session, person(place, other).viewer, NAME) is None
        calls, agents = back_tests.names_of(session, mia.viewer, place.calls, range(1, 9))
        assert (set(calls), list(agents.values())) == ({place.calls[0], place.calls[1]}, ["Ana Agent"])


def test_asking_anew_gives_up_what_is_under_way(place: workplace.Workplace) -> None:
    ada = person(place, "ada")
    first = scorecards.ask_back_test(place.engine, ada, NAME, stricter(place), 50)
    job = jobs.claim(place.engine, "w")
    assert job is not None
    second = scorecards.ask_back_test(place.engine, ada, NAME, stricter(place), 200)
    run_back_test(place.engine, job, every_s=0.0)  # notices, and keeps nothing
    assert not jobs.finish(place.engine, job)
    with reading(place.engine) as session:
        assert session.get_one(BackTestRow, first).result is None
        assert back_tests.one(session, ada.viewer, first).state == "cancelled"
        assert back_tests.one(session, ada.viewer, second).state == "waiting"


def test_progress_is_told_while_it_runs(place: workplace.Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = person(place, "ada")
    scorecards.ask_back_test(place.engine, ada, NAME, stricter(place), 50)
    job = jobs.claim(place.engine, "w")
    assert job is not None
    seen: list[tuple[str, int, int | None]] = []

    def watch(*cards: object) -> object:
        line = newest(place, ada)
        seen.append((line.state, line.row.done, line.row.total))
        return score(*cards)  # type: ignore[arg-type]

    monkeypatch.setattr("scorecards.backtest.score", watch)
    run_back_test(place.engine, job, every_s=0.0)
    assert seen[0] == ("running", 0, 3)
    assert seen[-1] == ("running", 2, 3)
    assert newest(place, ada).state == "done"


def test_what_cannot_be_tried_is_refused_or_fails_with_its_cause(place: workplace.Workplace) -> None:
    ada = person(place, "ada")
    for name, text, wanted, says in (
        (NAME, "id: [", 50, "errors"),
        (NAME, stricter(place), 7, "takes 50"),
        ("new.en", scorecards.NEW.format(id="new", language="en"), 50, "no version yet"),
    ):
        with pytest.raises(DatabaseError, match=says):
            scorecards.ask_back_test(place.engine, ada, name, text, wanted)
    assert jobs.jobs(place.engine) == []
    scorecards.ask_back_test(place.engine, ada, NAME, stricter(place), 50)
    with writing(place.engine) as session:
        session.get_one(AppUser, ada.id).active = False
    worker = Worker(
        place.engine, Processor(place.settings, build_light_pipeline(place.settings), engine=place.engine)
    )
    worker.run_one()
    [job] = jobs.jobs(place.engine)
    assert "nobody waits for it" in (job.cause or "")


def test_erasing_an_agent_leaves_no_name_in_a_result(place: workplace.Workplace) -> None:
    ada = person(place, "ada")
    scorecards.ask_back_test(place.engine, ada, NAME, stricter(place), 50)
    job = jobs.claim(place.engine, "w")
    assert job is not None
    run_back_test(place.engine, job)
    with writing(place.engine) as session:
        erase_agent(session, replace(OPERATOR), "ana", "asked for it")
    result = newest(place, ada).row.result
    with reading(place.engine) as session:
        calls, agents = back_tests.names_of(
            session,
            ada.viewer,
            [int(c["call"]) for c in result["hear"]],
            [int(a["agent"]) for a in result["agents"]],
        )
    assert (list(calls), list(agents.values())) == ([place.calls[2]], ["Ben Agent"])


def test_the_page_may_be_left_and_shows_all_of_it(opens: Open) -> None:
    place, ada = opens.place, person(opens.place, "ada")
    scorecards.begin(place.engine, ada, NAME)
    at = opens("ada", "scorecards", card=NAME)
    at.segmented_control(key="scorecards.way").set_value("edit").run()
    at.text_area(key=f"scorecards.text.{NAME}").set_value(stricter(place)).run()
    at.button(key="scorecards.try").click().run()
    assert "within seconds" in at.info[0].value
    job = jobs.claim(place.engine, "w")
    assert job is not None
    run_back_test(place.engine, job)
    again = opens("ada", "scorecards", card=NAME)  # another browser, another day
    again.segmented_control(key="scorecards.way").set_value("edit").run()
    assert "of the answers change" in text_of(again)
    number = newest(place, ada).row.id
    page = opens("ada", "back_test", id=str(number))
    said = text_of(page)
    assert "K\\-late\\-parcel" in said
    assert {"By item", "By agent", "Calls to hear"} <= {s.value for s in page.subheader}
    assert "Ana Agent" in said
    for login, odd in (("mia", str(number)), ("ada", "999"), ("ada", "x"), ("ada", "-1"), ("ada", "")):
        assert "K\\-late" not in text_of(opens(login, "back_test", id=odd))
