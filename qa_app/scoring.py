"""The score after people's decisions: the machine's points where they agree, new points where they do not."""

from collections.abc import Mapping
from dataclasses import dataclass

from scorecards import Assessment, CriterionResult

BAD_WHEN_YES = frozenset({"forbidden_phrase_used", "hold_over_30s_without_checkin"})
"""Criteria of the standard card that ask for a fault: yes costs the points, no keeps them."""


@dataclass(frozen=True)
class HumanScore:
    """A call's score as a review leaves it; ``left_out`` are criteria whose points are not known."""

    score: float | None
    passed: bool | None
    left_out: tuple[str, ...]


def good_verdict(result: CriterionResult) -> str:
    """The verdict that earns the points."""
    if result.points is not None and result.max_points:
        full = result.points >= result.max_points
        if result.verdict in ("yes", "no"):
            other = {"yes": "no", "no": "yes"}[result.verdict]
            return result.verdict if full else other
    return "no" if result.id in BAD_WHEN_YES else "yes"


def points_for(result: CriterionResult, verdict: str) -> tuple[float, float] | None:
    """Points and maximum of a criterion under a verdict; None where it does not count."""
    if verdict == result.verdict and result.points is not None and result.max_points is not None:
        return result.points, result.max_points
    if verdict not in ("yes", "no") or not result.max_points:
        return None
    return (result.max_points if verdict == good_verdict(result) else 0.0), result.max_points


def human_score(assessment: Assessment, verdicts: Mapping[str, str]) -> HumanScore:
    """The score with people's verdicts in place of the machine's. Where nothing changes it is the
    machine's own, so that confirming everything never moves a score."""
    changed = [r for r in assessment.criteria if verdicts.get(r.id, r.verdict) != r.verdict]
    if not changed:
        return HumanScore(assessment.score, assessment.passed, ())
    earned = possible = 0.0
    left_out: list[str] = []
    for result in assessment.criteria:
        verdict = verdicts.get(result.id, result.verdict)
        counted = points_for(result, verdict)
        if counted is None:
            if result in changed and verdict in ("yes", "no") and result.value is None:
                left_out.append(result.id)
            continue
        earned, possible = earned + counted[0], possible + counted[1]
    failed = {
        r.id
        for r in assessment.criteria
        if r.critical
        and verdicts.get(r.id, r.verdict) in ("yes", "no")
        and _fails(r, verdicts.get(r.id, r.verdict))
    }
    score = round(100 * earned / possible, 1) if possible else None
    return HumanScore(score, _passed(assessment, score, bool(failed)), tuple(left_out))


def _fails(result: CriterionResult, verdict: str) -> bool:
    return verdict != good_verdict(result)


def _passed(assessment: Assessment, score: float | None, critical: bool) -> bool | None:
    """The card's pass mark is not in the assessment: a critical failure fails, and otherwise the machine's
    word stands as long as the score moved in its favour."""
    if critical:
        return False
    if score is None or assessment.score is None or assessment.passed is None:
        return None if score is None else assessment.passed
    if assessment.failed_by:
        return None
    moved_up = score >= assessment.score
    if assessment.passed:
        return True if moved_up else None
    return False if not moved_up else None
