"""The German training examples: known acts of the right role, enough of each, none of the validation set."""

from collections import Counter
from pathlib import Path

import yaml

import scorecards
from models.acts.examples import HERE, read_examples, read_file

ACTS = yaml.safe_load((Path(scorecards.__file__).parent / "acts" / "catalogue.yaml").read_text("utf-8"))[
    "acts"
]
EXAMPLES = read_examples("de")
VALIDATION = tuple(read_file(HERE / "validation" / "de.yaml"))


def test_every_act_is_one_that_its_speaker_can_do() -> None:
    wrong = [
        (example.text, act)
        for example in (*EXAMPLES, *VALIDATION)
        for act in example.acts
        if ACTS.get(act, {}).get("role") != example.role
    ]
    assert wrong == []


def test_there_are_enough_examples_of_every_act() -> None:
    counts = Counter(act for example in EXAMPLES for act in example.acts)
    assert {act: counts[act] for act in ACTS if counts[act] < 20} == {}
    assert len(EXAMPLES) >= 2_900


def test_both_roles_have_examples_that_do_nothing() -> None:
    empty = Counter(example.role for example in EXAMPLES if not example.acts)
    assert empty["agent"] >= 150
    assert empty["customer"] >= 80


def test_validation_is_never_learned_from() -> None:
    learned = {example.text.casefold() for example in EXAMPLES}
    assert [example.text for example in VALIDATION if example.text.casefold() in learned] == []


def test_a_turn_is_not_both_vague_and_specific_or_unknowing_and_finding_out() -> None:
    against = [
        ("callback_vague", "callback_specific"),
        ("dont_know", "find_out"),
        ("ask_transfer", "announce_transfer"),
    ]
    both = [(e.text, pair) for e in EXAMPLES for pair in against if set(pair) <= e.acts]
    assert both == []
