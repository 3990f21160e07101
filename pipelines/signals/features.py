"""Spectral features that tell music, tones and speech apart, four times a second.

A frame is 20 ms (64 ms of sound); a row describes the second around its time, and the three seconds around
it where a rhythm must be seen. Everything above 3.8 kHz is left out: a telephone has nothing there.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

Array = NDArray[np.float32]

RATE = 16_000
HOP = 320
WINDOW = 1024
FRAME_S = HOP / RATE
ROW_S = 0.26
"""Seconds between rows: 13 frames."""
FRAMES_PER_ROW = 13
BANDS = 20
LOWEST_HZ, HIGHEST_HZ = 200.0, 3800.0
FLOOR = 1e-9
QUIET_DB = -75.0
LEVEL_SCALE = 20.0
COLUMNS = BANDS + 6
"""What is kept of a frame: log bands relative to its level, then level (dBFS / 20), flux, flatness, the share
of energy in the 2 and in the 6 strongest bins, likeness to the spectrum 0.2 s before."""
MARGIN = 12 * FRAMES_PER_ROW
"""Frames either side of a row that its description looks at."""


@lru_cache(maxsize=1)
def _bands() -> tuple[int, int, Array]:
    """First and last bin used, and the triangular band matrix ``(bins, BANDS)`` on a mel scale."""
    first, last = round(LOWEST_HZ * WINDOW / RATE), round(HIGHEST_HZ * WINDOW / RATE)
    hertz = np.arange(first, last) * RATE / WINDOW
    mel = 2595 * np.log10(1 + hertz / 700)
    centres = np.linspace(mel[0], mel[-1], BANDS + 2)
    width = centres[1] - centres[0]
    matrix = np.clip(1 - np.abs(mel[:, None] - centres[None, 1:-1]) / width, 0, None)
    return first, last, matrix.astype(np.float32)


class Framer:
    """Frames of one channel, fed in order; what does not fill a window waits for the next block."""

    def __init__(self) -> None:
        self._rest: Array = np.zeros(WINDOW // 2, dtype=np.float32)
        self._past: Array | None = None
        self._window = np.hanning(WINDOW).astype(np.float32)

    def feed(self, samples: Array) -> Array:
        """The frames ``(frames, COLUMNS)`` that the samples so far complete."""
        joined = np.concatenate([self._rest, samples])
        count = max(0, (len(joined) - WINDOW) // HOP + 1)
        self._rest = joined[count * HOP :]
        if count == 0:
            return np.zeros((0, COLUMNS), np.float32)
        cut = np.lib.stride_tricks.sliding_window_view(joined, WINDOW)[: count * HOP : HOP]
        first, last, matrix = _bands()
        power = np.abs(rfft(cut * self._window, axis=1)[:, first:last]) ** 2  # (frames, bins)
        return self._describe(power.astype(np.float32), matrix)

    def finish(self) -> Array:
        """The last frames, the sound followed by silence."""
        return self.feed(np.zeros(WINDOW // 2, dtype=np.float32))

    def _describe(self, power: Array, matrix: Array) -> Array:
        total = power.sum(axis=1) + FLOOR
        # Parseval with the window's own energy: dBFS of the band 0.2 to 3.8 kHz
        level_db = 10 * np.log10(2 * total / (WINDOW * float((self._window**2).sum())) + 1e-12)
        shares = power / total[:, None]
        root = np.sqrt(shares)
        lag = 10
        before = np.concatenate([root[:1].repeat(lag, 0) if self._past is None else self._past, root])
        self._past = before[-lag:]
        likeness = (root * before[:-lag]).sum(axis=1)
        last = np.concatenate([before[lag - 1 : lag], root[:-1]])
        flux = np.sqrt(((root - last) ** 2).sum(axis=1))
        flatness = np.log10(np.exp(np.log(shares + 1e-8).mean(axis=1)) * power.shape[1] + 1e-4)
        strongest = -np.sort(-np.partition(shares, -6, axis=1)[:, -6:], axis=1)
        bands = np.log10(shares @ matrix + 1e-4)
        extra = np.stack(
            [level_db / LEVEL_SCALE, flux, flatness, strongest[:, :2].sum(1), strongest.sum(1), likeness],
            axis=1,
        )
        described: Array = np.concatenate([bands, extra], axis=1).astype(np.float32)
        return described


def rows(table: Array, speech: Array) -> Array:
    """Feature rows ``(rows, features)``, one per 0.26 s, from frames ``(frames, COLUMNS)`` and speech
    probabilities ``(frames,)``.

    Per row: mean and spread of every frame feature over one second, mean over three, the slow modulation
    of the level (2 to 8 Hz against the rest), the share of quiet frames, speech over one and three seconds.
    The level itself is taken out: how loud a line is says nothing about what it carries.
    """
    mean1, spread1 = _around(table, 25)
    mean3, spread3 = _around(table, 75)
    level = table[:, BANDS : BANDS + 1]
    loud3 = _around(np.maximum(level, QUIET_DB / LEVEL_SCALE), 75)[0]
    quiet = (level < loud3 - 0.25).astype(np.float32)
    slow = _modulation(level[:, 0])
    talk = speech[: len(table), None]
    parts = [
        np.delete(mean1, BANDS, axis=1),
        spread1,
        np.delete(mean3[:, BANDS:], 0, axis=1),
        spread3[:, BANDS:],
        _around(quiet, 75)[0],
        slow,
        _around(talk, 25)[0],
        *_around(talk, 75),
    ]
    joined = np.concatenate(parts, axis=1)
    picked: Array = joined[FRAMES_PER_ROW // 2 :: FRAMES_PER_ROW].astype(np.float32)
    return picked


def _around(table: Array, half: int) -> tuple[Array, Array]:
    """Mean and standard deviation over ``half`` frames either side, ``(frames, columns)`` each."""
    count, columns = table.shape
    start = np.maximum(np.arange(count) - half, 0)
    stop = np.minimum(np.arange(count) + half + 1, count)
    n = (stop - start)[:, None]
    wide = table.astype(np.float64)
    sums = np.concatenate([np.zeros((1, columns)), np.cumsum(wide, axis=0)])
    squares = np.concatenate([np.zeros((1, columns)), np.cumsum(wide * wide, axis=0)])
    mean = (sums[stop] - sums[start]) / n
    variance = np.maximum((squares[stop] - squares[start]) / n - mean * mean, 0)
    return mean.astype(np.float32), np.sqrt(variance).astype(np.float32)


def _modulation(level: Array) -> Array:
    """Energy of the level's movement at 2 to 8 Hz and below 2 Hz, log10, over three seconds."""
    level = np.maximum(level, QUIET_DB / LEVEL_SCALE)
    fast = _smooth(level, 3) - _smooth(level, 12)  # about 2 to 8 Hz at 50 frames a second
    slow = _smooth(level, 12) - _smooth(level, 75)
    pair = np.stack([fast * fast, slow * slow], axis=1)
    logged: Array = np.log10(_around(pair, 75)[0] + 1e-5).astype(np.float32)
    return logged


def _smooth(x: Array, half: int) -> Array:
    return _around(x[:, None], half)[0][:, 0]
