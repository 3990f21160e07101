"""What goes wrong in a working day: two tabs, a database that goes away, summer time, odd texts. Nothing that
was entered is lost, nothing is kept twice, and the message is one for people."""

from datetime import UTC, datetime
from pathlib import Path

import postgres
import pytest
import workplace
from opening import Open, person, text_of
from sqlmodel import select

from database import DatabaseError, Settings
from database.engine import open_database, reading, writing
from database.errors import DatabaseAwayError
from database.filters import Filters
from database.listing import count_calls, open_call
from database.people import Person, end_sessions, user_by_login
from database.store import register, save_processed, set_state
from database.tables import Agent, Call, CoachingEntry, Comment, Review, ReviewItem
from database.viewers import OPERATOR
from qa_app.actions import asking, coaching, reviewing
from qa_app.i18n import translator
from qa_app.payload import payload
from qa_app.presenting import moment
from recordings import Recording

EN, DE = translator("en"), translator("de")


def draft_in(place: workplace.Workplace, who: Person, call: int) -> int | None:
    with reading(place.engine) as session:
        found: dict[str, int | None] = payload(
            session, who, open_call(session, who.viewer, call), EN, audio=None
        )["review"]
    return found["draft"]


def test_two_tabs_of_one_person(place: workplace.Workplace) -> None:
    tess, call = person(place, "tess"), place.calls[0]
    # Both tabs were opened before the first decision: they add to the same draft.
    for criterion in ("empathy_shown", "resolution_confirmed"):
        event = {"do": "override", "criterion": criterion, "verdict": "yes", "seen": 1, "draft": None}
        asking.handle(place.engine, tess, call, event)
    draft = draft_in(place, tess, call)
    with reading(place.engine) as session:
        assert len(session.exec(select(Review)).all()) == 1
        decisions = len(session.exec(select(ReviewItem)).all())
    # One tab finishes; the other one still shows the draft.
    asking.handle(place.engine, tess, call, {"do": "finish", "draft": draft, "seen": 1})
    with reading(place.engine) as session:
        decisions = len(session.exec(select(ReviewItem)).all())
    for event in (
        {"do": "override", "criterion": "empathy_shown", "verdict": "no", "reason": "x"},
        {"do": "confirm_clear"},
        {"do": "finish"},
    ):
        with pytest.raises(reviewing.ElsewhereError, match="another window"):
            asking.handle(place.engine, tess, call, {**event, "draft": draft, "seen": 1})
    with reading(place.engine) as session:
        assert len(session.exec(select(ReviewItem)).all()) == decisions
        assert len(session.exec(select(Review)).all()) == 1


@pytest.mark.parametrize("draft", [999, 1])
def test_a_draft_of_somebody_else_is_nobodys_business(place: workplace.Workplace, draft: int) -> None:
    reviewing.override(place.engine, person(place, "tom"), place.calls[0], "empathy_shown", "yes", "")
    event = {"do": "override", "criterion": "empathy_shown", "verdict": "no", "draft": draft}
    with pytest.raises(DatabaseError, match="unknown"):
        asking.handle(place.engine, person(place, "tess"), place.calls[0], event)


def test_the_database_goes_away_in_the_middle_of_a_save(own_server: postgres.Server, tmp_path: Path) -> None:
    url = f"postgresql+psycopg://qa@127.0.0.1:{own_server.port}/postgres"
    made = workplace.make(tmp_path / "home", url)
    tess, call = person(made, "tess"), made.calls[0]
    asking.handle(made.engine, tess, call, {"do": "override", "criterion": "empathy_shown", "verdict": "yes"})

    def half_a_save() -> None:
        with writing(made.engine) as session:
            session.add(Comment(call_id=call, text="half of it", by=tess.id))
            session.flush()
            own_server.stop()
            session.add(Comment(call_id=call, text="the other half", by=tess.id))

    with pytest.raises(DatabaseAwayError, match="nothing was saved"):
        half_a_save()
    event = {"do": "comment", "text": "written while it was away", "moment": 1.0}
    with pytest.raises(DatabaseAwayError):
        asking.handle(made.engine, tess, call, event)
    own_server.start()
    asking.handle(made.engine, tess, call, event)
    with reading(made.engine) as session:
        assert [c.text for c in session.exec(select(Comment))] == ["written while it was away"]
        assert [i.verdict for i in session.exec(select(ReviewItem))] == ["yes"]
    made.engine.dispose()


@pytest.mark.parametrize(
    ("at", "zone", "english", "german"),
    [
        ("2026-03-29T00:59:00", "Europe/Berlin", "29 Mar 2026, 01:59", "29.03.2026, 01:59"),
        ("2026-03-29T01:00:00", "Europe/Berlin", "29 Mar 2026, 03:00", "29.03.2026, 03:00"),
        ("2026-10-25T00:30:00", "Europe/Berlin", "25 Oct 2026, 02:30", "25.10.2026, 02:30"),
        ("2026-10-25T01:30:00", "Europe/Berlin", "25 Oct 2026, 02:30", "25.10.2026, 02:30"),
        ("2026-12-31T23:30:00", "Europe/Berlin", "1 Jan 2027, 00:30", "01.01.2027, 00:30"),
        ("2026-11-03T05:00:00", "America/New_York", "3 Nov 2026, 00:00", "03.11.2026, 00:00"),
        ("2026-11-03T12:00:00", "Asia/Kathmandu", "3 Nov 2026, 17:45", "03.11.2026, 17:45"),
        ("2026-11-03T12:00:00", "UTC", "3 Nov 2026, 12:00", "03.11.2026, 12:00"),
    ],
)
def test_moments_in_a_persons_zone(at: str, zone: str, english: str, german: str) -> None:
    then = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert moment(then, zone, EN) == english
    assert moment(then, zone, DE) == german


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-29", "Europe/Berlin", 23),
        ("2026-03-30", "Europe/Berlin", 24),
        ("2026-10-25", "Europe/Berlin", 25),
        ("2026-10-25", "UTC", 24),
        ("2026-11-01", "America/New_York", 25),
    ],
)
def test_a_day_is_as_long_as_it_is_in_the_persons_zone(
    place: workplace.Workplace, day: str, zone: str, hours: int
) -> None:
    """A call at every full hour of three days: those of the day asked for, each once."""
    with writing(place.engine) as session:
        base = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() - 86_400
        for hour in range(72):
            at = datetime.fromtimestamp(base + hour * 3600, UTC)
            session.add(Call(sha256=f"{hour:064}", file_name=f"{hour}.wav", started_at=at))
    with reading(place.engine) as session:
        assert count_calls(session, OPERATOR, Filters(day_from=day, day_to=day), zone=zone) == hours


def test_scored_again_while_open_says_so_in_both_languages(place: workplace.Workplace) -> None:
    from qa_app.refusals import told

    tess, call = person(place, "tess"), place.calls[0]
    event = {"do": "override", "criterion": "empathy_shown", "verdict": "no", "seen": 1}
    asking.handle(place.engine, tess, call, event)
    talk = workplace.talk("late-parcel", "a", "ana", "north")
    save_processed(
        place.engine, Path("x"), talk.recording, talk, workplace.assessment(talk, score=60.0, version=2)
    )
    with pytest.raises(reviewing.StaleError) as stale:
        asking.handle(place.engine, tess, call, event)
    assert told(stale.value, EN).startswith("This call was scored again")
    assert told(stale.value, DE).startswith("Dieses Gespräch wurde neu bewertet")
    asking.handle(place.engine, tess, call, {**event, "seen": 2, "draft": draft_in(place, tess, call)})


def test_a_note_that_comes_too_late_is_not_lost(opens: Open) -> None:
    place, tess = opens.place, person(opens.place, "tess")
    with reading(place.engine) as session:
        agent = session.exec(select(Agent.id).where(Agent.key == "ana")).one()
    coaching.begin(place.engine, tess, agent or 0, "empathy_shown")
    at = opens("tess", "plan", id="1")
    at.text_area(key="plan.text.0").set_value("We heard it <b>twice</b>.")
    at.button(key="plan.save.0").click().run()
    assert at.text_area(key="plan.text.1").value == ""  # a new field: the first one is kept
    at.text_area(key="plan.text.1").set_value("Half a sentence")
    with writing(place.engine) as session:
        end_sessions(session, user_by_login(session, "tess"))
    at.button(key="plan.save.1").click().run()
    assert "signed out" in text_of(at)
    assert [c.value for c in at.code] == ["Half a sentence"]
    with reading(place.engine) as session:
        kept = session.exec(select(CoachingEntry.text)).all()
    assert list(kept) == ["We heard it <b>twice</b>."]


@pytest.mark.parametrize("state", ["quarantined", "failed", "waiting", "running"])
def test_a_call_without_a_result_is_told_and_has_no_sound(opens: Open, state: str) -> None:
    place = opens.place
    recording = Recording(
        id="broken", sha256="9" * 64, duration=12.0, agent="ana", team="north", file_name="<i>broken</i>.wav"
    )
    call = register(place.engine, Path("broken.wav"), recording)
    set_state(place.engine, call, state, "<script>alert(1)</script> the file is cut short")
    for login in ("tess", "ana", "mia"):
        at = opens(login, "call", id=str(call))
        assert "broken" in text_of(at)
        assert not at.main.get("bidi_component")
        if state in ("quarantined", "failed"):
            assert "cut short" in text_of(at)
    for event in ({"do": "confirm_clear"}, {"do": "finish"}, {"do": "correct", "turn": 0, "text": "x"}):
        with pytest.raises(DatabaseError, match=r"may not do this \(review\)|no transcript yet"):
            asking.handle(place.engine, person(place, "tess"), call, event)


def test_a_home_whose_database_file_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "rapport.db").mkdir()
    with pytest.raises(DatabaseError, match="cannot be opened"):
        open_database(Settings(home=tmp_path))
