"""The fit of moods: what is tried, which choice wins, and that a fold is told by what the others taught."""

import pytest

from pipelines.moods import BARS, MILD, TROUBLE, Case, best, choices, mood_of, unseen
from scorecards.checks.label import MoodCheck
from scorecards.loading import load_card

LOW, MIDDLE, HIGH = ((("positive_from", bar),) for bar in (0.4, 0.5, 0.6))


def case(fold: str, truth: str, low: str, middle: str, high: str) -> Case:
    return Case(fold, truth, now="neutral", tried={LOW: low, MIDDLE: middle, HIGH: high})


def test_every_choice_is_a_check_that_a_card_could_hold() -> None:
    start, end = MoodCheck(part="start"), MoodCheck(part="end", mild=("thank_agent", "confirm_solved"))
    for check, counts in ((start, len(TROUBLE)), (end, len(MILD) ** 2)):
        tried = list(choices(check))
        assert len(set(tried)) == len(tried) == counts * len(BARS) ** 2
        for choice in tried[:: len(tried) // 7]:
            MoodCheck.model_validate(check.model_dump() | dict(choice))


def test_the_choice_that_agrees_wins_and_a_tie_goes_to_the_middle() -> None:
    cases = [
        case("a", "positive", "positive", "neutral", "neutral"),
        case("a", "neutral", "neutral", "neutral", "neutral"),
    ]
    assert best(cases) == LOW
    alike = [
        case("a", "positive", "positive", "positive", "positive"),
        case("a", "neutral", "neutral", "neutral", "neutral"),
    ]
    assert best(alike) == MIDDLE


def test_each_fold_is_told_by_the_choice_of_the_others() -> None:
    """Two folds for which opposite choices are right: told by each other's, both are wrong throughout."""
    one = [
        case("a", "positive", "positive", "neutral", "neutral"),
        case("a", "neutral", "neutral", "positive", "positive"),
    ]
    two = [
        case("b", "positive", "neutral", "neutral", "positive"),
        case("b", "neutral", "positive", "positive", "neutral"),
    ]
    assert best(one) == LOW
    assert best(two) == HIGH
    assert unseen([*one, *two]) == pytest.approx(-1.0)


def test_a_card_without_moods_is_told_so() -> None:
    assert mood_of(load_card("customer-care", "de"), "customer_emotion_end").part == "end"
    with pytest.raises(SystemExit, match="five-items: no customer_emotion_start"):
        mood_of(load_card("five-items", "en"), "customer_emotion_start")
