"""``ending.v1``: how the recording begins or ends."""

from typing import ClassVar, Literal

import regex
from pydantic import Field

from scorecards.call import Call
from scorecards.checks.base import Check, Context, likelier
from scorecards.findings import Finding, from_turn
from scorecards.messages import say
from scorecards.patterns import lazily

Shape = Literal["hung_up", "dropped", "mid_call"]

_LOST = lazily(
    r"\b(?:line (?:drops|dropped|goes dead|is dead)|call (?:drops|dropped|disconnected|ends abruptly|"
    r"cut off)|disconnected|"
    r"hangs up|hung up|dial tone|leitung (?:tot|unterbrochen|bricht ab)|aufgelegt|legt auf|verbindung "
    r"(?:bricht|abgebrochen|weg|(?:wurde|ist) (?:getrennt|unterbrochen|abgebrochen))|"
    r"gespräch (?:bricht|abgebrochen))\b",
    regex.IGNORECASE,
)
_HELLO = lazily(
    r"^\W*(?:hello|hallo|sir|madam|ma'am|are you (?:still )?there|sind sie noch (?:da|dran))\b[^.!]*\?",
    regex.IGNORECASE,
)
_STILL_THERE = lazily(
    r"^\W*(?:hello|hallo)\b(?:\W+(?:hello|hallo|(?:are|is) (?:you|anybody|anyone)(?: still)? there|"
    r"can you hear me|(?:sind sie|bist du|seid ihr) noch(?: (?:da|dran))?|noch (?:da|dran)|"
    r"hören sie mich))*\W*$",
    regex.IGNORECASE,
)
"""Somebody calls into a dead line, written without a question mark."""
_BROKEN_OFF = lazily(
    r"\b(?:the|an?|of|my|your|our|because|weil|dass|eine[nmr]?|des|zum|zur|"
    r"(?:ist|sind|bin|bist|war|waren) ein)$",
    regex.IGNORECASE,
)
"""Words that no sentence ends with."""
_ONGOING = lazily(
    r"^\W*(?:\.\.\.|…|(?:so|and|but|because|right|okay|ok|yes|no|yeah|well|anyway|und|"
    r"also|aber|weil|ja|genau|gut)\b)",
)


class EndingCheck(Check):
    """Holds where the customer hung up (the last word is theirs and no agent said goodbye), where the line
    dropped, or where the recording starts mid-call."""

    title: ClassVar[str] = "ending.v1"

    any_of: tuple[Shape, ...] = Field(alias="is", min_length=1, description="which shapes count")

    def run(self, context: Context) -> Finding:
        found = {shape: _SHAPES[shape](context.call) for shape in self.any_of}
        shape = max(found, key=lambda s: found[s])
        turn = context.call.turns[0 if shape == "mid_call" else -1]
        p = found[shape]
        evidence = (from_turn(turn, "ending.v1", say(shape, context.language)),) if p >= 0.5 else ()
        return Finding(p=p, passing=evidence, reason=say(shape, context.language) if p >= 0.5 else None)


def _hung_up(call: Call) -> float:
    talk = [t for t in call.turns if t.role in ("agent", "customer") and t.text.strip()]
    if len(talk) < 2 or talk[-1].role != "customer":
        return 0.05
    ending = [t.index for t in call.agent_turns[-2:]]
    said_bye = call.p(("goodbye", "wish"), ending)
    last = [talk[-1].index]
    friendly = max(call.p(("thank_agent", "feels_positive", "praise"), last), 0.0)
    if friendly >= 0.5 and call.p(("anger",), last) < 0.5:
        said_bye = likelier(max(said_bye, 0.5 * call.p(("thank",), ending[-1:])), 3.0)
    if said_bye >= 0.5:
        return 0.05
    return 0.9 - 0.3 * said_bye


def _dropped(call: Call) -> float:
    last = call.turns[-1]
    if last.role not in ("agent", "customer") and _LOST.search(last.text):
        return 0.95
    if last.text.strip().startswith(("[", "(")) and _LOST.search(last.text):
        return 0.95
    if len(call.turns) > 1 and _HELLO.search(last.text) and len(last.text) < 80:
        return 0.9
    if len(call.turns) > 2 and _STILL_THERE.match(last.text):
        return 0.9
    text = last.text.rstrip()
    if text.endswith(("-", "–", "—", "…", "...")):
        return 0.85
    if len(text.split()) >= 3 and _BROKEN_OFF.search(text):
        return 0.8
    ends = sum(t.text.rstrip()[-1:] in ".!?" for t in call.turns)
    if text and text[-1:].isalnum() and ends >= 0.9 * (len(call.turns) - 1) and len(call.turns) >= 6:
        return 0.6 if call.p(("goodbye", "wish", "customer_bye"), [last.index]) < 0.5 else 0.05
    return 0.05


def _mid_call(call: Call) -> float:
    first = call.turns[0]
    opening = [t.index for t in call.agent_turns[:2]]
    p_open = max(
        call.p(("greet", "give_name", "name_company"), opening), call.p(("offer_help",), opening[:1])
    )
    if p_open >= 0.4 or first.role == "ivr":
        return 0.05
    written = sum(t.text[:1].isupper() for t in call.turns) >= 0.5 * len(call.turns)
    ongoing = bool(_ONGOING.match(first.text.lstrip())) or (written and first.text[:1].islower())
    first_words = " ".join(t.text for t in call.turns[:2])
    if ongoing and len(first.text.split()) >= 4:
        return 0.85
    if len(first_words.split()) >= 12 and first.role == "customer":
        return 0.6
    return 0.65 if len(first.text.split()) >= 9 else 0.1


_SHAPES = {"hung_up": _hung_up, "dropped": _dropped, "mid_call": _mid_call}
