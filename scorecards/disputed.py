"""An accepted dispute as a test of the card: the lines around the evidence, the answer that people found."""

from collections.abc import Callable
from typing import Any

from recordings import Conversation
from recordings.dialogue_of import dialogue_of
from scorecards.card import Card
from scorecards.cardtests import CardTest, Reader, conversation_of
from scorecards.engine import score
from scorecards.results import Value

VERDICTS = ("yes", "no", "na", "review", "unscored")

AROUND = (3, 8)
"""Turns kept on each side of the evidence, the fewest first."""


def card_test(
    conversation: Conversation,
    card: Card,
    criterion: str,
    answer: str | int | float,
    evidence: tuple[int, ...],
    name: str,
    read: Reader,
) -> dict[str, Any]:
    """One entry of a card's test file; ``answer`` is a verdict, or the value of something measured. Of the
    call it keeps the smallest part on which the scorer says what it says of the whole, so that the test asks
    the same question; all of it where no part does."""
    whole = _test(conversation, None, criterion, answer, name)
    if not evidence:
        return whole
    counted = answer not in VERDICTS
    said = _answer(whole, card, criterion, read, counted=counted)
    for near in AROUND:
        kept = {i for turn in evidence for i in range(turn - near, turn + near + 1)}
        part = _test(conversation, kept, criterion, answer, name)
        fewer = len(part["dialogue"]) < len(whole["dialogue"])
        if fewer and _answer(part, card, criterion, read, counted=counted) == said:
            return part
    return whole


def _test(
    conversation: Conversation, turns: set[int] | None, criterion: str, answer: str | float, name: str
) -> dict[str, Any]:
    lines, _ = dialogue_of(conversation, turns)
    timed = any(turn.start is not None for turn in conversation.turns)
    test: dict[str, Any] = {"name": name, "dialogue": lines}
    return {**test, **({} if timed else {"times": False}), "expect": {criterion: answer}}


def _answer(
    test: dict[str, Any],
    card: Card,
    criterion: str,
    read: Callable[[Conversation], Conversation],
    *,
    counted: bool,
) -> Value:
    """What the scorer says of a test's dialogue: the verdict, or with ``counted`` the value."""
    if not test["dialogue"]:
        return None
    conversation = conversation_of(CardTest.model_validate(test), card.language)
    result = next((r for r in score(read(conversation), card).criteria if r.id == criterion), None)
    return None if result is None else result.value if counted else result.verdict
