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
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import get_window, oaconvolve

from pipelines.signals.edges import Side
from pipelines.signals.features import RATE, Array
from pipelines.signals.intervals import Span, difference, union
from pipelines.signals.leak import STEP_S
from pipelines.signals.listen import fine_level

Read = Callable[[float, float], Array]
"""The samples of a channel between two moments, float32 ``(samples,)`` at 16 kHz."""

LONGEST_S = 0.3
"""A leak is no later than this."""
WIDE, NARROW = 8192, 2048
"""Samples of a window: to find how late a leak is, and to measure it."""
BEFORE, AFTER = 48, 640
"""Samples of the filter before and after the leak's moment."""
WAYS = 2
"""A line's cross-talk, and a phone's echo."""
LEARNED_S, LEAST_S = 40.0, 3.0
"""At most so much is learned from; less tells nothing."""
FLOOR = 1e-3
"""Of the mean power: bands in which the other channel has less than this explain little."""
BLOCK_S, MARGIN = 60.0, RATE // 2
GAIN_DB, LOUDER = 2.0, 60
"""A filter that takes less than this from the louder two fifths of the leak is not believed."""
CALM_S = 0.3
"""The channel's own side, and music, are this far away from what is learned from."""


@dataclass(frozen=True)
class Copy:
    """The filter of a leak: ``taps`` from ``BEFORE`` samples before ``delay`` samples on."""

    delay: int
    taps: NDArray[np.float64]

    def between(self, other: Read, start: float, end: float) -> Array:
        """What the other channel leaves here between two moments, float32 ``(samples,)``."""
        first, last = round(start * RATE), round(end * RATE)
        there = _padded(other, (first - MARGIN) / RATE, (last + MARGIN) / RATE)
        made = oaconvolve(there.astype(np.float64), self.taps)
        lead = MARGIN + BEFORE - self.delay
        found: Array = made[lead : lead + last - first].astype(np.float32)
        return found


def without_copies(sides: Sequence[Side], reads: Sequence[Read]) -> tuple[list[Side], list[Read]]:
    """The channels with the level of their own sound, without what they carry of each other, and what reads
    that sound; ``reads`` reads each channel's samples."""
    left = [_own(sides, reads, number) for number in range(len(sides))]
    levels = [
        side.level_db
        if own is read
        else np.minimum(side.level_db, level_of(own, len(side.level_db)))  # a leak that ends is no talk
        for side, read, own in zip(sides, reads, left, strict=True)
    ]
    return [replace(side, level_db=level) for side, level in zip(sides, levels, strict=True)], left


def _own(sides: Sequence[Side], reads: Sequence[Read], number: int) -> Read:
    """A channel without what it carries of the others."""
    left = reads[number]
    for other in (n for n in range(len(sides)) if n != number):
        rest = [side for n, side in enumerate(sides) if n != other]
        busy = [span for side in rest for span in (*side.speech, *side.wait)] + [*sides[other].wait]
        calm = difference(sides[other].speech, union((s - CALM_S, e + CALM_S) for s, e in busy))
        left = without_copy(left, reads[other], calm) or left
    return left


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
    late = _way(own, other, use, WIDE, round(LONGEST_S * RATE), 0)
    delay = int(np.argmax(np.abs(late)))
    copy = Copy(delay, _way(own, other, use, NARROW, BEFORE + AFTER, delay - BEFORE))
    return copy if _gain_db(own, other, use, copy) >= GAIN_DB else None


def _gain_db(own: Read, other: Read, use: Sequence[Span], copy: Copy) -> float:
    """How much quieter the channel is without the leak where that is loudest, dB."""
    before, made, after = [], [], []
    for start, end in use:
        here, there = _padded(own, start, end), copy.between(other, start, end)
        before.append(fine_level(here))
        made.append(fine_level(there))
        after.append(fine_level(here - there))
    leak = np.concatenate(made)
    loud = leak >= np.percentile(leak, LOUDER)
    return float(np.median((np.concatenate(before) - np.concatenate(after))[loud]))


def level_of(read: Read, steps: int) -> Array:
    """The level of a channel, dBFS per 10 ms ``(steps,)``; read a minute at a time."""
    found: list[Array] = []
    for first in range(0, steps, round(BLOCK_S / STEP_S)):
        start, end = first * STEP_S, min(steps * STEP_S, first * STEP_S + BLOCK_S)
        found.append(fine_level(_padded(read, start, end)))
    return np.concatenate([np.zeros(0, np.float32), *found])


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


def _way(
    own: Read, other: Read, use: Sequence[Span], size: int, reach: int, delay: int
) -> NDArray[np.float64]:
    """How the other channel's sound gets here: the impulse response from ``delay`` samples on, ``(reach,)``.

    Windows of the other channel against this one's sound from then on, longer by the reach, so that what
    comes late counts in full.
    """
    window = get_window("hann", size)
    whole = next_fast_len(size + reach, real=True)
    both = np.zeros(whole // 2 + 1, dtype=np.complex128)
    alone = np.zeros(whole // 2 + 1)
    for x, y in _pairs(own, other, use, size, reach, delay):
        there, here = rfft(x * window, whole), rfft(y, whole)
        both += there.conj() * here
        alone += np.abs(there) ** 2
    found: NDArray[np.float64] = irfft(both / (alone + FLOOR * alone.mean() + 1e-20), whole)[:reach]
    return found


def _pairs(
    own: Read, other: Read, use: Sequence[Span], size: int, reach: int, delay: int
) -> Iterator[tuple[Array, Array]]:
    for start, end in use:
        x = other(start, end)
        y = _padded(own, start + delay / RATE, start + (delay + len(x) + reach) / RATE)
        for at in range(0, len(x) - size + 1, size // 2):
            yield x[at : at + size], y[at : at + size + reach]


def _padded(read: Read, start: float, end: float) -> Array:
    """Samples between two moments, zeros where there are none."""
    count = round(end * RATE) - round(start * RATE)
    front = max(0, -round(start * RATE))
    found = read(max(0.0, start), end)[: count - front]
    return np.pad(found, (front, count - front - len(found)))
