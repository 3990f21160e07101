"""The morning report: one page, as HTML and as text, of what the night did and what needs a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from pathlib import Path
from statistics import median

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from recordings import write_atomically


@dataclass(frozen=True)
class Trouble:
    """A call that did not get through: its file, why, how often it was tried, whether it will be again."""

    file_name: str
    cause: str
    attempts: int
    quarantined: bool


@dataclass(frozen=True)
class Slow:
    """A call that took much longer than its length allows for."""

    file_name: str
    duration_s: float
    seconds: float


def slowest(taken: Sequence[tuple[str, float, float]], most: int = 10) -> list[Slow]:
    """The calls (name, seconds of audio and of work) that took a minute or more and over three times
    what their length allows for at the median speed; the slowest first."""
    if not taken:
        return []
    usual = median(seconds / audio for _, audio, seconds in taken)
    slow = [Slow(*call) for call in taken if call[2] >= 60 and call[2] > 3 * usual * call[1]]
    return sorted(slow, key=lambda s: (-s.seconds / s.duration_s, s.file_name))[:most]


@dataclass(frozen=True)
class Drift:
    """A figure of this night beside the month before it, with sample sizes."""

    what: str
    tonight: float
    tonight_n: int
    month: float
    month_n: int
    unit: str
    notable: bool


@dataclass(frozen=True)
class Night:
    """One run, as it ended."""

    started: datetime
    ended: datetime
    done: int
    already_done: int
    audio_s: float
    waiting: int
    left_for_later: Sequence[tuple[str, str]] = ()
    troubles: Sequence[Trouble] = ()
    slow: Sequence[Slow] = ()
    drifts: Sequence[Drift] = ()
    to_review: int = 0
    critical: int = 0
    below_pass: int = 0
    deadline: datetime | None = None
    twice: Sequence[tuple[str, Sequence[str]]] = ()
    """Call ids that calls of different sound carry, with those calls' file names."""
    conceded: Mapping[str, int] = field(default_factory=dict)
    """What was done with less than was chosen, and for how many calls."""
    moved: int = 0
    not_moved: Sequence[tuple[str, str]] = ()

    @property
    def speed(self) -> float | None:
        """Audio seconds per second of the whole run; None for a run that did nothing."""
        took = (self.ended - self.started).total_seconds()
        return self.audio_s / took if took > 0 and self.audio_s else None

    @property
    def late(self) -> bool:
        """Whether the deadline was missed with work left or done after it."""
        return self.deadline is not None and (self.ended > self.deadline or self.waiting > 0)


def compare_shares(what: str, tonight: Sequence[int], month: Sequence[int]) -> Drift:
    """A share (count, of) tonight against the month; notable where a two-proportion z test gives |z| > 3.

    Three standard errors, as many shares are looked at every night and a false alarm costs trust.
    """
    (k1, n1), (k2, n2) = tonight, month
    p1, p2 = k1 / n1 if n1 else 0.0, k2 / n2 if n2 else 0.0
    pooled = (k1 + k2) / (n1 + n2) if n1 + n2 else 0.0
    error = sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2)) if n1 and n2 else 0.0
    return Drift(what, 100 * p1, n1, 100 * p2, n2, "%", bool(error) and abs(p1 - p2) / error > 3)


def compare_means(
    what: str, tonight: Sequence[float], month: Mapping[str, float], unit: str = "points"
) -> Drift:
    """A mean tonight against the month's mean, standard deviation and n; notable beyond 3 errors."""
    n, mean = len(tonight), sum(tonight) / len(tonight) if tonight else 0.0
    error = month["sd"] * sqrt(1 / n + 1 / month["n"]) if n and month["n"] else 0.0
    notable = bool(error) and abs(mean - month["mean"]) / error > 3
    return Drift(what, mean, n, month["mean"], int(month["n"]), unit, notable)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipelines.night", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["hours"] = lambda seconds: f"{seconds / 3600:.1f}"
    environment.filters["clock"] = lambda at: at.strftime("%d %b %Y %H:%M UTC")
    return environment


def as_html(night: Night) -> str:
    """The page; names and causes are escaped, as file names come from outside."""
    return _environment().get_template("morning.html").render(night=night)


def as_text(night: Night) -> str:
    """The same for a mail or a log."""
    return _environment().get_template("morning.txt").render(night=night)


def write_report(night: Night, folder: Path) -> tuple[Path, Path]:
    """Write ``<start>.html`` and ``<start>.txt``, and ``latest.html`` beside them; returns the first two."""
    stem = night.started.strftime("%Y-%m-%dT%H%M%SZ")
    html = as_html(night).encode()
    page = write_atomically(folder / f"{stem}.html", html)
    text = write_atomically(folder / f"{stem}.txt", as_text(night).encode())
    write_atomically(folder / "latest.html", html)
    return page, text
