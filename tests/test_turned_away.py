"""Turns that turn the customer away: what follows from their acts, and what a network says of it itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.acts.turning import DISOWNED, EXCUSES, TURN_AWAY, turns_away, with_turn_away
from recordings import Act, Conversation
from recordings.testing import agent, conversation, customer
from scorecards.call import Call
from scorecards.card import Card
from scorecards.checks import Context
from scorecards.engine import score
from scorecards.loading import card_from_text, load_card
from scorecards.results import CriterionResult

CARD = """
id: t
version: 1
language: en
title: T
pass_mark: 60
review_below: 0.5
sections: [{id: a, title: A, weight: 1}]
criteria:
  - id: forbidden
    section: a
    question: "Turned away?"
    weight: 1
    good: "no"
    check:
      forbidden.v1:
        disowned_by: [quote]
        turned_away_by: [turn_away]
        categories:
          refusal: {acts: [refuse], excused_by: [offer_alternative]}
          rude: {acts: [rude], say_instead: "(leave it out)"}
        lists: [{act: own, phrases: ["computer says no"], category: refusal}]
"""


@pytest.fixture
def card() -> Card:
    return card_from_text(CARD, "t.yaml")


def call(*acts: tuple[int, str, float], source: str = "head", text: str = "Hm, well.") -> Conversation:
    said = (agent("Hello."), customer("It broke."), agent(text), customer("Well?"), agent("So it is."))
    told = [Act(turn=t, act=a, probability=p, source=source) for t, a, p in acts]  # type: ignore[arg-type]
    return conversation(*said).with_acts(told)


def found(card: Card, conversation: Conversation) -> CriterionResult:
    return score(conversation, card).criterion("forbidden")


@pytest.mark.parametrize(
    ("acts", "away"),
    [
        ("refuse", True),
        ("refuse offer_alternative", False),
        ("refuse goodwill", False),
        ("refuse offer_alternative rude", True),
        ("dont_know find_out", False),
        ("dont_know offer_alternative", True),
        ("blame quote", False),
        ("pass_on", False),
        ("jargon greet", True),
        ("", False),
    ],
)
def test_a_turn_turns_away_by_its_acts_together(acts: str, away: bool) -> None:
    done = frozenset(acts.split())
    assert turns_away(done) == away
    assert with_turn_away(done) - {TURN_AWAY} == done
    assert (TURN_AWAY in with_turn_away(done | {TURN_AWAY})) == away


def test_the_networks_own_word_counts_as_much_as_the_categories(card: Card) -> None:
    assert found(card, call((2, "refuse", 0.4))).verdict == "no"
    borne_out = found(card, call((2, "refuse", 0.4), (2, "turn_away", 0.9)))
    assert (borne_out.verdict, [e.category for e in borne_out.evidence]) == ("yes", ["refusal"])
    denied = found(card, call((2, "refuse", 0.6), (4, "turn_away", 0.15)))
    assert denied.verdict == "no"
    quoted = found(card, call((2, "turn_away", 0.9), (2, "quote", 0.95)))
    assert quoted.verdict == "no"


def test_where_no_category_is_read_the_finding_is_another_kind(card: Card) -> None:
    other = found(card, call((2, "turn_away", 0.97)))
    assert (other.verdict, [e.category for e in other.evidence]) == ("yes", ["other"])


def test_a_second_category_is_no_surer_than_its_turn(card: Card) -> None:
    said = call((4, "turn_away", 0.2), text="No can do, you fool.")
    by_rule = [
        Act(turn=2, act="refuse", probability=0.6, source="phrase", text="No can do"),
        Act(turn=2, act="rude", probability=0.55, source="phrase", text="you fool"),
    ]
    told = found(card, said.with_acts([*(said.acts or ()), *by_rule]))
    assert (told.verdict, told.evidence) == ("no", ())
    alone = found(card, said.with_acts(by_rule))
    assert [e.category for e in alone.evidence] == ["refusal", "rude"]


def test_rules_alone_and_readings_older_than_the_act_go_by_the_categories(card: Card) -> None:
    weak = ((2, "refuse", 0.55), (4, "turn_away", 0.2))
    assert found(card, call(*weak)).verdict == "no"
    assert found(card, call(*weak, source="phrase")).verdict == "yes"
    assert found(card, call(weak[0])).verdict == "yes"


def test_own_phrases_stand_as_they_are_and_lift_nothing_else(card: Card) -> None:
    said = call((4, "turn_away", 0.2), text="The computer says no, sunshine.")
    rude = Act(turn=2, act="rude", probability=0.6, source="phrase", text="sunshine")
    told = found(card, said.with_acts([*(said.acts or ()), rude]))
    assert [e.category for e in told.evidence] == ["refusal"]


def test_the_customers_words_turn_nobody_away(card: Card) -> None:
    assert found(card, call((1, "turn_away", 0.97), (3, "refuse", 0.97))).verdict == "no"


@given(st.lists(st.sampled_from([*EXCUSES, DISOWNED]), max_size=6), st.floats(0.1, 0.97))
def test_a_further_finding_never_makes_a_turn_kinder(acts: list[str], chance: float) -> None:
    check = load_card("customer-care", "en").criterion("forbidden_phrase_used").check.forbidden
    assert check is not None
    others = [(2, act, 0.6) for act in dict.fromkeys(acts)] + [(2, TURN_AWAY, 0.5)]

    def chance_of(*told: tuple[int, str, float]) -> float:
        return check.run(Context(Call(call(*told), "en"), {})).p

    before = chance_of(*others)
    for more in EXCUSES:
        if more not in acts:
            assert chance_of(*others, (2, more, chance)) >= before - 1e-9


def test_the_card_excuses_what_the_networks_were_taught_to_excuse() -> None:
    for language in ("en", "de"):
        check = load_card("customer-care", language).criterion("forbidden_phrase_used").check.forbidden
        assert check is not None
        assert check.disowned_by == (DISOWNED,)
        excuses = {act: frozenset(c.excused_by) for c in check.categories.values() for act in c.acts}
        assert excuses == EXCUSES
