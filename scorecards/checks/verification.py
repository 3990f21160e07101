"""``verification.v1``: the customer has given enough identifiers before anything of the account is told or
changed."""

from typing import ClassVar

from pydantic import Field

from recordings import Act
from scorecards.call import Call
from scorecards.checks.base import ActNames, Check, Context, one_per_turn
from scorecards.findings import Finding, from_act, from_turn, no_occasion
from scorecards.identifiers import asked, given, items
from scorecards.messages import say
from scorecards.results import Evidence


class VerificationCheck(Check):
    """Holds where ``at_least`` different identifiers were given by the customer before each act of
    ``before``.
    Where identifiers were asked for and given, the account was at stake even if no disclosure is
    recognised."""

    title: ClassVar[str] = "verification.v1"

    at_least: int = Field(default=2, ge=1, le=5, description="how many identifiers of different kinds")
    before: ActNames = Field(default=("disclose_account",), description="acts that need them")

    def run(self, context: Context) -> Finding:
        call, language = context.call, context.language
        kinds = _given_by_turn(call)
        disclosures = [
            a
            for a in one_per_turn(call.acts(self.before))
            if a.probability >= 0.3 and call.p(("ask_identifier",), [a.turn]) < 0.5
        ]
        disclosures = [a for a in disclosures if not _restates(call, a)]
        total = _count(kinds, len(call.turns))
        verified = total >= self.at_least
        applies = max((a.probability for a in disclosures), default=0.05)
        if verified:
            applies = max(applies, 0.9)
        if applies < 0.5:
            return no_occasion(say("no_occasion", language), sure=1.0 - applies)
        p = 0.95
        failing: list[tuple[float, Evidence]] = []
        for act in disclosures:
            count = _count(kinds, act.turn)
            enough = 0.93 if count >= self.at_least else 0.15 if count else 0.05
            chance = 1.0 - act.probability * (1.0 - enough)
            if count < self.at_least:
                why = say("disclosed", language, count=count)
                failing.append((chance, from_act(act, call.turns[act.turn], why)))
            p = min(p, chance)
        passing = _evidence(call, kinds, language)
        clear = [shown for chance, shown in failing if chance < 0.5]
        likeliest = [shown for _, shown in sorted(failing, key=lambda one: one[0])[:1]]
        return Finding(p=p, passing=passing, failing=tuple(clear or likeliest), applies=applies)

    def acts_used(self) -> tuple[str, ...]:
        return (*self.before, "ask_identifier", "give_identifier")


def _restates(call: Call, act: Act) -> bool:
    """A question that puts the customer's own words again discloses nothing."""
    turn = call.turns[act.turn]
    return (
        act.source != "phrase"
        and "?" in turn.text
        and call.p(("paraphrase", "recap", "understanding_check"), [act.turn]) >= act.probability
    )


def _given_by_turn(call: Call) -> dict[int, frozenset[tuple[str, str]]]:
    """The identifiers given in each customer's turn."""
    found: dict[int, frozenset[tuple[str, str]]] = {}
    for turn in call.customer_turns:
        if turn.doubtful:
            continue
        gives = call.p(("give_identifier",), [turn.index])
        before = call.last_turns(turn.index, "agent", 1)
        near = bool(before) and turn.index - before[0] <= 3
        question = call.turns[before[0]].text if near else ""
        asks = call.p(("ask_identifier",), before) if near else 0.0
        if max(gives, asks) < 0.35 and not asked(question):
            question = ""
        if gives >= 0.6 and not items(question):
            question = "number?"
        kinds = given(turn.text, question) if gives >= 0.2 or asks >= 0.5 else frozenset()
        if not kinds and gives >= 0.6 and call.p(("decline",), [turn.index]) < 0.5 and question:
            kinds = frozenset({("turn", str(turn.index))})
        if kinds:
            found[turn.index] = kinds
    return found


def _count(kinds: dict[int, frozenset[tuple[str, str]]], before: int) -> int:
    """How many different identifiers were given before a turn; a number said again is the same one."""
    return len({one for turn, found in kinds.items() if turn < before for one in found})


def _evidence(
    call: Call, kinds: dict[int, frozenset[tuple[str, str]]], language: str
) -> tuple[Evidence, ...]:
    return tuple(
        from_turn(call.turns[i], "verification.v1", say("identifiers", language, count=_count(kinds, i + 1)))
        for i in kinds
    )
