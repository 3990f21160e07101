"""Does a conversation hang together? Checks between its objects, which no field can make by itself.

Problems are told, not repaired: each names the rule, the place and both numbers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from recordings.conversation import Conversation

Kind = Literal[
    "backward",
    "ends_before_start",
    "speaker_overlap",
    "word_outside_turn",
    "words_backward",
    "beyond_duration",
    "unknown_channel",
]
SLACK_S = 0.05
"""Times closer than this are the same: a frame of the networks that made them."""
WORD_SLACK_S = 0.25
END_SLACK_S = 0.5


@dataclass(frozen=True)
class Problem:
    """One broken rule: ``where`` such as ``turn 4`` or ``event 2 (hold)``, and the two numbers compared."""

    kind: Kind
    where: str
    found: float
    limit: float
    message: str


def check(conversation: Conversation) -> tuple[Problem, ...]:
    """All problems, in the order of the rules; empty when the conversation hangs together."""
    rules: tuple[Callable[[Conversation], Iterator[Problem]], ...] = (
        _own_times,
        _order_of_turns,
        _own_overlaps,
        _words,
        _duration,
        _channels,
    )
    return tuple(problem for rule in rules for problem in rule(conversation))


def _spans(conversation: Conversation) -> Iterator[tuple[str, float | None, float | None]]:
    for turn in conversation.turns:
        yield f"turn {turn.index}", turn.start, turn.end
    for number, event in enumerate(conversation.events or ()):
        yield f"event {number} ({event.kind})", event.start, event.end


def _own_times(conversation: Conversation) -> Iterator[Problem]:
    for where, start, end in _spans(conversation):
        if start is not None and end is not None and end < start:
            yield Problem(
                "ends_before_start",
                where,
                end,
                start,
                f"{where} ends at {end:.3f} s before it starts at {start:.3f} s",
            )


def _order_of_turns(conversation: Conversation) -> Iterator[Problem]:
    latest: float | None = None
    for turn in conversation.turns:
        if turn.start is None:
            continue
        if latest is not None and turn.start < latest - SLACK_S:
            yield Problem(
                "backward",
                f"turn {turn.index}",
                turn.start,
                latest,
                f"turn {turn.index} starts at {turn.start:.3f} s, before an earlier one at {latest:.3f} s",
            )
        latest = max(latest or 0.0, turn.start)


def _own_overlaps(conversation: Conversation) -> Iterator[Problem]:
    ends: dict[tuple[str, int | None], tuple[float, int]] = {}
    timed = (t for t in conversation.turns if t.speaker and t.start is not None and t.end is not None)
    for turn in sorted(timed, key=lambda turn: turn.start or 0.0):
        assert turn.speaker is not None
        assert turn.start is not None
        assert turn.end is not None
        key = (turn.speaker, turn.channel)
        if key in ends and turn.start < ends[key][0] - SLACK_S:
            end, other = ends[key]
            yield Problem(
                "speaker_overlap",
                f"turn {turn.index}",
                turn.start,
                end,
                f"turn {turn.index} of {turn.speaker} starts at {turn.start:.3f} s while the same speaker's "
                f"turn {other} lasts until {end:.3f} s",
            )
        if key not in ends or turn.end > ends[key][0]:
            ends[key] = (turn.end, turn.index)


def _words(conversation: Conversation) -> Iterator[Problem]:
    for turn in conversation.turns:
        latest: float | None = None
        for number, word in enumerate(turn.words):
            if word.start is None or word.end is None:
                continue
            where = f"turn {turn.index} word {number} ({word.text.strip()!r})"
            if word.end < word.start:
                yield Problem(
                    "ends_before_start", where, word.end, word.start, f"{where} ends before it starts"
                )
            if turn.start is not None and word.start < turn.start - WORD_SLACK_S:
                yield _outside(where, word.start, turn.start, "before its turn starts")
            if turn.end is not None and word.end > turn.end + WORD_SLACK_S:
                yield _outside(where, word.end, turn.end, "after its turn ends")
            if latest is not None and word.start < latest - SLACK_S:
                yield Problem(
                    "words_backward",
                    where,
                    word.start,
                    latest,
                    f"{where} starts at {word.start:.3f} s, before an earlier one at {latest:.3f} s",
                )
            latest = max(latest or 0.0, word.start)


def _outside(where: str, found: float, limit: float, how: str) -> Problem:
    return Problem(
        "word_outside_turn", where, found, limit, f"{where} lies at {found:.3f} s, {how} at {limit:.3f} s"
    )


def _duration(conversation: Conversation) -> Iterator[Problem]:
    duration = conversation.recording.duration
    if duration is None:
        return
    for where, start, end in _spans(conversation):
        last = end if end is not None else start
        if last is not None and last > duration + END_SLACK_S:
            yield Problem(
                "beyond_duration",
                where,
                last,
                duration,
                f"{where} lasts until {last:.3f} s, the recording only {duration:.3f} s",
            )


def _channels(conversation: Conversation) -> Iterator[Problem]:
    channels = conversation.recording.channels
    for turn in conversation.turns if channels is not None else ():
        assert channels is not None
        if turn.channel is not None and not 0 <= turn.channel < channels:
            yield Problem(
                "unknown_channel",
                f"turn {turn.index}",
                turn.channel,
                channels,
                f"turn {turn.index} is on channel {turn.channel}; the recording has {channels}, from 0 on",
            )
