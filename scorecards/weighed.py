"""A criterion's answer weighed: what the card's own logic finds, and what else in the call bears on it.

A card says ``weighed_as: empathy_shown.v1``. The weighing of that name (``weights/v1.json``) lists the acts
that bear on the answer, and how much the logic and each act count for yes, no and na: a multinomial logistic
regression, fitted on labelled calls by `python -m pipelines.verdicts`. A published weighing never changes.
Pure.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from scorecards.call import Call
from scorecards.checks.base import one_per_turn, some
from scorecards.errors import ScorecardError

FOLDER = Path(__file__).parent / "weights"
Answer = Literal["yes", "no", "na"]
ANSWERS: tuple[Answer, ...] = ("yes", "no", "na")
LEAST = 0.03
"""Probabilities count as no surer than this and its counterpart."""
TOLD = 2
"""So many acts are named that made the difference."""


@dataclass(frozen=True)
class Logic:
    """What a criterion's own logic finds, as probabilities: that the gates are open (``only_if`` and
    ``not_if``), that there was an occasion, and a yes."""

    opens: float
    stays_open: float
    applies: float
    yes: float

    def log_odds(self) -> tuple[float, ...]:
        """The four as log odds."""
        return tuple(log_odds(p) for p in (self.opens, self.stays_open, self.applies, self.yes))

    def verdict(self) -> Answer:
        """What it would say alone."""
        if min(self.opens, self.stays_open, self.applies) < 0.5:
            return "na"
        return "yes" if self.yes >= 0.5 else "no"


@dataclass(frozen=True)
class Weighing:
    """``acts`` that bear on an answer, ``shows`` those whose words show a yes; ``numbers`` per answer: an
    offset, four for the logic, one for each act."""

    acts: tuple[str, ...]
    shows: tuple[str, ...]
    numbers: Mapping[Answer, tuple[float, ...]]

    def chances(self, logic: Logic, call: Call) -> dict[Answer, float]:
        """The probability of each answer, in the order of ANSWERS; together 1."""
        seen = (1.0, *logic.log_odds(), *held(call, self.acts))
        raw = {
            answer: sum(n * x for n, x in zip(self.numbers[answer], seen, strict=True)) for answer in ANSWERS
        }
        most = max(raw.values())
        parts = {answer: math.exp(value - most) for answer, value in raw.items()}
        whole = sum(parts.values())
        return {answer: part / whole for answer, part in parts.items()}

    def deciding(self, call: Call, answer: Answer, other: Answer) -> tuple[str, ...]:
        """The acts that speak most for one answer against another, the strongest first: present ones only."""
        present = held(call, self.acts)
        shift = {
            act: (self.numbers[answer][place] - self.numbers[other][place]) * odds
            for place, (act, odds) in enumerate(zip(self.acts, present, strict=True), start=5)
            if odds > 0
        }
        strongest = sorted((act for act in shift if shift[act] > 0), key=lambda act: (-shift[act], act))
        return tuple(strongest[:TOLD])


def held(call: Call, acts: Sequence[str]) -> tuple[float, ...]:
    """The log odds that a call holds each of these acts at all."""
    return tuple(log_odds(some(a.probability for a in one_per_turn(call.acts([act])))) for act in acts)


def log_odds(p: float) -> float:
    """Log odds of a probability, no surer than LEAST."""
    p = min(max(p, LEAST), 1.0 - LEAST)
    return math.log(p / (1.0 - p))


def weighing(name: str) -> Weighing:
    """The weighing of a name with its version, ``empathy_shown.v1``; raises ScorecardError with the
    choices."""
    criterion, _, version = name.partition(".")
    path = FOLDER / f"{version}.json"
    known = _read(path) if version.isalnum() and path.is_file() else {}
    if criterion not in known:
        names = [f"{one}.{file.stem}" for file in sorted(FOLDER.glob("*.json")) for one in _read(file)]
        raise ScorecardError(f"no weighing {name!r}; there are {', '.join(names) or 'none'}")
    return known[criterion]


@lru_cache(maxsize=8)
def _read(path: Path) -> Mapping[str, Weighing]:
    told = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: Weighing(
            tuple(one["acts"]), tuple(one["shows"]), {answer: tuple(one[answer]) for answer in ANSWERS}
        )
        for name, one in told.items()
    }
