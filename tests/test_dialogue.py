"""Written dialogues become conversations; a line that means nothing is refused by number."""

from typing import Any

import pytest

from recordings import RecordingError
from recordings.dialogue import parse_dialogue

LINES: list[dict[str, Any]] = [
    {"agent": "May I put you on hold for two minutes?"},
    {"customer": "Sure, go ahead, that is fine with me."},
    {"hold": {"seconds": 45, "music": True}},
    {"agent": "Thank you for holding.", "cuts_in": False},
    {"silence": 12},
    {"agent2": "Jo here."},
]


def test_lines_become_turns_and_events_in_order() -> None:
    conversation = parse_dialogue(LINES, name="x", language="en")
    assert [turn.role for turn in conversation.turns] == ["agent", "customer", "agent", "agent"]
    assert [turn.speaker for turn in conversation.turns] == ["S0", "S1", "S0", "S2"]
    hold, silence = conversation.events or ()
    assert (hold.kind, hold.music, silence.kind) == ("hold", True, "silence")
    assert hold.end is not None
    assert hold.start is not None
    assert round(hold.end - hold.start, 3) == 45
    ends = [conversation.turns[1].end, hold.start, hold.end, conversation.turns[2].start, silence.start]
    assert ends == sorted(ends, key=float)  # type: ignore[arg-type]


def test_cutting_in_overlaps_the_turn_before() -> None:
    lines = [
        {"customer": "I have been waiting for three whole weeks"},
        {"agent": "But you should", "cuts_in": True},
    ]
    first, second = parse_dialogue(lines, name="x", language="en").turns
    assert first.end is not None
    assert second.start is not None
    assert round(first.end - second.start, 3) == 0.5


def test_acts_of_a_line_are_for_learning_only() -> None:
    told = parse_dialogue([{"agent": "Hello.", "acts": "greet"}], name="x", language="en")
    assert told == parse_dialogue([{"agent": "Hello."}], name="x", language="en")


def test_without_times_nothing_is_invented() -> None:
    conversation = parse_dialogue(LINES, name="x", language="en", times=False)
    assert conversation.events is None
    assert conversation.recording.duration is None
    assert {turn.start for turn in conversation.turns} == {None}


@pytest.mark.parametrize(
    "line",
    [
        {"agnet": "hi"},
        {"hold": -3},
        {"hold": {"seconds": 3, "musik": True}},
        {"agent": 3},
        {"agent": "a", "x": 1},
        {"agent": "a", "acts": ["greet"]},
        {},
    ],
)
def test_a_line_that_means_nothing_is_named(line: dict[str, Any]) -> None:
    with pytest.raises(RecordingError, match=r"x: dialogue line 2"):
        parse_dialogue([{"agent": "hi"}, line], name="x", language="en")
