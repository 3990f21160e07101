"""How much ordinary words speak for an agent or a customer: learned from whole calls, beside the phrases.

A logistic regression over the words and pairs of neighbouring words of a turn (role_words.en.json,
role_words.de.json: the log odds of agent against customer that each adds), made by
``python -m pipelines.role_train`` from the dialogues that teach the acts. Pure.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from pipelines.role_evidence import plain_text

WORDS = Path(__file__).parent
SCALE = 0.5
"""Turns of one call are alike, so each further one tells less than it would alone: their sum counts half."""
SUREST = 8.0
Weights = Mapping[str, float]
"""The log odds by word and pair of words."""


def told(texts: Sequence[str], weights: Sequence[Weights]) -> float:
    """Log odds that who says these turns is an agent and no customer, -SUREST to SUREST: the mean over the
    weights of the languages that it may be. Words that nobody has learned tell nothing."""
    said = [gram for text in texts for gram in grams(text)]
    found = sum(own.get(gram, 0.0) for own in weights for gram in said) / max(1, len(weights))
    return max(-SUREST, min(SUREST, SCALE * found))


def grams(text: str) -> set[str]:
    """The words of a turn and its pairs of neighbouring words, its edges among them."""
    words = plain_text(text).split()
    if not words:
        return set()
    edged = ["<", *words, ">"]
    return {*words, *(f"{a} {b}" for a, b in pairwise(edged))}


@lru_cache(maxsize=4)
def load(language: str) -> Weights:
    """The weights of a language."""
    weights: dict[str, float] = json.loads(path_of(language).read_text(encoding="utf-8"))
    return weights


@lru_cache(maxsize=1)
def identities() -> dict[str, str]:
    """The hashes of all weights by language: what roles depend on beside the code."""
    found = sorted(WORDS.glob("role_words.*.json"))
    return {path.suffixes[0][1:]: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in found}


def path_of(language: str) -> Path:
    """Where the weights of a language lie."""
    return WORDS / f"role_words.{language}.json"
