"""The signalling sounds of telephone networks: ringing, dial and busy tones, DTMF, beeps.

Frequencies and cadences follow ITU-T E.180 supplement 2 and Q.23 (DTMF).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recordings.synthesis.instruments import Samples


@dataclass(frozen=True)
class Cadence:
    """Frequencies sounded together, and the on/off pattern in seconds (empty: without a break)."""

    frequencies: tuple[float, ...]
    pattern: tuple[float, ...] = ()


TUNING: Mapping[str, Cadence] = {
    "ring-us": Cadence((440, 480), (2.0, 4.0)),
    "ring-de": Cadence((425,), (1.0, 4.0)),
    "busy-us": Cadence((480, 620), (0.5, 0.5)),
    "dial-us": Cadence((350, 440)),
    "beep": Cadence((1400,), (0.4, 14.6)),
    "warble": Cadence((950, 1150), (0.33, 0.33)),
    "chirp": Cadence((620,), (0.1, 0.1, 0.1, 1.2)),
    "long-low": Cadence((310,), (3.0, 1.0)),
    "pair": Cadence((540, 760), (0.8, 1.6)),
}
HELD_OUT: Mapping[str, Cadence] = {
    "ring-uk": Cadence((400, 450), (0.4, 0.2, 0.4, 2.0)),
    "ring-fr": Cadence((440,), (1.5, 3.5)),
    "busy-de": Cadence((425,), (0.48, 0.48)),
    "dial-de": Cadence((425,)),
    "beep-low": Cadence((1000,), (0.5, 9.5)),
}
CADENCES: Mapping[str, Cadence] = {**TUNING, **HELD_OUT}
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"


def tone(kind: str, seconds: float, seed: int, rate: int = 16_000) -> Samples:
    """A signalling sound, float32 at RMS 0.1 while it sounds, ``(seconds * rate,)``. ``dtmf`` presses random
    keys; the others are named in CADENCES. Raises KeyError for an unknown kind."""
    if kind == "dtmf":
        return _dtmf(seconds, np.random.default_rng([seed, 29]), rate)
    cadence = CADENCES[kind]
    t = np.arange(round(seconds * rate)) / rate
    out = sum((np.sin(2 * np.pi * f * t) for f in cadence.frequencies), np.zeros_like(t))
    out *= 0.1 * np.sqrt(2 / len(cadence.frequencies))
    if cadence.pattern:
        out *= _gate(t, cadence.pattern)
    made: Samples = out.astype(np.float32)
    return made


def sounding(kind: str, seconds: float) -> list[tuple[float, float]]:
    """The stretches (start, end) in seconds in which a cadence of ``tone`` is heard."""
    pattern = CADENCES[kind].pattern
    if not pattern:
        return [(0.0, seconds)]
    found, now, index = [], 0.0, 0
    while now < seconds:
        length = pattern[index % len(pattern)]
        if index % 2 == 0:
            found.append((now, min(seconds, now + length)))
        now, index = now + length, index + 1
    return found


def _gate(t: NDArray[np.float64], pattern: tuple[float, ...]) -> NDArray[np.float64]:
    edges = np.cumsum(pattern)
    gate: NDArray[np.float64] = (np.searchsorted(edges, t % edges[-1], side="right") % 2 == 0) * 1.0
    return gate


def _dtmf(seconds: float, rng: np.random.Generator, rate: int) -> Samples:
    out = np.zeros(round(seconds * rate), dtype=np.float32)
    now = 0.0
    while now < seconds:
        key = KEYS.index(rng.choice(list("1234567890#")))
        length = rng.uniform(0.08, 0.3)
        t = np.arange(round(length * rate)) / rate
        pair = np.sin(2 * np.pi * ROWS[key // 4] * t) + np.sin(2 * np.pi * COLUMNS[key % 4] * t)
        room = out[round(now * rate) : round(now * rate) + len(t)]
        room += (0.1 * pair[: len(room)]).astype(np.float32)
        now += length + rng.uniform(0.05, 0.6)
    return out
