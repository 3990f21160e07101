"""Cross-talk: one channel's voice heard faintly on another. It is not written down twice.

Two looks. Before recognition: a speech span whose waveform follows the other channel's, well below its
level, is no voice of its own. After it: a word that the other channel has too, at the same time and much
louder, is dropped. Somebody who really talks over the other one says other words, at a level of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import ratio

from pipelines.chunks import RATE
from pipelines.doubts import plain
from pipelines.values import HeardWord

Read = Callable[[float, float, int], NDArray[np.floating[Any]]]
"""``read(start_s, end_s, channel) -> (1, samples)``, as recordings.audio.Audio has it."""

COPY_CORRELATION = 0.7
COPY_LEVEL_DB = 9.0
WORD_LEVEL_DB = 8.0
FARTHEST_S = 0.35
LONGEST_ECHO_S = 0.3


def bleeding_spans(
    spans: Mapping[int, Sequence[tuple[float, float]]], read: Read
) -> dict[int, set[tuple[float, float]]]:
    """The speech spans that are copies of another channel: there at least 9 dB louder, and alike in
    waveform (peak of the normalised cross-correlation within 0.3 s above 0.7)."""
    found: dict[int, set[tuple[float, float]]] = {channel: set() for channel in spans}
    for channel, own in spans.items():
        for span in own:
            if any(
                _copied(span, channel, other, read)
                for other, theirs in spans.items()
                if other != channel and _overlaps(span, theirs)
            ):
                found[channel].add(span)
    return found


def without_bleed(words: Mapping[int, Sequence[HeardWord]], read: Read) -> dict[int, list[HeardWord]]:
    """The words of each channel without those that another channel says, louder, at the same time."""
    kept: dict[int, list[HeardWord]] = {}
    for channel, own in words.items():
        others = {c: list(theirs) for c, theirs in words.items() if c != channel}
        kept[channel] = [
            word
            for word in own
            if not any(
                _said_there(word, theirs) and _level_db(word, other, channel, read) >= WORD_LEVEL_DB
                for other, theirs in others.items()
            )
        ]
    return kept


def _copied(span: tuple[float, float], channel: int, other: int, read: Read) -> bool:
    start, end = span[0], min(span[1], span[0] + 10.0)
    mine, theirs = read(start, end, channel)[0], read(start, end, other)[0]
    size = min(len(mine), len(theirs))
    mine, theirs = mine[:size] - mine[:size].mean(), theirs[:size] - theirs[:size].mean()
    power, louder = float(np.mean(mine**2)), float(np.mean(theirs**2))
    if power <= 0 or louder <= 0 or 10 * np.log10(louder / power) < COPY_LEVEL_DB:
        return False
    points = 1 << int(np.ceil(np.log2(2 * size)))
    spectrum = np.fft.rfft(mine, points) * np.conj(np.fft.rfft(theirs, points))
    correlation = np.fft.irfft(spectrum, points)
    reach = min(int(LONGEST_ECHO_S * RATE), size - 1)
    peak = max(float(np.abs(correlation[: reach + 1]).max()), float(np.abs(correlation[-reach:]).max()))
    return bool(peak / (size * np.sqrt(power * louder)) > COPY_CORRELATION)


def _overlaps(span: tuple[float, float], others: Sequence[tuple[float, float]]) -> bool:
    return any(start < span[1] and end > span[0] for start, end in others)


def _said_there(word: HeardWord, others: Sequence[HeardWord]) -> bool:
    text = plain(word.text)
    middle = ((word.start or 0.0) + (word.end or 0.0)) / 2
    for other in others:
        if abs(((other.start or 0.0) + (other.end or 0.0)) / 2 - middle) <= FARTHEST_S:
            there = plain(other.text)
            if text == there or (min(len(text), len(there)) > 3 and ratio(text, there) >= 80):
                return True
    return False


def _level_db(word: HeardWord, louder: int, channel: int, read: Read) -> float:
    """How many dB the other channel is louder while the word lasts (0.1 s on either side)."""
    start, end = (word.start or 0.0) - 0.1, (word.end or 0.0) + 0.1
    mine = float(np.mean(np.square(read(start, end, channel)))) + 1e-12
    theirs = float(np.mean(np.square(read(start, end, louder)))) + 1e-12
    return float(10 * np.log10(theirs / mine))
