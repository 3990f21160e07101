"""Rights: each role against each action, page and call; nobody decides on their own verdict."""

import pytest
import workplace
from opening import person
from sqlmodel import select

from database import DatabaseError
from database.choices import choices
from database.disputes import disputes, one_dispute
from database.engine import reading, writing
from database.erase import erase_calls
from database.filters import Filters
from database.listing import count_calls, list_calls, open_call
from database.own import everything_on
from database.people import person_of, users
from database.tables import Call, Dispute
from database.viewers import Viewer
from qa_app.actions import accounts, blind_scoring, coaching, disputing, reviewing
from qa_app.navigation import pages_for
from qa_app.policies import ROLES_BY_ACTION, NotAllowedError, allowed

ROLES = ("trainer", "agent", "manager", "admin")


@pytest.mark.parametrize(
    ("login", "sees"),
    [
        ("tess", (0, 1, 2)),
        ("nora", (0, 1)),
        ("ana", (0, 1)),
        ("ben", (2,)),
        ("mia", (0, 1, 2)),
        ("ada", (0, 1, 2)),
    ],
)
def test_everybody_reaches_their_calls_and_no_others(
    place: workplace.Workplace, login: str, sees: tuple[int, ...]
) -> None:
    viewer = person(place, login).viewer
    with reading(place.engine) as session:
        listed = {line.call.id for line in list_calls(session, viewer)}
        assert listed == {place.calls[i] for i in sees}
        assert count_calls(session, viewer) == len(sees)
        found = {line.call.id for line in list_calls(session, viewer, Filters(words="department"))}
        assert found == listed
        for i, call_id in enumerate(place.calls):
            if i in sees:
                assert open_call(session, viewer, call_id).assessment is not None
            else:
                with pytest.raises(DatabaseError, match="no call"):
                    open_call(session, viewer, call_id)


def test_an_agent_without_a_name_in_the_call_data_sees_nothing(place: workplace.Workplace) -> None:
    nobody = Viewer(user_id=99, name="x", role="agent")
    unknown = Viewer(user_id=99, name="x", role="visitor")
    with reading(place.engine) as session:
        assert list_calls(session, nobody) == []
        assert list_calls(session, unknown) == []
        assert choices(session, nobody).agents == {}
        assert everything_on(session, nobody)["calls"] == []


def test_filters_offer_only_what_is_in_reach(place: workplace.Workplace) -> None:
    with reading(place.engine) as session:
        assert set(choices(session, person(place, "nora").viewer).agents.values()) == {"Ana Agent"}


def agent_of(place: workplace.Workplace, call_id: int) -> int:
    with reading(place.engine) as session:
        return session.get_one(Call, call_id).agent_id or 0


ATTEMPTS = {
    "review": lambda place, who: reviewing.confirm_clear(place.engine, who, place.calls[0]),
    "release": lambda place, who: reviewing.finish(place.engine, who, place.calls[0], anyway=True),
    "comment": lambda place, who: reviewing.add_comment(place.engine, who, place.calls[0], "well said"),
    "praise": lambda place, who: reviewing.add_comment(
        place.engine, who, place.calls[0], "well", kind="praise"
    ),
    "dispute": lambda place, who: disputing.dispute(
        place.engine, who, place.calls[0], "apology_when_due", "no", "it was not said like that"
    ),
    "coach": lambda place, who: coaching.begin(
        place.engine, who, agent_of(place, place.calls[0]), "empathy_shown"
    ),
    "add_example": lambda place, who: coaching.keep_example(
        place.engine, who, place.calls[0], "Names the loss", 19.6, 25.3
    ),
    "calibrate": lambda place, who: blind_scoring.open_session(
        place.engine, who, place.calls[0], "Empathy", [person(place, "tom").id, person(place, "nora").id]
    ),
    "self_review": lambda place, who: blind_scoring.answer_self(
        place.engine, who, place.calls[0], {"do": "override", "criterion": "empathy_shown", "verdict": "no"}
    ),
    "manage_people": lambda place, who: accounts.add_account(place.engine, who, "new", "trainer", name="New"),
}


@pytest.mark.parametrize("action", sorted(ATTEMPTS))
@pytest.mark.parametrize("login", ["tess", "ana", "mia", "ada"])
def test_actions_by_role(place: workplace.Workplace, action: str, login: str) -> None:
    who = person(place, login)
    if action == "release" and allowed(who, action):
        with pytest.raises(DatabaseError, match="doubt"):  # the right is there, the decisions are not
            ATTEMPTS[action](place, who)
    elif allowed(who, action):
        ATTEMPTS[action](place, who)
    else:
        with pytest.raises(NotAllowedError):
            ATTEMPTS[action](place, who)


@pytest.mark.parametrize("action", ["review", "comment", "dispute", "add_example", "self_review"])
def test_no_agent_acts_on_another_agents_call(place: workplace.Workplace, action: str) -> None:
    with pytest.raises(DatabaseError):
        ATTEMPTS[action](place, person(place, "ben"))
    with reading(place.engine) as session:
        assert session.exec(select(Dispute)).all() == []


def test_only_an_admin_erases(place: workplace.Workplace) -> None:
    for login in ("tess", "ana", "mia"):
        with pytest.raises(DatabaseError, match="admin"), writing(place.engine) as session:
            erase_calls(session, person(place, login).viewer, [place.calls[0]], "why not")
    with writing(place.engine) as session:
        erase_calls(session, person(place, "ada").viewer, [place.calls[0]], "asked for it")
    with reading(place.engine) as session:
        assert session.get(Call, place.calls[0]) is None


def test_a_dispute_is_decided_by_somebody_else(place: workplace.Workplace) -> None:
    tess, tom, ana, mia = (person(place, name) for name in ("tess", "tom", "ana", "mia"))
    call = place.calls[0]
    for criterion in ("empathy_shown", "resolution_confirmed"):
        reviewing.override(place.engine, tess, call, criterion, "no", "not shown")
    reviewing.finish(place.engine, tess, call)
    disputing.dispute(place.engine, ana, call, "empathy_shown", "yes", "I named the two lost days")
    with reading(place.engine) as session:
        [line] = disputes(session, ana.viewer)
        before = open_call(session, ana.viewer, call).call.score
        with pytest.raises(DatabaseError):
            one_dispute(session, person(place, "ben").viewer, line.dispute.id or 0)
    number = line.dispute.id or 0
    for who in (tess, ana, person(place, "ada")):
        with pytest.raises(NotAllowedError):
            disputing.decide(place.engine, who, number, "accepted", "yes")
    disputing.decide(place.engine, tom, number, "rejected", "one sentence is too little")
    disputing.escalate(place.engine, ana, number, "it was two sentences")
    with pytest.raises(NotAllowedError):
        disputing.decide(place.engine, tom, number, "accepted", "again")
    disputing.decide(place.engine, mia, number, "accepted", "heard it: shown")
    with reading(place.engine) as session:
        after = open_call(session, ana.viewer, call).call
        assert disputing.standing_verdicts(session, call)["empathy_shown"] == "yes"
        assert after.open_disputes == 0
    assert before is not None
    assert after.score is not None
    assert after.score > before


def test_every_page_has_a_role_and_every_role_a_start(place: workplace.Workplace) -> None:
    with reading(place.engine) as session:
        people = [person_of(user) for user in users(session)]
    for who in people:
        assert sum(page.default for page in pages_for(who)) == 1
    pages = {who.role: {page.file for page in pages_for(who)} for who in people}
    assert "audit" not in pages["trainer"] | pages["agent"] | pages["manager"]
    assert not pages["agent"] & {"people", "runs", "audit", "worklist", "dashboard"}
    assert not pages["admin"] & {"coaching", "plan", "examples", "calibrations", "calibration"}
    assert not pages["agent"] & {"calibrations", "calibration"}
    assert "self_review" not in pages["admin"]
    assert {"coaching", "progress", "my_data", "self_review"} <= pages["agent"]
    assert set(ROLES) == set(pages)
    assert all(roles <= set(ROLES) and roles for roles in ROLES_BY_ACTION.values())
