"""The German phrase rules, checked on the examples and near misses that stand in their own file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import scorecards
from recordings import Conversation, Recording, Turn
from scorecards.phrases import PhraseBook, PhraseEntry

FOLDER = Path(scorecards.__file__).parent / "acts"
RAW = yaml.safe_load((FOLDER / "phrases.de.yaml").read_text(encoding="utf-8"))["phrases"]
ENTRIES = tuple(PhraseEntry.model_validate(item) for item in RAW)
ACTS = yaml.safe_load((FOLDER / "catalogue.yaml").read_text(encoding="utf-8"))["acts"]
CATEGORIES = {"refusal", "blame", "dont_know", "not_my_job", "dismissive", "rude", "jargon", "other"}


def rows(kind: str) -> Iterator[tuple[int, str]]:
    for number, entry in enumerate(ENTRIES):
        for text in entry.examples if kind == "examples" else entry.near_misses:
            yield number, text


def label(row: object) -> str:
    return ENTRIES[row].act if isinstance(row, int) else str(row)[:60]


@pytest.mark.parametrize(("number", "text"), rows("examples"), ids=label)
def test_an_example_is_found(number: int, text: str) -> None:
    assert PhraseBook([ENTRIES[number]], "de").find(text), f"{ENTRIES[number].act} misses {text!r}"


@pytest.mark.parametrize(("number", "text"), rows("near_misses"), ids=label)
def test_a_near_miss_is_not_found(number: int, text: str) -> None:
    hits = PhraseBook([ENTRIES[number]], "de").find(text)
    assert not hits, f"{ENTRIES[number].act} takes {hits[0].text!r} in {text!r} by {hits[0].rule!r}"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.act)
def test_every_entry_is_complete(entry: PhraseEntry) -> None:
    assert entry.act in ACTS
    assert entry.role == ACTS[entry.act]["role"]
    assert entry.examples, "an entry shows what it finds"
    assert entry.near_misses, "an entry shows what it leaves alone"
    if entry.category is not None:
        assert entry.category in CATEGORIES
        assert entry.say_instead


def test_every_forbidden_act_has_a_rule_with_its_category() -> None:
    expected = {
        "refuse": "refusal",
        "blame": "blame",
        "dont_know": "dont_know",
        "not_my_job": "not_my_job",
        "dismiss": "dismissive",
        "rude": "rude",
        "jargon": "jargon",
    }
    assert {entry.act: entry.category for entry in ENTRIES if entry.category} == expected


@pytest.mark.parametrize(
    "text",
    [
        "Kein Problem, das mache ich gern.",
        "Ich weiß nicht, ob Sie die Mail schon gesehen haben.",
        "Das sollten Sie bis Freitag haben.",
        "da muss ich mal eben schauen",
        "Das weiß ich nicht, aber ich kläre das für Sie.",
        "Nein, da entstehen keine Kosten für Sie.",
        "Einen Moment bitte.",
        "Sie müssten gleich eine SMS bekommen.",
        "Nehmen Sie sich ruhig Zeit.",
    ],
)
def test_harmless_words_are_no_forbidden_phrase(text: str) -> None:
    book = PhraseBook([entry for entry in ENTRIES if entry.category], "de")
    assert [(hit.act, hit.text) for hit in book.find(text)] == []


def test_the_customers_words_are_never_the_agents() -> None:
    words = "Dafür bin ich nicht zuständig, das weiß ich nicht, das geht leider nicht, selber schuld."
    turns = tuple(Turn(index=i, role=role, text=words) for i, role in enumerate(("customer", "agent")))
    conversation = Conversation(recording=Recording(id="t"), turns=turns)
    found = PhraseBook(ENTRIES, "de").find_in(conversation)
    forbidden = {(hit.turn.index, hit.hit.act) for hit in found if hit.hit.entry.category}
    assert forbidden == {(1, "not_my_job"), (1, "dont_know"), (1, "refuse"), (1, "blame")}


def test_the_german_page_explains_every_act() -> None:
    page = (FOLDER.parent.parent / "docs" / "acts.de.md").read_text(encoding="utf-8")
    explained = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert sorted(explained) == sorted(ACTS)
