"""Answers weighed: the card's logic together with the acts that bear on it, stored numbers, what is shown."""

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings import Act, Conversation
from recordings.testing import agent, conversation, customer
from scorecards import weighed
from scorecards.acts.book import catalogue
from scorecards.call import Call
from scorecards.card import Card
from scorecards.engine import score
from scorecards.errors import ScorecardError
from scorecards.loading import card_from_text, published
from scorecards.weighed import ANSWERS, FOLDER, Logic, Weighing, held, log_odds, weighing

CARD = """
id: t
version: 1
language: en
title: T
pass_mark: 60
review_below: 0.6
sections: [{id: a, title: A, weight: 1}]
criteria:
  - id: owned
    section: a
    question: "Taken on?"
    weight: 1
    weighed_as: owned.test
    only_if: {act.v1: {any_of: [complain]}}
    check: {act.v1: {any_of: [take_ownership]}}
"""
NUMBERS = {
    "owned": {
        "acts": ["take_ownership", "find_out", "rude", "distress"],
        "shows": ["take_ownership", "find_out"],
        # offset; open, stays open, applies, yes; take_ownership, find_out, rude, distress
        "yes": [14, 0, 0, 0, 2, 0.5, 4, 0, 0],
        "no": [4, 0, 0, 0, -2, 0, 0, 1, 0],
        "na": [1, -2, 0, 0, 0, 0, 0, 0, -1],
    }
}


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    (tmp_path / "test.json").write_text(json.dumps(NUMBERS), encoding="utf-8")
    monkeypatch.setattr(weighed, "FOLDER", tmp_path)
    yield card_from_text(CARD, "t.yaml")
    weighed._read.cache_clear()


def call(*acts: tuple[int, str, float], source: str = "head") -> Conversation:
    turns = (agent("Hello."), customer("It broke."), agent("Right."), customer("Well?"), agent("I'll see."))
    told = [Act(turn=t, act=a, probability=p, source=source) for t, a, p in acts]  # type: ignore[arg-type]
    return conversation(*turns).with_acts(told)


def test_what_else_the_call_holds_tips_an_answer_and_is_told(card: Card) -> None:
    alone = score(call((1, "complain", 0.9), (4, "take_ownership", 0.35)), card).criterion("owned")
    tipped = score(call((1, "complain", 0.9), (4, "find_out", 0.9)), card).criterion("owned")
    assert (alone.verdict, tipped.verdict) == ("no", "yes")
    assert [e.turn for e in tipped.evidence] == [4]
    assert tipped.points == 1


def test_a_no_that_the_rest_of_the_call_speaks_for_says_so(card: Card) -> None:
    acts = ((1, "complain", 0.9), (2, "take_ownership", 0.6))
    assert score(call(*acts), card).criterion("owned").verdict == "yes"
    turned = score(call(*acts, (4, "rude", 0.97), (2, "rude", 0.9)), card).criterion("owned")
    assert turned.verdict == "no"
    assert turned.reason == f"the rest of the call tips it: {catalogue()['rude'].says['en']}"


def test_the_occasion_is_weighed_too(card: Card) -> None:
    assert score(call((4, "rude", 0.15)), card).criterion("owned").verdict == "na"
    sad = score(call((3, "distress", 0.97), (4, "find_out", 0.9)), card).criterion("owned")
    assert sad.verdict == "yes"


def test_a_yes_needs_words_that_show_it(card: Card) -> None:
    """Numbers that always say yes, and nobody who did it."""
    always = Weighing(
        ("find_out",), ("find_out",), {"yes": (9, 0, 0, 0, 0, 0), "no": (0,) * 6, "na": (-9,) + (0,) * 5}
    )
    path = weighed.FOLDER / "test.json"
    told = {"acts": always.acts, "shows": always.shows} | dict(always.numbers)
    path.write_text(json.dumps({"owned": told}), encoding="utf-8")
    weighed._read.cache_clear()
    assert score(call((1, "complain", 0.9)), card).criterion("owned").suggestion != "yes"
    assert score(call((1, "complain", 0.9)), card).criterion("owned").verdict in ("no", "review")
    half_heard = score(call((1, "complain", 0.9), (4, "find_out", 0.2)), card).criterion("owned")
    assert half_heard.verdict == "yes"
    assert [e.turn for e in half_heard.evidence] == [4]


@pytest.mark.parametrize("source", ["phrase", "person"])
def test_where_no_network_read_the_logic_answers_alone(card: Card, source: str) -> None:
    """Numbers are fitted on what networks read: rules see less, a person's acts are sure."""
    acts = ((1, "complain", 0.9), (4, "find_out", 0.97))
    assert score(call(*acts, source=source), card).criterion("owned").verdict in ("no", "review")
    assert score(call(*acts), card).criterion("owned").verdict == "yes"


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(sorted(catalogue())), st.floats(0.1, 0.999)), max_size=12
    ),
    st.tuples(*[st.floats(0, 1)] * 4),
    st.sampled_from(["empathy_shown", "ownership_language", "forbidden_phrase_used"]),
)
def test_chances_are_three_and_sum_to_one(
    acts: list[tuple[int, str, float]], odds: tuple[float, float, float, float], name: str
) -> None:
    found = weighing(f"{name}.v1").chances(Logic(*odds), Call(call(*acts), "en"))
    assert tuple(found) == ANSWERS
    assert math.isclose(sum(found.values()), 1.0)


def test_log_odds_stay_within_what_a_reader_can_be_sure_of() -> None:
    assert log_odds(0.5) == 0
    assert log_odds(0.0) == pytest.approx(-log_odds(1.0)) == pytest.approx(math.log(0.03 / 0.97))
    both = Call(call((0, "find_out", 0.5), (2, "find_out", 0.5), (2, "find_out", 0.4)), "en")
    assert held(both, ["find_out"]) == (pytest.approx(math.log(3)),)  # three in four: a turn counts once


def test_logic_alone_answers_as_the_engine_does() -> None:
    assert Logic(0.9, 0.9, 0.9, 0.6).verdict() == "yes"
    assert Logic(0.9, 0.9, 0.9, 0.4).verdict() == "no"
    assert {Logic(0.4, 1, 1, 1).verdict(), Logic(1, 0.4, 1, 1).verdict(), Logic(1, 1, 0.4, 1).verdict()} == {
        "na"
    }


@pytest.mark.parametrize("name", ["empathy_shown.v9", "empathy.v1", "empathy_shown", "../v1.v1", ""])
def test_an_unknown_weighing_names_the_choices(name: str) -> None:
    with pytest.raises(ScorecardError, match=r"no weighing .*there are .*empathy_shown\.v1"):
        weighing(name)
    with pytest.raises(ScorecardError, match="weighed_as"):
        card_from_text(CARD.replace("owned.test", name or "x"), "t.yaml")


def test_stored_weighings_are_whole_published_and_never_change() -> None:
    for path in FOLDER.glob("*.json"):
        assert published()[f"weighings {path.stem}"] == hashlib.sha256(path.read_bytes()).hexdigest(), (
            f"{path} differs from what was published; fit it as another version"
        )
        for name, one in json.loads(path.read_text(encoding="utf-8")).items():
            assert set(one["acts"]) <= set(catalogue()), name
            assert set(one["shows"]) <= set(one["acts"]), name
            assert {len(one[answer]) for answer in ANSWERS} == {5 + len(one["acts"])}, name


@pytest.mark.parametrize("name", ["forbidden_phrase_used", "positive_alternative_offered"])
def test_only_the_agents_acts_bear_on_the_agents_own_words(name: str) -> None:
    assert {catalogue()[act].role for act in weighing(f"{name}.v1").acts} == {"agent"}
