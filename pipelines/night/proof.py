"""Figures of the batch machinery alone, with a light pipeline that needs no models.

``python -m pipelines.night.proof --calls 2000 --queued 100000`` prints what the machinery adds to a call, how
long a full queue takes to plan, and how a worker's memory grows with the calls it has done.
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.night.proof", description=__doc__)
    parser.add_argument("--calls", type=int, default=2000, help="calls of the memory figure")
    parser.add_argument("--compared", type=int, default=200, help="calls of the overhead figure")
    parser.add_argument("--queued", type=int, default=100_000, help="calls of the planning figure")
    told: Any = parser.parse_args()
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
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


if __name__ == "__main__":
    main()
