"""``dead_air.v1``: mutual silences that nobody announced and that are no hold and no agreed task."""

from typing import ClassVar

import regex
from pydantic import Field

from recordings import Event
from scorecards.call import Call
from scorecards.checks.base import Check, Context
from scorecards.findings import Finding, cannot_say
from scorecards.messages import clock, say
from scorecards.patterns import lazily
from scorecards.results import Evidence

ANNOUNCES = ("announce_search", "ask_hold", "announce_hold", "check_in")
GOES_TO_SEE = ("find_out",)
"""What an agent says right before falling silent: "I'll look that up for you"."""
REPORTS = ("confirm_solved", "not_solved")
"""What a customer says who has just tried something: the silence before it was the agreed task."""
_TASK = lazily(
    r"\b(?:one (?:moment|second|sec|minute)|just a (?:moment|second|sec|minute)|hang on|hold (?:on|up)|let "
    r"me (?:look|get|find|check|see|try|"
    r"grab|fetch|go|turn|open|restart)|i'll (?:get|grab|fetch|look|try|go)|i(?:'m| am) (?:just "
    r")?(?:looking|trying|getting|opening|"
    r"turning|restarting|typing|doing)|bear with me|give me a (?:moment|second|minute)|"
    r"moment|sekunde|augenblick|warten sie|(?:ich )?(?:schaue|schau|gucke|guck|hole|hol|suche|such|"
    r"probiere|versuche|mache|mach|starte) "
    r"(?:\p{L}+ ){0,4}(?:mal|nach|kurz|eben|schnell|gerade|jetzt|neu)|lassen sie mich)\b",
    regex.IGNORECASE,
)

_SET = lazily(
    r"\b(?:take (?:as long as|all the time) you (?:like|need|want)|take your time|no (?:rush|hurry|panic)|"
    r"(?:and |then )?(?:tell me (?:what|when|if|once)|let me know (?:what|when|if|once)|say when)|"
    r"i'?ll (?:just )?(?:wait|be here|stay|hold on here|hang on)|"
    r"i'?m (?:right |still )?here|"
    r"(?:lassen|nehmen) sie sich (?:ruhig |bitte )?(?:die )?zeit|(?:ganz|nur) (?:in ruhe|die ruhe)|"
    r"(?:nur )?keine (?:hetze|eile|hektik)|"
    r"(?:und )?(?:sagen|geben) sie (?:mir )?(?:bitte |dann |kurz )*(?:was|wenn|sobald|bescheid|ob)|"
    r"ich (?:warte|bleibe? (?:so lange |solange )?(?:dran|hier|in der leitung)))\b",
    regex.IGNORECASE,
)
"""How an agent sets the customer a task and waits for it."""
_HANDS_ON = lazily(
    r"\b(?:drücken|drehen|stecken|klicken|tippen|schalten|scannen) sie\b(?! (?:mir|uns) )|"
    r"(?:^|[.,;!] |\b(?:now|then|and|just|please) )"
    r"(?:press|push|unplug|plug|switch|type|click|tap|scan|twist) (?!on\b)",
    regex.IGNORECASE,
)
"""A task for the hands, which the customer's next words answer."""


class DeadAirCheck(Check):
    """Counts silences longer than ``longer_than_s`` in which nobody had said what happens. Needs events or
    turn
    times. Holds inside ``at_most`` where that is given."""

    title: ClassVar[str] = "dead_air.v1"
    needs: ClassVar[frozenset[str]] = frozenset({"times"})

    longer_than_s: float = Field(default=8.0, gt=0, description="shorter silences do not count")
    at_most: int | None = Field(default=None, ge=0, description="holds up to so many")

    def run(self, context: Context) -> Finding:
        call, language = context.call, context.language
        if not call.has_events and not call.has_times:
            return cannot_say(say("no_times", language))
        silences = [e for e in _silences(call) if (e.end or 0.0) - (e.start or 0.0) > self.longer_than_s]
        dead = [e for e in silences if not _excused(call, e)]
        evidence = tuple(_shown(e, language) for e in dead)
        fine = self.at_most is None or len(dead) <= self.at_most
        return Finding(
            p=0.95 if fine else 0.05,
            value=len(dead),
            passing=evidence if fine else (),
            failing=() if fine else evidence,
        )

    def acts_used(self) -> tuple[str, ...]:
        return (*ANNOUNCES, *GOES_TO_SEE, *REPORTS)


def _silences(call: Call) -> list[Event]:
    """Silence events; without events, the gaps between turns."""
    if call.has_events:
        return [e for e in call.events("silence") if e.start is not None and e.end is not None]
    gaps: list[Event] = []
    until: float | None = None
    for turn in call.turns:
        if turn.start is None or turn.end is None:
            continue
        if until is not None and turn.start > until:
            gaps.append(Event(kind="silence", start=until, end=turn.start, source="words"))
        until = max(until or 0.0, turn.end)
    return gaps


def _excused(call: Call, event: Event) -> bool:
    if event.announced:
        return True
    start, end = event.start or 0.0, event.end or 0.0
    if any(
        h.start is not None and h.end is not None and h.start < end - 0.5 and start < h.end - 0.5
        for h in call.holds
    ):
        return True
    before = [
        t for t in call.turns if t.start is not None and t.start < start and t.role in ("agent", "customer")
    ]
    if not before or not any(t.start is not None and t.start >= end - 1.0 for t in call.turns):
        return True
    agent = call.last_turns(before[-1].index, "agent", 1)
    if agent and before[-1].index - agent[0] <= 2 and call.p(ANNOUNCES, agent) >= 0.5:
        return True
    last = before[-1]
    then = next((t for t in call.turns if t.start is not None and t.start >= end - 1.0), None)
    if then is not None and then.role == "customer" and call.p(REPORTS, [then.index]) >= 0.5:
        return True
    if last.role == "agent" and call.p(GOES_TO_SEE, [last.index]) >= 0.5:
        return True
    if then is not None and (last.role, then.role) == ("agent", "customer") and _HANDS_ON.search(last.text):
        return True
    if agent and before[-1].index - agent[0] <= 1 and _SET.search(call.turns[agent[0]].text):
        return True
    return last.role == "customer" and len(last.text) < 160 and _TASK.search(last.text) is not None


def _shown(event: Event, language: str) -> Evidence:
    start, end = event.start or 0.0, event.end or 0.0
    return Evidence(
        start=event.start,
        end=event.end,
        rule="dead_air.v1",
        why=say("event", language, seconds=end - start, at=clock(start)),
    )
