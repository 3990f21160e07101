"""``forbidden.v1``: an agent uses words that turn the customer away, by category, as their own."""

from collections.abc import Iterable
from math import prod
from typing import ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from recordings import Act
from scorecards.call import Call
from scorecards.checks.base import ActNames, Check, Context
from scorecards.findings import Finding, from_act
from scorecards.messages import say, term
from scorecards.phrases import PhraseBook, PhraseEntry
from scorecards.results import Evidence

Category = Literal["refusal", "blame", "dont_know", "not_my_job", "dismissive", "rude", "jargon", "other"]
CATEGORIES: tuple[str, ...] = get_args(Category)


class ForbiddenCategory(BaseModel):
    """One category: the acts that stand for it, acts of the same turn that excuse it, what to say instead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    acts: ActNames = Field(description="acts that are findings of this category")
    excused_by: tuple[str, ...] = Field(default=(), description="acts of the same turn that excuse it")
    say_instead: str = Field(default="", description="what to say instead")


class ForbiddenCheck(Check):
    """Holds where at least one finding stands. The value is the number of findings; each is evidence with its
    exact words, category and ``say_instead``. ``lists`` are a company's own phrases on top."""

    title: ClassVar[str] = "forbidden.v1"

    categories: dict[Category, ForbiddenCategory] = Field(description="by category of docs/scorecards.md")
    disowned_by: tuple[str, ...] = Field(
        default=("quote",), description="acts that show words quoted, not used"
    )
    lists: tuple[PhraseEntry, ...] = Field(
        default=(), description="own phrases; category and say_instead in each"
    )

    def run(self, context: Context) -> Finding:
        call, language = context.call, context.language
        weighed = sorted(
            [*self._by_acts(call), *self._by_lists(call, language)], key=lambda f: (-f[0], f[1].turn, f[2])
        )
        together = _by_turn(weighed)
        kept: list[tuple[float, Act, str, str]] = []
        in_turn: dict[int, list[Act]] = {}
        for p, act, category, instead in weighed:
            others = in_turn.setdefault(act.turn, [])
            if not any(_same_words(act, other) for other in others):
                kept.append((p if others else together[act.turn], act, category, instead))
                others.append(act)
        clear = sorted((f for f in kept if f[0] >= 0.5), key=lambda f: (f[1].turn, f[1].text))
        evidence: tuple[Evidence, ...] = tuple(
            from_act(
                act,
                call.turns[act.turn],
                say("forbidden", language, what=term(category, language)),
                category=category,
                say_instead=instead or None,
            )
            for p, act, category, instead in clear
        )
        p = max((f[0] for f in kept), default=call.absent)
        return Finding(p=max(p, call.absent), passing=evidence, value=len(clear))

    def _by_acts(self, call: Call) -> Iterable[tuple[float, Act, str, str]]:
        for category, rule in self.categories.items():
            for act in call.acts(rule.acts):
                excused = max(call.p(rule.excused_by, [act.turn]), call.p(self.disowned_by, [act.turn]))
                yield act.probability * (1.0 - excused), act, category, rule.say_instead

    def _by_lists(self, call: Call, language: str) -> Iterable[tuple[float, Act, str, str]]:
        if not self.lists:
            return
        book = PhraseBook(self.lists, language)
        for found in book.find_in(call.conversation, call.conversation.acts or ()):
            if found.turn.role != "agent" or found.turn.doubtful:
                continue
            p = found.hit.probability * (1.0 - call.p(self.disowned_by, [found.turn.index]))
            entry = found.hit.entry
            yield p, found.as_act(), entry.category or "other", entry.say_instead or ""

    def acts_used(self) -> tuple[str, ...]:
        return (*(a for c in self.categories.values() for a in (*c.acts, *c.excused_by)), *self.disowned_by)


def _by_turn(found: Iterable[tuple[float, Act, str, str]]) -> dict[int, float]:
    """How likely each turn is a finding of any category: unusual words are often read as a little of several.
    Each category counts by its surest finding, and independently of the others."""
    surest: dict[int, dict[str, float]] = {}
    for p, act, category, _ in found:
        categories = surest.setdefault(act.turn, {})
        categories[category] = max(p, categories.get(category, 0.0))
    return {turn: 1.0 - prod(1.0 - p for p in categories.values()) for turn, categories in surest.items()}


def _same_words(one: Act, other: Act) -> bool:
    """The same turn, and words that overlap (a whole-turn finding overlaps all others of its turn)."""
    if one.turn != other.turn:
        return False
    return one.text in other.text or other.text in one.text or one.source == "head" or other.source == "head"
