"""Dialogues to learn from: every file parses, names acts of the catalogue for the right role, has labels."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from rapidfuzz import fuzz, process

from models.acts.dialogues import FOLDER, Said, read_dialogue, read_dialogues, writer_of
from models.acts.examples import HERE, read_examples
from models.acts.features import flat
from models.acts.train import folds_of, hands_of
from models.errors import ModelError
from recordings import Conversation
from recordings.dialogue import parse_dialogue
from scorecards.acts.book import catalogue
from scorecards.gold import conversation_of, read_gold

VALIDATION = sorted((HERE / "validation").glob("dialogues/*/*.yaml"))
FILES = sorted([*FOLDER.glob("*/*.yaml"), *VALIDATION])
CUSTOMERS_TOO = ("verification_before_account_details", "repeat_contact_mentioned")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dialogue_is_labelled_soundly(path: Path) -> None:
    dialogue = read_dialogue(path)
    assert (dialogue.id, dialogue.language) == (path.stem, path.parent.name)
    for turn, acts in zip(dialogue.turns, dialogue.acts, strict=True):
        wrong = [act for act in acts if act not in catalogue() or catalogue()[act].role != turn.role]
        assert not wrong, turn.text
    gold = read_gold(path)
    assert gold is not None
    conversation = conversation_of(gold, path)
    assert isinstance(conversation, Conversation)
    assert [t.text for t in conversation.turns] == [t.text for t in dialogue.turns]
    holds = [e for e in conversation.events or () if e.kind == "hold"]
    assert gold.gold["hold_count"].value == len(holds)
    for name, label in gold.gold.items():
        for turn_index in label.evidence:
            role = conversation.turns[turn_index].role
            assert role == "agent" or (role == "customer" and name in CUSTOMERS_TOO), f"{name}: {turn_index}"


def test_hands_for_validation_teach_nothing() -> None:
    hands = {writer_of(path.stem) for path in VALIDATION}
    assert hands
    assert not hands & {writer_of(path.stem) for path in FOLDER.glob("*/*.yaml")}


DIALOGUE = """
id: en_t01_x
language: en
dialogue:
  - {ivr: "Please hold."}
  - {agent: "Hello, Ana here.", acts: greet give_name}
  - hold: {seconds: 40, music: true}
  - silence: 12
  - {customer: "Yes.", acts: ""}
gold: {hold_count: {value: 1}}
"""


def test_lines_become_turns_that_know_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "en" / "en_t01_x.yaml"
    path.parent.mkdir()
    path.write_text(DIALOGUE, encoding="utf-8")
    dialogue = read_dialogue(path)
    assert dialogue.turns == (
        Said("ivr", "Please hold.", "ivr"),
        Said("agent", "Hello, Ana here.", "agent"),
        Said("customer", "Yes.", "customer", hold_s=40.0, silence_s=12.0),
    )
    assert dialogue.acts == (frozenset(), frozenset({"greet", "give_name"}), frozenset())
    assert dialogue.writer == "en_t"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{agent: "Hi."}', "line 1: no `acts`"),
        ("{agent: Hi, acts: [greet]}", "line 1: no `acts`"),
        ("hold: {seconds: -2}", "no length in seconds"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(f"dialogue:\n  - {line}\n", encoding="utf-8")
    with pytest.raises(ModelError, match=said):
        read_dialogue(path)


def test_hands_are_told_apart() -> None:
    assert writer_of("de_u12_router") == "de_u"
    assert writer_of("en_03_hold") == writer_of("en_12_x") == "en_"


def test_folds_keep_a_hand_together() -> None:
    dialogues = read_dialogues("en")
    folds = folds_of(dialogues)
    assert len(set(folds.values())) == 3
    assert all(
        len({folds[d.id] for d in dialogues if d.writer == one}) == 1 for one in {d.writer for d in dialogues}
    )
    named = {fold: {d.writer for d in dialogues if folds[d.id] == fold} for fold in folds.values()}
    assert all(hands_of(fold) == hands for fold, hands in named.items())
    alone = [d for d in dialogues if d.writer == "en_t"]
    assert set(folds_of(alone).values()) == {"en_t-0", "en_t-1"}


def test_the_conversation_is_the_same_with_and_without_acts() -> None:
    lines = [{"agent": "Hello.", "acts": "greet"}, {"hold": 3}, {"customer": "Hi.", "acts": ""}]
    bare = [{k: v for k, v in line.items() if k != "acts"} for line in lines]
    assert parse_dialogue(lines, name="x", language="en") == parse_dialogue(bare, name="x", language="en")


LONG = 12
"""Words from which on a line is more than a set phrase that everybody says."""
NEAR = 90
FAREWELL = {"goodbye", "wish", "thank", "customer_bye", "thank_agent"}
"""A line that does nothing else is everybody's, however long."""


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_held_out_line_is_taught(language: str) -> None:
    """Counts only: whoever reads a failure must not learn what the held-out calls say."""
    held = {
        flat(text)
        for path in Path("tests/gold").glob(f"heldout*/{language}_*.yaml")
        for line in yaml.safe_load(path.read_text(encoding="utf-8"))["dialogue"]
        for text in line.values()
        if isinstance(text, str) and len(text.split()) >= LONG
    }
    taught = {flat(e.text) for e in read_examples(language)}
    for dialogue in read_dialogues(language):
        lines = zip(dialogue.turns, dialogue.acts, strict=True)
        taught |= {flat(turn.text) for turn, acts in lines if not acts or acts - FAREWELL}
    long = [text for text in taught if len(text.split()) >= LONG]
    assert len(held) >= 50
    near = process.cdist(sorted(held), long, scorer=fuzz.ratio, score_cutoff=NEAR, dtype=np.uint8)
    assert int((near.max(axis=1) >= NEAR).sum()) == 0, "held-out lines stand among what is taught"
