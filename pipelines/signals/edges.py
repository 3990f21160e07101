"""Exact edges of speech where each side has a channel: the detector says that somebody speaks, the level
from when to when.

A detector of speech looks at half a second and more at once: it misses a single word under the other's
talk, and a tenth of a second at an edge. A channel's level knows neither weakness: talk begins where the
channel rises above its own noise, above what it carries of the other side (leak.py) and above music or a
radio in the room (bed.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.signals.bed import GAP_S as RADIO_GAP_S
from pipelines.signals.bed import SHORTEST_S as RADIO_SHORTEST_S
from pipelines.signals.bed import find_bed
from pipelines.signals.features import Array
from pipelines.signals.intervals import Span, difference, intersection, touching, union, within
from pipelines.signals.leak import SILENCE_DB, STEP_S, find_leak, steps_of
from pipelines.signals.noise import FEW, Mask, inside, nearby, switched_on, with_music, without
from pipelines.signals.vad import spans

ABOVE_NOISE_DB, ABOVE_LEAK_DB = 7.0, 6.0
"""Talk is this far above the channel's noise and the other's leak."""
BELOW_LOUDEST_DB, LOUDEST_PERCENTILE, BELOW_USUAL_DB = 38.0, 99, 28.0
"""Talk is no further below its own loudest hundredth; but what is this near its usual level always counts: a
bang is no loud talk."""
GAP_S, JOINED_S = 0.29, 0.06
SHORTEST_S = 0.12
LEAD_S, TAIL_S, REACH_S = 0.2, 0.1, 0.8
"""How far beyond the detector's edges talk is looked for; the last where it goes on there without a break."""
PAUSE_S = 0.6
"""A pause between two of the other's sentences is still theirs to be spoken into."""
MISSED_DB = 15.0
"""The detector misses the first words after music: the other's sound counts from this far below its talk."""
STRONG_DB = 15.0
MASKED_DB = 20.5
"""Where the noise is this near the talk, it is a bed (bed.py): a radio, or music in the room."""
FADE_FROM_DB, FADE_S_PER_DB, LONGEST_FADE_S = 6.0, 0.004, 0.06
"""A voice fades by a decibel in so many seconds: what the noise covers of it belongs to the talk."""
WORD_BELOW_OWN_DB, WORD_ABOVE_NOISE_DB, WORD_ABOVE_LEAK_DB = 12.0, 14.0, 8.0
"""A word under the other's talk, which the detector missed, has to be this clear."""
IN_MUSIC_BELOW_OWN_DB, IN_MUSIC_ABOVE_DB = 4.0, 7.0
"""In music it has to be this near the talk, and this far above the louder tenth around it: no note is."""
ACCOMPANIED = 0.2
"""Where music plays under so much of the other's talk, it is taken to play under all of it."""
ALONE_S, SHORT_S, LONG_S, ALONE_BELOW_OWN_DB = 1.0, 0.2, 1.2, 6.0
"""A word alone in a silence is this far from other talk and from music and tones, this long, this loud."""
STILL_S, STILL_BELOW_OWN_DB = 2.0, 20.0


@dataclass(frozen=True)
class Side:
    """One channel: ``level_db`` dBFS per 10 ms ``(steps,)``, the detector's ``speech``, and ``wait``, where
    it carries music or tones."""

    level_db: Array
    speech: Sequence[Span]
    wait: Sequence[Span] = ()


def sharpened(sides: Sequence[Side], voiced: Callable[[int, Span], bool]) -> list[list[Span]]:
    """The speech of every side with exact edges, and the words that the detector missed: under other talk, or
    alone in a silence.

    ``voiced(side, span)`` says whether a stretch holds a voice. A single side keeps the detector's edges.
    """
    if not sides:
        return []
    steps = min(len(side.level_db) for side in sides)
    heard = [_Heard(sides, number, steps) for number in range(len(sides))]
    found = [one.talk() if len(sides) > 1 else list(one.side.speech) for one in heard]
    added: list[list[Span]] = []
    for number, one in enumerate(heard):
        others = union(span for n, spoken in enumerate(found) if n != number for span in spoken)
        known = found[number]
        words = [*one.words_under(union(others, PAUSE_S), known), *one.words_alone(others, known)]
        added.append([span for span in words if voiced(number, span)])
    return [union([*spoken, *more]) for spoken, more in zip(found, added, strict=True)]


class _Heard:
    """A channel against its noise, its own talk and the leak of the others."""

    def __init__(self, sides: Sequence[Side], number: int, steps: int) -> None:
        self.side = sides[number]
        self.level = self.side.level_db[:steps]
        talks = [inside(steps, side.speech, 0.1) for side in sides]
        others = [n for n in range(len(sides)) if n != number]
        other_talks: Mask = np.any([np.zeros(steps, np.bool_), *(talks[n] for n in others)], axis=0)
        wait = inside(steps, self.side.wait, 0.0)
        free = switched_on(self.level, ~talks[number] & ~other_talks & (self.level > SILENCE_DB + 5))
        self.noise = nearby(self.level, without(free, wait))
        own = self.level[talks[number]]
        self.usual = float(np.percentile(own, 75)) if len(own) else 0.0
        loudest = float(np.percentile(own, LOUDEST_PERCENTILE)) if len(own) else 0.0
        self.faintest = min(loudest - BELOW_LOUDEST_DB, self.usual - BELOW_USUAL_DB)
        self.noise = with_music(self.noise, self.level, free, wait, self.usual - MASKED_DB)
        calm = ~inside(steps, self.side.speech, 0.3) & ~wait
        self.leak: Array = np.full(steps, SILENCE_DB, dtype=np.float32)
        for n in others:
            other = sides[n].level_db[:steps]
            told = np.where(talks[n], other, np.float32(SILENCE_DB))
            leak = find_leak(self.level, told, calm, self.noise)
            if leak is not None and talks[n].any():
                as_loud = other > np.percentile(other[talks[n]], 75) - MISSED_DB
                self.leak = np.maximum(self.leak, leak.level(np.where(as_loud, other, told)))
        heard = other_talks & ~talks[number]
        self.accompanied = bool(heard.any() and float(np.mean(wait[heard])) >= ACCOMPANIED)
        under = without(heard, wait)  # not in a wait, whose music may be unheard
        floor = self.level[under] if under.sum() >= 2 * FEW else self.noise
        self.masked = self.usual - float(np.median(floor)) < MASKED_DB
        self.bed = None
        if self.masked:
            self.bed = find_bed(self.level, self.leak, self.noise, without(other_talks, wait), talks[number])
        self.risings = self.bed.risings(self.level) if self.bed else []
        loud = (
            (self.level > np.minimum(self.noise + ABOVE_NOISE_DB, self.usual))
            & (self.level > self.leak + ABOVE_LEAK_DB)
            & (self.level > self.faintest)
        )
        loud = np.convolve(loud, np.ones(3), "same") >= 2  # a single step is a click
        self.runs = spans(loud, STEP_S)

    def talk(self) -> list[Span]:
        """The detector's speech with the edges that the level has."""
        joined = union(self.runs, JOINED_S)
        strong = [run for run in joined if self._high(run) >= self.usual - STRONG_DB]
        found: list[Span] = []
        for start, end in self.side.speech:
            if self._is_masked((start, end)):
                found += self.bed.talk((start, end), self.risings) if self.bed else [(start, end)]
                continue
            low, high = start - LEAD_S, end + TAIL_S
            for first, last in touching(strong, start, end + TAIL_S):
                low, high = min(low, max(first, start - REACH_S)), max(high, min(last, end + REACH_S))
            own = [run for run in touching(joined, start, high) if run[0] < high and run[1] > start]
            found += [
                (first, min(last + self._faded(last), high) if last < high else last)
                for first, last in intersection(intersection(own, self.runs), [(low, high)])
            ]
        over_radio = self.bed is not None and not self.bed.is_quiet
        gap, shortest = (RADIO_GAP_S, RADIO_SHORTEST_S) if over_radio else (GAP_S, SHORTEST_S)
        return [span for span in union(found, gap) if span[1] - span[0] >= shortest]

    def _is_masked(self, span: Span) -> bool:
        return self.masked or self.usual - float(np.median(self.noise[steps_of(span)])) < MASKED_DB

    def _faded(self, end: float) -> float:
        """How much of a sound's fading the noise and the leak cover, seconds."""
        step = min(len(self.level) - 1, round(end / STEP_S))
        covered = max(self.noise[step] + ABOVE_NOISE_DB, self.leak[step] + ABOVE_LEAK_DB)
        over = float(covered) - self.faintest - FADE_FROM_DB
        return min(max(over * FADE_S_PER_DB, 0.0), LONGEST_FADE_S)

    def words_under(self, others: Sequence[Span], known: Sequence[Span]) -> list[Span]:
        """Loud stretches in the others' talk and their short pauses that are no known talk of this side."""
        return [
            run
            for run in difference(union(self.runs, 0.1), known)
            if run[1] - run[0] >= SHORTEST_S
            and _covered(others, run) >= 0.5
            and (self._off_music(run) or self._stands_out(run, known))
            and self._clear(run)
        ]

    def _off_music(self, run: Span) -> bool:
        """Whether no music is taken to play there."""
        return not self.accompanied and _covered(self.side.wait, run) <= 0.5

    def words_alone(self, others: Sequence[Span], known: Sequence[Span]) -> list[Span]:
        """Short sounds as loud as the talk, in a silence: words that the detector missed, if a voice."""
        if self.masked or not self.side.speech:
            return []
        talk = union([*others, *known])
        near = union((s - ALONE_S, e + ALONE_S) for s, e in [*talk, *self.side.wait])
        return [
            run
            for run in union(self.runs, 0.1)
            if SHORT_S <= run[1] - run[0] <= LONG_S
            and _covered(near, run) == 0
            and self._high(run) >= self.usual - ALONE_BELOW_OWN_DB
            and self._clear(run)
            and self._is_still(run, talk)
        ]

    def _is_still(self, run: Span, talk: Sequence[Span]) -> bool:
        """Whether it is quiet for two seconds before and after, but for known talk: notes of unheard music
        come one by one."""
        sides = [(max(0.0, run[0] - STILL_S), run[0] - 0.1), (run[1] + 0.1, run[1] + STILL_S)]
        open_to = difference(sides, union((s - LEAD_S, e + LEAD_S) for s, e in talk))
        around = self._levels(open_to)
        return len(around) > 0 and float(np.percentile(around, 95)) <= self.usual - STILL_BELOW_OWN_DB

    def _stands_out(self, run: Span, known: Sequence[Span]) -> bool:
        """Whether a sound is as loud as the talk and stands out from what is around it but known talk: no
        note does."""
        sides = [(max(0.0, run[0] - STILL_S), run[0]), (run[1], run[1] + STILL_S)]
        around = self._levels(difference(sides, known))
        high = self._high(run)
        louder = float(np.percentile(around, 90)) if len(around) else high
        return high >= max(self.usual - IN_MUSIC_BELOW_OWN_DB, louder + IN_MUSIC_ABOVE_DB)

    def _levels(self, where: Sequence[Span]) -> Array:
        return np.concatenate([np.zeros(0, np.float32), *(self.level[steps_of(span)] for span in where)])

    def _high(self, run: Span) -> float:
        return float(np.percentile(self.level[steps_of(run)], 75))

    def _clear(self, run: Span) -> bool:
        high, steps = self._high(run), steps_of(run)
        return bool(
            (self.bed is None or high >= self.bed.level_db + WORD_ABOVE_LEAK_DB)
            and high >= self.usual - WORD_BELOW_OWN_DB
            and high >= float(np.median(self.noise[steps])) + WORD_ABOVE_NOISE_DB
            and high >= float(np.percentile(self.leak[steps], 75)) + WORD_ABOVE_LEAK_DB
        )


def _covered(ordered: Sequence[Span], run: Span) -> float:
    """The share of a run that stretches in order cover."""
    return within(touching(ordered, *run), *run) / (run[1] - run[0])
