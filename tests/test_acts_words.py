"""The word head: the same from the same examples, whole after storing, silent beside other examples."""

from pathlib import Path

import numpy as np
import pytest

from models.acts.examples import Example
from models.acts.words import LEAST, WordHead, learn, load_words, store

NAMES = ("Ann", "Bob", "Cid", "Dan", "Eve", "Flo", "Gus", "Hal", "Ida", "Jo")
TOWNS = ("Ayr", "Bath", "Cork", "Derby", "Ely", "Fife", "Goa", "Hull")
ASKED = [f"would you mind holding while I ask {who}" for who in NAMES]
TOLD = [f"the shop in {where} opens at nine" for where in TOWNS]


@pytest.fixture(scope="module")
def head() -> WordHead:
    asks = [Example(text, "", "agent", frozenset({"ask_hold"})) for text in ASKED]
    return learn([*asks, *(Example(text, "hello", "agent", frozenset()) for text in TOLD)])


@pytest.mark.parametrize(
    ("text", "asks"), [("Would you mind holding while I ask Kim?", True), ("The shop opens at ten.", False)]
)
def test_words_tell_the_acts_apart(head: WordHead, text: str, asks: bool) -> None:
    assert bool(head.odds([(text, "")])[0, 0] > 0) is asks


def test_an_act_with_few_examples_is_left_out(head: WordHead) -> None:
    few = [Example(text, "", "agent", frozenset({"greet"})) for text in TOLD[: LEAST - 1]]
    assert learn([*few, *(Example(text, "", "agent", frozenset({"ask_hold"})) for text in ASKED)]).acts == (
        "ask_hold",
    )
    assert head.acts == ("ask_hold",)


def test_stored_and_loaded_is_the_same_and_only_for_its_examples(head: WordHead, tmp_path: Path) -> None:
    store(head, "abc", tmp_path / "en.words.safetensors")
    found = load_words("en", "abc", tmp_path)
    assert found is not None
    pairs = [(text, "yes") for text in (*ASKED, *TOLD)]
    assert np.allclose(found.odds(pairs), head.odds(pairs), atol=0.02)
    assert load_words("en", "abd", tmp_path) is None
    assert load_words("de", "abc", tmp_path) is None


def test_opinions_add_up(head: WordHead) -> None:
    pairs = [(ASKED[0], ""), (TOLD[0], "")]
    given = np.full((2, 2), 0.5, dtype=np.float32)
    mixed = head.mixed(given, ["greet", "ask_hold"], pairs)
    assert mixed[:, 0].tolist() == [0.5, 0.5]
    assert mixed[0, 1] > 0.5 > mixed[1, 1]
