"""Which faint talk of a channel is believed to be the other side's: only where the channel carries that side.

Talk far below the other's at the same moment is an echo (echo.py) or a breath, a pause, a faint word of the
channel's own speaker. A leak shows elsewhere too: the channel's level follows the other's (leak.py).
"""

from collections.abc import Sequence

import numpy as np

from pipelines.signals.edges import Side
from pipelines.signals.intervals import Span
from pipelines.signals.leak import SILENCE_DB, agreement
from pipelines.signals.noise import inside, nearby, switched_on, without

FOLLOWS = 0.12
"""Correlation of the levels from which on a channel carries the other: on the tuning half one channel in
twenty without a leak reaches it. It takes more to measure how much (leak.py); nothing is subtracted by it."""
LONG_S = 1.0
"""Faint talk of this length is no breath: where no leak explains it, it comes from the room."""


def believed(
    sides: Sequence[Side], echo: Sequence[Sequence[Span]], heard: Sequence[Sequence[Span]]
) -> list[list[Span]]:
    """Per channel, the stretches of ``echo`` that are the other's or the room's.

    ``sides``: the channels, their speech without any echo; ``heard``: all that the detector took for speech.
    """
    found = [list(faint) for faint in echo]
    for number, faint in enumerate(found):
        others = [other for other in range(len(sides)) if other != number]
        if faint and not any(_carries(sides, heard, number, other) for other in others):
            found[number] = [span for span in faint if span[1] - span[0] >= LONG_S]
    return found


def _carries(sides: Sequence[Side], heard: Sequence[Sequence[Span]], number: int, other: int) -> bool:
    """Whether a channel's level follows another's; so it is taken where there is too little to look at."""
    steps = min(len(side.level_db) for side in sides)
    level = sides[number].level_db[:steps]
    wait = inside(steps, sides[number].wait, 0.0)
    talk, others = inside(steps, heard[number], 0.1), inside(steps, sides[other].speech, 0.1)
    free = switched_on(level, ~talk & ~others & (level > SILENCE_DB + 5))
    noise = nearby(level, without(free, wait))
    calm = ~inside(steps, sides[number].speech, 0.3) & ~wait
    spoken = np.where(others, sides[other].level_db[:steps], np.float32(SILENCE_DB))
    found = agreement(level, spoken, calm, noise)
    return found is None or found[0] >= FOLLOWS
