"""Verdicts against gold labels: per criterion precision, recall, F1, accuracy and kappa with an interval.

An answer in ``review`` counts with what the machine suggests, and apart from that it is counted as review:
its share, and
how often it is wrong against the rest. ``unscored`` counts as an answer of its own, always wrong. Cases
that the trainer
marked ambiguous are reported apart and count nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from scorecards.agreement import Interval, accuracy, bootstrap, class_figures, kappa, macro_f1
from scorecards.gold import GoldCall, Label
from scorecards.results import Assessment, CriterionResult

MOST_SECONDS, MOST_SHARE = 2.0, 0.05


@dataclass(frozen=True, slots=True)
class Case:
    """One criterion of one call: the true answer and what was said."""

    call: str
    criterion: str
    gold: str
    found: str
    verdict: str
    in_review: bool
    confidence: float | None
    ambiguous: bool
    kind: str
    evidence_right: bool | None
    gold_turns: tuple[int, ...] = ()
    found_turns: tuple[int, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the answer is the true one."""
        return self.gold == self.found


@dataclass
class Part:
    """All cases of one part of the gold set (tuning, heldout)."""

    name: str
    calls: int = 0
    cases: list[Case] = field(default_factory=list)

    def add(self, gold: GoldCall, assessment: Assessment) -> None:
        """Compare one call."""
        self.calls += 1
        results = {r.id: r for r in assessment.criteria}
        self.cases += [_case(gold.id, name, label, results.get(name)) for name, label in gold.gold.items()]

    def clear(self, criterion: str | None = None, kind: str | None = None) -> list[Case]:
        """The cases that are not ambiguous, of one criterion or kind or all."""
        return [
            c
            for c in self.cases
            if not c.ambiguous and criterion in (None, c.criterion) and kind in (None, c.kind)
        ]

    def criteria(self) -> tuple[str, ...]:
        """The criteria in the order in which the gold files name them."""
        return tuple(dict.fromkeys(c.criterion for c in self.cases))


def _case(call: str, criterion: str, label: Label, result: CriterionResult | None) -> Case:
    found: str
    if label.verdict is not None:
        found = "missing" if result is None else result.suggestion or result.verdict
        turns = tuple(e.turn for e in result.evidence if e.turn is not None) if result else ()
        evidence: bool | None = None
        if label.evidence and found == label.verdict and found in ("yes", "no") and result is not None:
            evidence = bool(set(turns) & set(label.evidence))
        return Case(
            call,
            criterion,
            label.verdict,
            found,
            result.verdict if result else "missing",
            bool(result and result.verdict == "review"),
            result.confidence if result else None,
            label.ambiguous,
            "verdict",
            evidence,
            label.evidence,
            turns,
        )
    value = result.value if result else None
    numeric = "seconds" if criterion.endswith("_seconds") else "count"
    kind = "label" if isinstance(label.value, str) else numeric
    found = _shown(value)
    if kind == "seconds" and _near(label.value, value):
        found = _shown(label.value)
    verdict = result.verdict if result else "missing"
    confidence = result.confidence if result else None
    return Case(
        call, criterion, _shown(label.value), found, verdict, False, confidence, label.ambiguous, kind, None
    )


def _shown(value: object) -> str:
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return "unknown" if value is None else str(value)


def _near(gold: object, found: object) -> bool:
    if isinstance(gold, bool) or isinstance(found, bool):
        return False
    if not isinstance(gold, int | float) or not isinstance(found, int | float):
        return False
    return abs(gold - found) <= max(MOST_SECONDS, MOST_SHARE * abs(gold))


def report(parts: Sequence[Part]) -> dict[str, Any]:
    """The whole comparison as plain values: what ``rapport evaluate --json`` writes."""
    return {"format": "rapport/evaluation/1", "parts": [_part(part) for part in parts]}


def _part(part: Part) -> dict[str, Any]:
    clear = part.clear(kind="verdict")
    per = {name: _criterion(part.clear(name)) for name in part.criteria() if part.clear(name)}
    verdicts = {k: v for k, v in per.items() if v["kind"] == "verdict"}
    scores = [v["macro_f1"] for v in verdicts.values() if v["macro_f1"] is not None]
    review = [c for c in clear if c.in_review]
    rest = [c for c in clear if not c.in_review]
    shown = [c for c in clear if c.evidence_right is not None]
    ambiguous = [c for c in part.cases if c.ambiguous]
    return {
        "part": part.name,
        "calls": part.calls,
        "cases": len(clear),
        "macro_f1": _mean(scores),
        "accuracy": accuracy([c.gold for c in clear], [c.found for c in clear]),
        "evidence_right": _mean([float(bool(c.evidence_right)) for c in shown]),
        "evidence_cases": len(shown),
        "review_share": len(review) / len(clear) if clear else None,
        "error_rate_in_review": _mean([float(not c.right) for c in review]),
        "error_rate_elsewhere": _mean([float(not c.right) for c in rest]),
        "forbidden": _forbidden(part),
        "ambiguous": {
            "cases": len(ambiguous),
            "accuracy": accuracy([c.gold for c in ambiguous], [c.found for c in ambiguous]),
        },
        "criteria": per,
    }


def _criterion(cases: Sequence[Case]) -> dict[str, Any]:
    gold, found = [c.gold for c in cases], [c.found for c in cases]
    figures: dict[str, Any] = {
        "kind": cases[0].kind,
        "n": len(cases),
        "accuracy": accuracy(gold, found),
        "wrong": [
            {
                "call": c.call,
                "gold": c.gold,
                "found": c.found,
                "verdict": c.verdict,
                "confidence": c.confidence,
            }
            for c in cases
            if not c.right
        ],
    }
    if cases[0].kind in ("count", "seconds"):
        return figures
    figures["macro_f1"] = macro_f1(gold, found)
    figures["kappa"] = _interval(bootstrap(list(cases), _kappa))
    figures["answers"] = {}
    for answer in sorted(set(gold)):
        one = class_figures(gold, found, answer)
        figures["answers"][answer] = {
            "precision": one.precision,
            "recall": one.recall,
            "f1": one.f1,
            "support": one.support,
        }
    shown = [c for c in cases if c.evidence_right is not None]
    figures["evidence_right"] = _mean([float(bool(c.evidence_right)) for c in shown])
    return figures


def _kappa(cases: Sequence[Case]) -> float | None:
    return kappa([c.gold for c in cases], [c.found for c in cases])


def _forbidden(part: Part) -> dict[str, Any]:
    """Forbidden phrases by turn: of the turns quoted, how many are in the gold evidence, and the other way
    round."""
    cases = part.clear("forbidden_phrase_used")
    real = {(c.call, t) for c in cases if c.gold == "yes" for t in c.gold_turns}
    found = {(c.call, t) for c in cases if c.found == "yes" for t in c.found_turns}
    hits = len(real & found)
    return {
        "turns": len(real),
        "precision": hits / len(found) if found else None,
        "recall": hits / len(real) if real else None,
    }


def _interval(interval: Interval) -> dict[str, float | int | None]:
    return {"value": interval.value, "low": interval.low, "high": interval.high, "n": interval.n}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
