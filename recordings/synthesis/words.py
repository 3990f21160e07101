"""Word times of a known text in a known utterance, and small measures of speech in sound."""

import numpy as np
from numpy.typing import NDArray

from recordings.conversation import Word

Samples = NDArray[np.float32]
FRAME_S = 0.01
QUIET_DB = -38.0
MIN_PAUSE_S, MAX_SHIFT_S = 0.12, 0.6


def voiced(audio: Samples, rate: int) -> NDArray[np.bool_]:
    """Which 10 ms frames hold speech: louder than 38 dB below the loudest frame. ``(frames,)``."""
    size = round(FRAME_S * rate)
    frames = audio[: len(audio) // size * size].reshape(-1, size).astype(np.float64)
    power = np.mean(frames**2, axis=1)
    if not len(power) or power.max() <= 0:
        return np.zeros(len(power), dtype=np.bool_)
    loud: NDArray[np.bool_] = 10 * np.log10(power / power.max() + 1e-12) > QUIET_DB
    return loud


def trim(audio: Samples, rate: int, margin_s: float = 0.02) -> Samples:
    """The utterance without the silence around it, so that its start and end are those of the speech."""
    loud = np.flatnonzero(voiced(audio, rate))
    if not len(loud):
        return audio[:0]
    first = max(0, round((loud[0] * FRAME_S - margin_s) * rate))
    last = min(len(audio), round(((loud[-1] + 1) * FRAME_S + margin_s) * rate))
    return audio[first:last]


def word_times(audio: Samples, text: str, rate: int, *, start: float = 0.0) -> tuple[Word, ...]:
    """Times of the words of ``text`` in its utterance, seconds, offset by ``start``.

    Each word takes a share of the voiced time by its letters (a digit counts as three), and commas and stops
    fall on the pauses that are heard. An estimate, measured in this folder's README.
    """
    words = text.split()
    frames = voiced(audio, rate)
    spoken = np.flatnonzero(frames)
    if not words or not len(spoken):
        return ()
    weights = np.array([_weight(word) for word in words], dtype=np.float64)
    edges = np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum() * len(spoken)
    edges = _at_pauses(edges, words, spoken)
    starts = [float(spoken[min(len(spoken) - 1, int(edge))]) * FRAME_S for edge in edges[:-1]]
    ends = [(float(spoken[max(0, int(np.ceil(edge)) - 1)]) + 1) * FRAME_S for edge in edges[1:]]
    last = len(audio) / rate
    return tuple(
        Word(text=word, start=round(start + a, 3), end=round(start + min(last, max(a + FRAME_S, b)), 3))
        for word, a, b in zip(words, starts, ends, strict=True)
    )


def _at_pauses(edges: NDArray[np.float64], words: list[str], spoken: NDArray[np.int_]) -> NDArray[np.float64]:
    """Word edges (in voiced frames) moved so that commas and stops fall on the pauses that are heard."""
    pauses = np.flatnonzero(np.diff(spoken) > round(MIN_PAUSE_S / FRAME_S)) + 1
    marks = [i + 1 for i, word in enumerate(words[:-1]) if word[-1] in ".,;:!?"]
    guessed, heard = [0.0], [0.0]
    for mark in marks:
        near = pauses[np.abs(pauses - edges[mark]) < MAX_SHIFT_S / FRAME_S]
        near = near[near > heard[-1]]
        if len(near) and edges[mark] > guessed[-1]:
            guessed.append(float(edges[mark]))
            heard.append(float(near[np.argmin(np.abs(near - edges[mark]))]))
    moved: NDArray[np.float64] = np.interp(edges, [*guessed, edges[-1]], [*heard, float(len(spoken))])
    return moved


def _weight(word: str) -> float:
    letters = sum(1.0 for c in word if c.isalpha())
    digits = sum(3.0 for c in word if c.isdigit())
    return max(1.0, letters + digits) + 1.0


def rms_db(audio: Samples) -> float:
    """Level in dB relative to full scale; -120 for silence."""
    power = float(np.mean(audio.astype(np.float64) ** 2)) if len(audio) else 0.0
    return max(-120.0, 10 * float(np.log10(power + 1e-12)))
