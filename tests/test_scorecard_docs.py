"""docs/scorecards.md names every check and every key of the scorecard language."""

import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

from scorecards.card import AppliesTo, Band, Card, Criterion, Fact, Scale, Section
from scorecards.cardtests import CardTest
from scorecards.checks import Node, node_keys
from scorecards.checks.forbidden import CATEGORIES, ForbiddenCategory
from scorecards.loading import card_from_text
from scorecards.phrases import Near, PhraseEntry, Place

DOC = (Path(__file__).parent.parent / "docs" / "scorecards.md").read_text(encoding="utf-8")
PARTS: list[type[BaseModel]] = [AppliesTo, Band, Card, Criterion, Fact, Scale, Section, CardTest]
PARTS += [ForbiddenCategory, Near, PhraseEntry, Place]


def checks() -> list[type[BaseModel]]:
    kinds = [kind for field in Node.model_fields.values() for kind in typing.get_args(field.annotation)]
    return [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel) and k is not Node]


@pytest.mark.parametrize("key", node_keys())
def test_every_check_is_documented(key: str) -> None:
    assert f"`{key}`" in DOC


@pytest.mark.parametrize("part", [*PARTS, *checks()], ids=lambda p: p.__name__)
def test_every_key_is_documented(part: type[BaseModel]) -> None:
    keys = [field.alias or name for name, field in part.model_fields.items()]
    assert [key for key in keys if f"`{key}`" not in DOC] == []


def test_every_category_is_documented() -> None:
    assert [c for c in CATEGORIES if c not in DOC] == []


def test_the_example_card_is_sound() -> None:
    example = DOC.split("```yaml\n")[1].split("```")[0]
    assert card_from_text(example, "docs").criteria[0].id == "sorry_said"
