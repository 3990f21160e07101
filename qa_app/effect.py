"""Did coaching work? The change of a share with its interval, and that change against colleagues'. Pure."""

from dataclasses import dataclass
from math import sqrt

from qa_app.presenting import share_interval

Counts = tuple[int, int]
"""Met, and of how many occasions."""


@dataclass(frozen=True)
class Change:
    """A difference of shares (-1..1) with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def told(self) -> str:
        """up or down where the interval leaves zero out, else open: nobody can tell."""
        return "up" if self.low > 0 else "down" if self.high < 0 else "open"


def change(before: Counts, since: Counts) -> Change | None:
    """Since minus before, by Newcombe's hybrid score interval (1998, method 10), made of the two Wilson
    intervals; None where either side had no occasion."""
    first, second = share_interval(*before), share_interval(*since)
    if first is None or second is None:
        return None
    return _minus(second, first)


def against(own: Change, others: Change) -> Change:
    """The own change minus the others', its limits recovered from both intervals (MOVER, Zou and Donner
    2008)."""
    return _minus((own.value, own.low, own.high), (others.value, others.low, others.high))


def _minus(one: tuple[float, float, float], other: tuple[float, float, float]) -> Change:
    value = one[0] - other[0]
    low = value - sqrt((one[0] - one[1]) ** 2 + (other[2] - other[0]) ** 2)
    high = value + sqrt((one[2] - one[0]) ** 2 + (other[0] - other[1]) ** 2)
    return Change(value, low, high)
