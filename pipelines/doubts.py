"""Which recognised words may be invented: by the recogniser's own numbers, by loops, by where they lie.

Whisper fills music and silence with sentences it has learned by heart, and repeats itself when it loses the
thread. Such words are kept, marked ``doubtful``: people see them, nobody is judged by them. Pure.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.values import HeardWord

# The first three are those at which Whisper's authors fall back; the rest were chosen by hand.
LEAST_LOGPROB = -1.0
MOST_NO_SPEECH = 0.6
MOST_COMPRESSION = 2.4
LEAST_PHRASE_PROBABILITY = 0.30
LEAST_OVERLAP = 0.25
LOOP_REPEATS = 4
FASTEST_WORD_S = 0.06

STOCK_PHRASES = frozenset(
    {
        "thanks for watching",
        "thank you for watching",
        "please subscribe",
        "subscribe to my channel",
        "untertitel der amara org community",
        "untertitel im auftrag des zdf",
        "untertitel von",
        "vielen dank fürs zuschauen",
        "copyright wdr",
        "swr 2020",
    }
)
"""Lines from the subtitles that the recogniser learned from; nobody says them on a service call."""


@dataclass(frozen=True)
class Heard:
    """What the recogniser says of one chunk: mean log probability per token, probability of no speech."""

    text: str
    avg_logprob: float
    no_speech_prob: float

    @property
    def compression(self) -> float:
        """How far the text can be packed: above 2.4 it repeats itself."""
        raw = self.text.encode()
        return len(raw) / len(zlib.compress(raw)) if raw else 0.0

    @property
    def lost(self) -> bool:
        """Whether the recogniser lost the thread, so that the chunk should be read once more."""
        return self.compression > MOST_COMPRESSION or self.avg_logprob < LEAST_LOGPROB

    @property
    def invented(self) -> bool:
        """Whether its own numbers say that nobody spoke, or that it looped."""
        silent = self.no_speech_prob > MOST_NO_SPEECH and self.avg_logprob < LEAST_LOGPROB / 2
        return silent or self.lost


def mark(
    words: Sequence[HeardWord],
    speech: Sequence[tuple[float, float]],
    music: Sequence[tuple[float, float]],
    invented_segments: Iterable[int] = (),
) -> list[HeardWord]:
    """The words of one channel with ``doubtful`` set.

    ``speech`` and ``music`` are spans in seconds; ``invented_segments`` are segments that the recogniser's
    numbers doubt as a whole. Words are judged one by one and by the phrase (no pause over half a second)
    they stand in.
    """
    segments = set(invented_segments)
    looping = _loops([plain(word.text) for word in words])
    marked: list[HeardWord] = []
    for phrase in phrases(words):
        first = len(marked)
        probability = sum(_probability(word) for word in phrase) / len(phrase)
        stock = _is_stock(phrase)
        rushed = len(phrase) >= 4 and (_end(phrase[-1]) - _start(phrase[0])) / len(phrase) < FASTEST_WORD_S
        music_share = _share(phrase, music)
        weak = probability < LEAST_PHRASE_PROBABILITY and len(phrase) > 1
        in_music = music_share > 0.5 and (probability < 0.6 or _share(phrase, speech) < 0.5)
        outside = probability < 0.6 and _share(phrase, speech) < LEAST_OVERLAP
        for offset, word in enumerate(phrase):
            doubtful = (
                word.doubtful
                or word.segment in segments
                or first + offset in looping
                or stock
                or rushed
                or weak
                or in_music
                or outside
            )
            marked.append(word.model_copy(update={"doubtful": True}) if doubtful else word)
    return marked


def phrases(words: Sequence[HeardWord], pause_s: float = 0.5) -> list[list[HeardWord]]:
    """Words of one channel grouped at pauses and at the recogniser's segments."""
    groups: list[list[HeardWord]] = []
    for word in words:
        last = groups[-1][-1] if groups else None
        if last is None or last.segment != word.segment or _start(word) - _end(last) > pause_s:
            groups.append([])
        groups[-1].append(word)
    return groups


def plain(text: str) -> str:
    """A word without its punctuation, in small letters."""
    return "".join(c for c in text.lower() if c.isalnum() or c == "'")


def _loops(words: list[str]) -> set[int]:
    """The positions of words in loops: one to six words said at least four times on end, by then some
    eight words in all. Saying "no, no, no, no" or reading out digits is no loop."""
    found: set[int] = set()
    for size in range(1, 7):
        needed = max(LOOP_REPEATS, 8 if size == 1 else LOOP_REPEATS)
        at = 0
        while at + size * needed <= len(words):
            unit, repeats = words[at : at + size], 1
            while words[at + size * repeats : at + size * (repeats + 1)] == unit:
                repeats += 1
            digits = all(word.isdigit() for word in unit)
            if repeats >= needed and not digits:
                found.update(range(at, at + size * repeats))
                at += size * repeats
            else:
                at += 1
    return found


def _is_stock(phrase: Sequence[HeardWord]) -> bool:
    text = " ".join(filter(None, (plain(word.text) for word in phrase)))
    return any(line in text and len(text) <= len(line) + 25 for line in STOCK_PHRASES)


def _share(phrase: Sequence[HeardWord], spans: Sequence[tuple[float, float]]) -> float:
    """The share of the phrase's time that lies in the spans."""
    start, end = _start(phrase[0]), max(_end(phrase[-1]), _start(phrase[0]) + 0.02)
    covered = sum(max(0.0, min(end, b) - max(start, a)) for a, b in spans)
    return min(1.0, covered / (end - start))


def _start(word: HeardWord) -> float:
    return word.start if word.start is not None else 0.0


def _end(word: HeardWord) -> float:
    return word.end if word.end is not None else _start(word)


def _probability(word: HeardWord) -> float:
    return word.probability if word.probability is not None else 0.5
