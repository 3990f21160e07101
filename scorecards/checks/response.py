"""``response.v1``: each time something is said, it is answered by something within the next turns."""

from typing import ClassVar

from pydantic import Field

from recordings import Act
from scorecards.acts.book import told
from scorecards.call import Call, act_roles
from scorecards.checks.base import ActNames, Check, Context, likelier, one_per_turn, some
from scorecards.findings import Finding, from_act, no_occasion
from scorecards.messages import say
from scorecards.results import Evidence

CLEAR = 0.8
"""How sure an answer must be to speak for an occasion that was half heard."""


class ResponseCheck(Check):
    """Holds where every occasion (an act of ``to``) is followed by an act of ``by`` within ``within``
    turns of
    the answering role (the same turn included unless ``same_turn`` is false). ``any_occasion``: one answered
    occasion is enough. Without an occasion it does not apply. A clear answer in the same breath makes a
    half-heard occasion likelier."""

    title: ClassVar[str] = "response.v1"

    to: ActNames = Field(description="acts that call for an answer")
    by: ActNames = Field(description="acts, one of which answers")
    within: int = Field(
        default=1, ge=0, le=20, description="how many following turns of the answering role count"
    )
    same_turn: bool = Field(default=True, description="whether the same turn can hold the answer")
    any_occasion: bool = Field(default=False, description="one answered occasion is enough")
    unless: tuple[str, ...] = Field(
        default=(), description="acts of the occasion's turn that make it no occasion"
    )

    def run(self, context: Context) -> Finding:
        call, language = context.call, context.language
        role = act_roles()[self.by[0]]
        occasions = [
            a
            for a in one_per_turn(call.acts(self.to))
            if not self.unless or call.p(self.unless, [a.turn]) < 0.5
        ]
        if self.same_turn:
            occasions = [self._heard(call, a) for a in occasions]
        if not occasions:
            return no_occasion(say("no_occasion", language))
        applies = some(a.probability for a in occasions)
        passing: list[Evidence] = []
        failing: list[Evidence] = []
        chances: list[float] = []
        for occasion in occasions:
            turns = call.next_turns(occasion.turn, role, self.within)
            if self.same_turn:
                turns = [occasion.turn, *turns]
            answer = call.best(self.by, turns)
            p = max(answer.probability if answer else 0.0, call.absent)
            chances.append(1.0 - occasion.probability * (1.0 - p) if not self.any_occasion else p)
            if occasion.probability < 0.5:
                continue
            if answer is not None and p >= 0.5:
                why = say("answered", language, what=told([answer.act], language))
                passing.append(from_act(answer, call.turns[answer.turn], why))
            else:
                failing.append(self._unanswered(call, occasion, language))
        p = max(chances) if self.any_occasion else min(chances)
        if not passing and not failing:
            failing = [self._unanswered(call, max(occasions, key=lambda a: a.probability), language)]
        return Finding(p=p, passing=tuple(passing), failing=tuple(failing), applies=applies)

    def _unanswered(self, call: Call, occasion: Act, language: str) -> Evidence:
        why = say("unanswered", language, what=told(self.by, language))
        return from_act(occasion, call.turns[occasion.turn], why)

    def _heard(self, call: Call, occasion: Act) -> Act:
        answered = call.p([name for name in self.by if name not in self.to], [occasion.turn]) >= CLEAR
        if not answered or not 0.25 <= occasion.probability < 0.5:
            return occasion
        return occasion.model_copy(update={"probability": likelier(occasion.probability, 3.0)})

    def acts_used(self) -> tuple[str, ...]:
        return (*self.to, *self.by, *self.unless)
