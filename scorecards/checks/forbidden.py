"""``forbidden.v1``: an agent uses words that turn the customer away, by category, as their own."""

from collections.abc import Iterable, Sequence
from math import exp, prod
from typing import ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from recordings import Act
from scorecards.call import Call
from scorecards.checks.base import ActName, ActNames, Check, Context
from scorecards.findings import Finding, from_act
from scorecards.messages import say, term
from scorecards.phrases import PhraseBook, PhraseEntry
from scorecards.results import Evidence
from scorecards.weighed import log_odds

Category = Literal["refusal", "blame", "dont_know", "not_my_job", "dismissive", "rude", "jargon", "other"]
CATEGORIES: tuple[str, ...] = get_args(Category)
Found = tuple[float, Act, str, str]
"""How likely a finding stands, its act, its category, what to say instead."""
SHIFT = 0.4
"""Log odds taken off a turn's chance, because probabilities of acts are fitted with a missed act weighing
twice; how much was chosen on English calls of unseen writers."""


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
    turned_away_by: tuple[ActName, ...] = Field(
        default=(),
        description="acts that are findings of the turn's surest category, of `other` where none is read",
        exclude_if=lambda acts: not acts,  # cards published before this key keep their fingerprint
    )

    def run(self, context: Context) -> Finding:
        call, language = context.call, context.language
        read, listed = list(self._by_acts(call)), list(self._by_lists(call, language))
        by_acts, by_lists = self._chances(read, call), _by_turn(listed)
        weighed = sorted(
            [*((f, by_acts) for f in read), *((f, by_lists) for f in listed)],
            key=lambda both: (-both[0][0], both[0][1].turn, both[0][2]),
        )
        kept: list[Found] = []
        in_turn: dict[int, list[Act]] = {}
        for (p, act, category, instead), together in weighed:
            others = in_turn.setdefault(act.turn, [])
            if not any(_same_words(act, other) for other in others):
                chance = together[act.turn]
                kept.append((min(p, chance) if others else chance, act, category, instead))
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

    def _chances(self, found: Sequence[Found], call: Call) -> dict[int, float]:
        """How likely each turn is a finding: by its categories, and by what a network says that knows
        ``turned_away_by`` as acts of their own, their log odds averaged.

        A reading that tells none of these acts in the whole call may be older than they are: there the
        categories speak for themselves, as they do where rules read alone.
        """
        by_categories = _by_turn(found)
        if not call.is_read_by_network or not call.acts(self.turned_away_by):
            return by_categories
        return {
            turn: _halfway(together, call.p(self.turned_away_by, [turn]))
            for turn, together in by_categories.items()
        }

    def _by_acts(self, call: Call) -> Iterable[Found]:
        """What the acts say, each by itself; ``turned_away_by`` under the surest category of its turn."""
        surest: dict[int, Found] = {}
        for category, rule in self.categories.items():
            for act in call.acts(rule.acts):
                excused = max(call.p(rule.excused_by, [act.turn]), call.p(self.disowned_by, [act.turn]))
                found = (act.probability * (1.0 - excused), act, category, rule.say_instead)
                if act.turn not in surest or found[0] > surest[act.turn][0]:
                    surest[act.turn] = found
                yield found
        for act in call.acts(self.turned_away_by):
            p = act.probability * (1.0 - call.p(self.disowned_by, [act.turn]))
            yield p, *surest.get(act.turn, (p, act, "other", ""))[1:]

    def _by_lists(self, call: Call, language: str) -> Iterable[Found]:
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
        of_categories = (a for c in self.categories.values() for a in (*c.acts, *c.excused_by))
        return (*of_categories, *self.disowned_by, *self.turned_away_by)


def _by_turn(found: Iterable[Found]) -> dict[int, float]:
    """How likely each turn is a finding of any category: unusual words are often read as a little of several.
    Each category counts by its surest finding, and independently of the others."""
    surest: dict[int, dict[str, float]] = {}
    for p, act, category, _ in found:
        categories = surest.setdefault(act.turn, {})
        categories[category] = max(p, categories.get(category, 0.0))
    return {turn: 1.0 - prod(1.0 - p for p in categories.values()) for turn, categories in surest.items()}


def _halfway(one: float, other: float) -> float:
    """The probability whose log odds lie halfway between two, less SHIFT."""
    return 1.0 / (1.0 + exp(SHIFT - (log_odds(one) + log_odds(other)) / 2))


def _same_words(one: Act, other: Act) -> bool:
    """The same turn, and words that overlap (a whole-turn finding overlaps all others of its turn)."""
    if one.turn != other.turn:
        return False
    return one.text in other.text or other.text in one.text or one.source == "head" or other.source == "head"
