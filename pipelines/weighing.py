"""How much the act network and the phrase rules are each to be believed: ``python -m pipelines.weighing``.

Per act a small logistic regression over the network's log odds, whether a rule speaks, and how sure it is. It
is fitted on dialogues that the network had not learned from (models/acts/train.py) and that no rule was
written for. Acts with few cases are drawn towards all acts; a missed act weighs twice.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.acts.head import WEIGHTS

Floats = NDArray[np.float64]
LEAST = 1e-4
FAVOUR = 2.0
"""How much more a missed act costs than a false one: verdicts look for the one turn that decides."""
PULL = (6.0, 3.0, 3.0, 6.0)
"""How strongly the four numbers of an act are drawn to those of all acts."""


@dataclass(frozen=True)
class Scale:
    """Log odds of an act: ``head`` x the network's + ``base`` + (``hit`` + ``rule`` x the rule's, if any)."""

    head: float = 0.8
    base: float = 0.0
    hit: float = 0.5
    rule: float = 0.8

    def odds(self, by_head: float, by_rule: float | None) -> float:
        """The log odds from the network's log odds and the rule's."""
        return self.head * by_head + self.base + (0.0 if by_rule is None else self.hit + self.rule * by_rule)


@dataclass(frozen=True)
class Scales:
    """The scales of a language by act; ``general`` for the others."""

    general: Scale
    by_act: Mapping[str, Scale]

    def chance(self, act: str, head: float | None, rule: float | None) -> float:
        """The probability that an act was done, from the network's and the rule's (None: no rule speaks).

        Where the network does not know the act (None), the rule's own probability stands.
        """
        if head is None and act not in self.by_act:
            return rule or 0.0
        scale = self.by_act.get(act, self.general)
        z = scale.odds(logit(head or LEAST), None if rule is None else logit(rule))
        return 1 / (1 + math.exp(-z))


def load_scales(language: str, folder: Path | None = None) -> Scales:
    """The stored scales of a language; the general ones where there are none."""
    return _load(language, folder or WEIGHTS)


@lru_cache(maxsize=8)
def _load(language: str, folder: Path) -> Scales:
    path = folder / f"{language}.scales.json"
    if not path.exists():
        return Scales(Scale(), {})
    told = json.loads(path.read_text(encoding="utf-8"))
    return Scales(Scale(*told["general"]), {act: Scale(*four) for act, four in told["acts"].items()})


def fit(heads: Mapping[str, Floats], rules: Mapping[str, Floats], done: Mapping[str, Floats]) -> Scales:
    """Scales from three arrays per act over the same turns: the network's log odds, the rule's (NaN where
    none speaks), and whether the act was done."""
    head, rule, truth = (np.concatenate([some[act] for act in heads]) for some in (heads, rules, done))
    every = Scale(*_fit(head, rule, truth, Scale(), 0.02))
    by_act = {act: Scale(*_fit(heads[act], rules[act], done[act], every, 1.0)) for act in heads}
    return Scales(every, by_act)


def store(scales: Scales, path: Path) -> None:
    """Write scales as JSON."""

    def four(scale: Scale) -> list[float]:
        return [round(x, 4) for x in (scale.head, scale.base, scale.hit, scale.rule)]

    told = {"general": four(scales.general), "acts": {act: four(s) for act, s in scales.by_act.items()}}
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _fit(head: Floats, rule: Floats, done: Floats, centre: Scale, pull: float) -> list[float]:
    from scipy.optimize import minimize  # a third of a second that no reader should wait for

    spoken = ~np.isnan(rule)
    columns = np.stack([head, np.ones_like(head), spoken, np.where(spoken, rule, 0.0)], axis=1)
    middle = np.array([centre.head, centre.base, centre.hit, centre.rule])
    strength = pull * np.array(PULL)
    weight = np.where(done > 0, FAVOUR, 1.0)

    def loss(x: Floats) -> tuple[float, Floats]:
        z = columns @ x
        off = x - middle
        value = np.sum(weight * (np.logaddexp(0.0, z) - done * z)) + np.sum(strength * off**2)
        slope = columns.T @ (weight * (1 / (1 + np.exp(-z)) - done)) + 2 * strength * off
        return float(value), slope

    bounds = [(0.05, 3.0), (-4.0, 4.0), (-4.0, 6.0), (0.0, 2.0)]
    best = minimize(loss, middle, jac=True, method="L-BFGS-B", bounds=bounds)
    return [float(x) for x in best.x]


def logit(p: float) -> float:
    """Log odds of a probability, kept within what makes sense."""
    p = min(max(p, LEAST), 1 - LEAST)
    return math.log(p / (1 - p))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: fit the scales of a language from what `python -m models.acts.train` left under --work."""
    from models.acts.train import Course, arguments_of, say
    from pipelines.unseen import evidence_of

    parser = arguments_of(__doc__ or "")
    assert isinstance(parser, argparse.ArgumentParser)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="read every n-th dialogue: quicker")
    options = parser.parse_args(arguments)
    course = Course(options)
    parts = {writer: evidence_of(course, writer, options.every) for writer in course.parts}
    for writer in [*course.parts, None]:
        some = [part for name, part in parts.items() if name != writer]
        joined = [
            {act: np.concatenate([part[kind][act] for part in some]) for act in course.acts}
            for kind in range(3)
        ]
        folder = WEIGHTS if writer is None else course.work / f"without-{writer}"
        store(fit(*joined), folder / f"{course.language}.scales.json")
        say(f"scales written to {folder}")


if __name__ == "__main__":
    main()
