"""One worker process of the local engine: does jobs until none is left, and never outlives its runner."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from database.settings import Settings
from pipelines.worker import AT_LEAST_S

IDLE_S = 0.5
NOTHING_LEFT, CANNOT_WORK = 0, 3
"""Exit codes: no job is left; a model or card is missing, which no other process would survive either."""
PR_SET_PDEATHSIG = 1
ON_A_GPU = 16
"""Calls that go through a GPU together: one of five minutes has some ten chunks of speech, a batch 48."""


@dataclass(frozen=True)
class ChildConfig:
    """What a worker process is told. ``builder`` names the function that makes the pipeline, as
    ``module:function`` out of a closed list (tests use a light one)."""

    settings: Settings
    card_id: str
    threads: int
    builder: str
    log_file: Path
    runner: int
    stay: bool = False
    at_once: int | None = None
    """How many calls a worker takes through the networks in common batches; None: many on a GPU, else one."""
    limit_s: float = AT_LEAST_S
    """The watchdog: no call may take longer than this, or four times its length where that is more."""


BUILDERS = (
    "pipelines.build:build_pipeline",
    "pipelines.testing:build_light_pipeline",
    "pipelines.testing:build_slow_pipeline",
    "pipelines.testing:build_faulty_pipeline",
)


def child_main(config: ChildConfig) -> None:
    """Work until there is nothing left to do, then exit."""
    die_with(config.runner)
    limit_threads(config.threads)
    from pipelines.night.logs import log_to

    log_to(config.log_file)
    sys.exit(work(config))


def limit_threads(threads: int) -> None:
    """Let every library of this process, none of which is loaded yet, use so many threads."""
    for name in ("RAPPORT_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)


def work(config: ChildConfig) -> int:
    """Do jobs until none is left (or, with ``stay``, for ever); returns the exit code."""
    import importlib

    from database.backlog import unfinished_jobs
    from models.errors import ModelError
    from pipelines.process import processor
    from pipelines.worker import Worker, log, patiently
    from scorecards.errors import ScorecardError

    if config.builder not in BUILDERS:
        raise ValueError(f"builder {config.builder!r} is not one of {', '.join(BUILDERS)}")
    module, function = config.builder.split(":")
    build = getattr(importlib.import_module(module), function)
    try:
        made = patiently(lambda: processor(config.settings, card_id=config.card_id, build=build))
        if made.engine is None:
            return CANNOT_WORK
        # A child of the local engine is watched by its runner; elsewhere the worker watches itself.
        limit = None if config.runner else config.limit_s
        worker = Worker(
            made.engine, made, limit_s=limit, at_once=config.at_once or calls_at_once(config.settings.device)
        )
        while True:
            if worker.run_one():
                continue
            if not config.stay and not patiently(lambda: unfinished_jobs(worker.engine, worker.kinds)):
                return NOTHING_LEFT
            time.sleep(IDLE_S)
    except (ModelError, ScorecardError) as error:
        log.error("cannot work", cause=str(error))
        return CANNOT_WORK


def calls_at_once(device: str) -> int:
    """How many calls go through the networks together where nobody says it."""
    from models import devices

    return ON_A_GPU if devices.gpu_count() and devices.choose(device).kind == "cuda" else 1


def die_with(runner: int) -> None:
    """Make this process end when its runner does, whatever ends the runner (Linux asks the kernel; elsewhere,
    and for a runner already gone, a thread looks)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == runner:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="runner-watch").start()
