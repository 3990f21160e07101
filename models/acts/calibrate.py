"""Calibration and figures: from raw outputs on unseen texts to probabilities that mean what they say.

Platt scaling (Platt 1999) per act, drawn towards the scaling of all acts together, so that an act with few
examples does not get a wild one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float32]


def platt(raw: Floats, does: Floats, could: Floats, *, pull: float = 4.0) -> tuple[Floats, Floats]:
    """Slope and offset per act, both (acts,), from outputs on unseen texts, all (n, acts)."""
    seen = could > 0
    both = _fit(raw[seen], does[seen], (1.0, 0.0), 0.01)
    pairs = []
    for act in range(raw.shape[1]):
        rows = seen[:, act]
        pairs.append(_fit(raw[rows, act], does[rows, act], both, pull))
    slopes, offsets = np.array(pairs, dtype=np.float32).T
    return np.maximum(slopes, 0.05), offsets


def _fit(raw: Floats, does: Floats, start: tuple[float, float], pull: float) -> tuple[float, float]:
    centre = np.array(start)

    def loss(x: NDArray[np.float64]) -> float:
        z = x[0] * raw.astype(np.float64) + x[1]
        likelihood = np.sum(np.logaddexp(0.0, z) - does * z)
        return float(likelihood + pull * np.sum((x - centre) ** 2 * np.array([4.0, 1.0])))

    best = minimize(loss, centre, method="L-BFGS-B")
    return float(best.x[0]), float(best.x[1])


@dataclass(frozen=True)
class Figure:
    """How well one act is found at probability 0.5 on texts that were not learned from."""

    act: str
    support: int
    precision: float | None
    recall: float | None
    f1: float | None


def figures(probabilities: Floats, does: Floats, could: Floats, acts: Sequence[str]) -> list[Figure]:
    """One figure per act with at least one example; precision is None where nothing was found."""
    found = []
    for column, act in enumerate(acts):
        rows = could[:, column] > 0
        said, true = probabilities[rows, column] >= 0.5, does[rows, column] > 0.5
        hits, support = int((said & true).sum()), int(true.sum())
        if not support:
            continue
        precision = hits / int(said.sum()) if said.any() else None
        recall = hits / support
        f1 = 2 * hits / (int(said.sum()) + support)
        found.append(Figure(act, support, precision, recall, f1))
    return found


def macro_f1(found: Sequence[Figure], *, least: int = 1) -> float:
    """Mean F1 over the acts with at least ``least`` examples."""
    return float(np.mean([f.f1 for f in found if f.support >= least]))


def calibration_error(probabilities: Floats, does: Floats, could: Floats, bins: int = 10) -> float:
    """Expected calibration error over all acts' answers above 2 %, in 0..1."""
    rows = (could > 0) & (probabilities > 0.02)
    p, true = probabilities[rows], does[rows]
    which = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs(p[which == b].mean() - true[which == b].mean()) * (which == b).mean() for b in set(which)]
    return float(sum(gaps))


def sigmoid(raw: Floats, slope: Floats, offset: Floats) -> Floats:
    """Outputs to probabilities."""
    out: Floats = expit(raw * slope + offset)
    return out
