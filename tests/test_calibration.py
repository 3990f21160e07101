"""Calibration and self-review: blind until the seal is off, then compared; and nothing leaks before."""

import json
from pathlib import Path
from typing import Any

import pytest
import workplace
from opening import person
from sqlmodel import col, select

from database import DatabaseError, calibration_answers, calibrations
from database.calibration_answers import Answers
from database.calibrations import may_hear
from database.engine import reading, writing
from database.erase import erase_calls
from database.filters import Filters
from database.listing import count_calls, list_calls, open_call
from database.store import save_processed
from database.tables import AgreedAnswer, Call, Review, ReviewItem
from database.viewers import OPERATOR
from qa_app.actions import blind_scoring, reviewing
from qa_app.blind import blinded
from qa_app.calibrating import agreement, of_session, rows, together
from qa_app.i18n import translator
from qa_app.payload import payload
from qa_app.policies import NotAllowedError

ON_BOTH = True

ASKED = tuple(r.id for r in workplace.verdicts() if r.max_points is not None or r.value is None)


def opened(place: workplace.Workplace, *logins: str, owner: str = "mia", call: int = 0) -> int:
    ids = [person(place, login).id for login in logins]
    return blind_scoring.open_session(
        place.engine, person(place, owner), place.calls[call], "Empathy in November", ids
    )


def score(place: workplace.Workplace, login: str, number: int, **differing: str) -> None:
    who = person(place, login)
    for name in ASKED:
        event = {"do": "override", "criterion": name, "verdict": differing.get(name, "yes")}
        blind_scoring.answer_calibration(place.engine, who, number, event)
    blind_scoring.answer_calibration(place.engine, who, number, {"do": "finish", "seconds": 40})


def answers(place: workplace.Workplace, login: str, number: int) -> Answers:
    with reading(place.engine) as session:
        who = person(place, login)
        line = calibrations.one_session(session, who.viewer, number)
        return calibration_answers.answers(session, who.viewer, line)


def sees(place: workplace.Workplace, login: str) -> set[int | None]:
    with reading(place.engine) as session:
        viewer = person(place, login).viewer
        listed = {line.call.id for line in list_calls(session, viewer)}
        assert count_calls(session, viewer) == len(listed)
        probed = {
            line.call.id
            for line in list_calls(session, viewer, Filters(criterion="empathy_shown", verdict="review"))
        }
        assert probed <= listed
        return listed


def test_nobody_sees_an_answer_until_all_have_submitted(place: workplace.Workplace) -> None:
    call = place.calls[0]
    number = opened(place, "tess", "tom", "nora")
    assert call not in sees(place, "tess") | sees(place, "tom") | sees(place, "nora")
    assert call in sees(place, "mia")  # she chose the call and is not asked
    for login in ("tess", "nora"):
        with reading(place.engine) as session:
            viewer = person(place, login).viewer
            with pytest.raises(DatabaseError, match="no call"):
                open_call(session, viewer, call)
            assert may_hear(session, viewer, call).id == call
    score(place, "tess", number)
    score(place, "tom", number, empathy_shown="no")
    for login in ("tess", "tom", "nora", "mia"):
        with pytest.raises(DatabaseError, match="hidden"):
            answers(place, login, number)
    assert call not in sees(place, "tess")
    with reading(place.engine) as session:
        [held] = calibration_answers.export_sessions(session, OPERATOR)
    assert held["answers"] is None
    score(place, "nora", number, empathy_shown="no", apology_when_due="na")
    assert call in sees(place, "tess") & sees(place, "tom") & sees(place, "nora")
    found = answers(place, "tess", number)
    with reading(place.engine) as session:
        [held] = calibration_answers.export_sessions(session, OPERATOR)
    assert len(held["answers"]) == len(ASKED)
    assert {"name": "Tom Trainer", "verdict": "no"} in held["answers"]["empathy_shown"]["people"]
    assert sorted(found.names.values()) == ["Nora North", "Tess Trainer", "Tom Trainer"]
    first, second, *rest = rows(found)
    assert {first.criterion, second.criterion} == {"empathy_shown", "apology_when_due"}
    assert all(row.same for row in rest)
    whole = of_session(found)
    assert whole.n == len(ASKED)
    assert whole.value is not None
    assert whole.value < 1


def test_the_owner_may_end_it_early_and_drafts_are_dropped(place: workplace.Workplace) -> None:
    number = opened(place, "tess", "tom")
    score(place, "tess", number)
    tom = person(place, "tom")
    event = {"do": "override", "criterion": "empathy_shown", "verdict": "no"}
    blind_scoring.answer_calibration(place.engine, tom, number, event)
    for login in ("tess", "tom", "nora"):
        with pytest.raises(DatabaseError):
            blind_scoring.close_session(place.engine, person(place, login), number)
    blind_scoring.close_session(place.engine, person(place, "mia"), number)
    assert list(answers(place, "tom", number).names.values()) == ["Tess Trainer"]
    with pytest.raises(DatabaseError, match="closed"):
        blind_scoring.answer_calibration(place.engine, tom, number, event)
    with reading(place.engine) as session:
        assert sorted(session.exec(select(Review.state))) == ["dropped", "submitted"]
    assert place.calls[0] in sees(place, "tom")


@pytest.mark.parametrize(
    ("owner", "logins", "call", "why"),
    [
        ("mia", ("tess",), 0, "2 to 12"),
        ("mia", ("tess", "nora"), 2, "may not see it"),
        ("mia", ("tess", "ada"), 0, "may not see it"),
        ("mia", ("tess", "ana"), 0, "may not see it"),
        ("nora", ("tess", "tom"), 2, "no call"),
        ("ada", ("tess", "tom"), 0, "may not do this"),
        ("ana", ("tess", "tom"), 0, "may not do this"),
    ],
)
def test_who_may_ask_whom(
    place: workplace.Workplace, owner: str, logins: tuple[str, ...], call: int, why: str
) -> None:
    with pytest.raises(DatabaseError, match=why):
        opened(place, *logins, owner=owner, call=call)


def test_who_has_reviewed_a_call_is_not_asked_about_it(place: workplace.Workplace) -> None:
    reviewing.confirm_clear(place.engine, person(place, "tess"), place.calls[0])
    with pytest.raises(DatabaseError, match="has reviewed"):
        opened(place, "tess", "tom")
    opened(place, "tom", "nora")
    with pytest.raises(DatabaseError, match="open session"):
        opened(place, "tom", "mia")


def test_answers_are_whole_final_and_of_the_card(place: workplace.Workplace) -> None:
    number = opened(place, "tess", "tom")
    tess = person(place, "tess")

    def ask(**event: object) -> None:
        blind_scoring.answer_calibration(place.engine, tess, number, event)

    with pytest.raises(DatabaseError, match="still need"):
        ask(do="finish")
    for odd in ({"criterion": "made_up", "verdict": "yes"}, {"criterion": "hold_count", "verdict": "yes"}):
        with pytest.raises(DatabaseError, match="no criterion"):
            ask(do="override", **odd)
    with pytest.raises(DatabaseError, match="not known"):
        ask(do="override", criterion="empathy_shown", verdict="review")
    with pytest.raises(DatabaseError, match="unknown"):
        ask(do="confirm", criterion="empathy_shown")
    score(place, "tess", number)
    with pytest.raises(DatabaseError, match="decisions stand"):
        ask(do="override", criterion="empathy_shown", verdict="no")
    with pytest.raises(DatabaseError, match="not asked"):
        blind_scoring.answer_calibration(place.engine, person(place, "nora"), number, {"do": "finish"})
    with pytest.raises(NotAllowedError):
        blind_scoring.answer_calibration(place.engine, person(place, "ana"), number, {"do": "finish"})


def test_a_call_scored_again_meanwhile_keeps_its_questions(place: workplace.Workplace) -> None:
    number = opened(place, "tess", "tom")
    tess = person(place, "tess")
    with reading(place.engine) as session:
        assert calibrations.awaited(session, tess.viewer) == [number]
        assert calibrations.awaited(session, person(place, "nora").viewer) == []
    talk = workplace.talk("late-parcel", "a", "ana", "north", day=3)
    fewer = workplace.assessment(talk, version=2)
    fewer = fewer.model_copy(update={"criteria": fewer.criteria[:3]})
    save_processed(place.engine, Path("in/late-parcel.flac"), talk.recording, talk, fewer)
    score(place, "tess", number)
    with reading(place.engine) as session:
        assert calibrations.awaited(session, tess.viewer) == []
    score(place, "tom", number)
    assert len(rows(answers(place, "tess", number))) == len(ASKED)


def test_what_was_agreed_is_added_never_changed(place: workplace.Workplace) -> None:
    number = opened(place, "tess", "tom")
    tess, tom = person(place, "tess"), person(place, "tom")
    with pytest.raises(DatabaseError, match="hidden"):
        blind_scoring.agree(place.engine, tess, number, "empathy_shown", "no", "too early")
    score(place, "tess", number)
    score(place, "tom", number, empathy_shown="no")
    blind_scoring.agree(place.engine, tess, number, "empathy_shown", "no", "came too late")
    blind_scoring.agree(place.engine, tom, number, "empathy_shown", "yes", "heard again: shown")
    with pytest.raises(DatabaseError, match="took part"):
        blind_scoring.agree(place.engine, person(place, "nora"), number, "empathy_shown", "no", "")
    assert answers(place, "mia", number).agreed["empathy_shown"].verdict == "yes"
    with reading(place.engine) as session:
        kept = [a.verdict for a in session.exec(select(AgreedAnswer).order_by(col(AgreedAnswer.id)))]
        machine = {r.id: r.verdict for r in workplace.verdicts()}
        assert session.exec(select(Call.review_state).where(Call.id == place.calls[0])).one() == "none"
    assert kept == ["no", "yes"]
    assert answers(place, "mia", number).machine == machine


def test_several_sessions_together(place: workplace.Workplace) -> None:
    found = []
    for call, differing in ((0, "yes"), (1, "no")):
        number = opened(place, "tess", "tom", call=call)
        score(place, "tess", number, empathy_shown=differing, greeting_with_name_and_company="yes")
        score(place, "tom", number, empathy_shown=differing)
        blind_scoring.agree(place.engine, person(place, "tess"), number, "hold_reason_given", "no", "")
        found.append(answers(place, "mia", number))
    by_name = {one.criterion: one for one in together(found)}
    assert (by_name["empathy_shown"].people.value, by_name["empathy_shown"].people.n) == (1.0, 2)
    assert by_name["greeting_with_name_and_company"].people.value is None  # one answer only: nothing to tell
    assert (by_name["hold_reason_given"].machine.value, by_name["hold_reason_given"].machine.n) == (0.0, 2)
    assert "hold_count" not in by_name


def test_agreement_takes_raters_that_differ_by_case() -> None:
    cases = [{1: "yes", 2: "yes"}, {2: "no", 3: "no"}, {1: "yes", 3: "yes"}, {1: "no"}]
    assert agreement(cases).value == 1.0
    assert agreement([{1: "yes", 2: "no"}, {1: "no", 2: "yes"}]).value == pytest.approx(-0.5)


def leaves(tree: Any) -> list[Any]:
    """All values of nested plain data."""
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    return [leaf for value in tree for leaf in leaves(value)] if isinstance(tree, list) else [tree]


def test_the_blind_page_is_the_same_whatever_the_answers_are(place: workplace.Workplace) -> None:
    """Two assessments that differ in everything but the questions give one and the same page."""
    tom, t = person(place, "tom"), translator("en")
    pages = []
    for turn in (False, True):
        with reading(place.engine) as session:
            call = open_call(session, tom.viewer, place.calls[0])
            assert call.assessment is not None
            assessment = call.assessment
            if turn:
                other = {"yes": "no", "no": "yes"}
                criteria = tuple(
                    r.model_copy(
                        update={
                            "verdict": other.get(r.verdict, r.verdict),
                            "confidence": 0.5,
                            "evidence": (),
                            "suggestion": None,
                            "points": None if r.points is None else (r.max_points or 0) - r.points,
                        }
                    )
                    for r in assessment.criteria
                )
                assessment = assessment.model_copy(update={"criteria": criteria, "score": 12.5})
            shown = payload(session, tom, type(call)(call.line, call.conversation, assessment), t, audio=None)
            pages.append(blinded(session, shown, assessment, {}, t))
    for page in pages:
        assert [one["id"] for one in page["criteria"]] == list(ASKED)
        assert 80.0 not in leaves(page)
    assert json.dumps(pages[0], sort_keys=True) == json.dumps(pages[1], sort_keys=True)


def test_an_agent_scores_their_own_call_and_it_moves_nothing(place: workplace.Workplace) -> None:
    ana, call = person(place, "ana"), place.calls[0]
    for name in ASKED:
        event = {"do": "override", "criterion": name, "verdict": "no"}
        blind_scoring.answer_self(place.engine, ana, call, event)
    blind_scoring.answer_self(place.engine, ana, call, {"do": "undo", "criterion": ASKED[0]})
    with pytest.raises(DatabaseError, match="1 item"):
        blind_scoring.answer_self(place.engine, ana, call, {"do": "finish"})
    again = {"do": "override", "criterion": ASKED[0], "verdict": "na"}
    blind_scoring.answer_self(place.engine, ana, call, again)
    blind_scoring.answer_self(place.engine, ana, call, {"do": "finish", "seconds": 5})
    with pytest.raises(DatabaseError, match="decisions stand"):
        blind_scoring.answer_self(place.engine, ana, call, again)
    for login in ("ben", "tess", "ada"):
        with pytest.raises(DatabaseError):
            blind_scoring.answer_self(place.engine, person(place, login), call, again)
    with reading(place.engine) as session:
        for login, finds in (("tess", True), ("nora", True), ("ana", True), ("ben", False)):
            found = blind_scoring.agents_review(session, person(place, login).viewer, call)
            assert (found is not None) is finds, login
        kept = session.get_one(Call, call)
        assert (kept.score, kept.score_by, kept.review_state) == (80.0, "machine", "none")
        own = blind_scoring.own_review(session, ana.viewer, call)
        assert own is not None
        assert (own.kind, own.state) == ("self", "submitted")
        assert len(session.exec(select(ReviewItem.id)).all()) == len(ASKED) + 2


def test_erasing_a_call_takes_its_sessions_along(place: workplace.Workplace) -> None:
    number = opened(place, "tess", "tom")
    score(place, "tess", number)
    score(place, "tom", number)
    blind_scoring.agree(place.engine, person(place, "tess"), number, "empathy_shown", "no", "")
    with writing(place.engine) as session:
        erase_calls(session, person(place, "ada").viewer, [place.calls[0]], "asked for it")
    with reading(place.engine) as session:
        assert calibrations.sessions(session, person(place, "mia").viewer) == []
        assert session.exec(select(AgreedAnswer.id)).all() == []
