"""Contact reasons over time: weeks or months in a person's zone, each reason's share with its interval, and
whether the last full period differs from the one before. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from database.monthly import UNCATEGORISED
from database.reasons import Reasons
from qa_app.effect import Change, change
from qa_app.presenting import share_interval

Size = Literal["week", "month"]
MOST: dict[Size, int] = {"week": 53, "month": 36}
"""So many periods are shown, the newest ones."""
UNKNOWN = ""
"""Stands for calls without a reason, and for those whose reason is "other"."""
FEW = 10
"""Periods with fewer calls do not stretch the scale."""


@dataclass(frozen=True)
class Period:
    """A week or month: its first day, and its ends in UTC."""

    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Point:
    """A reason in one period: its calls among all, the share with its 95 % interval (None without calls),
    and whether the period is over."""

    day: date
    calls: int
    of: int
    share: tuple[float, float, float] | None
    over: bool


@dataclass(frozen=True)
class Course:
    """A reason period by period; ``moved`` is the last full period against the one before."""

    reason: str
    points: tuple[Point, ...]
    moved: Change | None

    @property
    def calls(self) -> int:
        """Calls over all periods."""
        return sum(point.calls for point in self.points)


def periods(since: datetime, now: datetime, zone: str, size: Size) -> list[Period]:
    """The periods from the one that holds ``since`` to the one that holds ``now``, at most ``MOST``. A week
    begins on Monday, and each at midnight in the zone, however long its days are."""
    place = ZoneInfo(zone)

    def begin(day: date) -> date:
        return day.replace(day=1) if size == "month" else day - timedelta(days=day.weekday())

    def after(day: date) -> date:
        return begin(day + timedelta(days=32 if size == "month" else 7))

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), place).astimezone(UTC)

    found: list[Period] = []
    day, last = begin(since.astimezone(place).date()), now.astimezone(place).date()
    while day <= last:
        found.append(Period(day, midnight(day), midnight(after(day))))
        day = after(day)
    return found[-MOST[size] :]


def courses(spans: Sequence[Period], counts: Sequence[Reasons], now: datetime) -> list[Course]:
    """Each reason's course, the most frequent first and what is not known last."""
    named = [_named(count) for count in counts]
    total = sum(named, Counter[str]())
    ordered = sorted(total, key=lambda name: (name == UNKNOWN, -total[name], name))
    return [_course(name, spans, named, now) for name in ordered]


def _named(count: Reasons) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, calls in count.items():
        found[UNKNOWN if name in UNCATEGORISED else str(name)] += calls
    return found


def _course(name: str, spans: Sequence[Period], counts: Sequence[Counter[str]], now: datetime) -> Course:
    points = tuple(
        Point(span.day, count[name], of, share_interval(count[name], of), span.end <= now)
        for span, count in zip(spans, counts, strict=True)
        for of in [count.total()]
    )
    full = [point for point in points if point.over]
    moved = change(*((point.calls, point.of) for point in full[-2:])) if len(full) > 1 else None
    return Course(name, points, moved)


def top_of(found: Sequence[Course]) -> float:
    """Where the common scale of the shares ends (a part of 1, in tenths), so that every share is in sight."""
    points = [point for course in found for point in course.points if point.share is not None]
    solid = [point for point in points if point.of >= FEW] or points
    highest = max((point.share[0] for point in solid if point.share), default=0.0)
    return min(10, int(highest * 11.5) + 1) / 10
