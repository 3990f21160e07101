"""Noises of lines and rooms: comfort noise, hiss, hum, keyboard, traffic, fan, crackle.

Each returns float32 at RMS 0.01 (-40 dBFS), ``(seconds * rate,)``; the caller sets the level.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from recordings.synthesis.instruments import Samples

Maker = Callable[[int, int, np.random.Generator], NDArray[np.float64]]
"""(number of samples, rate, generator) -> samples of any level."""


def _comfort(n: int, _rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    shaped: NDArray[np.float64] = lfilter([1.0], [1.0, -rng.uniform(0.6, 0.85)], rng.normal(0, 1, n))
    return shaped


def _hiss(n: int, _rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.normal(0, 1, n)


def _comfort_warm(n: int, rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    sos = butter(1, rng.uniform(700, 1500), fs=rate, output="sos")
    warm: NDArray[np.float64] = sosfilt(sos, rng.uniform(-1, 1, n)) + 0.1 * rng.uniform(-1, 1, n)
    return warm


def _hum(n: int, rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    t = np.arange(n) / rate
    base = float(rng.choice([50.0, 60.0]))
    lines = sum((np.sin(2 * np.pi * base * k * t + k) / k for k in (2, 3, 4, 6, 8, 10)), np.zeros(n))
    return lines + rng.normal(0, 0.3, n)


def _keyboard(n: int, rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    out = rng.normal(0, 0.02, n)
    click = rng.normal(0, 1, round(0.012 * rate)) * np.exp(-np.linspace(0, 6, round(0.012 * rate)))
    now = 0.0
    while (start := round(now * rate)) + len(click) < n:
        out[start : start + len(click)] += click * rng.uniform(0.4, 1)
        now += rng.uniform(0.07, 0.3) + (rng.random() < 0.1) * rng.uniform(0.5, 2)
    return out


def _traffic(n: int, rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    sos = butter(2, 500, fs=rate, output="sos")
    slow = 1 + 0.8 * np.sin(2 * np.pi * np.arange(n) / rate / rng.uniform(6, 14))
    passing: NDArray[np.float64] = sosfilt(sos, rng.normal(0, 1, n)) * slow
    return passing


def _fan(n: int, rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    sos = butter(2, [150, 1200], "bandpass", fs=rate, output="sos")
    t = np.arange(n) / rate
    blown: NDArray[np.float64] = sosfilt(sos, rng.normal(0, 1, n)) + 0.2 * np.sin(2 * np.pi * 187 * t)
    return blown


def _crackle(n: int, rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    strokes = (rng.random(n) < 6 / rate) * rng.normal(0, 30, n)
    cracked: NDArray[np.float64] = lfilter([1.0], [1.0, -0.7], strokes) + rng.normal(0, 0.3, n)
    return cracked


def _free(n: int, rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Any colour: two bands of noise, one of them coming and going, a few weak lines, rare strokes."""
    t = np.arange(n) / rate
    out = np.zeros(n)
    for _ in range(2):
        low = 10 ** rng.uniform(1.7, 3.2)
        high = min(low * rng.uniform(1.5, 12), rate / 2.1)
        band = sosfilt(butter(1, [low, high], "bandpass", fs=rate, output="sos"), rng.normal(0, 1, n))
        out += band * (
            1 + rng.uniform(0, 0.9) * np.sin(2 * np.pi * rng.uniform(0.02, 1.5) * t + rng.uniform(0, 6))
        )
    for _ in range(int(rng.integers(0, 4))):
        out += rng.uniform(0, 0.25) * np.std(out) * np.sin(2 * np.pi * 10 ** rng.uniform(1.8, 3.2) * t)
    if rng.random() < 0.4:
        out += lfilter([1.0], [1.0, -0.8], (rng.random(n) < 4 / rate) * rng.normal(0, 20, n)) * np.std(out)
    return out


TUNING: Mapping[str, Maker] = {
    "comfort": _comfort,
    "hiss": _hiss,
    "hum": _hum,
    "keyboard": _keyboard,
    "free": _free,
}
HELD_OUT: Mapping[str, Maker] = {
    "comfort-warm": _comfort_warm,
    "traffic": _traffic,
    "fan": _fan,
    "crackle": _crackle,
}
NOISES: Mapping[str, Maker] = {**TUNING, **HELD_OUT}


def noise(kind: str, seconds: float, seed: int, rate: int = 16_000) -> Samples:
    """Noise of a kind in NOISES at RMS 0.01. Raises KeyError for an unknown kind."""
    made = NOISES[kind](round(seconds * rate), rate, np.random.default_rng([seed, 41]))
    return (0.01 * made / max(1e-9, float(np.sqrt(np.mean(made**2))))).astype(np.float32)
