"""Interruptions from the times of written turns, for conversations whose events nobody measured in the audio.

An interruption starts while the other speaks and takes the floor; a back-channel ("mm-hm", „genau“) does not.
"""

from collections.abc import Sequence
from itertools import pairwise

import regex

from recordings import Event, Turn
from scorecards.patterns import lazily

SHORTEST_OVERLAP_S = 0.25
LONGEST_FINISH_S = 1.5
_BACK_CHANNEL = lazily(
    r"^\W*(?:(?:mm+|mhm|hm+|uh|huh|yeah|yes|yep|okay|ok|"
    r"right|sure|i see|oh|ah|of course|exactly|ja|genau|aha|gut|"
    r"verstehe|stimmt|richtig|klar|natürlich|gerne|so|no|nein)\W*){1,4}$",
    regex.IGNORECASE,
)


def interruptions(turns: Sequence[Turn]) -> tuple[Event, ...]:
    """Who starts while another still speaks and keeps the floor; needs turn times, else nothing."""
    found: list[Event] = []
    for before, turn in pairwise(turns):
        if before.end is None or turn.start is None or turn.end is None or before.start is None:
            continue
        overlap = before.end - turn.start
        if before.role == turn.role or turn.start <= before.start or _BACK_CHANNEL.match(turn.text):
            continue
        if SHORTEST_OVERLAP_S <= overlap <= LONGEST_FINISH_S and turn.end > before.end:
            found.append(
                Event(kind="interruption", start=turn.start, end=before.end, by=turn.role, source="words")
            )
    return tuple(found)
