"""The scorecard's items for the call page: what stands, who says so, with which evidence.

In a blind review an item is only its question and the person's own answer: nothing that the machine or
anybody else made of it leaves the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from database.tables import ReviewItem
from qa_app.actions.reviewing import is_clear, judged
from qa_app.i18n import Translator
from qa_app.presenting import criterion_title, value_name
from qa_app.scoring import Rules
from scorecards import CriterionResult
from scorecards.results import Value


@dataclass(frozen=True)
class Decided:
    """What people decided, by criterion: the verdicts and measured values that stand, this person's draft,
    what was released or submitted, what an earlier draft said of items that now read otherwise, disputes."""

    standing: Mapping[str, str]
    values: Mapping[str, Value]
    draft: Mapping[str, ReviewItem]
    final: Mapping[str, ReviewItem]
    earlier: Mapping[str, ReviewItem]
    disputes: Mapping[str, str]


def item(
    result: CriterionResult, decided: Decided, t: Translator, rules: Rules, words: Rules
) -> dict[str, Any]:
    """One criterion with everything that is known of it."""
    drafted, final = decided.draft.get(result.id), decided.final.get(result.id)
    decision, before = drafted or final, decided.earlier.get(result.id)
    standing = drafted.verdict if drafted else decided.standing.get(result.id)
    drafted_value = drafted.value if drafted is not None else None
    value = decided.values.get(result.id, result.value) if drafted_value is None else drafted_value
    asked = words.criterion(result) or rules.criterion(result)
    counts = bool(rules.most(result)) or result.points is not None or result.critical
    return {
        **_question(result, t, rules, words),
        "verdict": result.verdict,
        "stands": standing or result.verdict,
        "by": "human" if standing else "machine",
        "good": rules.good(result) if counts else None,
        "counts": counts,
        "confidence": result.confidence,
        "clear": is_clear(result),
        "value": value_name(value, t),
        "raw": value,
        "was": value_name(result.value, t) if value != result.value else None,
        "options": [[o, value_name(o, t)] for o in (asked.scale.options if asked else ())],
        "measured": bool(asked and not asked.answers_yes_no),
        "points": result.points,
        "max": rules.most(result),
        "suggestion": result.suggestion,
        "reason": _reason(result),
        "change": result.smallest_change,
        "drafted": drafted.action if drafted else None,
        "decision": _decision(decision, t),
        "earlier": {"verdict": before.verdict, "reason": before.reason} if before else None,
        "dispute": decided.disputes.get(result.id),
        "evidence": [
            {
                "turn": e.turn,
                "start": e.start,
                "end": e.end,
                "text": e.text,
                "why": e.why,
                "rule": e.rule,
                "category": t.get(f"category.{e.category}", e.category) if e.category else None,
                "instead": e.say_instead,
            }
            for e in result.evidence
        ],
    }


def blind_item(
    result: CriterionResult, draft: Mapping[str, ReviewItem], t: Translator, rules: Rules, words: Rules
) -> dict[str, Any] | None:
    """One criterion as a question, with the person's own answer; None for what nobody judges."""
    if not judged(rules, result):
        return None
    own, criterion = draft.get(result.id), rules.criterion(result)
    return {
        **_question(result, t, rules, words),
        "verdict": "hidden",
        "stands": own.verdict if own else "hidden",
        "by": "human",
        "good": criterion.good if criterion else None,
        "counts": True,
        "confidence": None,
        "clear": False,
        "value": None,
        "raw": None,
        "was": None,
        "options": [],
        "measured": False,
        "points": None,
        "max": None,
        "suggestion": None,
        "reason": None,
        "change": None,
        "drafted": "given" if own else None,
        "decision": _decision(own, t),
        "earlier": None,
        "dispute": None,
        "evidence": [],
    }


def _question(result: CriterionResult, t: Translator, rules: Rules, words: Rules) -> dict[str, Any]:
    asked = words.criterion(result) or rules.criterion(result)
    return {
        "id": result.id,
        "title": criterion_title(result.id, t),
        "about": asked.question if asked else "",
        "critical": result.critical if asked is None else asked.critical,
    }


def _decision(item: ReviewItem | None, t: Translator) -> dict[str, Any] | None:
    if item is None:
        return None
    cause = t(f"root_cause.{item.root_cause}") if item.root_cause else None
    return {"action": item.action, "reason": item.reason, "cause": cause}


def _reason(result: CriterionResult) -> str | None:
    """Why it is open; that the machine is not sure enough is said by its confidence and suggestion."""
    doubtful = result.suggestion is not None and result.confidence is not None
    return None if doubtful and f"({result.confidence:.2f})" in (result.reason or "") else result.reason
