"""Arithmetic of stretches of time: lists of (start, end) in seconds, in order, without overlap."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

Span = tuple[float, float]


def union(spans: Iterable[Span], gap_s: float = 0.0) -> list[Span]:
    """The stretches that any covers; those at most ``gap_s`` apart become one. Empty ones are dropped."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if joined and start - joined[-1][1] <= gap_s:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def intersection(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """The stretches that both cover."""
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if end > start:
            found.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found


def complement(spans: Sequence[Span], start: float, end: float) -> list[Span]:
    """The stretches between ``start`` and ``end`` that none covers."""
    found: list[Span] = []
    now = start
    for one in union(spans):
        if one[0] > now:
            found.append((now, min(one[0], end)))
        now = max(now, one[1])
        if now >= end:
            break
    if now < end:
        found.append((now, end))
    return [span for span in found if span[1] > span[0]]


def difference(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """What ``left`` covers and ``right`` does not."""
    if not left:
        return []
    return intersection(union(left), complement(right, left[0][0], max(end for _, end in left)))


def total(spans: Iterable[Span]) -> float:
    """Seconds covered by stretches that do not overlap."""
    return sum(end - start for start, end in spans)


def within(spans: Sequence[Span], start: float, end: float) -> float:
    """Seconds of ``start`` to ``end`` that are covered."""
    return sum(max(0.0, min(stop, end) - max(begin, start)) for begin, stop in spans)


def touching(ordered: Sequence[Span], start: float, end: float) -> Sequence[Span]:
    """Those of many stretches in order, without overlap, that reach into ``start`` to ``end``."""
    first = bisect_right(ordered, start, key=lambda span: span[1])
    return ordered[first : bisect_left(ordered, end, key=lambda span: span[0])]
