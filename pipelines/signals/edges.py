"""Exact edges of speech where each side has a channel: the detector says that somebody speaks, the level
from when to when.

A detector of speech looks at half a second and more at once: it misses a single word under the other's
talk, and a tenth of a second at an edge. A channel's level knows neither weakness: talk begins where the
channel rises above its own noise and above what it carries of the other side (leak.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.signals.features import Array
from pipelines.signals.intervals import Span, intersection, touching, union, within
from pipelines.signals.leak import SILENCE_DB, STEP_S, find_leak
from pipelines.signals.vad import spans

Mask = NDArray[np.bool_]

ABOVE_NOISE_DB, ABOVE_LEAK_DB, BELOW_OWN_DB = 8.0, 6.0, 35.0
"""Talk is this far above the channel's noise and the other's leak, and no further below its usual level."""
GAP_S = 0.25
SHORTEST_S = 0.12
LEAD_S, TAIL_S, REACH_S = 0.2, 0.1, 0.5
"""How far beyond the detector's edges talk is looked for; the last where it goes on there without a break."""
STRONG_DB = 15.0
MASKED_DB = 18.0
"""Where the noise (a radio, music in the room) is this near the talk, the level tells no edges."""
WORD_BELOW_OWN_DB, WORD_ABOVE_NOISE_DB, WORD_ABOVE_LEAK_DB = 12.0, 14.0, 8.0
"""A word under the other's talk, which the detector missed, has to be this clear."""
NEARBY_S, EVERY_S = 10.0, 5.0
FEW = 50
"""Half a second of pauses is enough to tell the noise."""


@dataclass(frozen=True)
class Side:
    """One channel: ``level_db`` dBFS per 10 ms ``(steps,)``, the detector's ``speech``, and ``wait``, where
    it carries music or tones."""

    level_db: Array
    speech: Sequence[Span]
    wait: Sequence[Span] = ()


def sharpened(sides: Sequence[Side], voiced: Callable[[int, Span], bool]) -> list[list[Span]]:
    """The speech of every side with exact edges, and the words that the detector missed under other talk.

    ``voiced(side, span)`` says whether a stretch holds a voice. A single side comes back as it is.
    """
    if len(sides) < 2:
        return [list(side.speech) for side in sides]
    steps = min(len(side.level_db) for side in sides)
    heard = [_Heard(sides, number, steps) for number in range(len(sides))]
    found = [one.talk() for one in heard]
    added: list[list[Span]] = []
    for number, one in enumerate(heard):
        others = union(span for n, spoken in enumerate(found) if n != number for span in spoken)
        words = one.words_under(others, found[number])
        added.append([span for span in words if voiced(number, span)])
    return [union([*spoken, *more]) for spoken, more in zip(found, added, strict=True)]


class _Heard:
    """A channel against its noise, its own talk and the leak of the others."""

    def __init__(self, sides: Sequence[Side], number: int, steps: int) -> None:
        self.side = sides[number]
        self.level = self.side.level_db[:steps]
        talks = [_inside(steps, side.speech, 0.1) for side in sides]
        others = [n for n in range(len(sides)) if n != number]
        other_talks: Mask = np.any([talks[n] for n in others], axis=0)
        wait = _inside(steps, self.side.wait, 0.0)
        free = ~talks[number] & ~other_talks & (self.level > SILENCE_DB + 5)
        self.noise = _nearby(self.level, free & ~wait if (free & ~wait).sum() > 10 * FEW else free)
        own = self.level[talks[number]]
        self.usual = float(np.percentile(own, 75)) if len(own) else 0.0
        calm = ~_inside(steps, self.side.speech, 0.3) & ~wait
        self.leak: Array = np.full(steps, SILENCE_DB, dtype=np.float32)
        for n in others:
            other = np.where(talks[n], sides[n].level_db[:steps], np.float32(SILENCE_DB))
            leak = find_leak(self.level, other, calm, self.noise)
            if leak is not None:
                self.leak = np.maximum(self.leak, leak.level(other))
        loud = (
            (self.level > np.minimum(self.noise + ABOVE_NOISE_DB, self.usual))
            & (self.level > self.leak + ABOVE_LEAK_DB)
            & (self.level > self.usual - BELOW_OWN_DB)
        )
        loud = np.convolve(loud, np.ones(3), "same") >= 2  # a single step is a click
        self.runs = spans(loud, STEP_S)

    def talk(self) -> list[Span]:
        """The detector's speech with the edges that the level has."""
        strong = [run for run in union(self.runs, 0.06) if self._high(run) >= self.usual - STRONG_DB]
        found: list[Span] = []
        for start, end in self.side.speech:
            if self.usual - float(np.median(self.noise[_steps((start, end))])) < MASKED_DB:
                found.append((start, end))
                continue
            low, high = start - LEAD_S, end + TAIL_S
            for first, last in touching(strong, start, end):
                low, high = min(low, max(first, start - REACH_S)), max(high, min(last, end + REACH_S))
            found += intersection(touching(self.runs, low, high), [(low, high)])
        return [span for span in union(found, GAP_S) if span[1] - span[0] >= SHORTEST_S]

    def words_under(self, others: Sequence[Span], known: Sequence[Span]) -> list[Span]:
        """Loud stretches during the others' talk that are nobody's known talk."""
        return [
            run
            for run in union(self.runs, 0.1)
            if run[1] - run[0] >= SHORTEST_S
            and _covered(others, run) >= 0.5
            and _covered(known, run) <= 0.5
            and _covered(self.side.wait, run) <= 0.5
            and self._clear(run)
        ]

    def _high(self, run: Span) -> float:
        return float(np.percentile(self.level[_steps(run)], 75))

    def _clear(self, run: Span) -> bool:
        high, steps = self._high(run), _steps(run)
        return bool(
            high >= self.usual - WORD_BELOW_OWN_DB
            and high >= float(np.median(self.noise[steps])) + WORD_ABOVE_NOISE_DB
            and high >= float(np.percentile(self.leak[steps], 75)) + WORD_ABOVE_LEAK_DB
        )


def _covered(ordered: Sequence[Span], run: Span) -> float:
    """The share of a run that stretches in order cover."""
    return within(touching(ordered, *run), *run) / (run[1] - run[0])


def _steps(span: Span) -> slice:
    return slice(round(span[0] / STEP_S), max(round(span[1] / STEP_S), round(span[0] / STEP_S) + 1))


def _inside(steps: int, found: Sequence[Span], margin_s: float) -> Mask:
    mask = np.zeros(steps, dtype=np.bool_)
    for start, end in found:
        mask[max(0, round((start - margin_s) / STEP_S)) : max(0, round((end + margin_s) / STEP_S))] = True
    return mask


def _nearby(level: Array, use: Mask) -> Array:
    """The median level of the used steps around each moment, dBFS ``(steps,)``."""
    if not use.any():
        return np.full(len(level), SILENCE_DB, dtype=np.float32)
    everywhere = float(np.median(level[use]))
    size, half = len(level) * STEP_S, round(NEARBY_S / STEP_S)
    moments = np.arange(0.0, size + EVERY_S, EVERY_S)
    medians = []
    for moment in moments:
        at = round(moment / STEP_S)
        part = slice(max(0, at - half), at + half)
        near = level[part][use[part]]
        medians.append(float(np.median(near)) if len(near) >= FEW else everywhere)
    nearby: Array = np.interp(np.arange(len(level)) * STEP_S, moments, medians).astype(np.float32)
    return nearby
