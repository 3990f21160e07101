"""The phrase rules of acts: every rule finds its examples and none of its near misses."""

import pytest

from recordings.testing import agent, conversation, customer
from scorecards.acts.book import catalogue, phrase_entries
from scorecards.acts.reader import phrase_hits, read_phrases, settle
from scorecards.errors import ScorecardError
from scorecards.phrases import PhraseBook

ENGLISH = phrase_entries("en")


def _cases(field: str) -> list[tuple[int, str]]:
    return [(n, text) for n, entry in enumerate(ENGLISH) for text in getattr(entry, field)]


@pytest.mark.parametrize(("number", "text"), _cases("examples"), ids=lambda v: str(v)[:50])
def test_a_rule_finds_its_examples(number: int, text: str) -> None:
    assert PhraseBook([ENGLISH[number]], "en").find(text), f"{ENGLISH[number].act}: {text}"


@pytest.mark.parametrize(("number", "text"), _cases("near_misses"), ids=lambda v: str(v)[:50])
def test_a_rule_passes_over_its_near_misses(number: int, text: str) -> None:
    assert not PhraseBook([ENGLISH[number]], "en").find(text), f"{ENGLISH[number].act}: {text}"


def test_every_rule_has_both_tables_and_a_known_act() -> None:
    for entry in ENGLISH:
        assert entry.act in catalogue()
        assert entry.examples, entry.act
        assert entry.near_misses, entry.act
        assert entry.role == catalogue()[entry.act].role


def test_the_customers_words_are_no_act_of_the_agent() -> None:
    said = conversation(customer("There's nothing I can do, that's our policy, calm down, I don't know."))
    assert not [a for a in phrase_hits(said, "en") if catalogue()[a.act].role == "agent"]


def test_the_same_words_by_the_agent_are() -> None:
    said = conversation(agent("There's nothing I can do, that's our policy."))
    assert {"refuse", "dismiss"} <= {a.act for a in read_phrases(said, "en")}


def test_not_knowing_is_put_right_in_the_same_turn() -> None:
    alone = read_phrases(conversation(agent("I don't know.")), "en")
    mended = read_phrases(conversation(agent("I don't know. Let me find out for you.")), "en")
    assert [a.probability for a in alone if a.act == "dont_know"] > [0.85]
    assert all(a.probability < 0.3 for a in mended if a.act == "dont_know")


def test_doubtful_turns_do_nothing() -> None:
    assert not read_phrases(conversation(agent("That's our policy.", doubtful=True)), "en")


def test_settling_is_stable() -> None:
    acts = read_phrases(conversation(agent("Hello, my name is Ann."), customer("Bye.")), "en")
    assert settle(acts) == acts


def test_another_language_is_refused_with_the_choices() -> None:
    with pytest.raises(ScorecardError, match="en, de"):
        read_phrases(conversation(agent("Bonjour")), "fr")
