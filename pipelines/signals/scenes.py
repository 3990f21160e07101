"""Half-minute scenes of sound with known labels, for training and checking the detector of music and tones.

Speech clips are given by the caller; music, tones and noise are synthesised. Everything goes through a
telephone channel of random width, loudness and noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

from pipelines.signals.classifier import KINDS
from pipelines.signals.features import FRAMES_PER_ROW, HOP, RATE, Array
from recordings.synthesis.codecs import CODECS, through_codec
from recordings.synthesis.sounds import Half, kinds, radio, sound

SCENE_S = 36.0
ROW = FRAMES_PER_ROW * HOP
PARTS = ("talk", "music", "talk+music", "tone", "nothing", "radio")
PIECES = 14
MUSIC_BESIDE_TALK = 0.5
"""Music this much weaker than the talk over it is not to be called music: it says nothing about a wait."""
ODDS = (0.36, 0.22, 0.15, 0.10, 0.12, 0.05)


@dataclass(frozen=True)
class Scene:
    """``samples`` float32 at 16 kHz; ``labels`` ``(rows, 3)`` of 0 and 1 in the order of KINDS."""

    samples: Array
    labels: Array


def scene(seed: int, half: Half, clips: Sequence[Array]) -> Scene:
    """One scene of the half's kinds; the same seed and clips give the same scene."""
    rng = np.random.default_rng([seed, 53])
    count = round(SCENE_S * RATE)
    mixed = np.zeros(count, dtype=np.float32)
    marks = np.zeros((count, len(KINDS)), dtype=np.float32)
    at = 0
    while at < count:
        length = min(count - at, round(rng.uniform(2, 12) * RATE))
        part = str(rng.choice(PARTS, p=ODDS))
        made, mark = _part(part, length, half, clips, rng)
        mixed[at : at + length], marks[at : at + length] = made, mark
        at += length
    rows = count // ROW
    labels = marks[: rows * ROW].reshape(rows, ROW, len(KINDS)).mean(axis=1) > 0.5
    return Scene(_line(mixed, half, rng), labels.astype(np.float32))


@lru_cache(maxsize=6 * PIECES)
def _bed(style: str, seed: int) -> Array:
    """Half a minute of a piece: composing is slow, and a dozen pieces a style are variety enough."""
    return sound("music", style, 30.0, seed)


def _part(
    part: str, length: int, half: Half, clips: Sequence[Array], rng: np.random.Generator
) -> tuple[Array, Array]:
    mark = np.zeros((length, len(KINDS)), dtype=np.float32)
    out = np.zeros(length, dtype=np.float32)
    seconds, seed = length / RATE + 0.01, int(rng.integers(1 << 30))
    loud = 10 ** (rng.uniform(-14, 4) / 20)
    if part in ("talk", "talk+music", "radio"):
        out, mark[:, 2] = _talk(length, clips, rng)
    if part == "music" or part == "talk+music":
        style = str(rng.choice(kinds("music", half)))
        behind = 1.0 if part == "music" else 10 ** (rng.uniform(-16, 4) / 20)
        bed = _bed(style, seed % PIECES)
        cut = int(rng.integers(len(bed) - length))
        out = out + behind * loud * bed[cut : cut + length]
        mark[:, 0] = 1.0 if part == "music" else (behind * loud > MUSIC_BESIDE_TALK) + 0.0
    elif part == "radio":
        other, _ = _talk(length, clips, rng)
        out = out + 0.6 * radio(other, str(rng.choice(kinds("music", half))), seed)
    elif part == "tone":
        made = sound("tone", str(rng.choice(kinds("tone", half))), seconds, seed)[:length]
        around = maximum_filter1d(np.abs(made), RATE // 5)
        out, mark[:, 1] = loud * made, (around > 1e-3).astype(np.float32)
    return out.astype(np.float32), mark


def _talk(length: int, clips: Sequence[Array], rng: np.random.Generator) -> tuple[Array, Array]:
    """Utterances with pauses: samples and where somebody speaks."""
    out = np.zeros(length, dtype=np.float32)
    mark = np.zeros(length, dtype=np.float32)
    at = int(rng.uniform(0, 0.6) * RATE)
    while at < length:
        clip = clips[int(rng.integers(len(clips)))]
        level = max(1e-6, float(np.sqrt(np.mean(clip**2))))
        placed = _spoken(clip, rng)[: length - at] * (0.1 / level) * 10 ** (rng.uniform(-8, 4) / 20)
        out[at : at + len(placed)] += placed
        mark[at : at + len(placed)] = 1
        at += len(placed) + int(rng.exponential(0.7) * RATE)
    return out, mark


def _spoken(clip: Array, rng: np.random.Generator) -> Array:
    """An utterance as another person in another room might say it: other resonances, a reverberation."""
    y = clip
    for _ in range(2):
        centre, width = rng.uniform(300, 3300), rng.uniform(150, 700)
        band = [max(60.0, centre - width / 2), centre + width / 2]
        y = y + rng.uniform(-0.7, 1.2) * sosfilt(butter(1, band, "bandpass", fs=RATE, output="sos"), clip)
    if rng.random() < 0.4:
        tail = rng.normal(0, 1, round(0.25 * RATE)) * np.exp(
            -np.linspace(0, rng.uniform(4, 12), round(0.25 * RATE))
        )
        y = y + rng.uniform(0.01, 0.06) * fftconvolve(y, tail)[: len(y)]
    varied: Array = y.astype(np.float32)
    return varied


def _line(x: NDArray[np.float32], half: Half, rng: np.random.Generator) -> Array:
    """A telephone channel: noise, band, loudness, now and then clipping, a codec."""
    kind = str(rng.choice(kinds("noise", half)))
    hiss = sound("noise", kind, len(x) / RATE + 0.01, int(rng.integers(1 << 30)))[: len(x)]
    y = x + hiss * 10 ** (rng.uniform(-35, 5) / 20)
    y = y * 10 ** (rng.uniform(-14, 8) / 20)
    low, high = rng.uniform(60, 320), rng.uniform(3100, 3700)
    y = sosfilt(butter(2, [low, high], "bandpass", fs=RATE, output="sos"), y)
    if rng.random() < 0.1:
        y = np.clip(y, -0.1, 0.1) * 3
    y = np.clip(resample_poly(y, 1, 2), -1, 1)
    codec = str(rng.choice(CODECS))
    y = through_codec(y.astype(np.float32), codec, RATE // 2)
    back: Array = resample_poly(y, 2, 1)[: len(x)].astype(np.float32)
    return back
