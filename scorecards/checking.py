"""A card's text looked over before it is published: every problem with its line, and its own tests run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from recordings import Conversation
from scorecards.acts.reader import read_phrases
from scorecards.card import Card
from scorecards.cardtests import CardTest, TestOutcome, run_tests, tests_from_text
from scorecards.errors import ScorecardError
from scorecards.linter import lint
from scorecards.loading import card_from_text, refuse_changed
from scorecards.yaml_text import Located, Path, read_yaml

_AT = re.compile(r"card(?::(?P<line>\d+))?: (?P<text>.*)", re.DOTALL)
LISTS = ("sections", "criteria", "facts")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (error) or doubtful (warning); ``line`` counts from 1, None for the whole."""

    level: Literal["error", "warning"]
    line: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A text's card, where it is one, and what was found."""

    card: Card | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be mended before the card can be published."""
        return tuple(p for p in self.problems if p.level == "error")


def check_text(text: str, others: Mapping[str, Card] | None = None) -> Checked:
    """Read a card's text and lint it; ``others`` are the same card's other languages."""
    try:
        card = card_from_text(text, "card")
        refuse_changed(card, "card")
    except ScorecardError as error:
        return Checked(None, tuple(_problem(line) for line in str(error).splitlines()))
    located = read_yaml(text, "card")
    found = [
        Problem(r.level, located.line(_path(r.place, located)), f"{r.place}: {r.text}")
        for r in lint(card, others)
    ]
    return Checked(card, tuple(sorted(found, key=lambda p: (p.level != "error", p.line or 0, p.text))))


def _problem(told: str) -> Problem:
    found = _AT.fullmatch(told)
    if found is None:
        return Problem("error", None, told)
    return Problem("error", int(found["line"]) if found["line"] else None, found["text"])


def _path(place: str, located: Located) -> Path:
    """The linter names list items by id; the text knows them by their number."""
    parts = place.split(".")
    if parts[0] in LISTS and len(parts) > 1:
        items = located.value.get(parts[0], [])
        ids = [item.get("id") if isinstance(item, dict) else None for item in items]
        if parts[1] in ids:
            return (parts[0], ids.index(parts[1]), *parts[2:])
    return tuple(parts)


def run_text_tests(card: Card, tests: str) -> tuple[TestOutcome, ...]:
    """Run a card's own tests; words are read by the phrase rules. Raises ScorecardError for odd tests."""
    found: tuple[CardTest, ...] = tests_from_text(tests, "tests") if tests.strip() else ()

    def read(conversation: Conversation) -> Conversation:
        return conversation.with_acts(read_phrases(conversation, card.language))

    return run_tests(card, found, read)
