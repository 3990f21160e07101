"""Figures of the night run.

``python -m pipelines.night.proof --calls 2000 --queued 100000`` prints, with a light pipeline that needs no
models, what the machinery adds to a call, how long a full queue takes to plan, and how a worker's memory
grows with the calls it has done. ``--broken 10000`` runs a night of so many files, one in twenty broken;
``--scaling AUDIO…`` sets worker processes with the real models against one, ``--together AUDIO…`` calls in
common batches against the same one by one; ``--cost`` prints what a night comes to on many machines.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from database.settings import Settings
from pipelines.cli.common import out
from pipelines.process import Processor, processor
from pipelines.testing import build_light_pipeline

if TYPE_CHECKING:
    from sqlalchemy import Engine

RATE = 8000
A_CALL_S = 300.0
SPEED = 8.0
"""The call that the overhead is set beside: five minutes, at the speed that the plan assumes a worker."""


def recordings(folder: Path, count: int, seconds: float = 2.0) -> Iterator[Path]:
    """Recordings of one tone each, no two alike."""
    import soundfile

    folder.mkdir(parents=True, exist_ok=True)
    clock = np.arange(int(seconds * RATE)) / RATE
    for number in range(count):
        sound = (0.3 * np.sin(2 * np.pi * (200 + number % 3000) * clock)).astype(np.float32)
        sound[number % len(sound)] += 0.01 * (1 + number // len(sound))
        path = folder / f"call-{number:06d}.wav"
        soundfile.write(path, sound, RATE, subtype="PCM_16")
        yield path


def resident_mib() -> float:
    """Memory that this process holds now, in MiB (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def overhead(folder: Path, count: int) -> dict[str, float]:
    """Milliseconds a call: processed alone, and as a job, in turns of ten; and what the job adds, also as a
    part of a five-minute call."""
    from pipelines.night.register import register_places
    from pipelines.sources import read_source
    from pipelines.worker import Worker

    alone, batch = _fresh(folder / "alone"), _fresh(folder / "batch")
    for path in recordings(folder / "first", 2):  # loads what loads at the first call
        alone.process(read_source(path))
        batch.process(read_source(path))
    files = list(recordings(folder / "inbox", count + 2))[2:]
    engine = _engine(batch)
    started = time.perf_counter()
    register_places(engine, files, settled_s=0)
    registering = time.perf_counter() - started
    worker = Worker(engine, batch)
    single = jobs = 0.0
    for at in range(0, count, 10):
        started = time.perf_counter()
        for path in files[at : at + 10]:
            alone.process(read_source(path))
        between = time.perf_counter()
        for _ in files[at : at + 10]:
            worker.run_one()
        single, jobs = single + between - started, jobs + time.perf_counter() - between
    added = (registering + jobs - single) / count
    return {
        "alone_ms": 1000 * single / count,
        "registering_ms": 1000 * registering / count,
        "as_job_ms": 1000 * jobs / count,
        "added_ms": 1000 * added,
        "added_percent": 100 * added / (A_CALL_S / SPEED),
    }


def planning(folder: Path, queued: int) -> tuple[float, str]:
    """Seconds to arrange and plan a queue of so many calls, and the plan as printed."""
    from sqlalchemy import insert

    from database.engine import open_database, writing
    from database.tables import Call, Job
    from pipelines.night.nightly import NightOptions, plan_night

    engine = open_database(Settings(home=folder / "queue"))
    with writing(engine) as session:
        session.execute(
            insert(Call),
            [
                {"sha256": f"{n:064x}", "file_name": f"{n}.wav", "duration": 120.0 + n % 600}
                for n in range(1, queued + 1)
            ],
        )
        session.execute(insert(Job), [{"kind": "process", "call_id": n} for n in range(1, queued + 1)])
    started = time.perf_counter()
    made = plan_night(engine, NightOptions(workers=2))
    return time.perf_counter() - started, str(made)


def memory(folder: Path, count: int, samples: int = 5) -> list[tuple[int, float]]:
    """Calls done by one worker, and the MiB it holds then; the first tenth counts as warming up."""
    from pipelines.night.register import register_places
    from pipelines.worker import Worker

    made = _fresh(folder / "long")
    engine = _engine(made)
    for _ in recordings(folder / "many", count):
        pass
    register_places(engine, [folder / "many"], settled_s=0)
    worker, done = Worker(engine, made), 0
    points = {max(1, count // 10), *(count * n // samples for n in range(1, samples + 1))}
    held: list[tuple[int, float]] = []
    while worker.run_one():
        done += 1
        if done in points:
            held.append((done, resident_mib()))
    return held


def _fresh(home: Path) -> Processor:
    return processor(Settings(home=home), build=build_light_pipeline)


def _engine(made: Processor) -> "Engine":
    if made.engine is None:
        raise AssertionError("a processor that stores has an engine")
    return made.engine


def machinery(told: Any) -> None:
    """Overhead, planning and memory with the light pipeline."""
    with tempfile.TemporaryDirectory(prefix="rapport-proof-") as folder:
        cost = overhead(Path(folder), told.compared)
        out(
            f"overhead, {told.compared} light calls: alone {cost['alone_ms']:.1f} ms, "
            f"registered {cost['registering_ms']:.1f} ms and as a job {cost['as_job_ms']:.1f} ms; "
            f"added {cost['added_ms']:.1f} ms a call, {cost['added_percent']:.2f} % of a call of "
            f"{A_CALL_S / 60:.0f} min at {SPEED:.0f} times real time"
        )
        seconds, text = planning(Path(folder), told.queued)
        out(f"planning, {told.queued} queued calls: {seconds:.2f} s\n  " + text.replace("\n", "\n  "))
        for done, held in memory(Path(folder), told.calls):
            out(f"memory after {done} calls: {held:.0f} MiB")


def broken(count: int, workers: int) -> bool:
    """A night of many files, one in twenty broken; whether every one ended as it must."""
    from pipelines.night.broken import broken_night

    with tempfile.TemporaryDirectory(prefix="rapport-proof-", ignore_cleanup_errors=True) as folder:
        made = broken_night(Path(folder), count, workers=workers)
    out(f"{made.files} files, {made.broken} of them broken, {workers} workers: {made.seconds:.0f} s")
    for kind, became in made.became.items():
        out(f"  {kind:<26}" + ", ".join(f"{number} {what}" for what, number in became.items()))
    held = ", ".join(f"{size:.0f} after {done}" for done, size in made.held)
    out(f"the fullest worker held, in MiB: {held}")
    for line in made.wrong:
        out(f"WRONG  {line}")
    out(
        "every file ended as it must"
        if not made.wrong
        else f"{len(made.wrong)} files did not end as they must"
    )
    return not made.wrong


def processes(files: list[Path], workers: int, rounds: int) -> None:
    """Worker processes with the real models against one."""
    from database.settings import settings
    from pipelines.night.scaling import scaling

    with tempfile.TemporaryDirectory(prefix="rapport-proof-") as folder:
        made = scaling(files, Path(folder), settings().models_path, workers=workers, rounds=rounds)
    out(
        f"{made.calls} calls, {made.audio_s:.0f} s of audio: one process {made.alone_s:.1f} s; "
        f"{made.workers} processes, as many calls each, {made.together_s:.1f} s: {100 * made.ratio:.0f} % of "
        f"{made.workers} times one by the clock, {100 * made.cpu_ratio:.0f} % in processor time "
        f"({made.alone_cpu_s:.1f} s alone, {made.cpu_s:.1f} s in company); "
        f"{made.hours_per_core:.1f} hours of audio per hour of processor time"
    )


def together(files: list[Path]) -> None:
    """The same calls one by one and together."""
    from database.settings import settings
    from pipelines.night.scaling import company

    made = company(files, settings().models_path, settings().device if settings().device != "auto" else "cpu")
    out(
        f"{made.calls} calls, {made.audio_s:.0f} s of audio: {made.equal} equal to the byte; one by one "
        f"{made.alone_cpu_s:.1f} s of processor time ({made.alone_s:.1f} s by the clock), together "
        f"{made.together_cpu_s:.1f} s ({made.together_s:.1f} s)"
    )


def cost(told: Any) -> None:
    """What a night comes to on one, ten and a hundred machines."""
    from pipelines.night.scaling import MACHINES, Machine, growth

    machines = (
        [Machine(f"yours, {told.per_machine} workers", told.per_machine, told.price)]
        if told.price
        else MACHINES
    )
    out(
        f"given, as measured by the other proofs: {told.speed:g} hours of audio per hour of one worker; "
        f"{1000 * told.database_s:g} ms of the database a call (the worst case: one call at a time)\n"
        "assumed: prices, five-minute calls; derived: all that follows"
    )
    out(f"  {'machine':<22}{'machines':>9}{'hours':>10}{'takes':>9}{'$ / 1,000 h':>13}{'database busy':>15}")
    for machine in machines:
        for count in (1, 10, 100):
            made = growth(machine, count, told.hours * count, speed=told.speed, database_s=told.database_s)
            out(
                f"  {machine.name:<22}{count:>9}{made.hours:>10,.0f}{made.takes_h:>7.1f} h"
                f"{made.dollars_per_1000_h:>13.2f}{100 * made.database_busy:>13.1f} %"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m pipelines.night.proof",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--calls", type=int, default=2000, help="calls of the memory figure")
    parser.add_argument("--compared", type=int, default=200, help="calls of the overhead figure")
    parser.add_argument("--queued", type=int, default=100_000, help="calls of the planning figure")
    parser.add_argument("--broken", type=int, help="a night of so many files, one in twenty broken")
    parser.add_argument("--scaling", nargs="+", type=Path, help="recordings for the processes' figure")
    parser.add_argument("--together", nargs="+", type=Path, help="recordings to do one by one and together")
    parser.add_argument("--workers", type=int, default=2, help="processes of --broken and --scaling")
    parser.add_argument("--rounds", type=int, default=2, help="turns of --scaling")
    parser.add_argument("--cost", action="store_true", help="what a night comes to, from the figures below")
    parser.add_argument("--speed", type=float, default=SPEED, help="hours of audio per hour of a worker")
    parser.add_argument("--database-s", type=float, default=0.0085, help="seconds of the database a call")
    parser.add_argument("--hours", type=float, default=500.0, help="hours of audio a night and machine")
    parser.add_argument("--price", type=float, help="dollars an hour of a machine of your own")
    parser.add_argument("--per-machine", type=int, default=8, help="with --price: workers on that machine")
    told: Any = parser.parse_args()
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if told.broken:
        raise SystemExit(0 if broken(told.broken, told.workers) else 1)
    if told.scaling:
        processes(told.scaling, told.workers, told.rounds)
    elif told.together:
        together(told.together)
    elif told.cost:
        cost(told)
    else:
        machinery(told)


if __name__ == "__main__":
    main()
