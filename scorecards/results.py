"""The Assessment document: what a scorecard says of one conversation, with the evidence for every verdict.

Format ``rapport/assessment/1``. A criterion that could not be judged is ``unscored`` with its reason and
stays out of the total; one that gave no occasion is ``na``; one in doubt is ``review``.
"""

from typing import Annotated, Literal

from pydantic import Field

from recordings import Document, Recipe

FORMAT: Literal["rapport/assessment/1"] = "rapport/assessment/1"

Verdict = Literal["yes", "no", "na", "review", "unscored"]
Value = bool | int | float | str | None


class Evidence(Document):
    """The words that decided a verdict: which turn, where in the recording, which rule fired and why."""

    turn: int | None = None
    start: float | None = None
    end: float | None = None
    text: str = ""
    rule: str = ""
    why: str = ""
    category: str | None = None
    say_instead: str | None = None


class CriterionResult(Document):
    """One criterion's outcome. ``points`` and ``max_points`` are None where it does not count."""

    id: str
    verdict: Verdict
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    value: Value = None
    points: float | None = None
    max_points: float | None = None
    critical: bool = False
    suggestion: Literal["yes", "no", "na"] | None = None
    """What the machine would have said where the verdict is ``review``."""
    reason: str | None = None
    """Why it is ``unscored``, ``review`` or ``na``."""
    evidence: tuple[Evidence, ...] = ()
    smallest_change: str | None = None


class FactResult(Document):
    """Something worth knowing of the call that is no criterion: failure cause, promises made, praise."""

    id: str
    value: Value = None
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()


class CardRef(Document):
    """Which scorecard judged: a published version never changes, so this is enough to judge again."""

    id: str
    version: int
    language: str
    sha256: str


class RecordingRef(Document):
    """Which recording was judged."""

    id: str
    sha256: str | None = None


class Assessment(Document):
    """The verdicts of one scorecard version on one conversation; ``score`` is 0..100 or None."""

    format: Literal["rapport/assessment/1"] = FORMAT
    recording: RecordingRef
    scorecard: CardRef
    score: float | None = None
    passed: bool | None = None
    failed_by: tuple[str, ...] = ()
    """Critical criteria that failed the call whatever its points."""
    not_scored: tuple[str, ...] = ()
    criteria: tuple[CriterionResult, ...] = ()
    facts: tuple[FactResult, ...] = ()
    made_by: Recipe | None = None

    def criterion(self, criterion_id: str) -> CriterionResult:
        """The result of one criterion; raises KeyError naming the choices."""
        for result in self.criteria:
            if result.id == criterion_id:
                return result
        raise KeyError(f"no criterion {criterion_id!r}; there are {[c.id for c in self.criteria]}")
