"""``order.v1``: acts come in this order."""

from typing import ClassVar

from pydantic import Field

from recordings import Act
from scorecards.acts.book import told
from scorecards.checks.base import ActNames, Check, Context
from scorecards.findings import Finding, from_act
from scorecards.messages import say


class OrderCheck(Check):
    """Holds where every step (a list of acts, one of which is done) comes, none before the step above it.
    Steps may share a turn. ``within`` limits how many turns the whole may span."""

    title: ClassVar[str] = "order.v1"

    steps: tuple[ActNames, ...] = Field(min_length=2, max_length=10, description="the steps in order")
    within: int | None = Field(
        default=None, ge=1, description="at most so many turns from first to last step"
    )

    def run(self, context: Context) -> Finding:
        call = context.call
        chains: list[tuple[float, tuple[Act, ...]]] = [(1.0, ())]
        for step in self.steps:
            chains = self._extended(chains, call.acts(step))
            if not chains:
                what = told(step, context.language)
                return Finding(p=context.call.absent, reason=say("missing", context.language, what=what))
        p, acts = max(chains, key=lambda c: (c[0], -c[1][-1].turn))
        language = context.language
        evidence = tuple(
            from_act(a, call.turns[a.turn], say("done", language, what=told([a.act], language))) for a in acts
        )
        return Finding(p=max(p, context.call.absent), passing=evidence)

    def _extended(
        self, chains: list[tuple[float, tuple[Act, ...]]], acts: list[Act]
    ) -> list[tuple[float, tuple[Act, ...]]]:
        """For each act, the best chain that it can continue; linear in chains times acts of one step."""
        longer: list[tuple[float, tuple[Act, ...]]] = []
        for act in acts[:200]:
            fitting = [
                c
                for c in chains
                if not c[1]
                or (
                    c[1][-1].turn <= act.turn
                    and (self.within is None or act.turn - c[1][0].turn <= self.within)
                )
            ]
            if fitting:
                p, before = max(fitting, key=lambda c: c[0])
                longer.append((min(p, act.probability), (*before, act)))
        return longer

    def acts_used(self) -> tuple[str, ...]:
        return tuple(name for step in self.steps for name in step)
