"""Patterns of calls: the sample calls with turns left out and things renamed, scored by the phrase rules.

A crowd of 100,000 calls repeats a few hundred of them. Their documents are real ones, so that opening a call
costs what it costs.
"""

import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from database.signals import numbers_of
from recordings import Conversation, Turn
from recordings.samples import Sample, samples
from scorecards import Assessment
from scorecards.acts.reader import read_phrases
from scorecards.engine import score
from scorecards.loading import load_card

THINGS = {
    "en": (
        "parcel",
        "kettle",
        "router",
        "invoice",
        "refund",
        "sofa",
        "ticket",
        "boiler",
        "laptop",
        "contract",
    ),
    "de": (
        "Paket",
        "Kessel",
        "Router",
        "Rechnung",
        "Schrank",
        "Karte",
        "Heizung",
        "Koffer",
        "Vertrag",
        "Zähler",
    ),
}
PLACES = (
    "Leeds",
    "Bristol",
    "Cardiff",
    "Dublin",
    "Perth",
    "Kassel",
    "Bremen",
    "Graz",
    "Zürich",
    "Ulm",
    "Kiel",
    "York",
)
RECOGNISED = ("agent_word_confidence", "agent_talk_share", "silence_share")
LEAST_KEPT = 0.7
"""Share of a sample's turns that a pattern keeps at least."""


@dataclass(frozen=True)
class Pattern:
    """One way a call can go, with its documents packed as the database keeps them."""

    language: str
    duration: float
    turns: tuple[Turn, ...]
    conversation: bytes
    assessment: bytes
    judged: Assessment
    signals: Mapping[str, float]


@cache
def patterns(count: int, seed: int = 0) -> tuple[Pattern, ...]:
    """``count`` patterns, the lowest score first; the same count and seed give the same ones."""
    chance = random.Random(seed)
    some = samples()
    made = [_pattern(some[number % len(some)], chance, number) for number in range(count)]
    return tuple(sorted(made, key=lambda pattern: pattern.judged.score or 0.0))


def _pattern(sample: Sample, chance: random.Random, number: int) -> Pattern:
    truth = Conversation.read(sample.truth)
    language = (truth.recording.language or "en")[:2]
    share = chance.uniform(LEAST_KEPT, 1.0)
    kept = [turn for turn in truth.turns if turn.index < 2 or chance.random() < share]
    turns = tuple(
        turn.model_copy(update={"index": index, "text": _renamed(turn.text, language, chance), "words": ()})
        for index, turn in enumerate(kept)
    )
    recording = truth.recording.model_copy(update={"id": f"pattern-{number}"})
    plain = truth.model_copy(update={"turns": turns, "recording": recording, "acts": ()})
    conversation = plain.model_copy(update={"acts": read_phrases(plain, language)})
    judged = score(conversation, load_card("customer-care", language=language))
    return Pattern(
        language,
        recording.duration or 60.0,
        turns,
        zlib.compress(conversation.to_json().encode(), 6),
        zlib.compress(judged.to_json().encode(), 6),
        judged,
        _measured(conversation, chance),
    )


def _measured(conversation: Conversation, chance: random.Random) -> dict[str, float]:
    """What the truth tells of holds and silences, and what a recogniser would add."""
    shares = {name: round(chance.uniform(0.3, 0.95), 3) for name in RECOGNISED}
    return {**numbers_of(conversation.signals or {}), **shares}


def _renamed(text: str, language: str, chance: random.Random) -> str:
    """The text with a thing and a place of its own, so that searches have something to tell apart."""
    if chance.random() < 0.5:
        return text
    said = f"{chance.choice(THINGS[language])} {chance.choice(PLACES)} {chance.randrange(100, 9999)}"
    return f"{text} {said}."
