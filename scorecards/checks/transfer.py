"""``transfer.v1``: a transfer with reason, consent, the colleague told, and nothing repeated by the
customer."""

from dataclasses import dataclass
from typing import ClassVar

from scorecards.acts.book import told
from scorecards.call import Call
from scorecards.checks.base import Check, Context, likelier
from scorecards.findings import Finding, from_act, from_turn, no_occasion
from scorecards.messages import say
from scorecards.results import Evidence

ANNOUNCES = ("announce_transfer", "ask_transfer")


@dataclass(frozen=True, slots=True)
class _Handover:
    """Where a call goes over: the announcing turn, the next agent's first turn (None where not recorded)."""

    announced: int
    taken: int | None
    sure: float


class TransferCheck(Check):
    """Holds where every transfer is warm. Where the next agent isn't in the recording, the briefing must
    be."""

    title: ClassVar[str] = "transfer.v1"

    def run(self, context: Context) -> Finding:
        call, language = context.call, context.language
        handovers = _handovers(call)
        if not handovers:
            return no_occasion(say("no_transfer", language), sure=1.0 - 0.5 * call.p(("announce_transfer",)))
        p = 1.0
        passing: list[Evidence] = []
        failing: list[Evidence] = []
        for handover in handovers:
            warm, good, bad = _judge(call, handover, language)
            p = min(p, warm)
            passing += good
            failing += bad
        return Finding(
            p=p, passing=tuple(passing), failing=tuple(failing), applies=max(h.sure for h in handovers)
        )

    def acts_used(self) -> tuple[str, ...]:
        return (*ANNOUNCES, "transfer_reason", "brief_colleague", "retell", "decline", "consent")


def _handovers(call: Call) -> list[_Handover]:
    found: list[_Handover] = []
    for turns in call.agents[1:]:
        taken = turns[0].index
        before = [i for i in call.last_turns(taken - 1, "agent", 3) if i < taken]
        announcing = call.best(ANNOUNCES, before)
        announced = announcing.turn if announcing else before[-1] if before else 0
        found.append(_Handover(announced, taken, 0.95))
    if found:
        return found
    act = call.best(ANNOUNCES)
    if act is None or act.probability < 0.5:
        return []
    last = call.acts(ANNOUNCES)[-1].turn
    after = call.next_turns(last, "agent", 50)
    declined = call.p(("decline",), call.next_turns(last, "customer", 1)) >= 0.6
    happened = bool(call.events("transfer")) or (len(after) <= 2 and not declined)
    if happened:
        return [_Handover(last, after[0] if after else None, max(0.6, act.probability))]
    return []


def _judge(call: Call, handover: _Handover, language: str) -> tuple[float, list[Evidence], list[Evidence]]:
    taken = handover.taken
    around = [i for i in call.last_turns(handover.announced, "agent", 2) if handover.announced - i <= 3]
    upto = taken if taken is not None else len(call.turns) - 1
    between = [t.index for t in call.agent_turns if handover.announced <= t.index <= upto]
    welcome = [taken, *call.next_turns(taken, "agent", 1)] if taken is not None else []
    replies = [
        t.index for t in call.customer_turns if handover.announced < t.index < (taken or len(call.turns))
    ][:2]
    asked = call.best(("ask_transfer",), around)
    agreed = asked.probability if asked is not None and call.p(("decline",), replies) < 0.6 else call.absent
    if asked is not None and not replies:
        agreed = min(agreed, 0.4)
    if asked is not None and replies and "?" in call.turns[asked.turn].text:
        agreed = max(agreed, likelier(asked.probability, 4.0)) if agreed > call.absent else agreed
    if asked is None and call.p(("consent",), replies) >= 0.7:
        agreed = 0.5
    near = sorted({*around, *between})
    reason = call.p(("transfer_reason", "hold_reason"), near)
    cannot = likelier(call.p(("refuse", "not_my_job", "pass_on"), near), 4.0)
    reason = max(likelier(reason, 4.0), min(cannot, 0.8))
    briefed = call.p(("brief_colleague",), sorted({*between, *welcome}))
    answers = call.next_turns(taken, "customer", 2) if taken is not None else []
    retold = call.p(("retell",), answers)
    turn = call.turns[handover.announced]
    good: list[Evidence] = []
    bad: list[Evidence] = []
    for p, key in ((reason, "cold_reason"), (agreed, "cold_consent"), (briefed, "cold_brief")):
        if p < 0.5:
            bad.append(from_turn(turn, "transfer.v1", say(key, language)))
    if retold >= 0.5:
        act = call.best(("retell",), answers)
        if act is not None:
            bad.append(from_act(act, call.turns[act.turn], say("retold", language)))
    for names in (("transfer_reason",), ("ask_transfer",), ("brief_colleague",)):
        act = call.best(names, sorted({*around, *between, *welcome}))
        if act is not None and act.probability >= 0.5:
            why = say("warm", language, what=told([act.act], language))
            good.append(from_act(act, call.turns[act.turn], why))
    return max(call.absent, min(reason, agreed, briefed, 1.0 - 0.9 * retold)), good, bad
