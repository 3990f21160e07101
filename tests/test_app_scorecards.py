"""The page Scorecards without a browser: read, edit with live checks, try, publish, retire."""

import pytest
import workplace
from opening import Open, person, text_of

from database.cards import find_card, house_cards
from database.engine import reading, writing
from database.store import save_processed
from qa_app.actions import scorecards
from qa_app.policies import NotAllowedError
from scorecards.acts.reader import read_phrases
from scorecards.engine import score
from scorecards.loading import load_card

NAME = "customer-care.en"
NEXT = load_card("customer-care", language="en").version + 1


def read_calls(place: workplace.Workplace) -> None:
    """Give the calls acts and the scores of the ready card."""
    for i, (name, sha, agent, team) in enumerate(
        (("late-parcel", "a", "ana", "north"), ("other-team", "c", "ben", "south"))
    ):
        talk = workplace.talk(name, sha, agent, team, day=3 + 2 * i)
        talk = talk.with_acts(read_phrases(talk, "en"))
        source = place.settings.home / "in" / f"{name}.flac"
        save_processed(
            place.engine, source, talk.recording, talk, score(talk, load_card("customer-care", "en"))
        )


def test_a_manager_publishes_a_version_and_retires_it(opens: Open) -> None:
    read_calls(opens.place)
    at = opens("ada", "scorecards", card=NAME)
    assert "Efficiency" in text_of(at)
    at.segmented_control(key="scorecards.way").set_value("edit").run()
    at.button(key="scorecards.begin").click().run()
    box = at.text_area(key=f"scorecards.text.{NAME}")
    assert f"version: {NEXT}" in box.value
    good = box.value
    box.set_value(good.replace("pass_mark:", "pas_mark:")).run()
    assert "pass\\_mark" in at.error[0].value
    assert any("unknown key" in str(row) for row in at.dataframe[0].value.to_dict("records"))
    assert not [b for b in at.button if b.key == "scorecards.publish"]
    at.text_area(key=f"scorecards.text.{NAME}").set_value(good)
    tests = at.text_area(key=f"scorecards.tests.{NAME}").value
    at.text_area(key=f"scorecards.tests.{NAME}").set_value(
        tests.replace('empathy_shown: "no"', 'empathy_shown: "yes"')
    ).run()
    assert at.button(key="scorecards.publish").disabled  # its own tests fail now
    at.text_area(key=f"scorecards.tests.{NAME}").set_value(tests)
    tightened = good.replace("pass_mark: 7", "pass_mark: 8")
    at.text_area(key=f"scorecards.text.{NAME}").set_value(tightened).run()
    at.selectbox(key="scorecards.call").set_value(opens.place.calls[0]).run()
    assert "with this draft" in text_of(at)
    at.text_input(key=f"scorecards.note.{NAME}").set_value("stricter").run()
    at.checkbox(key="scorecards.again").set_value(True).run()
    at.button(key="scorecards.publish").click().run()
    assert not at.exception, at.exception
    assert f"version {NEXT} is published" in at.success[0].value
    assert "3 calls wait" in at.success[0].value
    with reading(opens.place.engine) as session:
        assert find_card(session, "customer-care", "en").version == NEXT
        [own] = house_cards(session)
        assert (own.row.note, own.row.by) == ("stricter", person(opens.place, "ada").id)
    at.button(key=f"scorecards.retire.{own.row.id}").click().run()
    with reading(opens.place.engine) as session:
        assert find_card(session, "customer-care", "en").version == NEXT - 1
    assert "retired" in text_of(at)


def test_a_draft_is_kept_and_two_do_not_overwrite_each_other(opens: Open) -> None:
    engine, ada, mia = opens.place.engine, person(opens.place, "ada"), person(opens.place, "mia")
    scorecards.begin(engine, mia, "voucher.de")
    at = opens("ada", "scorecards", card="voucher.de")
    at.segmented_control(key="scorecards.way").set_value("edit").run()
    scorecards.save(engine, mia, "voucher.de", "id: hers", "", 1)
    at.text_area(key="scorecards.text.voucher.de").set_value("id: mine").run()
    assert any("inzwischen" in e.value or "meanwhile" in e.value for e in at.error)
    assert at.text_area(key="scorecards.text.voucher.de").value == "id: mine"  # nothing entered is lost
    at.button(key="scorecards.load_theirs").click().run()
    assert at.text_area(key="scorecards.text.voucher.de").value == "id: hers"
    at.text_area(key="scorecards.text.voucher.de").set_value("id: [").run()
    again = opens("ada", "scorecards", card="voucher.de")
    again.segmented_control(key="scorecards.way").set_value("edit").run()
    assert again.text_area(key="scorecards.text.voucher.de").value == "id: ["
    with pytest.raises(Exception, match="errors"):
        scorecards.publish(engine, ada, "voucher.de", 3, "")


@pytest.mark.parametrize("login", ["tess", "ana"])
def test_who_may_not_publish(place: workplace.Workplace, login: str) -> None:
    who = person(place, login)
    for attempt in (
        lambda: scorecards.begin(place.engine, who, "x.en"),
        lambda: scorecards.save(place.engine, who, "x.en", "", "", 1),
        lambda: scorecards.drop(place.engine, who, "x.en"),
        lambda: scorecards.publish(place.engine, who, "x.en", 1, ""),
        lambda: scorecards.retire(place.engine, who, 1, ""),
        lambda: scorecards.score_again(place.engine, who, "x"),
        lambda: scorecards.ask_back_test(place.engine, who, "x.en", "", 50),
    ):
        with pytest.raises(NotAllowedError):
            attempt()


def test_nobody_previews_a_card_on_a_call_out_of_reach(place: workplace.Workplace) -> None:
    read_calls(place)
    nora, card = person(place, "nora"), load_card("five-items", "en")
    with pytest.raises(Exception, match="nobody has read"):
        scorecards.preview(place.engine, nora, card, place.calls[2])
    with writing(place.engine) as session:
        assert house_cards(session) == []
