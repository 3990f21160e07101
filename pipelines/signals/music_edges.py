"""Where music on hold begins and ends: from the level, as a detector needs a second to be sure of music."""

import numpy as np

from pipelines.signals.intervals import Span
from pipelines.signals.levels import STEP_S, Array, Levels

LATE_S = 1.5
"""A detector may hear music this much too early, or be this slow to notice its end."""
LOOK_S = 4.0
"""Of the music that the level before it is compared with."""
STEP_UP_DB = 2.5
LEAST = 2
"""Steps on either side of an edge."""


def sets_in(levels: Levels, quiet_db: float, piece: Span, bounds: Span) -> tuple[float | None, float | None]:
    """The start and the end of the music around ``piece``, seconds, between ``bounds``; None where the level
    shows none. ``quiet_db``: the level of the pauses of the talk."""
    db = levels.db
    low, high = (min(max(round(edge / STEP_S), 0), len(db)) for edge in bounds)
    first, last = round(piece[0] / STEP_S), round(piece[1] / STEP_S)
    start = _rise(db[low:last], quiet_db, first - low)
    end = _rise(db[first:high][::-1], quiet_db, high - last)
    return (
        None if start is None else (low + start) * STEP_S,
        None if end is None else (high - end) * STEP_S,
    )


def _rise(db: Array, quiet_db: float, told: int) -> int | None:
    """The step at which the level rises from that of a pause, best parted in two means; looked for up to a
    second and a half after the step at which a detector has ``told`` of music."""
    db = np.maximum(db[: max(told, 0) + round(LOOK_S / STEP_S)], -90.0)
    latest = min(max(told, 0) + round(LATE_S / STEP_S), len(db) - LEAST)
    if latest < LEAST:
        return None
    count = np.arange(1, len(db) + 1)
    total = np.cumsum(db, dtype=np.float64)
    places = np.arange(LEAST, latest + 1)
    before = total[places - 1] / count[places - 1]
    after = (total[-1] - total[places - 1]) / (len(db) - places)
    parted = places * before**2 + (len(db) - places) * after**2  # least squares: the more, the better
    rises = (after - before >= STEP_UP_DB) & (before - quiet_db <= (after - quiet_db) / 2)
    loudest = np.maximum.accumulate(db)[places - 1]
    rises &= (places <= told) | (loudest < after)  # within what was heard as music, no note may come before
    best = int(np.argmax(np.where(rises, parted, -np.inf)))
    return int(places[best]) if rises[best] else None
