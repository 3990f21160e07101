"""``label.v1``: which of several labels the customer's words speak for; ``mood.v1``: the mood at start or
end."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from recordings import Act, Turn
from scorecards.call import Call
from scorecards.checks.base import ActNames, Check, Context, one_per_turn
from scorecards.findings import Finding, from_act
from scorecards.messages import say, term

Share = Annotated[float, Field(ge=0, le=1)]
SUBSTANTIAL_WORDS = 4
MATTER = 2.0
"""How much more a turn counts for the label that tells the matter; one that gives a number counts half."""
CALMED = 0.7
"""What a bad mood at the end is worth after which the customer thanked or said that it is solved."""
MILD, TROUBLE = 0.5, 0.85
"""What each act that brightens the end counts, and a fault told at the start, where a card does not say."""
BARS = {"start": 0.45, "end": 0.5}
"""How likely a mood must be to be told, where a card does not say."""
ALONE = 0.6
"""What a bad mood is worth that nothing else in a short turn bears out."""


class LabelCheck(Check):
    """The label whose acts weigh most: each act counts with its probability, the turns that tell the
    matter in
    full and later ones by ``later``. The value is the label, or ``otherwise`` where nothing speaks for
    any."""

    title: ClassVar[str] = "label.v1"

    labels: dict[str, ActNames] = Field(min_length=1, description="label: acts that speak for it")
    otherwise: str = Field(description="the label where nothing speaks for any")
    first_turns: int = Field(default=3, ge=1, description="turns of that role that count in full")
    later: float = Field(default=0.4, ge=0, le=1, description="how much later turns count")

    def run(self, context: Context) -> Finding:
        call = context.call
        early = {t.index for t in call.customer_turns[: self.first_turns]}
        early |= {t.index for t in call.agent_turns[: self.first_turns]}
        weights: dict[str, float] = {}
        for label, acts in self.labels.items():
            total = 0.0
            for act in one_per_turn(call.acts(acts)):
                matter = call.p(("state_matter", "complain", "cancel_request"), [act.turn])
                said = act.probability * (1.0 + MATTER * matter)
                said *= 1.0 - 0.5 * call.p(("give_identifier",), [act.turn])
                total += said * (1.0 if act.turn in early else self.later)
            weights[label] = total
        best = max(weights, key=lambda label: weights[label])
        if weights[best] < 0.2:
            return Finding(p=0.6, value=self.otherwise)
        shown = [a for a in one_per_turn(call.acts(self.labels[best])) if a.probability >= 0.4]
        why = say("label", context.language, what=term(best, context.language))
        evidence = tuple(from_act(a, call.turns[a.turn], why) for a in shown)
        return Finding(p=weights[best] / sum(weights.values()), passing=evidence, value=best)

    def acts_used(self) -> tuple[str, ...]:
        return tuple(name for acts in self.labels.values() for name in acts)


class MoodCheck(Check):
    """``negative``, ``neutral`` or ``positive`` from the customer's words: when the matter is first told
    (``start``)
    or in the last substantial turns (``end``). Words only; nothing is inferred from a voice."""

    title: ClassVar[str] = "mood.v1"

    part: Literal["start", "end"] = Field(description="which end of the call")
    negative: ActNames = Field(
        default=("feels_negative", "anger", "distress"), description="acts of a bad mood"
    )
    positive: ActNames = Field(default=("feels_positive", "praise"), description="acts of a good mood")
    mild: tuple[str, ...] = Field(default=("thank_agent",), description="acts that brighten the end a little")
    trouble: tuple[str, ...] = Field(default=("complain",), description="acts that darken the start")
    mild_counts: tuple[Share, ...] | None = Field(
        default=None,
        description="what each of `mild` counts (0 to 1), in its order; a half each where not told",
        exclude_if=lambda counts: counts is None,  # cards published before these keys keep their fingerprint
    )
    trouble_counts: float = Field(
        default=TROUBLE,
        ge=0,
        le=1,
        description="what `trouble` counts",
        exclude_if=lambda count: count == TROUBLE,
    )
    negative_from: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="how likely a bad mood must be to be told; 0.45 at the start, 0.5 at the end",
        exclude_if=lambda bar: bar is None,
    )
    positive_from: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="how likely a good mood must be to be told; the same",
        exclude_if=lambda bar: bar is None,
    )

    def run(self, context: Context) -> Finding:
        call = context.call
        turns = _telling(call) if self.part == "start" else _closing(call)
        if not turns:
            return Finding(p=0.5, value="neutral")
        bad, good, weight, calmed = 0.0, 0.0, 1.0, 0.0
        shown: list[Act] = []
        seen = min(0.5, self._bar("negative"), self._bar("positive"))
        for turn in turns:
            worst = call.best(self.negative, [turn.index])
            trouble = call.best(self.trouble, [turn.index]) if self.trouble and self.part == "start" else None
            best = call.best(self.positive, [turn.index])
            dark = worst.probability if worst else 0.0
            dark = max(dark, self.trouble_counts * trouble.probability if trouble else 0.0)
            bright = best.probability if best else 0.0
            if self.part == "start":
                bad, good = max(bad, dark), max(good, bright)
            else:
                if worst is not None and worst.act == self.negative[0] and self._nothing_else(call, turn):
                    dark *= ALONE
                dark *= 1.0 - (1.0 - CALMED) * calmed
                calmed = max(calmed, call.p(self.mild, [turn.index]))
                for act, counts in zip(self.mild, self.mild_counts or [MILD] * len(self.mild), strict=True):
                    bright = 1.0 - (1.0 - bright) * (1.0 - counts * call.p((act,), [turn.index]))
                bad = 1.0 - (1.0 - bad) * (1.0 - weight * dark)
                good = 1.0 - (1.0 - good) * (1.0 - weight * bright)
            shown += [a for a in (worst, trouble, best) if a is not None and a.probability >= seen]
            if self.part == "end":
                weight *= 0.8 if len(turn.text.split()) >= SUBSTANTIAL_WORDS else 0.93
        value, sure = self._told(bad, good)
        acts = (
            self.negative + self.trouble
            if value == "negative"
            else self.positive
            if value == "positive"
            else ()
        )
        why = say("label", context.language, what=term(value, context.language))
        evidence = tuple(
            from_act(a, call.turns[a.turn], why) for a in one_per_turn(a for a in shown if a.act in acts)
        )
        return Finding(p=sure, passing=evidence, value=value)

    def acts_used(self) -> tuple[str, ...]:
        return (*self.negative, *self.positive, *self.mild, *self.trouble)

    def _told(self, bad: float, good: float) -> tuple[str, float]:
        """The mood that stands out more from its own bar, and how sure it is."""
        worse, better = bad / self._bar("negative"), good / self._bar("positive")
        if max(worse, better) < 1.0:
            return "neutral", max(0.5, 1.0 - max(bad, good))
        return ("negative", max(0.5, bad)) if worse >= better else ("positive", max(0.5, good))

    def _bar(self, mood: Literal["negative", "positive"]) -> float:
        return (self.negative_from if mood == "negative" else self.positive_from) or BARS[self.part]

    @model_validator(mode="after")
    def _fits_its_part(self) -> Self:
        if self.mild_counts is not None and len(self.mild_counts) != len(self.mild):
            raise ValueError(
                f"mild_counts has {len(self.mild_counts)} numbers for {len(self.mild)} acts of mild"
            )
        idle = "mild_counts" if self.part == "start" else "trouble_counts"
        if getattr(self, idle) != type(self).model_fields[idle].default:
            raise ValueError(f"{idle} says nothing about the {self.part} of a call; leave it out")
        return self

    def _nothing_else(self, call: Call, turn: Turn) -> bool:
        """Whether a bad mood is all that a short turn or a question shows: readers overhear it there."""
        others = (*self.negative[1:], *self.trouble, "not_solved")
        return (len(turn.text.split()) < 8 or "?" in turn.text) and call.p(others, [turn.index]) < 0.3


def _telling(call: Call) -> list[Turn]:
    """The customer's turns that first tell the matter: from the first that does, two turns at most."""
    turns = [t for t in call.customer_turns if not t.doubtful]
    matter = [t for t in turns if call.p(("state_matter", "complain", "cancel_request"), [t.index]) >= 0.5]
    first = matter[0] if matter else next((t for t in turns if len(t.text.split()) >= 5), None)
    if first is None:
        return turns[:1]
    position = turns.index(first)
    return turns[position : position + 1 + (len(first.text.split()) < 8)]


def _closing(call: Call) -> list[Turn]:
    """The customer's last four turns, the last first."""
    turns = [t for t in call.customer_turns if not t.doubtful]
    return list(reversed(turns[-4:]))
