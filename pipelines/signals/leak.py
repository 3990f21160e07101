"""How much of the other side a channel carries: cross-talk and echo, by the envelopes of both.

Where a channel's own side is silent and the other talks, a leak makes its level follow the other's. The
delay at which the two levels agree best is the echo's, their difference its attenuation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from pipelines.signals.features import Array
from pipelines.signals.intervals import Span

STEP_S = 0.01
SILENCE_DB = -100.0
FEW = 200
"""With fewer steps than this to look at, a leak cannot be measured; ``USUAL_DB`` below is assumed."""
USUAL_DB = 25.0
CLOSEST_DB = 8.0
AGREES = 0.3
"""Correlation of the levels from which on there is a leak: without one it stays under 0.26 on the tuning
half, with one it is 0.4 and more."""
LONGEST = 26
"""Steps of delay tried."""
RINGS = 5
"""Steps that a leak goes on after its cause."""


def steps_of(span: Span) -> slice:
    """The steps of a stretch of seconds, at least one."""
    first = round(span[0] / STEP_S)
    return slice(first, max(round(span[1] / STEP_S), first + 1))


@dataclass(frozen=True)
class Leak:
    """``attenuation_db`` below the other side, ``delay`` in steps of 10 ms."""

    attenuation_db: float
    delay: int

    def level(self, other_db: Array) -> Array:
        """What the other side's level makes of this channel, dBFS per step."""
        return _carried(other_db, self.delay) - np.float32(self.attenuation_db)


def find_leak(own_db: Array, other_db: Array, calm: NDArray[np.bool_], floor_db: Array) -> Leak | None:
    """The leak of another side, None where there is none.

    ``own_db`` and ``other_db``: dBFS per 10 ms ``(steps,)``, the other's -100 where it does not talk;
    ``calm``: where the channel's own side is silent and no music plays; ``floor_db``: the channel's noise.
    """
    found = agreement(own_db, other_db, calm, floor_db)
    if found is None:
        return Leak(USUAL_DB, 0)
    agrees, delay = found
    if agrees < AGREES:
        return None
    talk = _spoken_into(other_db, calm)
    carried = _carried(other_db, delay)[talk]
    loud = carried > np.percentile(carried, 60)
    gap = float(np.percentile(carried[loud] - own_db[talk][loud], 40))
    return Leak(max(CLOSEST_DB, gap), delay)


def agreement(
    own_db: Array, other_db: Array, calm: NDArray[np.bool_], floor_db: Array
) -> tuple[float, int] | None:
    """How well a channel's level follows the other's, a correlation, and at which delay it does so best; None
    where there is too little to look at. Arguments as for `find_leak`."""
    talk = _spoken_into(other_db, calm)
    if len(talk) < FEW:
        return None
    own = np.maximum(own_db, floor_db)[talk]
    agrees = [_correlation(own, np.maximum(other_db[talk - delay], -60.0)) for delay in range(LONGEST)]
    delay = int(np.argmax(agrees))
    return agrees[delay], delay


def _spoken_into(other_db: Array, calm: NDArray[np.bool_]) -> NDArray[np.int_]:
    """The calm steps at which the other talks or has just talked."""
    talk = np.flatnonzero(calm & (_carried(other_db, 0, LONGEST) > -60.0))
    return talk[talk >= LONGEST]


def _carried(other_db: Array, delay: int, rings: int = RINGS) -> Array:
    """The loudest of the steps from ``rings`` before to three after the delayed moment."""
    late = np.concatenate([np.full(delay, SILENCE_DB, np.float32), other_db[: len(other_db) - delay]])
    size = rings + 4
    loudest: Array = maximum_filter1d(
        late, size, origin=(size - 1) // 2 - 3, mode="constant", cval=SILENCE_DB
    )
    return loudest


def _correlation(one: Array, other: Array) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if one.std() > 0 and other.std() > 0 else 0.0
