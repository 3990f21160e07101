"""The call page without anybody's answers: for scoring in a calibration session and for self-review. Only
what is named here goes through, so that nothing a later version of the page shows can slip in."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from database.tables import ReviewItem
from qa_app.i18n import Translator
from qa_app.items import blind_item
from qa_app.scoring import in_language, rules_of
from scorecards import Assessment

FACTS = (
    "call",
    "seen",
    "version",
    "language",
    "url",
    "duration",
    "peaks",
    "lanes",
    "turns",
    "events",
    "plots",
    "card",
)


def blinded(
    session: Session,
    shown: Mapping[str, Any],
    assessment: Assessment,
    mine: Mapping[str, ReviewItem],
    t: Translator,
) -> dict[str, Any]:
    """What the component draws of a call (``payload.payload``) with nothing but one's own answers."""
    rules = rules_of(assessment, session)
    words = in_language(rules, t.language, session)
    items = (blind_item(result, mine, t, rules, words) for result in assessment.criteria)
    return {
        **{name: shown[name] for name in FACTS},
        "words": {**shown["words"], **t.part("blind.")},
        "criteria": [item for item in items if item is not None],
        "score": {"value": None, "by": "human", "passed": None, "preview": None},
        "comments": [],
        "history": {"corrections": [], "moves": [], "pending": None},
        "review": {"state": "draft", "draft": None, "by": None, "others": [], "blind": True, "own": False},
        "may": {
            "review": True,
            "comment": False,
            "praise": False,
            "dispute": False,
            "correct": False,
            "acknowledge": False,
        },
        "next": False,
    }
