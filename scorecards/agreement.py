"""How well two or more raters agree: Cohen's kappa, Krippendorff's alpha (nominal), bootstrap intervals.

A machine is one rater among others. Every figure comes with its number of cases; without enough to say
anything the figure is None, never 0.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
REPEATS = 1_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval and the number of cases behind it."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Precision, recall and F1 of one answer; None where it never occurs on that side."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int


def kappa(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Cohen's kappa (1960) of two raters on the same cases.

    1 is full agreement, 0 what chance alone gives. Where both use one and the same single answer there is
    nothing to tell from chance: None. Raises ValueError where the lengths differ.
    """
    if len(one) != len(other):
        raise ValueError(f"two raters with {len(one)} and {len(other)} answers; they need the same cases")
    if not one or (len(set(one)) == 1 and set(one) == set(other)):
        return None
    n = len(one)
    observed = sum(a == b for a, b in zip(one, other, strict=True)) / n
    first, second = Counter(one), Counter(other)
    expected = sum(first[answer] * second[answer] for answer in first) / (n * n)
    return (observed - expected) / (1.0 - expected)


def kappa_of_counts(
    counts: Mapping[tuple[str, str], int], *, repeats: int = REPEATS, seed: int = 7
) -> Interval:
    """Cohen's kappa of two raters given as counts of (one's answer, the other's), with its bootstrap 95 %
    interval: the same as ``bootstrap`` over the cases, drawn as multinomial counts, so that a million cases
    cost no more than ten. ``value`` is None where chance and agreement cannot be told apart."""
    answers = sorted({answer for pair in counts for answer in pair})
    table = np.array([[counts.get((a, b), 0) for b in answers] for a in answers], dtype=float)
    n = int(table.sum())
    if n == 0:
        return Interval(None, None, None, 0)
    drawn = np.random.default_rng(seed).multinomial(n, (table / n).ravel(), size=repeats)
    found = _kappas(np.concatenate([table.reshape(1, -1), drawn]).reshape(-1, *table.shape))
    value, sampled = found[0], found[1:][~np.isnan(found[1:])]
    if np.isnan(value):
        return Interval(None, None, None, n)
    if n < 2 or len(sampled) < 20:
        return Interval(float(value), None, None, n)
    low, high = np.percentile(sampled, [2.5, 97.5])
    return Interval(float(value), float(low), float(high), n)


def _kappas(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kappa of each table ``(samples, answers, answers)``; NaN where it is not defined."""
    n = tables.sum(axis=(1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / n
    expected = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1) / n**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected >= 1.0, np.nan, (observed - expected) / (1.0 - expected))


def alpha(ratings: Sequence[Sequence[str | None]]) -> float | None:
    """Krippendorff's alpha for nominal answers, any number of raters, missing answers allowed.

    ``ratings[r][c]`` is rater r's answer on case c, None where there is none. 1 - observed / expected
    disagreement
    over the coincidence matrix (Krippendorff, Content Analysis, ch. 11). None where fewer than two answers
    can be paired
    or where only one answer ever occurs.
    """
    if len({len(row) for row in ratings}) > 1:
        raise ValueError("every rater needs a row of the same length; use None where an answer is missing")
    pairs: Counter[tuple[str, str]] = Counter()
    for case in zip(*ratings, strict=True):
        known = [answer for answer in case if answer is not None]
        if len(known) < 2:
            continue
        for i, first in enumerate(known):
            for j, second in enumerate(known):
                if i != j:
                    pairs[first, second] += 1 / (len(known) - 1)  # type: ignore[assignment]
    totals: Counter[str] = Counter()
    for (first, _), weight in pairs.items():
        totals[first] += weight
    n = sum(totals.values())
    observed = sum(weight for (a, b), weight in pairs.items() if a != b)
    expected = sum(totals[a] * totals[b] for a in totals for b in totals if a != b)
    if n <= 1 or expected == 0:
        return None
    return float(1.0 - (n - 1) * observed / expected)


def bootstrap(
    cases: Sequence[T],
    figure: Callable[[Sequence[T]], float | None],
    *,
    repeats: int = REPEATS,
    seed: int = 7,
) -> Interval:
    """A figure over cases with its percentile-bootstrap 95 % interval (Efron 1979); the same seed, the
    same interval.

    Samples in which the figure is not defined are left out; with fewer than 20 defined samples the limits
    are None.
    """
    value = figure(cases)
    if len(cases) < 2 or value is None:
        return Interval(value, None, None, len(cases))
    random = np.random.default_rng(seed)
    values: list[float] = []
    for _ in range(repeats):
        chosen = random.integers(0, len(cases), size=len(cases))
        sampled = figure([cases[i] for i in chosen])
        if sampled is not None:
            values.append(sampled)
    if len(values) < 20:
        return Interval(value, None, None, len(cases))
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(value, float(low), float(high), len(cases))


def wilson(successes: int, n: int, z: float = 1.96) -> Interval:
    """A share with its Wilson score interval (1927), which stays inside 0..1 for small n."""
    if n == 0:
        return Interval(None, None, None, 0)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5 / (1 + z * z / n)
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half), n)


def newcombe(hits: int, n: int, hits_before: int, n_before: int) -> Interval:
    """The difference of two independent shares (new minus old) with its 95 % interval by Newcombe's hybrid
    score method (1998, method 10); ``n`` is the new sample. None where either side has no cases."""
    new, old = wilson(hits, n), wilson(hits_before, n_before)
    if new.value is None or old.value is None or None in (new.low, new.high, old.low, old.high):
        return Interval(None, None, None, n)
    low = ((new.value - (new.low or 0.0)) ** 2 + ((old.high or 0.0) - old.value) ** 2) ** 0.5
    high = (((new.high or 0.0) - new.value) ** 2 + (old.value - (old.low or 0.0)) ** 2) ** 0.5
    change = new.value - old.value
    return Interval(change, change - low, change + high, n)


def class_figures(gold: Sequence[str], found: Sequence[str], answer: str) -> ClassFigures:
    """Precision, recall and F1 of one answer."""
    hits = sum(g == answer and f == answer for g, f in zip(gold, found, strict=True))
    claimed, real = sum(f == answer for f in found), sum(g == answer for g in gold)
    precision = hits / claimed if claimed else None
    recall = hits / real if real else None
    f1 = 2 * hits / (claimed + real) if claimed + real else None
    return ClassFigures(precision, recall, f1, real)


def macro_f1(gold: Sequence[str], found: Sequence[str]) -> float | None:
    """The mean F1 over the answers that occur in the gold labels; None without cases."""
    answers = sorted(set(gold))
    scores = [class_figures(gold, found, answer).f1 for answer in answers]
    known = [s for s in scores if s is not None]
    return sum(known) / len(known) if known else None


def accuracy(gold: Sequence[str], found: Sequence[str]) -> float | None:
    """The share of cases with the same answer; None without cases."""
    return sum(g == f for g, f in zip(gold, found, strict=True)) / len(gold) if gold else None
