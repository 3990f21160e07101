"""The engine: a card and a conversation in, an assessment out. Pure, deterministic, without any model.

Opportunity first: where ``only_if`` does not hold the answer is ``na``. Then the check. An answer less
sure than the bar
goes to ``review``; what the recording cannot give is ``unscored``; both stay out of the total, as does
``na``.
"""

from recordings import Conversation, Recipe
from scorecards.acts.book import told
from scorecards.call import Call
from scorecards.card import Card, Criterion, Fact
from scorecards.checks import Context
from scorecards.checks.base import likelier
from scorecards.errors import ScorecardError
from scorecards.findings import Finding, from_act
from scorecards.loading import fingerprint
from scorecards.messages import clock, say
from scorecards.results import (
    Assessment,
    CardRef,
    CriterionResult,
    Evidence,
    FactResult,
    RecordingRef,
    Verdict,
)
from scorecards.weighed import ANSWERS, Logic, weighing

MOST_EVIDENCE = 25
LEFT_OUT = ("na", "review", "unscored")


ROLES_BELOW = 0.75
"""Below this, who is the agent is in doubt, and with it every verdict: the call goes to review as a whole."""


def sureness_of_roles(conversation: Conversation) -> float:
    """The mean confidence of the roles agent and customer, weighed by words; 1 where none is told."""
    told = [
        (len(turn.text.split()), turn.role_confidence)
        for turn in conversation.turns_of("agent", "customer")
        if turn.role_confidence is not None
    ]
    words = sum(count for count, _ in told)
    return sum(count * sure for count, sure in told) / words if words else 1.0


def _who_is_who(result: CriterionResult, card: Card, sure: float) -> CriterionResult:
    """A verdict on people whose roles are in doubt is for a person to confirm."""
    if result.verdict not in ("yes", "no"):
        return result
    return result.model_copy(
        update={
            "verdict": "review",
            "suggestion": result.verdict,
            "confidence": round(min(result.confidence or sure, sure), 3),
            "points": None,
            "max_points": None,
            "reason": say("roles_in_doubt", card.language, confidence=sure),
        }
    )


def score(conversation: Conversation, card: Card, *, version: str | None = None) -> Assessment:
    """Judge one conversation by one card."""
    recording = conversation.recording
    reference = CardRef(id=card.id, version=card.version, language=card.language, sha256=fingerprint(card))
    problem = _cannot_be_scored(conversation, card)
    facts: tuple[FactResult, ...] = ()
    if problem is not None:
        results = tuple(_unscored(c, problem) for c in card.criteria)
    else:
        context = Context(Call(conversation, card.language), card.define)
        results = tuple(_judged(c, card, context) for c in card.criteria)
        sure = sureness_of_roles(conversation)
        if sure < ROLES_BELOW:
            results = tuple(_who_is_who(r, card, sure) for r in results)
        facts = tuple(_fact(f, context) for f in card.facts)
    total, passed, failed_by = _total(card, results)
    made_by = conversation.made_by
    return Assessment(
        recording=RecordingRef(id=recording.id, sha256=recording.sha256),
        scorecard=reference,
        score=total,
        passed=passed,
        failed_by=failed_by,
        not_scored=tuple(_left_out(r) for r in results if r.verdict in LEFT_OUT),
        criteria=results,
        facts=facts,
        made_by=Recipe(
            version=version,
            models=made_by.models if made_by else {},
            options={"review_below": card.review_below},
            notes=made_by.notes if made_by else (),
        ),
    )


def _cannot_be_scored(conversation: Conversation, card: Card) -> str | None:
    language = conversation.recording.language
    if language is not None and language.split("-")[0].lower() not in ("", "auto", card.language):
        return say("other_language", card.language, what=language, card=card.language)
    if not any(turn.text.strip() for turn in conversation.turns):
        return say("no_words", card.language)
    if all(turn.role is None for turn in conversation.turns):
        return say("no_roles", card.language)
    if not any(turn.role == "agent" for turn in conversation.turns):
        return say("no_agent", card.language)
    return None


def _unscored(criterion: Criterion, reason: str) -> CriterionResult:
    return CriterionResult(id=criterion.id, verdict="unscored", reason=reason, critical=criterion.critical)


def _judged(criterion: Criterion, card: Card, context: Context) -> CriterionResult:
    """A criterion's result; one whose rule cannot run (a pattern past its time limit) is unscored."""
    try:
        return _judge(criterion, card, context)
    except ScorecardError as error:
        return _unscored(criterion, str(error))


def _judge(criterion: Criterion, card: Card, context: Context) -> CriterionResult:
    weighs = criterion.weighed_as is not None and context.call.is_read_by_network
    opening, closing = 1.0, 0.0
    if criterion.only_if is not None:
        gate = criterion.only_if.run(context)
        opening = gate.opens
        if gate.unscored is not None:
            return _unscored(criterion, gate.unscored)
        if not weighs:
            opening = _against(criterion.occasion_from, opening)
            if opening < 0.5:
                return _na(criterion, card, gate, 1.0 - opening)
    if criterion.not_if is not None:
        gate = criterion.not_if.run(context)
        closing = gate.opens
        if gate.unscored is not None:
            return _unscored(criterion, gate.unscored)
        if closing > 0.5:
            return _na(criterion, card, gate, closing)
    finding = criterion.check.run(context)
    if finding.unscored is not None:
        return _unscored(criterion, finding.unscored)
    if weighs:
        return _weighed(
            criterion, card, context, Logic(opening, 1.0 - closing, finding.applies, finding.p), finding
        )
    finding = finding.but(
        p=_against(criterion.yes_from, finding.p),
        applies=_against(criterion.occasion_from, finding.applies),
    )
    if finding.applies < 0.5:
        return _na(criterion, card, finding, 1.0 - finding.applies)
    if not criterion.answers_yes_no:
        return _valued(criterion, finding)
    verdict: Verdict = "yes" if finding.p >= 0.5 else "no"
    confidence = min(opening, 1.0 - closing, finding.applies, max(finding.p, 1.0 - finding.p))
    return _finished(criterion, card, verdict, confidence, _evidence(verdict, finding), finding)


def _weighed(
    criterion: Criterion, card: Card, context: Context, logic: Logic, finding: Finding
) -> CriterionResult:
    """The answer that logic and acts speak for together. A yes needs words that show it."""
    known, call = weighing(criterion.weighed_as or ""), context.call
    chances = known.chances(logic, call)
    shown = call.best(known.shows)
    possible = [answer for answer in ANSWERS if answer != "yes" or finding.passing or shown]
    verdict = max(possible, key=lambda answer: chances[answer])
    if verdict == "yes" and not finding.passing and shown is not None:
        why = say("done", card.language, what=told([shown.act], card.language))
        finding = finding.but(passing=(from_act(shown, call.turns[shown.turn], why),))
    deciding = known.deciding(call, verdict, logic.verdict())
    if verdict != logic.verdict() and deciding:
        what = "; ".join(told([act], card.language) for act in deciding)
        finding = finding.but(reason=say("weighed", card.language, what=what))
    if verdict == "na":
        return _na(criterion, card, finding, chances["na"])
    return _finished(criterion, card, verdict, chances[verdict], _evidence(verdict, finding), finding)


def _evidence(verdict: Verdict, finding: Finding) -> tuple[Evidence, ...]:
    return finding.passing if verdict == "yes" else finding.failing or finding.passing


def _against(bar: float, p: float) -> float:
    """A probability as it stands against a bar: 0.5 where it just reaches it, its odds moved alike."""
    return p if bar == 0.5 or p in (0.0, 1.0) else likelier(p, (1.0 - bar) / bar)


def _na(criterion: Criterion, card: Card, finding: Finding, confidence: float) -> CriterionResult:
    reason = finding.reason or say("no_occasion", card.language)
    if criterion.scale.kind in ("list", "number"):
        return CriterionResult(id=criterion.id, verdict="na", confidence=round(confidence, 3), reason=reason)
    result = _finished(criterion, card, "na", confidence, (), finding)
    return result if result.reason else result.model_copy(update={"reason": reason})


def _valued(criterion: Criterion, finding: Finding) -> CriterionResult:
    share = _share(criterion, finding.value)
    verdict: Verdict = "yes" if (finding.p >= 0.5 or criterion.scale.kind == "list") else "no"
    if share is not None:
        verdict = "yes" if share >= 0.5 else "no"
    counts = criterion.weight > 0 and share is not None
    return CriterionResult(
        id=criterion.id,
        verdict=verdict,
        confidence=round(max(finding.p, 1.0 - finding.p), 3),
        value=finding.value,
        points=round(criterion.weight * share, 3) if counts and share is not None else None,
        max_points=criterion.weight if counts else None,
        critical=criterion.critical,
        evidence=_shortened((*finding.passing, *finding.failing)),
    )


def _share(criterion: Criterion, value: object) -> float | None:
    """The share of the points that a number earns by the bands; None without bands."""
    if not criterion.scale.bands or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for band in criterion.scale.bands:
        if band.up_to is None or value <= band.up_to:
            return band.share
    return 0.0


def _finished(
    criterion: Criterion,
    card: Card,
    verdict: Verdict,
    confidence: float,
    evidence: tuple[Evidence, ...],
    finding: Finding,
) -> CriterionResult:
    bar = criterion.review_below if criterion.review_below is not None else card.review_below
    in_doubt = confidence < bar
    reason = finding.reason if verdict in ("na", "no") else None
    if in_doubt:
        reason = say("doubt", card.language, confidence=confidence, what=verdict)
    share = _share(criterion, finding.value) if criterion.scale.kind == "points" else None
    earned = share if share is not None else float(verdict == criterion.good)
    counts = verdict != "na" and not in_doubt and criterion.weight > 0
    missed = verdict in ("yes", "no") and verdict != criterion.good
    return CriterionResult(
        id=criterion.id,
        verdict="review" if in_doubt else verdict,
        suggestion=verdict if in_doubt and verdict in ("yes", "no", "na") else None,
        confidence=round(confidence, 3),
        value=finding.value,
        points=round(criterion.weight * earned, 3) if counts else None,
        max_points=criterion.weight if counts else None,
        critical=criterion.critical,
        reason=reason,
        evidence=_shortened(evidence),
        smallest_change=_change(criterion, card, evidence, finding) if missed else None,
    )


def _shortened(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    kept: list[Evidence] = []
    for one in evidence:
        if one not in kept:
            kept.append(one)
        if len(kept) == MOST_EVIDENCE:
            break
    return tuple(kept)


def _change(criterion: Criterion, card: Card, evidence: tuple[Evidence, ...], finding: Finding) -> str | None:
    """The smallest change that would have met the criterion, at the place where it was missed."""
    wanted = criterion.smallest_change or (criterion.say_instead[0] if criterion.say_instead else "")
    if not wanted and finding.reason:
        wanted = finding.reason
    if not wanted:
        return None
    place = next((e for e in evidence), None)
    language = card.language
    where = say("anywhere", language)
    if place is not None and place.start is not None:
        where = say("at", language, time=clock(place.start))
    elif place is not None and place.turn is not None:
        where = say("in_turn", language, turn=place.turn)
    return say("would", language, where=where, what=wanted)


def _fact(fact: Fact, context: Context) -> FactResult:
    try:
        finding = fact.check.run(context)
    except ScorecardError as error:
        return FactResult(id=fact.id, reason=str(error))
    if finding.unscored is not None:
        return FactResult(id=fact.id, reason=finding.unscored)
    value = finding.value if finding.value is not None else finding.holds
    return FactResult(id=fact.id, value=value, evidence=_shortened(finding.passing))


def _left_out(result: CriterionResult) -> str:
    why = result.reason or result.verdict
    return f"{result.id}: {result.verdict}, {why}"


def _total(
    card: Card, results: tuple[CriterionResult, ...]
) -> tuple[float | None, bool | None, tuple[str, ...]]:
    """Score 0..100 (None where nothing counts), passed, and the critical criteria that failed the call.

    Each section counts with its weight where it has points to give; inside it, criteria count with theirs.
    """
    earned, weights = 0.0, 0.0
    by_id = {r.id: r for r in results}
    for section in card.sections:
        inside = [by_id[c.id] for c in card.criteria if c.section == section.id]
        most = sum(r.max_points or 0.0 for r in inside)
        if most > 0 and section.weight > 0:
            earned += section.weight * sum(r.points or 0.0 for r in inside) / most
            weights += section.weight
    failed_by = tuple(
        c.id
        for c in card.criteria
        if c.critical and by_id[c.id].verdict in ("yes", "no") and _failed(c, by_id[c.id])
    )
    total = round(100.0 * earned / weights, 2) if weights > 0 else None
    if failed_by:
        return total, False, failed_by
    return total, None if total is None else total >= card.pass_mark, ()


def _failed(criterion: Criterion, result: CriterionResult) -> bool:
    return result.verdict != criterion.good if criterion.answers_yes_no else result.verdict == "no"
