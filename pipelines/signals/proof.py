"""How well the signals are measured on generated calls: ``python -m pipelines.signals.proof``.

Runs the sound step and the measures on calls with known truth. Turns, roles and words are the true ones (on
mono also the speakers, without ``--diarize``), so what is measured is the signals and not the recogniser.
``--sounding``: music or a radio lies behind the talk of every call. The held-out half is for reporting;
``--half tuning`` is for work.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import soxr

from database.settings import settings
from pipelines.measure import Measure
from pipelines.signals.intervals import Span, difference, total, union, within
from pipelines.sounds import Sounds
from pipelines.steps import Source, silent
from pipelines.values import HeardWord, Measures, Speakers, SpeakerSpan, Transcript, Turns
from recordings import Conversation, Event
from recordings.audio import RATE, Audio
from recordings.synthesis.generate import generated_call, generated_script
from recordings.synthesis.mix import RenderedCall
from recordings.synthesis.voices import Half

if TYPE_CHECKING:
    from pipelines.diarize import Diarize, DiarizeOptions

EDGE_S = 1.0
COLLAR_S = 0.25
"""Left out either side of every true edge of talk-over, in the figures that say so."""
INTERRUPTION_EDGE_S = 1.0


@dataclass
class Tally:
    """Events found and missed, with the ids of calls where something is wrong."""

    hits: int = 0
    missed: int = 0
    invented: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None where there is nothing to find and nothing found."""
        everything = 2 * self.hits + self.missed + self.invented
        return 2 * self.hits / everything if everything else None

    def add(self, other: "Tally") -> None:
        """Take the numbers of another call."""
        self.hits += other.hits
        self.missed += other.missed
        self.invented += other.invented
        self.wrong += other.wrong


@dataclass
class Outcome:
    """What one call showed. Overlap: seconds true, missed and invented; ``collared`` the same without a
    quarter of a second either side of every true edge."""

    id: str
    mono: bool
    holds: Tally
    dead_air: Tally
    interruptions: Tally
    hold_seconds: tuple[float, float]
    overlap: tuple[float, float, float]
    collared: tuple[float, float, float]
    behind: bool
    behind_as_hold: bool
    cut_noticed: tuple[bool, bool]


def heard_call(call: RenderedCall, speakers: Speakers | None = None) -> Measures:
    """Sound step and measures over a generated call, with its true turns."""
    truth = call.truth
    if speakers is None:
        speakers = Speakers(
            spans=tuple(
                SpeakerSpan(
                    speaker=t.speaker or "S?", channel=t.channel or 0, start=t.start or 0, end=t.end or 0
                )
                for t in truth.turns
            )
        )
    words = tuple(
        HeardWord(**word.model_dump(), channel=t.channel or 0) for t in truth.turns for word in t.words
    )
    with _sound(call) as audio:
        sounds = Sounds().run({"audio": audio}, silent)["sounds"]
        given = {
            "audio": audio,
            "sounds": sounds,
            "speakers": speakers,
            "roles": Turns(turns=truth.turns),
            "transcript": Transcript(language=call.script.language, words=words),
            "source": Source(path=Path(call.script.id), recording=truth.recording),
        }
        measured: Measures = Measure().run(given, silent)["measures"]
    return measured


def judge(call: RenderedCall, found: Measures) -> Outcome:
    """Compare what was found with the truth."""
    truth, name = call.truth, call.script.id
    holds, true_holds = _of(found.events, "hold"), _true_holds(truth)
    dead = [e for e in found.events if e.kind == "silence" and not e.announced and _length(e) > 8]
    true_dead = [e for e in truth.events or () if e.kind == "silence" and not e.announced and _length(e) > 8]
    cuts = [(e.start or 0, e.by) for e in found.events if e.kind == "interruption"]
    true_cuts = [(e.start or 0, e.by) for e in truth.events or () if e.kind == "interruption"]
    overlap, true_overlap = _of(found.events, "overlap"), _of(truth.events or (), "overlap")
    collars = _collars(true_overlap)
    behind = [b for b in call.script.behind if b.sound in ("music", "radio")]
    return Outcome(
        id=name,
        mono=not call.script.channels,
        holds=_match(name, holds, true_holds),
        dead_air=_match(name, [_span(e) for e in dead], [_span(e) for e in true_dead]),
        interruptions=_match_starts(name, cuts, true_cuts),
        hold_seconds=(sum(e - s for s, e in holds), sum(e - s for s, e in true_holds)),
        overlap=_wrong_seconds(true_overlap, overlap),
        collared=_wrong_seconds(
            difference(union(true_overlap), collars), difference(union(overlap), collars)
        ),
        behind=bool(behind),
        behind_as_hold=bool(behind) and any(_invented(hold, true_holds) for hold in holds),
        cut_noticed=(bool(truth.signals.get("holds_cut_out")), found.signals.get("holds_scorable") is False),
    )


def report(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The figures of docs/signals.md over all calls."""
    stereo = [o for o in outcomes if not o.mono]
    mono = [o for o in outcomes if o.mono]
    behind = [o for o in outcomes if o.behind]
    found, true = (sum(o.hold_seconds[i] for o in outcomes) for i in (0, 1))
    holds, dead = _sum(o.holds for o in outcomes), _sum(o.dead_air for o in outcomes)
    cuts, cuts_mono = _sum(o.interruptions for o in stereo), _sum(o.interruptions for o in mono)
    return {
        "calls": len(outcomes),
        "stereo": len(stereo),
        "hold_f1": _round(holds.f1),
        "holds": [holds.hits, holds.missed, holds.invented],
        "hold_seconds_error": _round(abs(found - true) / true if true else None),
        "dead_air_f1": _round(dead.f1),
        "dead_air": [dead.hits, dead.missed, dead.invented],
        "overlap_error_stereo": _overlap([o.overlap for o in stereo]),
        "overlap_error_mono": _overlap([o.overlap for o in mono]),
        "overlap_error_stereo_collar": _overlap([o.collared for o in stereo]),
        "overlap_error_mono_collar": _overlap([o.collared for o in mono]),
        "overlap_seconds": [_round(sum(o.overlap[0] for o in some)) for some in (stereo, mono)],
        "interruption_f1_stereo": _round(cuts.f1),
        "interruptions_stereo": [cuts.hits, cuts.missed, cuts.invented],
        "interruption_f1_mono": _round(cuts_mono.f1),
        "music_behind_calls": len(behind),
        "music_behind_as_hold": sum(o.behind_as_hold for o in behind),
        "cut_holds": sum(o.cut_noticed[0] for o in outcomes),
        "cut_holds_noticed": sum(all(o.cut_noticed) for o in outcomes),
        "cut_holds_invented": sum(o.cut_noticed == (False, True) for o in outcomes),
        "wrong": {"holds": holds.wrong, "dead_air": dead.wrong, "interruptions": cuts.wrong},
    }


def run(
    half: Half, number: int, sounding: bool = False, diarize: bool = False, keep: Path | None = None
) -> Outcome:
    """One call of a half, by number; with ``keep``, from that folder if it was run before."""
    diarize = diarize and not generated_script(half, number)[0].channels  # the channels tell who speaks
    name = f"{half}-{number:03d}{'-sounding' if sounding else ''}{'-diarized' if diarize else ''}.json"
    if keep is not None and (keep / name).is_file():
        return _outcome(json.loads((keep / name).read_text()))
    outcome = _run(half, number, sounding, diarize)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / name).write_text(json.dumps(asdict(outcome)))
    return outcome


def _outcome(kept: dict[str, Any]) -> Outcome:
    tallies = {name: Tally(**kept[name]) for name in ("holds", "dead_air", "interruptions")}
    return Outcome(**{**kept, **tallies, "cut_noticed": tuple(kept["cut_noticed"])})


def _run(half: Half, number: int, sounding: bool, diarize: bool) -> Outcome:
    call = generated_call(half, number, sounding=sounding)
    heard = diarized(call) if diarize else None
    return judge(call, heard_call(call, heard))


def diarized(call: RenderedCall) -> Speakers:
    """Who the networks hear on a mono call, labelled as the true speaker that each mostly is."""
    from pipelines.diarize import DiarizeOptions

    step = _diarizer(settings().models_path, DiarizeOptions(device="cpu"))
    with _sound(call) as audio:
        sounds = Sounds().run({"audio": audio}, silent)["sounds"]
        heard: Speakers = step.run({"audio": audio, "sounds": sounds}, silent)["speakers"]
    labels = {}
    for label in {span.speaker for span in heard.spans}:
        own = [(s.start, s.end) for s in heard.spans if s.speaker == label]
        shared: dict[str, float] = {}
        for turn in call.truth.turns:
            seconds = within(own, turn.start or 0.0, turn.end or 0.0)
            shared[turn.speaker or label] = shared.get(turn.speaker or label, 0.0) + seconds
        labels[label] = max(shared, key=lambda who: shared[who], default=label)
    spans = tuple(s.model_copy(update={"speaker": labels[s.speaker]}) for s in heard.spans)
    return heard.model_copy(update={"spans": spans})


@cache
def _diarizer(models_path: Path, options: "DiarizeOptions") -> "Diarize":
    from pipelines.diarize import Diarize

    return Diarize(models_path, options)


def _sound(call: RenderedCall) -> Audio:
    samples = np.stack([soxr.resample(channel, call.rate, RATE) for channel in call.audio])
    return Audio.from_samples(samples, name=call.script.id)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", choices=get_args(Half), default="held-out")
    parser.add_argument("--count", type=int, default=50, help="calls (default 50)")
    parser.add_argument("--first", type=int, default=0, help="number of the first call")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--sounding", action="store_true", help="music or a radio behind all talk")
    parser.add_argument("--diarize", action="store_true", help="hear the speakers of mono calls (slow)")
    parser.add_argument(
        "--keep", type=Path, help="folder for what each call showed, to go on where it stopped"
    )
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    told = parser.parse_args()
    with ProcessPoolExecutor(told.jobs) as pool:
        outcomes = []
        numbers = range(told.first, told.first + told.count)
        how = ([value] * told.count for value in (told.sounding, told.diarize, told.keep))
        for outcome in pool.map(run, [told.half] * told.count, numbers, *how):
            outcomes.append(outcome)
            wrong = [*outcome.holds.wrong, *outcome.dead_air.wrong, *outcome.interruptions.wrong]
            sys.stderr.write(f"{outcome.id}: {'; '.join(wrong) or 'right'}; overlap {outcome.overlap}\n")
    text = json.dumps({"half": told.half, **report(outcomes)}, indent=1)
    sys.stdout.write(text + "\n")
    if told.json:
        told.json.write_text(text + "\n")


def _true_holds(truth: Conversation) -> list[Span]:
    """The true holds, but for music before the agent's greeting: by the criteria that is a queue."""
    first = min((turn.start or 0.0 for turn in truth.turns), default=0.0)
    return [span for span in _of(truth.events or (), "hold") if span[0] >= first]


def _of(events: Iterable[Event], kind: str) -> list[Span]:
    return [_span(event) for event in events if event.kind == kind]


def _span(event: Event) -> Span:
    return (event.start or 0.0, event.end or 0.0)


def _length(event: Event) -> float:
    return (event.end or 0.0) - (event.start or 0.0)


def _near(span: Span, others: Sequence[Span]) -> bool:
    return any(abs(span[0] - o[0]) <= EDGE_S and abs(span[1] - o[1]) <= EDGE_S for o in others)


def _invented(hold: Span, true: Sequence[Span]) -> bool:
    """Whether a hold lies for the most part where there is none."""
    return within(true, *hold) < 0.5 * (hold[1] - hold[0])


def _match(name: str, found: Sequence[Span], true: Sequence[Span]) -> Tally:
    hits = sum(_near(span, found) for span in true)
    invented = sum(not _near(span, true) for span in found)
    wrong = [f"{name}: true {_text(true)} found {_text(found)}"] if invented or hits < len(true) else []
    return Tally(hits, len(true) - hits, invented, wrong)


def _match_starts(
    name: str, found: Sequence[tuple[float, str | None]], true: Sequence[tuple[float, str | None]]
) -> Tally:
    def near(one: tuple[float, str | None], others: Sequence[tuple[float, str | None]]) -> bool:
        return any(abs(one[0] - o[0]) <= INTERRUPTION_EDGE_S and one[1] == o[1] for o in others)

    hits = sum(near(one, found) for one in true)
    invented = sum(not near(one, true) for one in found)
    wrong = [f"{name}: true {list(true)} found {list(found)}"] if invented or hits < len(true) else []
    return Tally(hits, len(true) - hits, invented, wrong)


def _text(spans: Sequence[Span]) -> str:
    return " ".join(f"{start:.1f}-{end:.1f}" for start, end in spans) or "none"


def _sum(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return whole


def _wrong_seconds(true: Sequence[Span], found: Sequence[Span]) -> tuple[float, float, float]:
    """Seconds true, missed and invented."""
    left, right = union(true), union(found)
    return total(left), total(difference(left, right)), total(difference(right, left))


def _collars(true: Sequence[Span]) -> list[Span]:
    return union((edge - COLLAR_S, edge + COLLAR_S) for span in true for edge in span)


def _overlap(overlaps: Sequence[tuple[float, float, float]]) -> float | None:
    """(missed + invented seconds) / true seconds."""
    true, missed, invented = (sum(one[i] for one in overlaps) for i in range(3))
    return _round((missed + invented) / true if true else None)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


if __name__ == "__main__":
    main()
