"""The score after people's decisions: the machine's points where they agree, new points where they do not.

With the scorecard at hand (the same version, by its hash) the total is the card's own: sections by their
weights, the pass mark, critical items. Without it, points over possible points of what the assessment
tells, and what cannot be told is left out and named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlmodel import Session

from database.cards import exact_card, find_card
from scorecards import Assessment, CriterionResult
from scorecards.card import Card, Criterion
from scorecards.errors import ScorecardError
from scorecards.results import Value

BAD_WHEN_YES = frozenset({"forbidden_phrase_used", "hold_over_30s_without_checkin"})
"""Criteria of the standard card that ask for a fault: yes costs the points, no keeps them."""
Points = tuple[float, float]
NOTHING: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True)
class HumanScore:
    """A call's score as a review leaves it; ``left_out`` are criteria whose points are not known."""

    score: float | None
    passed: bool | None
    left_out: tuple[str, ...]


def rules_of(assessment: Assessment, session: Session) -> "Rules":
    """The rules that an assessment was made by; without its card where this house no longer has it."""
    return Rules(exact_card(session, assessment.scorecard))


def in_language(rules: "Rules", language: str, session: Session) -> "Rules":
    """The same version of the card with its texts in another language, where there is one."""
    card = rules.card
    if card is None or card.language == language:
        return rules
    try:
        other = find_card(session, card.id, language)
    except ScorecardError:
        return rules
    return Rules(other) if other.version == card.version else rules


@dataclass(frozen=True)
class Rules:
    """What a verdict is worth."""

    card: Card | None

    def criterion(self, result: CriterionResult) -> Criterion | None:
        """The card's criterion behind a result."""
        for criterion in self.card.criteria if self.card else ():
            if criterion.id == result.id:
                return criterion
        return None

    def good(self, result: CriterionResult) -> str:
        """The verdict that earns the points."""
        criterion = self.criterion(result)
        if criterion is not None:
            return criterion.good if criterion.answers_yes_no else "yes"
        if result.points is not None and result.max_points and result.verdict in ("yes", "no"):
            other = {"yes": "no", "no": "yes"}[result.verdict]
            return result.verdict if result.points >= result.max_points else other
        return "no" if result.id in BAD_WHEN_YES else "yes"

    def most(self, result: CriterionResult) -> float | None:
        """The points that can be earned; None where the criterion earns none, or where nobody can tell."""
        criterion = self.criterion(result)
        if criterion is None:
            return result.max_points
        earns = criterion.answers_yes_no or bool(criterion.scale.bands)
        return criterion.weight if criterion.weight > 0 and earns else None

    def points(self, result: CriterionResult, verdict: str, value: Value = None) -> Points | None:
        """Points and maximum under a verdict, or under a person's ``value`` of something measured; None
        where it does not count."""
        banded = self._banded(result, value)
        if banded is not None and verdict in ("yes", "no"):
            return banded
        if verdict == result.verdict and result.points is not None and result.max_points is not None:
            return result.points, result.max_points
        most = self.most(result)
        if verdict not in ("yes", "no") or not most or verdict == result.verdict:
            return None
        return (most if verdict == self.good(result) else 0.0), most

    def _banded(self, result: CriterionResult, value: Value) -> Points | None:
        criterion = self.criterion(result)
        if criterion is None or value is None or value == result.value or isinstance(value, bool | str):
            return None
        for band in criterion.scale.bands:
            if band.up_to is None or value <= band.up_to:
                return criterion.weight * band.share, criterion.weight
        return None

    def score(
        self, assessment: Assessment, verdicts: Mapping[str, str], values: Mapping[str, Value] = NOTHING
    ) -> HumanScore:
        """The score with people's verdicts (and values of what is measured) in place of the machine's. Where
        nothing changes it is the machine's own, so that confirming everything never moves a score."""
        final = {r.id: verdicts.get(r.id, r.verdict) for r in assessment.criteria}
        changed = [
            r
            for r in assessment.criteria
            if final[r.id] != r.verdict or values.get(r.id) not in (None, r.value)
        ]
        if not changed:
            return HumanScore(assessment.score, assessment.passed, ())
        earned = possible = 0.0
        for weight, group in self._sections(assessment):
            counted = [
                points for r in group if (points := self.points(r, final[r.id], values.get(r.id))) is not None
            ]
            most = sum(maximum for _, maximum in counted)
            if most > 0 and weight != 0:
                share = sum(points for points, _ in counted) / most
                weight = most if weight is None else weight
                earned, possible = earned + weight * share, possible + weight
        score = round(100 * earned / possible, 2) if possible else None
        critical = any(
            r.critical and final[r.id] in ("yes", "no") and final[r.id] != self.good(r)
            for r in assessment.criteria
        )
        lost = tuple(
            r.id
            for r in changed
            if self.card is None and final[r.id] in ("yes", "no") and self.most(r) is None and r.value is None
        )
        return HumanScore(score, self._passed(score, critical), lost)

    def _sections(self, assessment: Assessment) -> Iterator[tuple[float | None, list[CriterionResult]]]:
        """Results with their section's weight; without a card they are one section."""
        if self.card is None:
            yield None, list(assessment.criteria)
            return
        results = {r.id: r for r in assessment.criteria}
        for section in self.card.sections:
            ids = [c.id for c in self.card.criteria if c.section == section.id]
            yield section.weight, [results[i] for i in ids if i in results]

    def _passed(self, score: float | None, critical: bool) -> bool | None:
        """A critical failure fails; the pass mark stands on the card, so without one nobody can tell."""
        if critical:
            return False
        return None if score is None or self.card is None else score >= self.card.pass_mark


def human_score(
    assessment: Assessment,
    verdicts: Mapping[str, str],
    session: Session,
    values: Mapping[str, Value] = NOTHING,
) -> HumanScore:
    """The score of an assessment with people's verdicts and values, by the rules it was made by."""
    return rules_of(assessment, session).score(assessment, verdicts, values)
