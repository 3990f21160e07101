"""``act.v1``: somebody does one of these acts, anywhere or at a place in the call."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from recordings import Act
from scorecards.acts.book import told
from scorecards.call import Call
from scorecards.checks.base import ActNames, Check, Context, Where, one_per_turn, some, turns_of_acts
from scorecards.findings import Finding, from_act, from_turn
from scorecards.messages import say
from scorecards.results import Evidence

SHOWN, HALF_HEARD = 2, 0.25
"""So many turns show where something was missed, if read this surely."""


class Trigger(BaseModel):
    """What must have been said by others or oneself shortly before an act."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    any_of: ActNames = Field(description="acts, one of which calls for it")
    within: int = Field(default=4, ge=1, le=20, description="in the turn or so many turns before it")

    def met(self, call: Call, turn: int) -> float:
        """1 where it was said, falling to 0 (0.4 said for half sure): the weight of the act."""
        said = call.p(self.any_of, range(max(0, turn - self.within), turn + 1))
        return min(1.0, said / 0.4)


class ActCheck(Check):
    """Holds where one of ``any_of`` is done; ``unless`` names acts in the same turn that take it back."""

    title: ClassVar[str] = "act.v1"

    any_of: ActNames = Field(description="acts, one of which must be done")
    where: Where | None = Field(default=None, description="only in the first or last turns of that role")
    unless: tuple[str, ...] = Field(default=(), description="acts of the same turn that cancel it")
    unless_same_words: tuple[str, ...] = Field(
        default=(),
        description="acts that cancel it where they are the same words",
        exclude_if=lambda names: not names,
    )
    after: Trigger | None = Field(
        default=None,
        description="only soon after what calls for it: any_of, within (turns before)",
        exclude_if=lambda trigger: trigger is None,
    )
    times: int = Field(default=1, ge=1, le=100, description="in at least so many turns")
    against: tuple[str, ...] = Field(
        default=(),
        description="acts that show where it was missed: evidence of a no",
        exclude_if=lambda names: not names,
    )

    def run(self, context: Context) -> Finding:
        call, language = context.call, context.language
        found = call.acts(self.any_of, turns_of_acts(call, self.any_of, self.where))
        by_turn: dict[int, float] = {}
        for act in found:
            cancelled = call.p(self.unless, [act.turn]) if self.unless else 0.0
            same = [a.probability for a in call.acts(self.unless_same_words, [act.turn]) if _overlap(a, act)]
            p = act.probability * (1.0 - max(cancelled, max(same, default=0.0)))
            if self.after is not None:
                p *= self.after.met(call, act.turn)
            by_turn[act.turn] = max(p, by_turn.get(act.turn, 0.0))
        ranked = sorted(by_turn.values(), reverse=True)
        p = some(ranked[self.times - 1 :])
        p = max(p, call.absent)
        what = told(self.any_of, language)
        bar = min(0.5, ranked[self.times - 1]) if p >= 0.5 else 0.5
        clear = [a for a in found if by_turn[a.turn] >= bar and a.probability >= bar]
        evidence = tuple(
            from_act(a, call.turns[a.turn], say("done", language, what=told([a.act], language)))
            for a in one_per_turn(clear)
        )
        missing = say("missing", language, what=what)
        failing = self._missed(call, language) or (() if evidence else self._place(call, missing))
        return Finding(p=p, passing=evidence, failing=failing, reason=missing if p < 0.5 else None)

    def _missed(self, call: Call, language: str) -> tuple[Evidence, ...]:
        """The surest words that show that it was missed."""
        found = sorted(one_per_turn(call.acts(self.against)), key=lambda a: (-a.probability, a.turn))[:SHOWN]
        clear = sorted((a for a in found if a.probability >= HALF_HEARD), key=lambda a: a.turn)
        return tuple(
            from_act(a, call.turns[a.turn], say("against", language, what=told([a.act], language)))
            for a in clear
        )

    def _place(self, call: Call, missing: str) -> tuple[Evidence, ...]:
        """The last turn, where the act belonged there."""
        turns = turns_of_acts(call, self.any_of, self.where)
        if not turns or self.where is None or self.where.last is None:
            return ()
        return (from_turn(call.turns[max(turns)], self.title, missing),)

    def acts_used(self) -> tuple[str, ...]:
        return (
            *self.any_of,
            *self.unless,
            *self.unless_same_words,
            *self.against,
            *(self.after.any_of if self.after else ()),
        )


def _overlap(one: Act, other: Act) -> bool:
    """Whether one act's words stand in the other's; acts without words of their own are the whole turn.

    Where a person noted both, the turn does both.
    """
    if one.source == other.source == "person":
        return False
    return one.text is None or other.text is None or one.text in other.text or other.text in one.text
