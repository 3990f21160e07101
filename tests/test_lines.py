"""The lines that measure and never teach: labelled by the catalogue, known to nobody, read better than by
chance."""

import re
from pathlib import Path

import pytest

from models.acts.dialogues import FOLDER
from models.acts.examples import read_examples
from models.acts.head import ActHead
from models.acts.lines import measured, read_lines
from scorecards.acts.book import catalogue


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_act_is_one_that_its_speaker_can_do(language: str) -> None:
    acts = catalogue()
    wrong = [
        (line.text, act)
        for line in read_lines(language)
        for act in line.acts
        if act not in acts or acts[act].role != line.role
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_line_was_learned_from(language: str) -> None:
    learned = {example.text.casefold() for example in read_examples(language)}
    for path in (FOLDER / language).glob("*.yaml"):  # as text: parsing 1,800 calls takes long
        said = re.findall(r'"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8"))
        learned |= {text.replace('\\"', '"').casefold() for text in said}
    assert len(learned) > 20_000
    lines = [line.text for line in read_lines(language) if len(line.text.split()) > 4]
    assert [text for text in lines if text.casefold() in learned] == []
    assert len(lines) > 2_000


@pytest.mark.parametrize("language", ["en", "de"])
def test_turning_away_is_told_from_lines_that_are_worded_like_it(language: str, weights: Path) -> None:
    lines = [line for line in read_lines(language) if line.role == "agent"][::25]
    found = {figure.act: figure for figure in measured(ActHead.load(language, weights), lines)}
    away = found["turn_away"]
    assert away.support > 20
    assert away.f1 is not None
    assert away.f1 > 0.6
