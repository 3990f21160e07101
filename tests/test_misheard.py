"""The misheard form of German examples: the same every time, near the text, and never empty."""

import random

import pytest
from rapidfuzz import fuzz

from models.acts.misheard import misheard

TEXTS = [
    "Darf ich Sie kurz in die Warteschleife legen?",
    "Das tut mir wirklich leid, das hätte nicht passieren dürfen.",
    "ja",
    "Ich möchte meinen Vertrag zum nächstmöglichen Zeitpunkt kündigen.",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_chance_gives_the_same_text(text: str) -> None:
    assert misheard(text, random.Random(3)) == misheard(text, random.Random(3))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("seed", range(20))
def test_what_is_heard_stays_near_what_was_said(text: str, seed: int) -> None:
    heard = misheard(text, random.Random(seed))
    assert heard.strip()
    assert fuzz.ratio(heard.lower(), text.lower()) > (30 if len(text) < 5 else 70)


def test_nothing_changes_without_a_share_and_much_with_all() -> None:
    text = TEXTS[1]
    assert [misheard(text, random.Random(s), share=0.0).split()[0] for s in range(5)] == ["Das"] * 5
    assert all(misheard(text, random.Random(s), share=1.0) != text for s in range(5))
