"""What a check says: how likely its condition holds, and the words that say so."""

from dataclasses import dataclass, replace
from typing import Self

from recordings import Act, Turn
from scorecards.results import Evidence, Value


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check on one call.

    ``p`` is the probability (0..1) that the condition holds; ``applies`` the probability that there was an
    occasion at all; ``passing`` and ``failing`` are the words for and against; ``unscored`` tells why nothing
    can be said; ``value`` is what was counted or chosen.
    """

    p: float
    passing: tuple[Evidence, ...] = ()
    failing: tuple[Evidence, ...] = ()
    applies: float = 1.0
    value: Value = None
    unscored: str | None = None
    reason: str | None = None

    @property
    def holds(self) -> bool:
        """Whether the condition holds rather than not."""
        return self.unscored is None and self.applies >= 0.5 and self.p >= 0.5

    @property
    def opens(self) -> float:
        """How likely a gate is to be open by it: that there was an occasion, and that it holds."""
        return self.p if self.applies >= 0.5 else min(self.applies, self.p)

    def but(self, **changes: object) -> Self:
        """A copy with other fields."""
        return replace(self, **changes)  # type: ignore[arg-type]


def cannot_say(reason: str) -> Finding:
    """The recording does not give what the check needs."""
    return Finding(p=0.0, unscored=reason)


def no_occasion(reason: str, sure: float = 0.95) -> Finding:
    """Nothing called for it."""
    return Finding(p=0.0, applies=1.0 - sure, reason=reason)


def from_act(act: Act, turn: Turn, why: str, **fields: str | None) -> Evidence:
    """The words of an act as evidence; ``rule`` names what found it."""
    found_by = f"phrase: {act.rule}" if act.rule else act.source
    return Evidence(
        turn=act.turn,
        start=act.start if act.start is not None else turn.start,
        end=act.end if act.end is not None else turn.end,
        text=act.text or turn.text,
        rule=f"{act.act} ({found_by}, {act.probability:.2f})",
        why=why,
        **fields,
    )


def from_turn(turn: Turn, rule: str, why: str) -> Evidence:
    """A whole turn as evidence."""
    return Evidence(turn=turn.index, start=turn.start, end=turn.end, text=turn.text, rule=rule, why=why)
