"""The phrase matcher: tables of what must match and what must not."""

import pytest

from recordings.testing import agent, conversation, customer
from scorecards.errors import ScorecardError
from scorecards.phrases import LONGEST_PATTERN, PhraseBook, PhraseEntry, search
from scorecards.text import plain, times_of, tokens


def book(language: str = "en", **entry: object) -> PhraseBook:
    return PhraseBook((PhraseEntry.model_validate({"act": "x", **entry}),), language)


ENGLISH = [
    # phrase, text, matches
    ("that's not my department", "That is not my department.", True),
    ("that's not my department", "that's, um, not my department", True),
    ("that's not my department", "that is not my deportment I'm afraid", True),
    ("that's not my department", "That's my department.", False),
    ("that's not my department", "Is that not your apartment?", False),
    ("I can help you with that", "I can't help you with that", False),
    ("I can't help you", "I cannot help you", True),
    ("you have to", "I have to check this", False),
    ("no problem", "no problems at all", True),
    ("no problem", "No. Problem is, it broke.", False),
    ("put you … on hold", "I'm putting you quickly on hold", True),
    ("put you … on hold", "I put you through to somebody who can put it on hold", False),
    ("calm down", "calm yourself down", False),
    ("thank you for waiting", "thanks for waiting", False),
    ("thanks for waiting", "Thanks for waiting!", True),
    ("let me apologise for the delay", "let me apologise for the relay", True),
]
GERMAN = [
    ("Kundennummer", "Ihre Kunden Nummer bitte", True),
    ("Kundennummer", "Ihre Kundennummern", True),
    ("Kundennummer", "Ihre Kunden bitte", False),
    ("dafür bin ich nicht zuständig", "Dafuer bin ich nicht zustaendig!", True),
    ("dafür bin ich nicht zuständig", "Dafür bin ich zuständig.", False),
    ("in die Warteschleife legen", "Darf ich Sie in die Warteschleife legen?", True),
    ("das geht nicht", "das ging nicht", True),
    ("das geht nicht", "Das geht.", False),
    ("ich melde mich morgen", "Ich meldete mich morgen", True),
]


@pytest.mark.parametrize(("phrase", "text", "matches"), ENGLISH)
def test_english_phrases_forgive_slips_but_no_negation(phrase: str, text: str, matches: bool) -> None:
    assert bool(book(phrases=[phrase]).find(text)) is matches


@pytest.mark.parametrize(("phrase", "text", "matches"), GERMAN)
def test_german_phrases_know_inflection_umlauts_and_compounds(phrase: str, text: str, matches: bool) -> None:
    assert bool(book("de", phrases=[phrase]).find(text)) is matches


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("I don't know.", True),
        ("I don't know if you noticed the label.", False),
        ("I don't know, but I'll find out.", False),
        ("I don't know. The weather is fine. Somebody will find out.", True),
    ],
)
def test_allow_lists_cancel_what_they_overlap(text: str, matches: bool) -> None:
    made = book(phrases=["I don't know"], allow=["i do not know if", r"/i don't know[^.]{0,40}find out/"])
    assert bool(made.find(text)) is matches


def test_exact_phrases_are_not_inflected() -> None:
    made = book(exact=["you must"])
    assert made.find("You must pay.")
    assert not made.find("You musted pay.")


def test_patterns_read_the_plain_text_and_umlauts_either_way() -> None:
    made = book("de", patterns=[r"darf ich sie (?:kurz )?zurückrufen\?"])
    assert made.find("Darf ich Sie, kurz, zurueckrufen?")
    hit = made.find("Gut. Darf ich Sie kurz zurückrufen? Danke.")[0]
    assert hit.text == "Darf ich Sie kurz zurückrufen?"


def test_a_slow_pattern_is_stopped_and_named() -> None:
    with pytest.raises(ScorecardError, match="ran longer than"):
        search(r"(?:\w|\w\w|\w\w\w)+\?", "a" * 300 + " b?c")


@pytest.mark.parametrize("pattern", ["(", "x" * (LONGEST_PATTERN + 1)])
def test_bad_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        PhraseEntry(act="x", patterns=(pattern,))


def test_role_place_and_nearness() -> None:
    call = conversation(
        agent("Goodbye then"), customer("goodbye"), agent("No."), agent("What I can do: wait")
    )
    assert [f.turn.index for f in book(phrases=["goodbye"], role="agent").find_in(call)] == [0]
    assert not book(phrases=["goodbye"], role="agent", place={"last": 1}).find_in(call)
    refused = PhraseEntry(act="refuse", exact=("no",))
    offer = {"act": "offer", "phrases": ("what I can do",), "near": {"act": "refuse", "before": 1}}
    both = PhraseBook((refused, PhraseEntry.model_validate(offer)), "en")
    assert [f.hit.act for f in both.find_in(call)] == ["refuse", "offer"]
    far = {**offer, "near": {"act": "refuse", "before": 0}}
    assert [
        f.hit.act for f in PhraseBook((refused, PhraseEntry.model_validate(far)), "en").find_in(call)
    ] == ["refuse"]


def test_plain_text_keeps_offsets() -> None:
    text = "Well — “May I”, he said,  wait?"
    form, offsets = plain(text)
    assert form.strip() == "well may i he said wait?"
    assert all(text[o].lower() == c for c, o in zip(form, offsets, strict=True) if c.isalnum())


def test_contractions_share_their_characters() -> None:
    found = tokens("I can't", "en")
    assert [t.text for t in found] == ["i", "can", "not"]
    assert {(t.start, t.end) for t in found[1:]} == {(2, 7)}


def test_times_come_from_words_then_from_the_turn_then_not_at_all() -> None:
    words = [{"text": "one", "start": 1.0, "end": 1.4}, {"text": "two", "start": 2.0, "end": 2.5}]
    timed = agent("one two", start=1.0, end=3.0, words=words)
    assert times_of(timed.model_validate(timed.model_dump()), 4, 7) == (2.0, 2.5)
    assert times_of(agent("one two", start=0.0, end=7.0), 0, 3) == (0.0, 3.0)
    assert times_of(agent("one two"), 0, 3) == (None, None)
