"""Coaching, good examples and what an agent sees of them: rights, appended steps, figures."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import workplace
from opening import person
from sqlmodel import Session, col, select

from database import DatabaseError, coaching, coaching_clips, coaching_export, examples
from database.engine import reading, writing
from database.erase import erase_agent, erase_calls
from database.evidence import moments
from database.figures import Share
from database.follow_up import FEWEST_COLLEAGUES, follow_up
from database.own import everything_on, held_on
from database.tables import (
    Agent,
    AuditEntry,
    Call,
    CoachingEntry,
    CoachingPlan,
    CriterionRow,
    ExampleStep,
    GoodExample,
)
from database.types import utc_now
from database.viewers import OPERATOR
from qa_app.actions import coaching as acts
from qa_app.actions import reviewing
from qa_app.effect import Change, against, change
from qa_app.i18n import translator
from qa_app.own_page import readable
from qa_app.policies import NotAllowedError

ON_BOTH = True

GOAL = "empathy_shown"


def agent(place: workplace.Workplace, key: str) -> int:
    with reading(place.engine) as session:
        return session.exec(select(Agent.id).where(Agent.key == key)).one() or 0


def plan_for(place: workplace.Workplace, key: str = "ana", login: str = "tess") -> int:
    return acts.begin(place.engine, person(place, login), agent(place, key), GOAL, aim="name the feeling")


def kinds(place: workplace.Workplace) -> list[tuple[str, str]]:
    with reading(place.engine) as session:
        return [(e.kind, e.text) for e in session.exec(select(CoachingEntry).order_by(col(CoachingEntry.id)))]


def test_a_plan_goes_its_way_and_keeps_every_step(place: workplace.Workplace) -> None:
    tess, ana = person(place, "tess"), person(place, "ana")
    plan = plan_for(place)
    acts.link(place.engine, tess, plan, place.calls[0], 19.6, 25.3, turn=4, comment="here")
    acts.say(place.engine, tess, plan, "note", "We heard two clips")
    acts.say(place.engine, tess, plan, "action", "Name the loss before asking")
    with reading(place.engine) as session:
        line = coaching.one_plan(session, ana.viewer, plan)
        assert coaching.unsigned_counts(session, ana.viewer) == {plan: 1}
        note = next(e for e in coaching.entries(session, line) if e.entry.kind == "note")
        action = next(e for e in coaching.entries(session, line) if e.entry.kind == "action")
        assert [c.clip.comment for c in coaching_clips.clips(session, ana.viewer, line)] == ["here"]
    acts.say(place.engine, ana, plan, "signed", "I saw it differently in the second", note.entry.id)
    acts.say(place.engine, ana, plan, "action_done", "", action.entry.id)
    acts.postpone(place.engine, tess, plan, date(2027, 1, 15))
    acts.move(place.engine, tess, plan, "done", "three calls in a row")
    with pytest.raises(DatabaseError, match="is done"):
        acts.say(place.engine, tess, plan, "note", "one more")
    acts.move(place.engine, tess, plan, "open", "it slipped again")
    with reading(place.engine) as session:
        kept = coaching.one_plan(session, tess.viewer, plan).plan
        assert (kept.state, kept.due) == ("open", date(2027, 1, 15))
        assert coaching.unsigned_counts(session, tess.viewer) == {}
        logged = {e.action for e in session.exec(select(AuditEntry).where(AuditEntry.subject == "coaching"))}
    assert kinds(place) == [
        ("note", "We heard two clips"),
        ("action", "Name the loss before asking"),
        ("signed", "I saw it differently in the second"),
        ("action_done", ""),
        ("due", "2027-01-15"),
        ("state", "done: three calls in a row"),
        ("state", "open: it slipped again"),
    ]
    assert {"coaching begun", "coaching note", "coaching signed", "coaching state"} <= logged


@pytest.mark.parametrize(
    ("login", "kind", "refused"),
    [
        ("ana", "note", True),
        ("ana", "action", True),
        ("ana", "state", True),
        ("ana", "remark", False),
        ("tess", "signed", True),
        ("tess", "remark", False),
        ("nora", "note", False),
        ("mia", "note", False),
        ("ada", "remark", True),
        ("ben", "remark", True),
    ],
)
def test_who_may_say_what(place: workplace.Workplace, login: str, kind: str, refused: bool) -> None:
    plan = plan_for(place)
    if not refused:
        acts.say(place.engine, person(place, login), plan, kind, "said")
        return
    with pytest.raises(DatabaseError):
        acts.say(place.engine, person(place, login), plan, kind, "said")
    assert kinds(place) == []


def test_a_note_is_signed_once_and_by_its_agent_only(place: workplace.Workplace) -> None:
    tess, ana = person(place, "tess"), person(place, "ana")
    plan, other = plan_for(place), plan_for(place, "ben")
    acts.say(place.engine, tess, plan, "note", "first")
    acts.say(place.engine, tess, other, "note", "Ben's")
    acts.say(place.engine, ana, plan, "signed", "", 1)
    for about in (1, 2, 99, None):
        with pytest.raises(DatabaseError):
            acts.say(place.engine, ana, plan, "signed", "", about)


@pytest.mark.parametrize(
    ("login", "key", "sees"),
    [
        ("tess", "ben", True),
        ("nora", "ana", True),
        ("nora", "ben", False),
        ("ana", "ana", True),
        ("ana", "ben", False),
        ("mia", "ben", True),
        ("ada", "ana", False),
    ],
)
def test_plans_are_seen_by_whom_they_concern(
    place: workplace.Workplace, login: str, key: str, sees: bool
) -> None:
    plan = plan_for(place, key)
    who = person(place, login)
    with reading(place.engine) as session:
        listed = [line.id for line in coaching.plans(session, who.viewer)]
        assert listed == ([plan] if sees else [])
        if not sees:
            with pytest.raises(DatabaseError, match="no coaching plan"):
                coaching.one_plan(session, who.viewer, plan)


@pytest.mark.parametrize(("login", "key"), [("nora", "ben"), ("ana", "ana"), ("ada", "ana")])
def test_nobody_begins_a_plan_beyond_their_reach(place: workplace.Workplace, login: str, key: str) -> None:
    with pytest.raises(DatabaseError):
        plan_for(place, key, login)


def test_odd_plans_and_clips_are_refused(place: workplace.Workplace) -> None:
    tess = person(place, "tess")
    plan = plan_for(place)
    with pytest.raises(DatabaseError, match="one focus"):
        plan_for(place)
    with pytest.raises(DatabaseError, match="past"):
        acts.begin(place.engine, tess, agent(place, "ben"), GOAL, due=date(2020, 1, 1))
    with pytest.raises(DatabaseError, match="no call was scored"):
        acts.begin(place.engine, tess, agent(place, "ben"), "made_up")
    with pytest.raises(DatabaseError, match="only calls of the agent"):
        acts.link(place.engine, tess, plan, place.calls[2], 1, 2)
    for start, end in ((5, 5), (6, 5), (-1, 3), (60, 90), (0, 400)):
        with pytest.raises(DatabaseError):
            acts.link(place.engine, tess, plan, place.calls[0], start, end)
    with pytest.raises(DatabaseError, match="at most"):
        acts.say(place.engine, tess, plan, "note", "x" * 5_000_000)


@pytest.mark.parametrize("url", ["sqlite", "postgresql"])
def test_before_since_and_colleagues(tmp_path: Path, url: str, request: pytest.FixtureRequest) -> None:
    made = workplace.make(
        tmp_path / "home", None if url == "sqlite" else request.getfixturevalue("postgres_url")
    )
    plan = plan_for(made)
    now = utc_now()
    with writing(made.engine) as session:
        ana, team = session.exec(select(Agent.id, Agent.team_id).where(Agent.key == "ana")).one()
        begun = now - timedelta(days=10)
        session.get_one(CoachingPlan, plan).opened_at = begun

        def calls(agent_id: int | None, verdicts: str, days: int, human: str | None = None) -> None:
            for verdict in verdicts.split():
                sha = f"{len(session.exec(select(Call.id)).all()):064d}"
                call = Call(
                    sha256=sha, file_name="x", agent_id=agent_id, team_id=team, state="done", score=50.0,
                    started_at=now - timedelta(days=days),
                )  # fmt: skip
                session.add(call)
                session.flush()
                row = CriterionRow(
                    call_id=call.id or 0, criterion_id=GOAL, verdict=verdict, human=human, max_points=5
                )
                session.add(row)
                session.flush()

        calls(ana, "no no no yes na review", 40)
        calls(ana, "no", 200)  # before the time that is looked at
        calls(ana, "yes yes no", 3)
        calls(ana, "review", 3, human="yes")
        for i in range(FEWEST_COLLEAGUES):
            other = Agent(key=f"c{i}", name=f"C {i}", team_id=team)
            session.add(other)
            session.flush()
            calls(other.id, "no yes", 40)
            if i < FEWEST_COLLEAGUES - 1:
                calls(other.id, "yes", 3)
    tess, own = person(made, "tess"), person(made, "ana")
    with reading(made.engine) as session:
        line = coaching.one_plan(session, tess.viewer, plan)
        found = follow_up(session, tess.viewer, line, now)
        few = follow_up(session, own.viewer, line, now)
        held = coaching_export.export_plans(session, OPERATOR)
    assert (found.before, found.since) == (Share(GOAL, 1, 4), Share(GOAL, 3, 4))
    assert (found.colleagues_before, found.colleagues_since) == (Share(GOAL, 5, 10), Share(GOAL, 4, 4))
    assert found.colleagues == FEWEST_COLLEAGUES
    assert few.before == found.before
    assert few.colleagues_before is None  # four have calls since then: an agent could recognise them
    with writing(made.engine) as session:
        calls_of_the_fifth(session, team, now)
    with reading(made.engine) as session:
        enough = follow_up(session, own.viewer, coaching.one_plan(session, own.viewer, plan), now)
    assert (enough.colleagues_before, enough.colleagues_since) == (Share(GOAL, 5, 10), Share(GOAL, 4, 5))
    assert held[0]["criterion"] == GOAL
    made.engine.dispose()


def calls_of_the_fifth(session: Session, team: int | None, now: datetime) -> None:
    """One more colleague has a call since the plan began."""
    fifth = session.exec(select(Agent.id).where(Agent.key == f"c{FEWEST_COLLEAGUES - 1}")).one()
    started = now - timedelta(days=2)
    call = Call(
        sha256="f" * 64, file_name="x", agent_id=fifth, team_id=team, state="done", started_at=started
    )  # fmt: skip
    session.add(call)
    session.flush()
    session.add(CriterionRow(call_id=call.id or 0, criterion_id=GOAL, verdict="no", max_points=5))


@pytest.mark.parametrize(
    ("before", "since", "value", "low", "high", "told"),
    [
        # Newcombe 1998, table II, method 10
        ((48, 80), (56, 70), 0.2, 0.0524, 0.3339, "up"),
        ((3, 10), (9, 10), 0.6, 0.1705, 0.8090, "up"),
        ((9, 10), (3, 10), -0.6, -0.8090, -0.1705, "down"),
        ((0, 29), (5, 56), 0.0893, -0.0381, 0.1926, "open"),
        ((0, 10), (10, 10), 1.0, 0.6075, 1.0, "up"),
    ],
)
def test_the_interval_of_a_change(
    before: tuple[int, int], since: tuple[int, int], value: float, low: float, high: float, told: str
) -> None:
    found = change(before, since)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high), abs=1e-4)
    assert found.told == told


def test_a_change_against_colleagues_is_wider_than_either() -> None:
    own, others = Change(0.3, 0.1, 0.5), Change(0.1, 0.0, 0.2)
    found = against(own, others)
    assert found.value == pytest.approx(0.2)
    assert found.high - found.low > own.high - own.low
    assert change((0, 0), (1, 2)) is None


def test_moments_to_hear_are_the_evidence_on_calls_within_reach(place: workplace.Workplace) -> None:
    tess, ana = person(place, "tess"), agent(place, "ana")
    for call, verdict in ((place.calls[0], "no"), (place.calls[1], "yes")):
        for criterion in (GOAL, "resolution_confirmed"):
            reviewing.override(place.engine, tess, call, criterion, verdict, "")
        reviewing.finish(place.engine, tess, call)
    with reading(place.engine) as session:
        found = moments(session, tess.viewer, ana, GOAL)
        assert [(m.call_id, m.good, m.turn) for m in found] == [
            (place.calls[0], False, 3),
            (place.calls[1], True, 3),
        ]
        assert (found[0].start, found[0].end) == (14.4, 19.8)
        assert moments(session, person(place, "ben").viewer, ana, GOAL) == []
        assert len(moments(session, tess.viewer, ana, GOAL, limit=1)) == 1
        # a fault that was found is what to hear first
        [bad, *_] = moments(session, tess.viewer, ana, "forbidden_phrase_used", bad_first="yes")
        assert bad.good is False


def example_of(place: workplace.Workplace, login: str = "tess") -> int:
    acts.keep_example(
        place.engine, person(place, login), place.calls[0], "Names the loss", 19.6, 25.3, criterion=GOAL
    )
    with reading(place.engine) as session:
        return max(session.exec(select(GoodExample.id)).all()) or 0


def meets(place: workplace.Workplace, login: str) -> list[int]:
    with reading(place.engine) as session:
        return [line.id for line in examples.examples(session, person(place, login).viewer)]


def test_an_example_is_met_by_others_only_while_its_agent_consents(place: workplace.Workplace) -> None:
    ana = person(place, "ana")
    one = example_of(place)
    everybody = ("tess", "nora", "ana", "ben", "mia", "ada")
    inside = {"tess", "nora", "ana", "mia"}
    assert {login for login in everybody if meets(place, login)} == inside
    for login in ("tess", "ben", "mia"):
        with pytest.raises(DatabaseError):
            acts.share(place.engine, person(place, login), one, True)
    acts.share(place.engine, ana, one, True)
    assert {login for login in everybody if meets(place, login)} == inside | {"ben"}
    with pytest.raises(DatabaseError, match="not yours"):
        acts.take_out(place.engine, person(place, "ben"), one)
    acts.share(place.engine, ana, one, False)
    assert {login for login in everybody if meets(place, login)} == inside
    acts.share(place.engine, ana, one, True)
    acts.take_out(place.engine, ana, one)
    assert not any(meets(place, login) for login in everybody)
    with reading(place.engine) as session:
        steps = [s.kind for s in session.exec(select(ExampleStep).order_by(col(ExampleStep.id)))]
    assert steps == ["consented", "withdrawn", "consented", "removed"]


def test_an_agent_keeps_examples_of_their_own_calls_only(place: workplace.Workplace) -> None:
    kept = example_of(place, "ana")
    assert meets(place, "ana") == [kept]
    for login in ("ben", "ada"):
        with pytest.raises(DatabaseError):
            example_of(place, login)
    with pytest.raises(NotAllowedError):
        acts.share(place.engine, person(place, "tess"), 1, True)


def test_an_agent_holds_all_of_their_coaching_and_no_others(place: workplace.Workplace) -> None:
    tess, ana = person(place, "tess"), person(place, "ana")
    plan, other = plan_for(place), plan_for(place, "ben")
    acts.link(place.engine, tess, plan, place.calls[0], 19.6, 25.3, comment="<b>heard</b>")
    acts.say(place.engine, tess, other, "note", "about Ben")
    acts.share(place.engine, ana, example_of(place), True)
    with reading(place.engine) as session:
        held = everything_on(session, ana.viewer)
        counts = held_on(session, ana.viewer)
    assert [p["id"] for p in held["coaching"]] == [plan]
    assert held["coaching"][0]["clips"][0]["comment"] == "<b>heard</b>"
    assert held["good_examples"][0]["shared"] is True
    assert (counts["calls"], counts["plans"], counts["examples"]) == (2, 1, 1)
    for language in ("en", "de"):
        page = readable(held, translator(language), "Ana <Agent>", "Europe/Berlin")
        assert "&lt;b&gt;heard&lt;/b&gt;" in page
        assert "Ana &lt;Agent&gt;" in page
        assert "about Ben" not in page
        assert "<script" not in page
        assert "May I put you on hold" in page


def test_erasing_takes_the_coaching_along(place: workplace.Workplace) -> None:
    tess, ada = person(place, "tess"), person(place, "ada")
    plan = plan_for(place)
    acts.link(place.engine, tess, plan, place.calls[0], 19.6, 25.3)
    acts.say(place.engine, tess, plan, "note", "said")
    acts.say(place.engine, person(place, "ana"), plan, "signed", "", 1)
    acts.share(place.engine, person(place, "ana"), example_of(place), True)
    with writing(place.engine) as session:
        erase_calls(session, ada.viewer, [place.calls[0]], "asked for it")
    with reading(place.engine) as session:
        line = coaching.one_plan(session, tess.viewer, plan)
        assert coaching_clips.clips(session, tess.viewer, line) == []
        assert session.exec(select(GoodExample.id)).all() == []
        assert len(coaching.entries(session, line)) == 2
    with writing(place.engine) as session:
        erase_agent(session, ada.viewer, "ana", "asked for it")
    with reading(place.engine) as session:
        assert session.exec(select(CoachingPlan.id)).all() == []
        assert session.exec(select(CoachingEntry.id)).all() == []
