"""What every check is: a few typed parameters from YAML, what it needs, and one pure function of the call."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from recordings import Act, Turn
from scorecards.call import Call, act_roles
from scorecards.findings import Finding

SURE_ABSENT = 0.06
"""The probability that something is there although no act says so: readers overlook about one in sixteen."""


def likelier(p: float, times: float) -> float:
    """A probability (0..1) with its odds multiplied: what an act is worth where its place speaks for it.

    Readers are calibrated over all turns of all calls; before a hold, say, a time is far more common.
    """
    odds = p / max(1.0 - p, 1e-6) * times
    return round(odds / (1.0 + odds), 3)


def some(chances: Iterable[float]) -> float:
    """The probability that at least one of several things happened, each with its own; 0 for none."""
    left = 1.0
    for p in chances:
        left *= 1.0 - p
    return 1.0 - left


class Runnable(Protocol):
    """Anything that finds something in a call."""

    def run(self, context: "Context") -> Finding: ...


@dataclass
class Context:
    """A call with the card's named conditions; each condition is judged once per call."""

    call: Call
    definitions: Mapping[str, Runnable]
    known: dict[str, Finding] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The language in which the findings speak."""
        return self.call.language

    def use(self, name: str) -> Finding:
        """The finding of a named condition."""
        if name not in self.known:
            self.known[name] = self.definitions[name].run(self)
        return self.known[name]


class Check(BaseModel, ABC):
    """Base of all checks. ``title`` is the versioned name in a card; ``needs`` is any of ``times``,
    ``events``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def run(self, context: Context) -> Finding:
        """Judge one call; pure and deterministic."""

    def acts_used(self) -> tuple[str, ...]:
        """The acts that the check looks at, for the linter."""
        return ()


def _known_act(name: str) -> str:
    roles = act_roles()
    if name not in roles:
        from rapidfuzz import process

        near = [match[0] for match in process.extract(name, list(roles), limit=4)]
        raise ValueError(f"unknown act {name!r}; did you mean {', '.join(near)}? All acts: docs/acts.md")
    return name


ActName = Annotated[str, AfterValidator(_known_act)]
ActNames = Annotated[tuple[ActName, ...], Field(min_length=1)]


class Where(BaseModel):
    """Limits a check to the first or last so many turns of the role that acts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: int | None = Field(default=None, ge=1)
    last: int | None = Field(default=None, ge=1)

    def turns(self, turns: tuple[Turn, ...]) -> frozenset[int]:
        """The indices of the turns inside the limits."""
        chosen: set[int] = set()
        if self.first is not None:
            chosen.update(t.index for t in turns[: self.first])
        if self.last is not None:
            chosen.update(t.index for t in turns[-self.last :])
        return frozenset(chosen)


def turns_of_acts(call: Call, acts: tuple[str, ...], where: Where | None) -> frozenset[int] | None:
    """The turns that a check with a ``where`` looks at; None stands for all."""
    if where is None:
        return None
    role = act_roles()[acts[0]]
    return where.turns(call.agent_turns if role == "agent" else call.customer_turns)


def one_per_turn(acts: Iterable[Act]) -> list[Act]:
    """The surest act of each turn, in turn order."""
    best: dict[int, Act] = {}
    for act in sorted(acts, key=lambda a: (a.turn, -a.probability)):
        best.setdefault(act.turn, act)
    return list(best.values())
