"""The step that finds who spoke when.

Channels of their own are speakers of their own. One channel with several people is diarized as
pyannote's pipeline does it (Bredin 2023, "pyannote.audio 2.1 speaker diarization pipeline"): windows,
voices, embeddings, clusters, stitched back together; but with fewer windows and the embedding network's
front run once, as measured in docs/benchmarks.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models import devices, identity
from pipelines.clustering import ClusterOptions, assign, cluster, held_apart
from pipelines.signals.intervals import intersection
from pipelines.signals.vad import spans
from pipelines.steps import Hook
from pipelines.values import Sounds, Speakers, SpeakerSpan

if TYPE_CHECKING:
    from pipelines.diarize_networks import Networks, Windows
    from recordings.audio import Audio

Span = tuple[float, float]


@dataclass(frozen=True)
class DiarizeOptions:
    """Seconds: a window every ``step_s``; the same voice's pauses up to ``fill_s`` are filled and spans
    under ``shortest_s`` dropped. Two talk at once where the windows' mean probability stays over ``two_off``
    for ``two_shortest_s`` and reaches ``two``; both are raised by ``two_usual`` times the upper quartile of
    that probability where somebody talks, for a radio in the room keeps it up all the time. They begin
    ``two_late_s`` later and end ``two_early_s`` earlier than the network says, as generated calls show."""

    segmentation: str = "segmentation-3.0"
    embedding: str = "campplus"
    step_s: float = 2.5
    fill_s: float = 0.3
    shortest_s: float = 0.1
    two: float = 0.55
    two_off: float = 0.45
    two_usual: float = 2.0
    two_late_s: float = 0.04
    two_early_s: float = 0.02
    two_shortest_s: float = 0.15
    clusters: ClusterOptions = field(default_factory=ClusterOptions)
    device: str = "auto"


class Diarize:
    """Needs ``audio`` and ``sounds``; makes ``speakers``. The networks load at the first mono call."""

    name = "diarize"
    version = 4
    needs = ("audio", "sounds")
    makes = ("speakers",)

    def __init__(self, models_path: Path, options: DiarizeOptions | None = None) -> None:
        self.settings = options or DiarizeOptions()
        self._models_path = models_path
        self._networks: Networks | None = None

    @property
    def models(self) -> dict[str, str]:
        """The models' names and the hashes of their weights."""
        return {name: identity(name) for name in (self.settings.segmentation, self.settings.embedding)}

    def options(self) -> Mapping[str, Any]:
        """What the speakers depend on."""
        chosen = asdict(self.settings)
        del chosen["device"]
        return {**chosen, "weights": self.models}

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        """Spans of all speakers, ``S0`` being who speaks first. A recording without speech has none."""
        return self.run_many([values], hook)[0]

    def run_many(self, many: Iterable[Mapping[str, Any]], hook: Hook) -> list[Mapping[str, Any]]:
        """The same for several calls, whose windows fill common batches."""
        calls = [_Talk.of(values["audio"], values["sounds"]) for values in many]
        mono = [call for call in calls if len(call.speech) == 1]
        for call, windows in zip(mono, self._listen(mono, hook), strict=True):
            ((channel, speech),) = call.speech.items()
            for speaker, stretches in enumerate(speakers_of(windows, call.audio.duration_s, self.settings)):
                call.found[channel, speaker] = stretches
            call.overlaps = tuple(overlaps_of(windows, speech, call.audio.duration_s, self.settings))
        for call in calls:
            if len(call.speech) > 1:
                call.found |= {(channel, 0): speech for channel, speech in call.speech.items()}
        return [{"speakers": Speakers(spans=named(call.found), overlaps=call.overlaps)} for call in calls]

    def _listen(self, calls: "Sequence[_Talk]", hook: Hook) -> "Sequence[Windows]":
        """What the networks find in calls whose voices share one channel."""
        if not calls:
            return []
        from pipelines.diarize_networks import Place

        if self._networks is None:
            from pipelines.diarize_networks import Networks

            self._networks = Networks(
                self._models_path,
                devices.choose(self.settings.device),
                segmentation_model=self.settings.segmentation,
                embedding_model=self.settings.embedding,
            )

        total = sum(call.audio.duration_s for call in calls)
        return self._networks.listen(
            [Place(call.audio, next(iter(call.speech)), call.talks) for call in calls],
            self.settings.step_s,
            lambda done: hook(self.name, done, total),
        )


@dataclass
class _Talk:
    """One call: the speech of each channel on which somebody talks, and what was found."""

    audio: "Audio"
    speech: Mapping[int, list[Span]]
    found: dict[tuple[int, int], list[Span]] = field(default_factory=dict)
    overlaps: tuple[Span, ...] | None = None

    @classmethod
    def of(cls, audio: "Audio", sounds: Sounds) -> "_Talk":
        heard = {c: [(sound.start, sound.end) for sound in sounds.of("speech", c)] for c in audio.distinct}
        return cls(audio, {channel: spans for channel, spans in heard.items() if spans})

    def talks(self, start: float, end: float) -> bool:
        """Whether somebody may talk between two times."""
        return any(a < end and b > start for spans in self.speech.values() for a, b in spans)


def speakers_of(windows: "Windows", duration_s: float, options: DiarizeOptions) -> list[list[Span]]:
    """The spans of each speaker, from what the networks found in the windows."""
    from pipelines.diarize_networks import FIRST_S, FRAME_S

    usable = ~np.isnan(windows.embeddings).any(axis=-1)  # (windows, voices)
    if not usable.any():
        return [spans_of(grid, FRAME_S, FIRST_S, options) for grid in _stitch_one(windows, duration_s)]
    _, centroids = cluster(windows.embeddings[usable], windows.clean_s[usable], options.clusters)
    if len(centroids) == 1 and options.clusters.most > 1:
        two = held_apart(windows.starts, windows.embeddings, windows.clean_s, options.clusters)
        centroids = centroids if two is None else two
    grid = _stitch(windows, centroids, duration_s)
    return [spans_of(row, FRAME_S, FIRST_S, options) for row in grid]


def overlaps_of(
    windows: "Windows", speech: Sequence[Span], duration_s: float, options: DiarizeOptions
) -> list[Span]:
    """Where two talk at once within the speech, by the mean of all windows' opinions, in seconds.

    Told apart from ``speakers_of``, whose spans are filled and widened for the sake of the words.
    """
    from pipelines.diarize_networks import FIRST_S, FRAME_S, FRAMES

    size = int(np.ceil(duration_s / FRAME_S)) + FRAMES + 1
    sure = np.zeros(size, dtype=np.float32)
    seen = np.zeros(size, dtype=np.float32)
    for start, two in zip(windows.starts, windows.two, strict=True):
        at = round(float(start) / FRAME_S)
        sure[at : at + FRAMES] += two
        seen[at : at + FRAMES] += 1
    mean = sure / np.maximum(seen, 1)
    first = FIRST_S - 0.5 * FRAME_S
    talk = np.zeros(size, dtype=np.bool_)
    for begin, end in speech:
        talk[max(0, int((begin - first) / FRAME_S)) : max(0, int((end - first) / FRAME_S) + 1)] = True
    raised = options.two_usual * float(np.quantile(mean[talk], 0.75)) if talk.any() else 0.0
    found: list[Span] = []
    for begin, end in spans(mean >= options.two_off + raised, FRAME_S, min_on_s=options.two_shortest_s):
        reached = mean[round(begin / FRAME_S) : round(end / FRAME_S)].max() >= options.two + raised
        both = (begin + first + options.two_late_s, min(end + first - options.two_early_s, duration_s))
        if reached and both[1] > both[0]:
            found.append(both)
    return intersection(found, speech)


def _stitch(windows: "Windows", centroids: NDArray[np.floating], duration_s: float) -> NDArray[np.bool_]:
    """Who talks in each frame of the recording: ``(speakers, frames)``.

    Windows overlap, so every frame has several opinions: their mean number of voices says how many talk,
    and the speakers with the most opinions behind them are the ones.
    """
    from pipelines.diarize_networks import FRAME_S, FRAMES

    size = int(np.ceil(duration_s / FRAME_S)) + FRAMES + 1
    votes = np.zeros((len(centroids), size), dtype=np.float32)
    voices = np.zeros(size, dtype=np.float32)
    seen = np.zeros(size, dtype=np.float32)
    for start, active, embeddings in zip(windows.starts, windows.active, windows.embeddings, strict=True):
        at = round(float(start) / FRAME_S)
        part = slice(at, at + FRAMES)
        labels = assign(embeddings, centroids, active.any(axis=0))
        for speaker in range(len(centroids)):
            mine = active[:, labels == speaker]
            if mine.shape[1]:
                votes[speaker, part] += mine.any(axis=1)
        voices[part] += active.sum(axis=1)
        seen[part] += 1
    count = np.floor(voices / np.maximum(seen, 1) + 0.5).astype(np.int64)  # half a voice counts
    count = np.minimum(count, len(centroids))
    order = np.argsort(-votes, axis=0, kind="stable")
    rank = np.argsort(order, axis=0, kind="stable")
    talks: NDArray[np.bool_] = (rank < count) & (votes > 0)
    return talks[:, : int(np.ceil(duration_s / FRAME_S))]


def _stitch_one(windows: "Windows", duration_s: float) -> NDArray[np.bool_]:
    """One speaker, where nobody is heard long enough to tell voices apart."""
    return _stitch(windows, np.zeros((1, windows.embeddings.shape[-1]), dtype=np.float32), duration_s)


def spans_of(talks: NDArray[np.bool_], frame_s: float, first_s: float, options: DiarizeOptions) -> list[Span]:
    """The stretches of a row of frames, in seconds, pauses filled and specks dropped."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], talks, [False]]).astype(np.int8)))
    spans: list[Span] = []
    for a, b in edges.reshape(-1, 2):
        start = max(0.0, first_s + (int(a) - 0.5) * frame_s)
        end = first_s + (int(b) - 0.5) * frame_s
        if spans and start - spans[-1][1] <= options.fill_s:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return [(a, b) for a, b in spans if b - a >= options.shortest_s]


def named(found: Mapping[tuple[int, int], Sequence[Span]]) -> tuple[SpeakerSpan, ...]:
    """Spans of (channel, speaker) as values in order of time; labels in order of first speech."""
    first = sorted((spans[0][0], key) for key, spans in found.items() if spans)
    label = {key: f"S{number}" for number, (_, key) in enumerate(first)}
    spans = [
        SpeakerSpan(speaker=label[key], channel=key[0], start=round(start, 3), end=round(end, 3))
        for key, many in found.items()
        for start, end in many
    ]
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, span.speaker)))
