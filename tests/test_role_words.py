"""Words that tell an agent from a customer: what is learned, and what it is worth on hands that taught
nothing."""

from pathlib import Path

import pytest

from models.acts.dialogues import Dialogue, Said, read_dialogues
from models.acts.examples import HERE
from pipelines import role_words
from pipelines.role_train import Right, learn
from pipelines.role_words import SUREST, grams, identities, load, told
from pipelines.roles import AssignRoles


def test_words_pairs_and_edges_of_a_turn() -> None:
    assert grams("Your number, please?") == {
        "your",
        "number",
        "please",
        "< your",
        "your number",
        "number please",
        "please >",
    }
    assert grams("…") == grams("") == set()


def test_what_is_told_adds_up_halved_and_is_bounded() -> None:
    weights = {"policy": 2.0, "my": -3.0}
    assert told(["policy"], [weights]) == pytest.approx(1.0)
    assert told(["policy", "my"], [weights]) == pytest.approx(-0.5)
    assert told(["policy"] * 40, [weights]) == SUREST
    assert told(["my"] * 40, [weights]) == -SUREST
    assert told(["policy"], [weights, {"policy": 1.0}]) == pytest.approx(0.75)  # either language: the mean
    assert told([], [weights]) == told(["policy"], []) == 0.0


@pytest.mark.parametrize("language", ["en", "de"])
def test_words_that_nobody_learned_tell_nothing(language: str) -> None:
    assert told(["zzq blorv"] * 20, [load(language)]) == 0.0


def test_words_are_learned_from_who_says_them() -> None:
    calls = [
        Dialogue(
            id=f"x{number}",
            language="en",
            writer="x",
            turns=(
                Said("agent", "may I take your number", "agent"),
                Said("customer", "my parcel is late", "customer"),
                Said("ivr", "press one", "ivr"),
            ),
            acts=(frozenset(), frozenset(), frozenset()),
        )
        for number in range(30)
    ]
    words = learn(calls)
    assert words["your"] > 0.1
    assert words["my"] < -0.1
    assert "press" not in words


def test_other_words_are_another_option_of_the_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = AssignRoles().options()
    assert set(before["words"]) == {"en", "de"}
    for name in before["words"]:
        (tmp_path / f"role_words.{name}.json").write_text('{"my": -1.0}', encoding="utf-8")
    monkeypatch.setattr(role_words, "WORDS", tmp_path)
    identities.cache_clear()
    try:
        assert AssignRoles().options()["words"].items().isdisjoint(before["words"].items())
    finally:
        identities.cache_clear()


@pytest.mark.parametrize("language", ["en", "de"])
def test_roles_are_right_in_calls_of_hands_that_taught_nothing(language: str) -> None:
    calls = read_dialogues(language, folder=HERE / "validation" / "dialogues")
    two = [call for call in calls if len({turn.speaker for turn in call.turns}) == 2]
    with_words, without = Right.of(two, load(language)), Right.of(two, {})
    assert with_words.calls > 100
    assert with_words.right >= 0.95 * with_words.calls
    assert with_words.right > without.right
    second = [call for call in calls if "agent2" in {turn.speaker for turn in call.turns}]
    assert len(second) > 12
    assert Right.of(second, load(language)).right >= 0.8 * len(second)
