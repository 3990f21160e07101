"""Speed and memory of the pipeline beside the bare libraries, on the same files in the same run.

Every part lives in a process of its own, with its models loaded and warmed before the clock starts; rounds
go through all parts in turn, so that a busy machine is busy for all of them. Medians over rounds.
"""

import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from database.settings import Settings
from pipelines.steps import PipelineError

BESIDE: Mapping[str, tuple[str, ...]] = {
    "decode": ("decode",),
    "sounds": ("vad",),
    "transcribe": ("transcribe",),
    "diarize": ("diarize",),
}
"""Our steps, and the bare parts that do the same work."""
PARTS = ("whole", "decode", "vad", "transcribe", "diarize")
WARM_S = 20.0


@dataclass(frozen=True)
class Measured:
    """One part on one file: median wall seconds, the same in multiples of real time, peak memory in MiB of
    its process; ``stages`` are the pipeline's own steps in seconds; ``cpu_s`` processor seconds, which a busy
    machine changes less."""

    part: str
    seconds: float
    speed: float
    peak_mib: float
    stages: Mapping[str, float] = field(default_factory=dict)
    cpu_s: float = 0.0


@dataclass(frozen=True)
class FileBench:
    """All parts on one file of ``duration_s`` seconds."""

    path: Path
    duration_s: float
    channels: int
    language: str
    parts: Mapping[str, Measured]
    mix: Measured | None = None
    """The whole pipeline on a stereo file's own mono mix, in the same rounds."""

    @property
    def bare_s(self) -> float:
        """The bare parts' sum."""
        return sum(made.seconds for name, made in self.parts.items() if name != "whole")

    @property
    def against_mix(self) -> tuple[float, float] | None:
        """How many times its own mono mix the file costs, by the clock and in processor time; None for a mono
        file."""
        whole, mix = self.parts["whole"], self.mix
        return None if mix is None else (whole.seconds / mix.seconds, whole.cpu_s / max(mix.cpu_s, 1e-9))

    def to_dict(self) -> dict[str, Any]:
        """A JSON form; seconds, multiples of real time, MiB."""
        whole, bare = self.parts["whole"], self.parts.get("transcribe")
        return {
            "file": self.path.name,
            "duration_s": round(self.duration_s, 2),
            "channels": self.channels,
            "language": self.language,
            "whole": {
                "seconds": round(whole.seconds, 3),
                "x": round(whole.speed, 1),
                "peak_mib": round(whole.peak_mib),
                "stages": {name: round(value, 3) for name, value in whole.stages.items()},
                "against_bare_transcription": round(whole.seconds / bare.seconds, 3) if bare else None,
                "against_bare_sum": round(whole.seconds / self.bare_s, 3) if self.bare_s else None,
                "against_mono_mix": self.against_mix and [round(ratio, 3) for ratio in self.against_mix],
                "cpu_s": round(whole.cpu_s, 1),
            },
            "bare": {
                name: {
                    "seconds": round(m.seconds, 3),
                    "x": round(m.speed, 1),
                    "peak_mib": round(m.peak_mib),
                }
                for name, m in self.parts.items()
                if name != "whole"
            },
        }


def bench(
    files: Iterable[Path],
    settings: Settings,
    *,
    rounds: int = 3,
    language: str = "en",
    parts: Iterable[str] = PARTS,
    tell: Callable[[str], None] = lambda text: None,  # noqa: ARG005
) -> list[FileBench]:
    """Measure every file. Raises PipelineError when a part's process fails, with its own words."""
    files = list(files)
    workers = {name: _Worker(name, settings, language) for name in parts}
    try:
        for name, worker in workers.items():
            tell(f"loading {name}")
            worker.ask(("warm", files[0]))
        return [_measure(path, workers, rounds, language, tell) for path in files]
    finally:
        for worker in workers.values():
            worker.stop()


def memory(
    path: Path, minutes: Iterable[float], settings: Settings, language: str = "en"
) -> dict[float, tuple[float, float]]:
    """Peak MiB and seconds of the whole pipeline on the sound repeated to so many minutes, each length in a
    fresh process."""
    found: dict[float, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for length in minutes:
            long = Path(folder) / f"{length:g}-minutes.wav"
            repeat(path, length * 60, long)
            worker = _Worker("whole", settings, language)
            try:
                seconds, _, peak, _ = worker.ask(("run", long))
            finally:
                worker.stop()
            found[length] = (peak, seconds)
            long.unlink()
    return found


def repeat(path: Path, seconds: float, target: Path) -> None:
    """Write the sound of a file over and over until it lasts so long (16-bit WAV, block by block)."""
    import soundfile

    with (
        soundfile.SoundFile(path) as source,
        soundfile.SoundFile(target, "w", source.samplerate, source.channels, "PCM_16") as out,
    ):
        left = int(seconds * source.samplerate)
        while left > 0:
            block = source.read(min(left, source.samplerate * 60), dtype="int16", always_2d=True)
            if not len(block):
                source.seek(0)
                continue
            out.write(block)
            left -= len(block)


def _measure(
    path: Path, workers: Mapping[str, "_Worker"], rounds: int, language: str, tell: Callable[[str], None]
) -> FileBench:
    from recordings.audio import open_audio

    with open_audio(path) as audio:
        duration, channels = audio.duration_s, audio.channels
    with tempfile.TemporaryDirectory() as folder:
        mixed = mono_mix(path, Path(folder) / "mix.wav") if channels > 1 else None
        return _in_turns(path, mixed, (duration, channels), workers, rounds, language, tell)


def mono_mix(path: Path, target: Path) -> Path:
    """Write a recording's channels as one, their mean (16-bit WAV at 16 kHz)."""
    import soundfile

    from recordings.audio import RATE, open_audio

    with open_audio(path) as audio, soundfile.SoundFile(target, "w", RATE, 1, "PCM_16") as out:
        for block in audio.blocks(60.0):
            out.write(block.samples.mean(axis=0))
    return target


def _in_turns(
    path: Path,
    mixed: Path | None,
    size: tuple[float, int],
    workers: Mapping[str, "_Worker"],
    rounds: int,
    language: str,
    tell: Callable[[str], None],
) -> FileBench:
    duration, channels = size
    took: dict[str, list[float]] = {name: [] for name in workers}
    mix: list[tuple[float, float]] = []
    cpu: dict[str, list[float]] = {name: [] for name in workers}
    stages: list[Mapping[str, float]] = []
    peaks: dict[str, float] = {}
    for number in range(rounds):
        for name, worker in workers.items():
            tell(f"{path.name}: round {number + 1} of {rounds}, {name}")
            seconds, by_stage, peaks[name], used = worker.ask(("run", path))
            took[name].append(seconds)
            cpu[name].append(used)
            if by_stage:
                stages.append(by_stage)
            if name == "whole" and mixed is not None:
                tell(f"{path.name}: round {number + 1} of {rounds}, whole of its mono mix")
                answer = worker.ask(("run", mixed))
                mix.append((answer[0], answer[3]))
    medians = {name: statistics.median(values) for name, values in took.items()}
    by_step = {
        step: statistics.median(one.get(step, 0.0) for one in stages)
        for step in (stages[0] if stages else ())
    }
    made = {
        name: Measured(
            name,
            s,
            duration / max(s, 1e-9),
            peaks[name],
            by_step if name == "whole" else {},
            statistics.median(cpu[name]),
        )
        for name, s in medians.items()
    }
    mono = None
    if mix:
        seconds, used = (statistics.median(values) for values in zip(*mix, strict=True))
        mono = Measured("mix", seconds, duration / seconds, 0.0, cpu_s=used)
    return FileBench(path, duration, channels, language, made, mono)


class _Worker:
    """A part in a process of its own: ask it to run a file, get seconds, stages and its peak memory."""

    def __init__(self, part: str, settings: Settings, language: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._part = part
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(part, settings, language, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, question: tuple[str, Path]) -> Any:
        """Its answer; raises PipelineError where it failed."""
        try:
            self._pipe.send(question)
            answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise PipelineError(f"the benchmark's part {self._part!r} ended before it answered") from error
        if isinstance(answer, str):
            raise PipelineError(f"the benchmark's part {self._part!r} failed: {answer}")
        return answer

    def stop(self) -> None:
        """End it."""
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.terminate()


def _serve(part: str, settings: Settings, language: str, pipe: Connection) -> None:
    """Answer until the other side hangs up."""
    try:
        prepare, run = _whole(settings, language) if part == "whole" else _bare(part, settings, language)
        while True:
            try:
                question, path = pipe.recv()
            except EOFError:
                return
            if question == "warm":
                with tempfile.TemporaryDirectory() as folder:
                    short = Path(folder) / "warm.wav"
                    repeat(path, WARM_S, short)
                    run(prepare(short))
                pipe.send(None)
                continue
            given = prepare(path)
            started, used = time.perf_counter(), time.process_time()
            stages = run(given)
            seconds, used = time.perf_counter() - started, time.process_time() - used
            pipe.send((seconds, stages, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, used))
    except Exception as error:  # whatever it was, the other side has to know
        pipe.send(f"{type(error).__name__}: {error}")


Prepared = tuple[Callable[[Path], Any], Callable[[Any], dict[str, float]]]


def _whole(settings: Settings, language: str) -> Prepared:
    """The whole pipeline, decoding included, nothing cached; its stages in seconds."""
    from pipelines.build import build_pipeline
    from pipelines.cache import NoCache
    from pipelines.sources import source_of

    pipeline = build_pipeline(settings)

    def run(path: Path) -> dict[str, float]:
        made = pipeline.run(source_of(path, language=language), NoCache()).conversation.made_by
        return dict(made.seconds) if made else {}

    return lambda path: path, run


def _bare(part: str, settings: Settings, language: str) -> Prepared:
    """A library as it comes; all but decoding get samples that are decoded before the clock starts."""
    from models import devices
    from pipelines import bench_bare

    device = devices.choose(settings.device)
    if part == "decode":
        return lambda path: path, lambda path: _nothing(bench_bare.decode(path))
    if part == "vad":
        return bench_bare.decode, lambda samples: _nothing(bench_bare.vad(samples))
    if part == "transcribe":
        transcribe = bench_bare.transcriber(settings.models_path, "whisper-base", device)
        return bench_bare.decode, lambda samples: _nothing(transcribe(samples, language))
    if part == "diarize":
        diarize = bench_bare.diarizer(settings.models_path, device)
        return bench_bare.decode, lambda samples: _nothing(diarize(samples))
    raise PipelineError(f"the benchmark knows no part {part!r}; there are {', '.join(PARTS)}")


def _nothing(_: object) -> dict[str, float]:
    return {}
