"""Worker processes of the local engine against one: the same real calls, in turns within one run.

``python -m pipelines.night.proof --scaling AUDIO…`` prints it, and ``--cost`` what it comes to on machines
with a price: what is measured and what is derived from it stand apart.
"""

import multiprocessing
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import soundfile

from database.settings import Settings
from pipelines.steps import PipelineError


@dataclass(frozen=True)
class Scaling:
    """``workers`` processes against one. ``alone_s`` and ``together_s`` are medians of turns in which one
    process did ``calls`` calls and all of them did as many each; ``audio_s`` seconds of sound in a process's
    turn; ``alone_cpu_s`` and ``cpu_s`` processor seconds that one process took for its calls alone and beside
    the others, which a busy machine changes less."""

    workers: int
    calls: int
    audio_s: float
    alone_s: float
    together_s: float
    alone_cpu_s: float
    cpu_s: float

    @property
    def ratio(self) -> float:
        """Calls a second of all processes over those of one, by the number of processes: 1 is perfect."""
        return self.alone_s / self.together_s

    @property
    def cpu_ratio(self) -> float:
        """Processor time of a call alone over that in company: 1 where processes do not slow each other."""
        return self.alone_cpu_s / self.cpu_s

    @property
    def hours_per_core(self) -> float:
        """Hours of audio per hour of processor time, in company."""
        return self.audio_s / self.cpu_s


def scaling(
    files: Sequence[Path], folder: Path, models: Path, *, workers: int = 2, rounds: int = 2
) -> Scaling:
    """Measure the whole pipeline with real models, one thread a worker, on copies that differ by some
    samples, so that none is known already. Models are loaded and warm before the clock starts."""
    from database.engine import open_database
    from pipelines.night.register import register_places

    settings = Settings(home=folder / "home", models=models, device="cpu", threads=1)
    inbox = folder / "inbox"
    inbox.mkdir()
    needed = workers + rounds * len(files) * (1 + workers)
    audio_s = 0.0
    for number in range(needed):
        data, rate = soundfile.read(files[number % len(files)], dtype="int16", always_2d=True)
        soundfile.write(inbox / f"{number:04d}.wav", data[number:], rate, subtype="PCM_16")
        audio_s += len(data) / rate
    register_places(open_database(settings), [inbox], settled_s=0)
    team = [_Process(settings) for _ in range(workers)]
    try:
        for one in team:
            one.ask(1)
        for one in team:
            one.answer()
        alone, together, alone_cpu, cpu = [], [], [], []
        for _ in range(rounds):
            team[0].ask(len(files))
            wall, used = team[0].answer()
            alone.append(wall)
            alone_cpu.append(used)
            started = time.perf_counter()
            for one in team:
                one.ask(len(files))
            cpu += [one.answer()[1] for one in team]
            together.append(time.perf_counter() - started)
    finally:
        for one in team:
            one.stop()
    return Scaling(
        workers,
        len(files),
        audio_s / needed * len(files),
        statistics.median(alone),
        statistics.median(together),
        statistics.median(alone_cpu),
        statistics.median(cpu),
    )


class _Process:
    """One worker process that does so many jobs when asked, and tells wall and processor seconds."""

    def __init__(self, settings: Settings) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(settings, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, calls: int) -> None:
        self._pipe.send(calls)

    def answer(self) -> tuple[float, float]:
        try:
            made: Any = self._pipe.recv()
        except EOFError as error:
            raise PipelineError("a worker process ended before it answered") from error
        if isinstance(made, str):
            raise PipelineError(f"a worker process failed: {made}")
        return float(made[0]), float(made[1])

    def stop(self) -> None:
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.terminate()


def _serve(settings: Settings, pipe: Connection) -> None:
    from pipelines.night.child import limit_threads
    from pipelines.night.logs import log_to
    from pipelines.process import processor
    from pipelines.worker import Worker

    try:
        limit_threads(settings.threads or 1)
        log_to(settings.home / "logs" / "scaling.jsonl")
        made = processor(settings)
        if made.engine is None:
            raise PipelineError("a processor that stores has a database")
        worker = Worker(made.engine, made)
        while True:
            try:
                calls = pipe.recv()
            except EOFError:
                return
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(calls):
                if not worker.run_one():
                    raise PipelineError("no call was left to do")
            pipe.send((time.perf_counter() - wall, time.process_time() - cpu))
    except Exception as error:  # whatever it was, the other side has to know
        pipe.send(f"{type(error).__name__}: {error}")


@dataclass(frozen=True)
class Company:
    """Calls through the networks together against one by one: how many of ``calls`` came out equal to the
    byte (but for the seconds they took), and the processor seconds and seconds by the clock of both."""

    calls: int
    equal: int
    audio_s: float
    alone_cpu_s: float
    together_cpu_s: float
    alone_s: float
    together_s: float


def company(files: Sequence[Path], models: Path, device: str = "cpu") -> Company:
    """Do the same calls one by one and together with the real models, nothing kept between."""
    from pipelines.build import build_pipeline
    from pipelines.cache import NoCache
    from pipelines.run import CallResult
    from pipelines.sources import source_of
    from pipelines.together import run_together

    pipeline = build_pipeline(Settings(models=models, device=device))
    sources = [source_of(path) for path in files]
    pipeline.run(sources[0], NoCache())  # loads what loads at the first call

    def document(result: CallResult | Exception) -> str:
        if isinstance(result, Exception):
            raise result
        made_by = result.conversation.made_by
        recipe = made_by.model_copy(update={"seconds": {}}) if made_by else None
        return result.conversation.model_copy(update={"made_by": recipe}).to_json()

    clock, used = time.perf_counter(), time.process_time()
    alone = [pipeline.run(source, NoCache()) for source in sources]
    between, used_between = time.perf_counter(), time.process_time()
    together = run_together(pipeline, sources, NoCache())
    end, used_end = time.perf_counter(), time.process_time()
    pairs = zip(alone, together, strict=True)
    return Company(
        len(files),
        sum(document(one) == document(other) for one, other in pairs),
        sum(one.conversation.recording.duration or 0.0 for one in alone),
        used_between - used,
        used_end - used_between,
        between - clock,
        end - between,
    )


@dataclass(frozen=True)
class Machine:
    """A machine to buy time on: ``workers`` processes (cores, or shares of a GPU), dollars an hour."""

    name: str
    workers: int
    dollars: float


MACHINES = (Machine("16 virtual cores", 8, 0.71), Machine("64 virtual cores", 32, 2.86))
"""Assumed: list prices on demand in a large cloud's cheapest region as remembered from 2025, not looked up;
two virtual cores are one core. Pass your own."""


@dataclass(frozen=True)
class Growth:
    """What so many machines do with so many hours of audio: derived, not measured."""

    machine: Machine
    machines: int
    hours: float
    takes_h: float
    dollars_per_1000_h: float
    database_busy: float
    """Share of the time that one database at ``database_s`` a call is busy; above 1 it is the limit."""


def growth(
    machine: Machine,
    machines: int,
    hours: float,
    *,
    speed: float,
    database_s: float,
    call_s: float = 300.0,
) -> Growth:
    """How long a night takes from measured parts: ``speed`` hours of audio per hour of one worker and
    ``database_s`` seconds of the shared database a call, the worst case in which calls queue for it one by
    one. Calls of ``call_s`` seconds; the last call of each worker is waited for."""
    workers = machines * machine.workers
    calls = hours * 3600 / call_s
    working_h = hours / (speed * workers) + call_s / 3600 / speed
    database_h = calls * database_s / 3600
    takes = max(working_h, database_h)
    return Growth(
        machine,
        machines,
        hours,
        takes,
        1000 * takes * machines * machine.dollars / hours,
        database_h / takes,
    )
