"""A picture of a call: two lanes of speech, holds, dead air, talk-over, evidence marks, talk share and pace.

Readable in black and white and by colour-blind people: every kind has its own place, hatch or shape as well
as its colour (from the Okabe-Ito palette), and a legend.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pipelines.signals.silence import DEAD_AIR_S
from pipelines.steps import PipelineError
from recordings import Conversation, Event
from scorecards.results import Assessment

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".png", ".svg")
BLACK, BLUE, ORANGE, SKY, GREEN, RED, GREY = (
    "#000000", "#0072B2", "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#999999",
)  # fmt: skip
LANES = ("agent", "customer", "ivr", "other")
LANGUAGES = ("en", "de")
Words = Mapping[str, Mapping[str, str]]
MARK_INCHES, MARK_ROW = 0.32, 0.32
"""The width of a numbered mark, and the height of a row of them in units of a lane."""


@dataclass(frozen=True)
class Mark:
    """A moment to point at, evidence of a criterion for instance. ``verdict`` picks the shape: yes a circle,
    no a cross, anything else a diamond."""

    at_s: float
    label: str
    verdict: str = "review"


@dataclass(frozen=True)
class Look:
    """How a kind of event is drawn behind the lanes: colour and hatch; its name is in timeline_words.yaml."""

    colour: str
    hatch: str


LOOKS = {
    "hold": Look(SKY, "///"),
    "dead air": Look("#FFFFFF", "xxx"),
    "announced": Look("#FFFFFF", "oo"),
    "silence": Look("#FFFFFF", "..."),
    "music": Look("#FFFFFF", "|||"),
    "tone": Look("#FFFFFF", "---"),
}


@cache
def words_of(language: str) -> Words:
    """The picture's words in a language, by group and key; English for one that has none."""
    told: dict[str, Words] = yaml.safe_load(
        (Path(__file__).parent / "timeline_words.yaml").read_text("utf-8")
    )
    return told[language if language in LANGUAGES else "en"]


def draw_timeline(
    conversation: Conversation,
    path: Path,
    marks: Sequence[Mark] = (),
    *,
    assessment: Assessment | None = None,
    language: str | None = None,
) -> Path:
    """Draw the call to a PNG or SVG file, by the name's ending; returns the path.

    ``marks`` are drawn as given; of an ``assessment``, the first evidence of each verdict is marked.
    ``language`` of the words (``en`` or ``de``) is the call's own where none is told.

    Raises PipelineError for another ending or a conversation without times.
    """
    if path.suffix.lower() not in FORMATS:
        raise PipelineError(f"{path}: a timeline is written as {' or '.join(FORMATS)}, not {path.suffix!r}")
    seconds = _duration(conversation)
    if not seconds:
        raise PipelineError(
            f"{conversation.recording.id}: its turns have no times, so there is no timeline to draw; "
            "process the recording instead of a bare transcript"
        )
    words = words_of((language or conversation.recording.language or "en")[:2])
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "rapport", "hatch.linewidth": 0.6, "font.size": 8}):
        width = max(9.0, min(24.0, seconds / 30))
        figure = Figure(figsize=(width, 4.6), layout="constrained")
        lanes, plot = figure.subplots(2, 1, sharex=True, height_ratios=(2.2, 1))
        _draw_lanes(lanes, conversation, words)
        shown = [*marks, *(evidence_marks(assessment) if assessment else ())]
        draw_marks(lanes, shown, apart_s=seconds * MARK_INCHES / width)
        _draw_pace(plot, conversation, seconds, words)
        plot.set_xlim(0, seconds)
        _time_axis(plot, seconds, words)
        if shown:
            figure.supxlabel(_legend(shown, words), x=0.01, ha="left", fontsize=6)
        figure.suptitle(_title(conversation, seconds, words), x=0.01, ha="left", fontsize=9)
        path.parent.mkdir(parents=True, exist_ok=True)
        metadata: dict[str, Any] = {"Date": None} if path.suffix.lower() == ".svg" else {"Software": None}
        try:
            figure.savefig(path, dpi=120, metadata=metadata)
        except OSError as error:
            raise PipelineError(f"{path}: cannot be written ({error.strerror or error})") from error
    return path


def evidence_marks(assessment: Assessment) -> list[Mark]:
    """The moments that an assessment points at: the first evidence of each criterion, in order of time."""
    found = [
        Mark(evidence.start, result.id, result.verdict)
        for result in assessment.criteria
        for evidence in result.evidence[:1]
        if evidence.start is not None
    ]
    return sorted(found, key=lambda mark: mark.at_s)


def _legend(marks: Sequence[Mark], words: Words, a_row: int = 5) -> str:
    """What each numbered mark is, with the sign of its verdict."""
    verdicts = words["verdict"]
    told = [
        f"{number} {mark.label}: {verdicts.get(mark.verdict, mark.verdict)}"
        for number, mark in enumerate(marks, start=1)
    ]
    return "\n".join("   ".join(told[at : at + a_row]) for at in range(0, len(told), a_row))


def _duration(conversation: Conversation) -> float:
    ends = [turn.end for turn in conversation.turns if turn.end is not None]
    ends += [event.end for event in conversation.events or () if event.end is not None]
    if not ends:
        return 0.0
    return max(conversation.recording.duration or 0.0, *ends, 0.0)


def _draw_lanes(axes: "Axes", conversation: Conversation, words: Words) -> None:
    from matplotlib.patches import Patch

    present = [lane for lane in LANES if lane in ("agent", "customer") or conversation.turns_of(lane)]  # type: ignore[arg-type]
    place = {lane: len(present) - number for number, lane in enumerate(present)}
    colours = {"agent": BLUE, "customer": ORANGE, "ivr": GREY, "other": "#DDDDDD"}
    for turn in conversation.turns:
        if turn.start is None or turn.end is None:
            continue
        lane = turn.role or "other"
        if lane not in place:
            place[lane] = 0
        axes.broken_barh(
            [(turn.start, turn.end - turn.start)], (place[lane] - 0.32, 0.64),
            facecolor=colours[lane], edgecolor=BLACK, linewidth=0.4, hatch="" if lane == "agent" else "\\\\",
            alpha=0.45 if turn.doubtful else 1.0,
        )  # fmt: skip
    used: dict[str, Patch] = {}
    top = max(place.values()) + 0.5
    for event in conversation.events or ():
        kind = look_of(event)
        if event.start is None or event.end is None:
            continue
        if kind in LOOKS:
            look = LOOKS[kind]
            beside = 0.05 if kind in ("music", "tone") else 1.0  # a strip below the lanes
            axes.axvspan(event.start, event.end, 0.0, beside, facecolor=look.colour, edgecolor=BLACK,
                         hatch=look.hatch, linewidth=0.5, alpha=0.55, zorder=0)  # fmt: skip
            used[kind] = Patch(
                facecolor=look.colour, edgecolor=BLACK, hatch=look.hatch, label=words["kind"][kind]
            )
        elif kind == "overlap":
            axes.broken_barh([(event.start, max(0.2, event.end - event.start))], (-0.25, 0.3),
                             facecolor=RED, edgecolor=BLACK, linewidth=0.3)  # fmt: skip
            used[kind] = Patch(facecolor=RED, edgecolor=BLACK, label=words["kind"][kind])
        elif kind == "interruption":
            axes.plot([event.start], [0.25], marker="v" if event.by == "agent" else "^", color=RED,
                      markeredgecolor=BLACK, markersize=6, linestyle="none")  # fmt: skip
        elif kind == "transfer":
            axes.axvline(event.start, color=GREEN, linewidth=1.6, linestyle="--")
    axes.set_yticks(
        [-0.1, *place.values()], [words["kind"]["overlap"], *(words["lane"][lane] for lane in place)]
    )
    axes.set_ylim(-0.4, top)
    axes.text(0.0, 1.01, words["text"]["points"], transform=axes.transAxes, fontsize=7)
    if used:
        axes.legend(handles=list(used.values()), loc="lower right", bbox_to_anchor=(1, 1), ncols=len(used),
                    frameon=False, fontsize=7)  # fmt: skip


def look_of(event: Event) -> str:
    """The key of LOOKS for an event that has one, else its kind."""
    if event.kind != "silence":
        return event.kind
    if event.announced:
        return "announced"
    return "dead air" if (event.end or 0.0) - (event.start or 0.0) > DEAD_AIR_S else "silence"


def draw_marks(axes: "Axes", marks: Sequence[Mark], apart_s: float) -> None:
    """Numbered marks above the lanes; those nearer than ``apart_s`` stand above each other."""
    shapes = {"yes": "o", "no": "X"}
    bottom = axes.get_ylim()[1]
    rows: list[float] = []  # where each row is taken up to
    for number, mark in enumerate(marks, start=1):
        row = next((n for n, taken in enumerate(rows) if mark.at_s >= taken), len(rows))
        rows[row:] = [mark.at_s + apart_s, *rows[row + 1 :]]
        height = bottom + MARK_ROW * (row + 0.3)
        axes.plot([mark.at_s], [height], marker=shapes.get(mark.verdict, "D"), markersize=7, clip_on=False,
                  markerfacecolor="white", markeredgecolor=BLACK, linestyle="none")  # fmt: skip
        axes.annotate(
            str(number), (mark.at_s, height), textcoords="offset points", xytext=(5, -3), fontsize=7
        )
    axes.set_ylim(top=bottom + MARK_ROW * max(1, len(rows)))


def _draw_pace(axes: "Axes", conversation: Conversation, seconds: float, words: Words) -> None:
    """Talk share and pace minute by minute, where they were measured."""
    told = words["text"]
    for at, value in _by_minute(conversation, "talk_share_by_minute", seconds):
        first = at // 60 * 60
        axes.stairs([value * 100], [first, min(first + 60, seconds)], color=BLACK, linewidth=1.6,
                    label=told["share_of_agent"] if not axes.patches else None)  # fmt: skip
    axes.axhline(50, color=GREY, linewidth=0.6, linestyle=":")
    axes.set_ylim(0, 100)
    axes.set_ylabel(told["share"])
    pace = axes.twinx()
    for role, style, colour in (("agent", "o-", BLUE), ("customer", "s--", ORANGE)):
        points = _by_minute(conversation, f"{role}_pace_by_minute", seconds)
        if points:
            label = told["pace_of"].format(role=words["lane"][role])
            pace.plot([at for at, _ in points], [value for _, value in points], style, color=colour,
                      markersize=4, linewidth=1, label=label)  # fmt: skip
    pace.set_ylabel(told["pace"])
    pace.set_ylim(0, pace.get_ylim()[1] * 1.15)
    lines = [*axes.get_legend_handles_labels()[0], *pace.get_legend_handles_labels()[0]]
    if lines:
        pace.legend(handles=lines, loc="lower left", bbox_to_anchor=(0, 0.98), fontsize=6, frameon=False,
                     ncols=len(lines))  # fmt: skip


def _by_minute(conversation: Conversation, signal: str, seconds: float) -> list[tuple[float, float]]:
    """(second at the middle of the minute, value) of a signal, unknown minutes left out."""
    values = conversation.signals.get(signal)
    if not isinstance(values, dict):
        return []
    points = []
    for minute, value in values.items():
        if value is not None:
            start = int(minute) * 60.0
            points.append(((start + min(start + 60.0, seconds)) / 2, float(value)))
    return sorted(points)


def _time_axis(axes: "Axes", seconds: float, words: Words) -> None:
    step = next(s for s in (10, 30, 60, 120, 300, 600, 1800, 3600) if seconds / s <= 16 or s == 3600)
    ticks = [float(at) for at in range(0, int(seconds) + 1, step)]
    axes.set_xticks(ticks, [f"{int(at // 60)}:{int(at % 60):02d}" for at in ticks])
    axes.set_xlabel(words["text"]["time"])


def _title(conversation: Conversation, seconds: float, words: Words) -> str:
    signals, told = conversation.signals, words["text"]
    parts = [conversation.recording.id, f"{int(seconds // 60)}:{int(seconds % 60):02d}"]
    if signals.get("hold_count"):
        held = str(signals.get("hold_total_seconds")).replace(".", told["decimal"])
        parts.append(told["holds"].format(count=signals["hold_count"], seconds=held))
    if signals.get("dead_air_over_8s_unannounced"):
        parts.append(told["dead_air"].format(count=signals["dead_air_over_8s_unannounced"]))
    quality = signals.get("line_quality")
    if isinstance(quality, str):
        parts.append(told["quality"].format(quality=words["line"].get(quality, quality)))
    return " · ".join(parts)
