"""How long the night will take: audio that waits, at the speed measured, against the deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

DEFAULT_SPEED = 8.0
"""Seconds of audio per second and worker until this machine has been measured (two cores, default models)."""


@dataclass(frozen=True)
class Waiting:
    """One call that waits; ``duration_s`` is None where nobody has looked into the file yet."""

    call_id: int
    duration_s: float | None


@dataclass(frozen=True)
class Plan:
    """What waits and when it will be done."""

    calls: int
    audio_s: float
    unknown: int
    """Calls whose duration is an estimate: the median of the known ones."""
    speed: float
    """Seconds of audio per second of one worker."""
    measured: bool
    workers: int
    started: datetime
    ends: datetime
    deadline: datetime | None
    first: str = "the newest"
    """What goes first, in words."""

    @property
    def fits(self) -> bool | None:
        """Whether it ends before the deadline; None without one."""
        return None if self.deadline is None else self.ends <= self.deadline

    def __str__(self) -> str:
        lines = [
            f"{self.calls} calls, {self.audio_s / 3600:.1f} hours of audio"
            + (f" ({self.unknown} lengths estimated)" if self.unknown else ""),
            f"{self.speed:.1f} times real time a worker ({'measured' if self.measured else 'assumed'}), "
            f"{self.workers} worker{'s' if self.workers != 1 else ''}",
            f"first {self.first}",
            f"ends {self.ends:%d %b %H:%M} (takes {_spoken(self.ends - self.started)})",
        ]
        if self.deadline is not None:
            spare = self.deadline - self.ends
            lines.append(
                f"before the deadline {self.deadline:%d %b %H:%M}, with {_spoken(spare)} to spare"
                if self.fits
                else f"NOT before the deadline {self.deadline:%d %b %H:%M}: {_spoken(-spare)} late"
            )
        return "\n".join(lines)


def plan(
    waiting: Sequence[Waiting],
    *,
    speeds: Sequence[float],
    workers: int,
    now: datetime,
    deadline: datetime | None = None,
    first: str = "the newest",
) -> Plan:
    """The plan for what waits; ``speeds`` are the real-time factors of recent calls on this machine."""
    known = [w.duration_s for w in waiting if w.duration_s is not None]
    guess = median(known) if known else 300.0
    audio = sum(known) + guess * (len(waiting) - len(known))
    speed = median(speeds) if speeds else DEFAULT_SPEED
    longest = max(known, default=guess) if waiting else 0.0
    # No call is shared between workers: the night is never shorter than its longest call.
    takes = max(audio / (speed * max(1, workers)), longest / speed) if waiting else 0.0
    return Plan(
        calls=len(waiting),
        audio_s=audio,
        unknown=len(waiting) - len(known),
        speed=speed,
        measured=bool(speeds),
        workers=workers,
        started=now,
        ends=now + timedelta(seconds=takes),
        deadline=deadline,
        first=first,
    )


def _spoken(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
