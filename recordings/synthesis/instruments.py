"""Single notes and drum strokes, made from arithmetic: the material of the synthesised music.

Every function returns float32 samples of about unit peak at the given rate (Hz).
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

Samples = NDArray[np.float32]
Note = Callable[[float, float, int], Samples]
"""(frequency Hz, seconds, rate) -> samples."""


def _time(seconds: float, rate: int) -> NDArray[np.float64]:
    return np.arange(max(1, round(seconds * rate))) / rate


def _envelope(t: NDArray[np.float64], attack: float, release: float) -> NDArray[np.float64]:
    length = t[-1] + 1e-9
    envelope: NDArray[np.float64] = np.minimum(1.0, t / attack) * np.minimum(1.0, (length - t) / release)
    return envelope


def _harmonics(
    frequency: float, t: NDArray[np.float64], weights: list[float], rate: int, stretch: float = 0.0
) -> NDArray[np.float64]:
    out = np.zeros_like(t)
    for number, weight in enumerate(weights, start=1):
        partial = frequency * number * (1 + stretch * number * number)
        if partial < rate / 2.2:
            out += weight * np.sin(2 * np.pi * partial * t + 0.7 * number)
    return out


def _saw(frequency: float, t: NDArray[np.float64], rate: int, vibrato: float = 0.0) -> NDArray[np.float64]:
    phase = frequency * t + vibrato * np.sin(2 * np.pi * 5.3 * t)
    out = np.zeros_like(t)
    for number in range(1, min(24, int(rate / 2.2 / frequency)) + 1):
        out += np.sin(2 * np.pi * number * phase) / number
    return out


def _unit(x: NDArray[np.float64]) -> Samples:
    return (x / max(1e-9, float(np.abs(x).max()))).astype(np.float32)


def piano(frequency: float, seconds: float, rate: int) -> Samples:
    """Struck string: slightly stretched partials, each dying at its own speed."""
    t = _time(seconds, rate)
    out = np.zeros_like(t)
    for number in range(1, 9):
        partial = frequency * number * (1 + 4e-4 * number * number)
        if partial < rate / 2.2:
            out += np.exp(-t * (1.2 + 0.7 * number)) * np.sin(2 * np.pi * partial * t) / number**1.2
    return _unit(out * _envelope(t, 0.004, 0.03))


def guitar(frequency: float, seconds: float, rate: int) -> Samples:
    """Plucked string after Karplus and Strong."""
    t = _time(seconds, rate)
    period = max(2, round(rate / frequency))
    burst = np.zeros(len(t))
    head = min(period, len(t))
    burst[:head] = np.random.default_rng(period).uniform(-1, 1, head)
    loop = np.zeros(period + 2)
    loop[0], loop[period], loop[period + 1] = 1.0, -0.497, -0.497
    return _unit(lfilter([1.0], loop, burst) * _envelope(t, 0.002, 0.02))


def pad(frequency: float, seconds: float, rate: int) -> Samples:
    """Soft electronic pad: three detuned saws behind a low-pass."""
    t = _time(seconds, rate)
    out = sum((_saw(frequency * d, t, rate) for d in (0.994, 1.0, 1.007)), np.zeros_like(t))
    sos = butter(2, min(1800, rate / 2.5), fs=rate, output="sos")
    return _unit(sosfilt(sos, out) * _envelope(t, 0.25, 0.3))


def strings(frequency: float, seconds: float, rate: int) -> Samples:
    """Bowed section: saw with vibrato, slow bow."""
    t = _time(seconds, rate)
    return _unit(_saw(frequency, t, rate, vibrato=0.12) * _envelope(t, 0.09, 0.12))


def square(frequency: float, seconds: float, rate: int) -> Samples:
    """Square lead of a pop jingle."""
    t = _time(seconds, rate)
    weights = [1, 0, 1 / 3, 0, 1 / 5, 0, 1 / 7, 0, 1 / 9]
    return _unit(_harmonics(frequency, t, weights, rate) * _envelope(t, 0.01, 0.04))


def bass(frequency: float, seconds: float, rate: int) -> Samples:
    """Electric bass, an octave below what is asked."""
    t = _time(seconds, rate)
    return _unit(_harmonics(frequency / 2, t, [1, 0.6, 0.4, 0.2], rate) * np.exp(-2.5 * t))


def organ(frequency: float, seconds: float, rate: int) -> Samples:
    """Drawbar organ: level partials, no decay."""
    t = _time(seconds, rate)
    weights = [0.8, 1.0, 0.5, 0.6, 0.0, 0.3, 0.0, 0.25]
    return _unit(_harmonics(frequency, t, weights, rate) * _envelope(t, 0.02, 0.03))


def bell(frequency: float, seconds: float, rate: int) -> Samples:
    """Music box: inharmonic partials of a struck bar."""
    t = _time(seconds, rate)
    out = np.zeros_like(t)
    for ratio, weight, decay in ((1, 1, 3), (2.76, 0.6, 5), (5.4, 0.3, 9), (8.9, 0.15, 14)):
        if frequency * ratio < rate / 2.2:
            out += weight * np.exp(-decay * t) * np.sin(2 * np.pi * frequency * ratio * t)
    return _unit(out)


@lru_cache(maxsize=8)
def _formants(rate: int) -> tuple[NDArray[np.float64], ...]:
    bands = ((700, 160), (1150, 180), (2700, 300))
    return tuple(butter(1, [c - w / 2, c + w / 2], "bandpass", fs=rate, output="sos") for c, w in bands)


def choir(frequency: float, seconds: float, rate: int) -> Samples:
    """Sung vowel: saw with vibrato through three formants."""
    t = _time(seconds, rate)
    source = _saw(frequency, t, rate, vibrato=0.18) + _saw(frequency * 1.006, t, rate, vibrato=0.15)
    out = sum(
        (g * sosfilt(s, source) for g, s in zip((1, 0.6, 0.25), _formants(rate), strict=True)), source * 0
    )
    return _unit(out * _envelope(t, 0.12, 0.2))


def brass(frequency: float, seconds: float, rate: int) -> Samples:
    """Brass: partials that brighten as the note swells."""
    t = _time(seconds, rate)
    swell = np.minimum(1.0, t / 0.08)
    out = np.zeros_like(t)
    for number in range(1, 13):
        if frequency * number < rate / 2.2:
            out += swell ** (number / 2) * np.sin(2 * np.pi * number * frequency * t) / number**0.8
    return _unit(out * _envelope(t, 0.03, 0.06))


def flute(frequency: float, seconds: float, rate: int) -> Samples:
    """Flute: almost a sine, with breath."""
    t = _time(seconds, rate)
    tone = np.sin(2 * np.pi * frequency * t + 0.25 * np.sin(2 * np.pi * 4.8 * t))
    breath = np.random.default_rng(int(frequency)).normal(0, 0.06, len(t))
    return _unit((tone + 0.2 * np.sin(4 * np.pi * frequency * t) + breath) * _envelope(t, 0.06, 0.08))


def marimba(frequency: float, seconds: float, rate: int) -> Samples:
    """Marimba: short wooden strokes."""
    t = _time(seconds, rate)
    out = np.exp(-7 * t) * np.sin(2 * np.pi * frequency * t)
    out += 0.3 * np.exp(-16 * t) * np.sin(2 * np.pi * frequency * 3.93 * t) * (frequency * 3.93 < rate / 2.2)
    return _unit(out)


def invented(seed: int) -> Note:
    """An instrument that nobody built: partials, stretch, attack, decay, vibrato and breath from a seed."""
    rng = np.random.default_rng([seed, 11])
    weights = list(rng.dirichlet(np.full(10, 0.6)) + 0.02)
    stretch = float(rng.choice([0.0, 0.0, rng.uniform(0, 6e-3)]))
    attack, release = 10 ** rng.uniform(-2.5, -0.6), 10 ** rng.uniform(-2, -0.7)
    decay, vibrato, breath = (
        rng.choice([0.0, 1.0]) * rng.uniform(0.5, 9),
        rng.uniform(0, 0.2),
        rng.uniform(0, 0.15),
    )

    def play(frequency: float, seconds: float, rate: int) -> Samples:
        t = _time(seconds, rate)
        bent = t + vibrato * np.sin(2 * np.pi * 5.1 * t) / frequency
        out = np.zeros_like(t)
        for number, weight in enumerate(weights, start=1):
            partial = frequency * number * (1 + stretch * number * number)
            if partial < rate / 2.2:
                out += weight * np.sin(2 * np.pi * partial * bent + number)
        air = np.random.default_rng(seed).normal(0, breath * 0.2, len(t))
        return _unit((out + air) * np.exp(-decay * t) * _envelope(t, attack, release))

    return play


def drum(kind: str, rate: int) -> Samples:
    """One stroke: ``kick``, ``snare`` or ``hat``."""
    t = _time(0.18, rate)
    hiss = np.random.default_rng(len(kind)).normal(0, 1, len(t))
    if kind == "kick":
        return _unit(np.sin(2 * np.pi * (110 * t - 180 * t * t)) * np.exp(-14 * t))
    if kind == "snare":
        return _unit((hiss + np.sin(2 * np.pi * 190 * t)) * np.exp(-22 * t))
    return _unit(np.diff(hiss, prepend=0) * np.exp(-60 * t))


INSTRUMENTS: Mapping[str, Note] = {
    "piano": piano, "guitar": guitar, "pad": pad, "strings": strings, "square": square, "bass": bass,
    "organ": organ, "bell": bell, "choir": choir, "brass": brass, "flute": flute, "marimba": marimba,
}  # fmt: skip
