"""One focus per agent: the criterion that is most surely met too rarely. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from database.figures import Share, Spread
from qa_app.presenting import share_interval, t_quantile
from qa_app.scoring import BAD_WHEN_YES

FEWEST = 3


@dataclass(frozen=True)
class Focus:
    """A criterion with how often it was met among its occasions, and the 95 % interval of that share."""

    name: str
    met: int
    of: int
    low: float
    high: float


def met(share: Share) -> int:
    """How often the criterion went well: for one that asks for a fault, where there was none."""
    return share.of - share.hits if share.name in BAD_WHEN_YES else share.hits


def suggest(shares: Sequence[Share]) -> Focus | None:
    """The criterion whose upper bound is lowest, from three occasions on and never one that is met in
    all of them; None where nothing stands out."""
    worth = [share.name for share in shares if share.of >= FEWEST and met(share) < share.of]
    found = [focus for name in worth if (focus := focus_of(shares, name)) is not None]
    return min(found, key=lambda f: (f.high, f.name), default=None)


def focus_of(shares: Sequence[Share], name: str) -> Focus | None:
    """One criterion's figures; None where it had no occasion."""
    for share in shares:
        interval = share_interval(met(share), share.of)
        if share.name == name and interval is not None:
            return Focus(name, met(share), share.of, interval[1], interval[2])
    return None


def interval_of(spread: Spread) -> tuple[float | None, float | None, float | None]:
    """Mean and 95 % t interval of scores given as sums, kept within 0..100; unknown parts are None."""
    if spread.count == 0:
        return None, None, None
    mean = spread.total / spread.count
    if spread.count < 3:
        return mean, None, None
    variance = max(0.0, (spread.squares - spread.count * mean * mean) / (spread.count - 1))
    half = t_quantile(spread.count - 1) * (variance / spread.count) ** 0.5
    return mean, max(0.0, mean - half), min(100.0, mean + half)
