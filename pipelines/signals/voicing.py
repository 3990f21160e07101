"""Whether a short sound is a voice: vowels repeat themselves 70 to 400 times a second, a bang does not."""

import numpy as np

from pipelines.signals.features import RATE, Array

FRAME, HOP = 640, 160
LONGEST_LAG, SHORTEST_LAG = RATE // 70, RATE // 400
REPEATS = 0.6
"""Normalised autocorrelation from which on a frame of 40 ms repeats itself."""
SHARE = 0.4


def is_voiced(samples: Array) -> bool:
    """Whether two fifths of the frames of a stretch ``(samples,)`` at 16 kHz repeat like a voice."""
    count = (len(samples) - FRAME - LONGEST_LAG) // HOP + 1
    if count < 1:
        return False
    repeats = [_repeats(samples[at : at + FRAME + LONGEST_LAG]) for at in range(0, count * HOP, HOP)]
    return float(np.mean(np.array(repeats) >= REPEATS)) >= SHARE


def _repeats(cut: Array) -> float:
    """The highest normalised correlation of a frame with itself, a pitch period later."""
    wide = cut.astype(np.float64) - cut.mean()
    frame = wide[:FRAME]
    products = np.correlate(wide, frame, "valid")  # one per lag, 0 first
    powers = np.convolve(wide**2, np.ones(FRAME), "valid")
    alike = products / np.sqrt(powers * powers[0] + 1e-12)
    return float(alike[SHORTEST_LAG:].max())
