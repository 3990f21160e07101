"""The whole chain of manners around each hold, step by step, for people and for measuring.

asked → the customer's answer → reason → time named → the real length against it → a check-in every 30 s →
thanks. The check ``hold_chain.v1`` scores single steps over all holds; here each hold stands by itself.
"""

from dataclasses import dataclass
from typing import Literal

import regex

from scorecards.call import Call
from scorecards.checks.hold_chain import answered_alone, answers_to, judged, question_of
from scorecards.durations import longest_s
from scorecards.holds import LONGEST_STRETCH_S, Hold

ESTIMATE_SLACK = 1.1
"""Back within a tenth over the time named is within it."""
NEXT_STRETCH_S = 25.0
SURE = 0.5
_MORE = regex.compile(
    r"\b(?:still (?!have|got|there|with|on\b)|more|another|longer|weitere[nr]?|länger|nochmals?|erneut|"
    r"noch (?!da\b|dran\b|zu hause|etwas\b|fragen?\b))",
    regex.IGNORECASE,
)
"""Who asks for more time asks on; who is back and asks for time is on a new errand."""
_RETURNS = regex.compile(
    r"\W*(?:(?:hi|hello|hallo|right|okay|ok|so|ja|and|und)\W+)*"
    r"(?:(?:i'?m|i am|we'?re|we are) back\b|back (?:with you|again)\b|here i am\b|"
    r"(?:da bin ich|(?:ich )?bin) (?:jetzt )?wieder\b|ich bin (?:jetzt )?(?:wieder|zurück)\b|wieder da\b|"
    r"thank|danke|vielen dank|sorry (?:about|for) the wait)",
    regex.IGNORECASE,
)


@dataclass(frozen=True)
class HoldSteps:
    """One stretch on hold. What cannot be known is None.

    ``answer``: what the customer said to the question, None where nobody waited for it; ``named_s``: the time
    named, in seconds; ``within_named``: whether the hold was over by then; ``over_30_s``: seconds beyond 30;
    ``checked_in``: it ended with the agent coming back and asking for more time; ``thanked`` is None where
    nobody comes back.
    """

    hold: Hold
    asked: bool
    answer: Literal["yes", "no"] | None
    reason: bool
    named_s: float | None
    within_named: bool | None
    over_30_s: float | None
    checked_in: bool
    thanked: bool | None


def hold_steps(call: Call, language: str) -> tuple[HoldSteps, ...]:
    """The steps of every hold, in order."""
    holds = call.holds
    return tuple(
        _steps(call, hold, after, language) for hold, after in zip(holds, (*holds, None)[1:], strict=True)
    )


def _steps(call: Call, hold: Hold, after: Hold | None, language: str) -> HoldSteps:
    question = question_of(call, hold)
    answer = None if question is None else _answer(call, question, hold)
    named = _named(call, hold) if judged(call, hold, "time", language) else None
    seconds = hold.seconds
    return HoldSteps(
        hold=hold,
        asked=question is not None,
        answer=answer,
        reason=bool(judged(call, hold, "reason", language)),
        named_s=named,
        within_named=None if named is None or seconds is None else seconds <= named * ESTIMATE_SLACK,
        over_30_s=None if seconds is None else round(max(0.0, seconds - LONGEST_STRETCH_S), 3),
        checked_in=_checks_in(call, hold, after),
        thanked=judged(call, hold, "thanked", language),
    )


def _answer(call: Call, question: int, hold: Hold) -> Literal["yes", "no"] | None:
    answers = [t.index for t in answers_to(call, question, hold)]
    if answers:
        return "no" if call.p(("decline",), answers) >= 0.6 else "yes"
    return "yes" if answered_alone(call, question) else None


def _named(call: Call, hold: Hold) -> float | None:
    """The time named in the turns that lead to the hold, the last one that names any."""
    for index in reversed([*hold.lead, *hold.window]):
        seconds = longest_s(call.turns[index].text)
        if seconds is not None:
            return seconds
    return None


def _checks_in(call: Call, hold: Hold, after: Hold | None) -> bool:
    """Whether the agent came back only to ask for more time, and the customer was soon on hold again."""
    if hold.back is None or after is None or after.back == hold.back:
        return False
    if hold.end is not None and after.start is not None and after.start - hold.end > NEXT_STRETCH_S:
        return False
    if call.p(("check_in",), range(hold.back, after.before + 1)) >= SURE:
        return True
    text = call.turns[hold.back].text
    asks_on = after.ask is not None and after.ask.turn == hold.back
    return asks_on and (_MORE.search(text) is not None or not _is_over(call, hold.back, text))


def _is_over(call: Call, back: int, text: str) -> bool:
    """Whether the turn in which the agent comes back ends the wait, whatever it asks for next."""
    return call.p(("thank_waiting",), [back]) >= SURE or _RETURNS.match(text) is not None
