"""The call page without anybody's answers: for scoring blind. Only what is named here goes through, so that
nothing a later version of the page shows can slip in."""

from collections.abc import Mapping
from typing import Any

from database.tables import ReviewItem
from qa_app.i18n import Translator
from qa_app.scoring import Rules
from scorecards import Assessment, CriterionResult

FACTS = ("call", "language", "url", "duration", "peaks", "lanes", "turns", "events", "card")
OPEN = "review"


def asked(assessment: Assessment, rules: Rules) -> tuple[CriterionResult, ...]:
    """The criteria that a person answers with yes, no or not applicable; counts and labels are not asked."""
    return tuple(result for result in assessment.criteria if _answerable(result, rules))


def _answerable(result: CriterionResult, rules: Rules) -> bool:
    criterion = rules.criterion(result)
    if criterion is not None:
        return criterion.answers_yes_no
    return result.max_points is not None or result.value is None


def blinded(
    shown: Mapping[str, Any],
    criteria: tuple[CriterionResult, ...],
    mine: Mapping[str, ReviewItem],
    rules: Rules,
    t: Translator,
) -> dict[str, Any]:
    """What the component draws of a call (``payload.payload``) with nothing but one's own answers."""
    known = {one["id"]: one for one in shown["criteria"]}
    return {
        **{name: shown[name] for name in FACTS},
        "seen": shown["seen"],
        "words": {**shown["words"], **t.part("blind.")},
        "criteria": [
            _criterion(result, str(known[result.id]["title"]), str(known[result.id]["about"]), mine, rules)
            for result in criteria
            if result.id in known
        ],
        "score": {"value": None, "by": "human", "passed": None, "preview": None},
        "comments": [],
        "review": {"state": "draft", "draft": None, "by": None, "others": []},
        "may": {
            "review": True,
            "comment": False,
            "praise": False,
            "dispute": False,
            "acknowledge": False,
        },
    }


def _criterion(
    result: CriterionResult, title: str, about: str, mine: Mapping[str, ReviewItem], rules: Rules
) -> dict[str, Any]:
    own = mine.get(result.id)
    return {
        "id": result.id,
        "title": title,
        "about": about,
        "verdict": OPEN,
        "stands": own.verdict if own else OPEN,
        "by": "human",
        "good": rules.good(result),
        "counts": True,
        "confidence": None,
        "clear": False,
        "value": None,
        "measured": False,
        "points": None,
        "max": None,
        "critical": result.critical,
        "suggestion": None,
        "reason": None,
        "change": None,
        "drafted": own.action if own else None,
        "decision": None,
        "dispute": None,
        "evidence": [],
    }
