"""Checks across a conversation: one row a rule, each beside its near miss."""

import pytest

from recordings import Conversation, Event, Recording, Word
from recordings.checks import check
from recordings.testing import agent, conversation, customer


def of(*turns: object, events: tuple[Event, ...] | None = None, **recording: object) -> Conversation:
    made = conversation(*turns, events=events)  # type: ignore[arg-type]
    return made.model_copy(update={"recording": Recording(id="x", **recording)})  # type: ignore[arg-type]


def word(start: float, end: float) -> Word:
    return Word(text="w", start=start, end=end)


GOOD = (
    agent("a", start=0.0, end=2.0, words=(word(0.0, 0.5), word(0.5, 2.0))),
    customer("b", start=1.5, end=4.0),
)

CASES = [
    ("two people at once are fine", of(*GOOD), []),
    (
        "a turn that ends first",
        of(agent("a", start=2.0, end=1.0)),
        [("ends_before_start", "turn 0", 1.0, 2.0)],
    ),
    ("no length at all is fine", of(agent("a", start=2.0, end=2.0)), []),
    (
        "an event that ends first",
        of(events=(Event(kind="hold", start=3.0, end=1.0),)),
        [("ends_before_start", "event 0 (hold)", 1.0, 3.0)],
    ),
    (
        "times that go backward",
        of(agent("a", start=5.0, end=6.0), customer("b", start=1.0, end=2.0)),
        [("backward", "turn 1", 1.0, 5.0)],
    ),
    ("backward by a frame", of(agent("a", start=5.0, end=6.0), customer("b", start=4.96, end=5.5)), []),
    (
        "backward past a turn without times",
        of(agent("a", start=5.0, end=6.0), customer("b"), customer("c", start=1.0, end=2.0)),
        [("backward", "turn 2", 1.0, 5.0)],
    ),
    (
        "one speaker twice at once",
        of(agent("a", start=0.0, end=4.0), agent("b", start=3.0, end=5.0)),
        [("speaker_overlap", "turn 1", 3.0, 4.0)],
    ),
    (
        "one speaker twice at once, a turn later",
        of(agent("a", start=0.0, end=9.0), agent("b", start=9.0, end=9.5), agent("c", start=9.2, end=9.9)),
        [("speaker_overlap", "turn 2", 9.2, 9.5)],
    ),
    ("end to end is fine", of(agent("a", start=0.0, end=4.0), agent("b", start=4.0, end=5.0)), []),
    (
        "a label on two channels is two people",
        of(agent("a", start=0.0, end=4.0, channel=0), agent("b", start=1.0, end=2.0, channel=1), channels=2),
        [],
    ),
    (
        "a word before its turn",
        of(agent("a", start=3.0, end=4.0, words=(word(2.5, 3.5),))),
        [("word_outside_turn", "turn 0 word 0 ('w')", 2.5, 3.0)],
    ),
    (
        "a word after its turn",
        of(agent("a", start=3.0, end=4.0, words=(word(3.5, 4.5),))),
        [("word_outside_turn", "turn 0 word 0 ('w')", 4.5, 4.0)],
    ),
    ("a word a little over", of(agent("a", start=3.0, end=4.0, words=(word(2.8, 4.2),))), []),
    (
        "words out of order",
        of(agent("a", start=0.0, end=4.0, words=(word(2.0, 2.5), word(1.0, 1.5)))),
        [("words_backward", "turn 0 word 1 ('w')", 1.0, 2.0)],
    ),
    (
        "a word that ends first",
        of(agent("a", start=0.0, end=4.0, words=(word(2.0, 1.0),))),
        [("ends_before_start", "turn 0 word 0 ('w')", 1.0, 2.0)],
    ),
    (
        "an event beyond the recording",
        of(events=(Event(kind="transfer", start=12.0),), duration=10.0),
        [("beyond_duration", "event 0 (transfer)", 12.0, 10.0)],
    ),
    (
        "a turn beyond the recording",
        of(agent("a", start=9.0, end=11.0), duration=10.0),
        [("beyond_duration", "turn 0", 11.0, 10.0)],
    ),
    ("a turn a little over the end", of(agent("a", start=9.0, end=10.4), duration=10.0), []),
    ("a length that nobody knows", of(agent("a", start=9.0, end=1000.0)), []),
    (
        "a channel that is not there",
        of(agent("a", channel=2), channels=2),
        [("unknown_channel", "turn 0", 2, 2)],
    ),
    ("a transcript without times", of(agent("a"), customer("b"), duration=10.0, channels=1), []),
]


@pytest.mark.parametrize(("made", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_rule_and_its_near_miss(
    made: Conversation, expected: list[tuple[str, str, float, float]]
) -> None:
    found = check(made)
    assert [(p.kind, p.where, p.found, p.limit) for p in found] == expected
    for problem in found:
        assert problem.where.split(" (")[0] in problem.message


def test_every_problem_is_told_not_only_the_first() -> None:
    broken = of(agent("a", start=8.0, end=7.0), customer("b", start=1.0, end=20.0), duration=10.0)
    assert {problem.kind for problem in check(broken)} == {"ends_before_start", "backward", "beyond_duration"}
