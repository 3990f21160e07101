"""What an agent finds: the time to dispute, praise first, three numbers at most, their progress and data."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import workplace
from opening import Open, person, text_of
from sqlmodel import select
from typer.testing import CliRunner

from database import DatabaseError
from database.cards import publish
from database.engine import reading, writing
from database.listing import open_call
from database.own import praise_by_customers, praise_for, praised
from database.people import user_by_login
from database.store import save_processed
from database.tables import Agent, AssessmentVersion, Call, Dispute
from database.types import utc_now
from database.viewers import OPERATOR
from pipelines.cli import build
from qa_app.actions import blind_scoring, coaching, disputing, reviewing
from qa_app.i18n import translator
from qa_app.payload import payload
from scorecards import Assessment, CardRef
from scorecards.errors import ScorecardError
from scorecards.loading import card_from_text, fingerprint, load_card
from scorecards.results import FactResult

GOAL = "empathy_shown"
LIBRARY = Path(__file__).parent.parent / "scorecards" / "library"


def test_a_card_without_a_time_to_dispute_keeps_its_fingerprint() -> None:
    card = load_card("customer-care", language="en")
    assert card.dispute_days is None
    assert "dispute_days" not in card.model_dump(mode="json", by_alias=True)
    text = (LIBRARY / "customer-care.en.yaml").read_text(encoding="utf-8")
    timed = card_from_text(text.replace("pass_mark:", "dispute_days: 14\npass_mark:", 1))
    assert timed.dispute_days == 14
    assert fingerprint(timed) != fingerprint(card)
    for days in ("0", "-3", "'x'", "1.5"):
        with pytest.raises(ScorecardError, match="dispute_days"):
            card_from_text(text.replace("pass_mark:", f"dispute_days: {days}\npass_mark:", 1))


@pytest.fixture
def timed(place: workplace.Workplace) -> workplace.Workplace:
    """The calls are scored by a card of the house that gives 14 days."""
    text = (LIBRARY / "customer-care.en.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^version: .*$", "version: 90\ndispute_days: 14", text, count=1)
    with writing(place.engine) as session:
        row = publish(session, OPERATOR, text)
        for version in session.exec(select(AssessmentVersion)):
            judged = Assessment.from_json(version.document)
            ref = CardRef(id="customer-care", version=90, language="en", sha256=row.sha256)
            version.document = judged.model_copy(update={"scorecard": ref}).to_json()
            session.add(version)
    return place


@pytest.mark.parametrize(
    ("scored_days_ago", "released_days_ago", "may"),
    [(13.9, None, True), (14.1, None, False), (30, 13.9, True), (30, 14.1, False)],
)
def test_an_item_can_be_disputed_within_the_cards_time(
    timed: workplace.Workplace, scored_days_ago: float, released_days_ago: float | None, may: bool
) -> None:
    engine, call, tess, ana = timed.engine, timed.calls[0], person(timed, "tess"), person(timed, "ana")
    if released_days_ago is not None:
        for criterion in (GOAL, "resolution_confirmed"):
            reviewing.override(engine, tess, call, criterion, "no", "")
        reviewing.finish(engine, tess, call)
    with writing(engine) as session:
        for version in session.exec(select(AssessmentVersion)):
            version.made_at = utc_now() - timedelta(days=scored_days_ago)
            session.add(version)
        if released_days_ago is not None:
            review = disputing.review_of(session, call)
            assert review is not None
            review.released_at = utc_now() - timedelta(days=released_days_ago)
    with reading(engine) as session:
        shown = payload(session, ana, open_call(session, ana.viewer, call), translator("en"), audio=None)
    assert shown["may"]["dispute"] is may
    if may:
        disputing.dispute(engine, ana, call, GOAL, "yes", "I named the two lost days")
    else:
        with pytest.raises(DatabaseError, match="time to dispute"):
            disputing.dispute(engine, ana, call, GOAL, "yes", "I named the two lost days")
        with reading(engine) as session:
            assert session.exec(select(Dispute.id)).all() == []


def with_praise(place: workplace.Workplace) -> int:
    """Another call of Ana's, in which the customer praises her."""
    talk = workplace.talk("kind-words", "e", "ana", "north", day=9)
    said = workplace.evidence(9, "praise").model_copy(update={"text": "You are the first who listened."})
    judged = workplace.assessment(talk).model_copy(
        update={"facts": (FactResult(id="praise", value=1, evidence=(said,)),)}
    )
    return save_processed(place.engine, Path("in/kind-words.flac"), talk.recording, talk, judged)


def test_praise_is_fed_by_customers_and_colleagues(place: workplace.Workplace) -> None:
    call = with_praise(place)
    ana, ben = person(place, "ana").viewer, person(place, "ben").viewer
    with reading(place.engine) as session:
        [said] = praise_by_customers(session, ana)
        assert (said.text, said.writer, said.call_id) == ("You are the first who listened.", None, call)
        assert praise_by_customers(session, ben) == []
        assert praise_for(session, ana) == said
    reviewing.add_comment(
        place.engine, person(place, "tess"), place.calls[0], "Calm and kind", moment=19.6, kind="praise"
    )
    with reading(place.engine) as session:
        assert [p.text for p in praised(session, ana)] == ["Calm and kind"]
        assert praised(session, ben) == []
        first = praise_for(session, ana)
        assert first is not None
        assert (first.text, first.writer) == ("Calm and kind", "Tess Trainer")


def test_the_first_page_has_three_numbers_one_focus_one_praise(opens: Open) -> None:
    with_praise(opens.place)
    at = opens("ana")
    assert [text.value for text in at.text] == ["You are the first who listened."]
    figures = [h for h in at.main.get("html") if "r-figure" in str(h.proto.body)]
    assert len(figures) == 3
    with reading(opens.place.engine) as session:
        agent = session.exec(select(Agent.id).where(Agent.key == "ana")).one() or 0
    plan = coaching.begin(opens.place.engine, person(opens.place, "tess"), agent, GOAL)
    coaching.say(opens.place.engine, person(opens.place, "tess"), plan, "note", "We heard two clips")
    at = opens("ana")
    assert at.button(key="my.plan").label == "To the coaching plan (1 to sign)"
    assert "Shows empathy" in text_of(at)
    at.button(key="my.plan").click().run()
    assert not at.exception, at.exception
    assert at.query_params["id"] == str(plan)


def test_progress_and_data_tell_what_they_rest_on(opens: Open) -> None:
    said = text_of(opens("ana", "progress"))
    assert "Nov 2026" in said
    assert "too few for an interval" in said
    at = opens("ana", "progress")
    at.selectbox(key="progress.criterion").select("forbidden_phrase_used").run()
    assert re.search(r"0 of 2", text_of(at)), "a fault in both calls: none was free of it"
    said = text_of(opens("ana", "my_data"))
    assert re.search(r"Calls with sound and metadata\s+2", said)
    assert "Nobody has opened your calls yet" in said


def test_pages_say_kindly_that_there_is_no_such_thing(opens: Open) -> None:
    for login, view, words in (
        ("tess", "plan", "no such plan"),
        ("ana", "plan", "no such plan"),
        ("tess", "calibration", "no such session"),
        ("ana", "self_review", "no such call"),
    ):
        for odd in ("999999", "x", "-1", "9" * 40, ""):
            assert words in text_of(opens(login, view, id=odd))


def test_a_trainer_reads_an_agents_own_score_but_not_while_blind(opens: Open) -> None:
    engine, call = opens.place.engine, opens.place.calls[0]
    assert "has not scored this call" in text_of(opens("tess", "self_review", id=str(call)))
    asked = [r for r in workplace.verdicts() if r.max_points is not None or r.value is None]
    for result in asked:
        event = {"do": "override", "criterion": result.id, "verdict": "no"}
        blind_scoring.answer_self(engine, person(opens.place, "ana"), call, event)
    blind_scoring.answer_self(engine, person(opens.place, "ana"), call, {"do": "finish"})
    said = text_of(opens("tess", "self_review", id=str(call)))
    assert "own score of K-late-parcel" in said
    assert "The same answer in" in said
    with writing(engine) as session:
        user_by_login(session, "tess").blind = True
    said = text_of(opens("tess", "self_review", id=str(call)))
    assert "Blind review" in said
    assert "The same answer in" not in said
    assert "no such call" in text_of(opens("nora", "self_review", id=str(opens.place.calls[2])))


def test_plans_go_out_by_command(place: workplace.Workplace, tmp_path: Path) -> None:
    with reading(place.engine) as session:
        agent = session.exec(select(Agent.id).where(Agent.key == "ana")).one() or 0
    plan = coaching.begin(place.engine, person(place, "tess"), agent, GOAL, aim="name the feeling")
    coaching.say(place.engine, person(place, "tess"), plan, "note", "Größe gehört")
    target = tmp_path / "coaching.json"
    assert CliRunner().invoke(build(), ["export", "coaching", "--json", str(target)]).exit_code == 0
    assert CliRunner().invoke(build(), ["export", "calibrations"]).stdout.strip() == "[]"
    written = target.read_text(encoding="utf-8")
    assert '"agent": "ana"' in written
    assert "Größe gehört" in written
    with reading(place.engine) as session:
        assert session.exec(select(Call.id)).all()
