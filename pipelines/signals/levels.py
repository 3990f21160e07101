"""How loud each channel is, in one pass: level per tenth of a second, clipping, DC offset.

Levels are RMS in dBFS (a full-scale square wave is 0 dBFS) with the DC offset taken out. -100 dBFS stands
for digital silence. This is plain RMS of 0.1 s, not the gated loudness of ITU-R BS.1770: telephone sound has
no bass to weight, and the measure is the same for all lines.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.signals.intervals import Span
from recordings.audio import RATE, Audio

Array = NDArray[np.float32]

STEP_S = 0.1
STEP = round(STEP_S * RATE)
SILENCE_DB = -100.0
CLIP_AT = 0.98
"""Of full scale. Lines that clip below it (a limiter before the recorder) show as runs of equal samples."""
RUN = 3


@dataclass(frozen=True)
class Levels:
    """Of one channel: ``db`` dBFS per 0.1 s ``(steps,)``, ``clipped`` share of samples 0..1, ``dc`` offset
    (-1..1, the mean sample), ``peak`` 0..1."""

    db: Array
    clipped: float
    dc: float
    peak: float

    def of(self, spans: list[Span]) -> Array:
        """The levels of the tenths of a second that lie within the stretches."""
        inside = np.zeros(len(self.db), dtype=bool)
        for start, end in spans:
            inside[round(start / STEP_S) : round(end / STEP_S)] = True
        return self.db[inside]

    def rms_db(self, spans: list[Span]) -> float | None:
        """RMS over the stretches, dBFS; None where they hold no sound."""
        found = self.of(spans)
        found = found[found > SILENCE_DB]
        return float(10 * np.log10(np.mean(10 ** (found / 10)))) if len(found) else None

    def middle_db(self, start: float, end: float) -> float | None:
        """The median level of a stretch, dBFS; None where it is shorter than a step."""
        found = self.db[round(start / STEP_S) : round(end / STEP_S)]
        return float(np.median(found)) if len(found) else None

    def spread_db(self, start: float, end: float) -> float:
        """How far the level of a stretch moves: 90th less 10th percentile, dB; 0 where empty."""
        found = self.db[round(start / STEP_S) : round(end / STEP_S)]
        return float(np.percentile(found, 90) - np.percentile(found, 10)) if len(found) else 0.0

    def near(self, level_db: float, by_db: float, start: float, end: float) -> Span | None:
        """From the first to the last three tenths of a second in a row that keep near a level."""
        first = max(0, round(start / STEP_S))
        close = np.abs(self.db[first : round(end / STEP_S)] - level_db) <= by_db
        runs = np.flatnonzero(close[:-2] & close[1:-1] & close[2:]) if len(close) > 2 else np.zeros(0, int)
        return ((first + int(runs[0])) * STEP_S, (first + int(runs[-1]) + 3) * STEP_S) if len(runs) else None


def measure_levels(audio: Audio, channel: int) -> Levels:
    """Read one channel a minute at a time."""
    db: list[Array] = []
    total = clipped = 0
    sum_all = 0.0
    peak = 0.0
    for block in audio.blocks(60.0, channel=channel):
        x = block.samples[0]
        total += len(x)
        sum_all += float(x.sum(dtype=np.float64))
        if len(x):
            peak = max(peak, float(np.abs(x).max()))
        clipped += _clipped(x)
        whole = x[: len(x) // STEP * STEP].reshape(-1, STEP)
        power = whole.astype(np.float64).var(axis=1)  # variance: the offset of the line is no loudness
        db.append(np.maximum(10 * np.log10(power + 1e-12), SILENCE_DB).astype(np.float32))
    return Levels(
        db=np.concatenate(db) if db else np.zeros(0, dtype=np.float32),
        clipped=clipped / total if total else 0.0,
        dc=sum_all / total if total else 0.0,
        peak=peak,
    )


def _clipped(x: Array) -> int:
    """Samples in runs of at least three at full scale."""
    at = np.abs(x) >= CLIP_AT
    if not at.any():
        return 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], at.astype(np.int8), [0]])))
    runs = edges[1::2] - edges[::2]
    return int(runs[runs >= RUN].sum())
