"""What a channel carries of the other side, taken out of its level: cross-talk and echo are copies.

A leak is the other channel's sound through a short filter, later and fainter. The filter is the one that
explains the channel best where its own side is silent and the other talks (Wiener's, by averaged spectra:
Welch 1967); what it makes of the other channel is subtracted, and the level of what is left tells the
channel's own talk. A codec's own faults are no copy: they stay.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.signal import get_window, oaconvolve

from pipelines.signals.edges import Side
from pipelines.signals.features import RATE, Array
from pipelines.signals.intervals import Span, difference, union
from pipelines.signals.leak import SILENCE_DB, STEP_S
from pipelines.signals.noise import inside

Read = Callable[[float, float], Array]
"""The samples of a channel between two moments, float32 ``(samples,)`` at 16 kHz."""

LONGEST_S = 0.3
"""A leak is no later than this."""
WIDE, NARROW = 8192, 2048
"""Samples of a window: to find how late a leak is, and to measure it."""
BEFORE, AFTER = 48, 640
"""Samples of the filter before and after the leak's moment."""
WAYS = 2
LEARNED_S, LEAST_S = 40.0, 3.0
"""At most so much is learned from; less tells nothing."""
FLOOR = 1e-3
"""Of the mean power: bands in which the other channel has less than this explain nothing."""
BLOCK_S, MARGIN_S = 60.0, 0.5
GAIN_DB, LOUDER = 2.0, 60
"""A filter that takes less than this from the louder two fifths of the leak is not believed."""
CALM_S = 0.3
"""The channel's own side, and music, are this far away from what is learned from."""
FINE = round(STEP_S * RATE)


@dataclass(frozen=True)
class Copy:
    """The filter of a leak: ``taps`` from ``BEFORE`` samples before ``delay`` samples on."""

    delay: int
    taps: NDArray[np.float64]

    def between(self, other: Read, start: float, end: float) -> Array:
        """What the other channel leaves here between two moments, float32 ``(samples,)``."""
        there = _padded(other, start - MARGIN_S, end + MARGIN_S)
        made = oaconvolve(there.astype(np.float64), self.taps)
        lead = round(MARGIN_S * RATE)
        first = lead + BEFORE - self.delay
        found: Array = made[first : first + len(there) - 2 * lead].astype(np.float32)
        return found


def without_copies(sides: Sequence[Side], reads: Sequence[Read]) -> list[Side]:
    """The channels with the level of their own sound, without what they carry of each other; ``reads`` reads
    each channel's samples."""
    return [_own(sides, reads, number) for number in range(len(sides))]


def _own(sides: Sequence[Side], reads: Sequence[Read], number: int) -> Side:
    side = sides[number]
    level = side.level_db
    for other in (n for n in range(len(sides)) if n != number):
        theirs = sides[other]
        busy = union((s - CALM_S, e + CALM_S) for s, e in [*side.speech, *side.wait, *theirs.wait])
        calm = difference(theirs.speech, busy)
        read = without_copy(reads[number], reads[other], calm)
        if read is not None:
            there = inside(len(level), theirs.speech, LONGEST_S)
            level = np.where(there, level_of(read, len(level)), level)
    return replace(side, level_db=level)


def without_copy(own: Read, other: Read, calm: Sequence[Span]) -> Read | None:
    """The channel without what it carries of the other, by two ways at most (a line's cross-talk and a
    phone's echo); ``calm``: where the channel's own side is silent and the other talks. None where it
    carries nothing."""
    left: Read | None = None
    for _ in range(WAYS):
        copy = find_copy(left or own, other, calm)
        if copy is None:
            break
        left = _less(left or own, other, copy)
    return left


def _less(own: Read, other: Read, copy: Copy) -> Read:
    return lambda start, end: _padded(own, start, end) - copy.between(other, start, end)


def find_copy(own: Read, other: Read, calm: Sequence[Span]) -> Copy | None:
    """The loudest way by which the other channel gets here, learned in the ``calm``. None where that is too
    little to learn from, or where no filter makes the channel quieter there."""
    use = _some(calm)
    if sum(end - start for start, end in use) < LEAST_S:
        return None
    late = irfft(_explained(own, other, use, WIDE, 0))[: round(LONGEST_S * RATE)]
    delay = int(np.argmax(np.abs(late)))
    narrow = irfft(_explained(own, other, use, NARROW, delay))
    copy = Copy(delay, np.concatenate([narrow[-BEFORE:], narrow[:AFTER]]))
    return copy if _gain_db(own, other, use, copy) >= GAIN_DB else None


def _gain_db(own: Read, other: Read, use: Sequence[Span], copy: Copy) -> float:
    """How much quieter the channel is without the leak where that is loudest, dB."""
    before, made, after = [], [], []
    for start, end in use:
        here, there = _padded(own, start, end), copy.between(other, start, end)
        before.append(_level_db(here))
        made.append(_level_db(there))
        after.append(_level_db(here - there))
    leak = np.concatenate(made)
    loud = leak >= np.percentile(leak, LOUDER)
    return float(np.median((np.concatenate(before) - np.concatenate(after))[loud]))


def level_of(read: Read, steps: int) -> Array:
    """The level of a channel, dBFS per 10 ms ``(steps,)``; read a minute at a time."""
    found: list[Array] = []
    for first in range(0, steps, round(BLOCK_S / STEP_S)):
        start, end = first * STEP_S, min(steps * STEP_S, first * STEP_S + BLOCK_S)
        found.append(_level_db(_padded(read, start, end)))
    return np.concatenate([np.zeros(0, np.float32), *found])


def _level_db(samples: Array) -> Array:
    power = samples[: len(samples) // FINE * FINE].reshape(-1, FINE).var(axis=1, dtype=np.float64)
    level: Array = np.maximum(10 * np.log10(power + 1e-12), SILENCE_DB).astype(np.float32)
    return level


def _some(calm: Sequence[Span]) -> list[Span]:
    """The longest stretches, as many as are needed, each long enough for a window."""
    chosen: list[Span] = []
    seconds = 0.0
    for start, end in sorted(calm, key=lambda span: span[0] - span[1]):
        if seconds >= LEARNED_S or end - start < WIDE / RATE:
            break
        chosen.append((start, min(end, start + LEARNED_S - seconds)))
        seconds += chosen[-1][1] - start
    return chosen


def _explained(own: Read, other: Read, use: Sequence[Span], size: int, delay: int) -> NDArray[np.complex128]:
    """The transfer function from the other channel to this one, ``(size / 2 + 1,)``."""
    window = get_window("hann", size)
    both = np.zeros(size // 2 + 1, dtype=np.complex128)
    alone = np.zeros(size // 2 + 1)
    for x, y in _pairs(own, other, use, size, delay):
        there, here = rfft(x * window), rfft(y * window)
        both += there.conj() * here
        alone += np.abs(there) ** 2
    found: NDArray[np.complex128] = both / (alone + FLOOR * alone.mean() + 1e-20)
    return found


def _pairs(
    own: Read, other: Read, use: Sequence[Span], size: int, delay: int
) -> Iterator[tuple[Array, Array]]:
    for start, end in use:
        x = other(start, end)
        y = _padded(own, start + delay / RATE, end + delay / RATE)
        for at in range(0, min(len(x), len(y)) - size + 1, size // 2):
            yield x[at : at + size], y[at : at + size]


def _padded(read: Read, start: float, end: float) -> Array:
    """Samples between two moments, zeros where there are none."""
    count = round(end * RATE) - round(start * RATE)
    front = max(0, -round(start * RATE))
    found = read(max(0.0, start), end)[: count - front]
    return np.pad(found, (front, count - front - len(found)))
