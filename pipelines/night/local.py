"""The local engine: worker processes on this machine, watched over by one runner.

A worker that dies takes down no other and loses no call; one that hangs on a call is stopped; the runner
itself may be killed at any moment, and the next one goes on from there.
"""

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING

import structlog

from database.backlog import counts, release, running_jobs, settle, unfinished_jobs
from database.jobs import fail
from database.totals import count_missing
from database.types import utc_now
from pipelines.night.child import CANNOT_WORK, ChildConfig, child_main
from pipelines.worker import KINDS, is_gone, patiently, time_limit

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from database.backlog import Counts
    from database.tables import Job

WATCH_S = 0.5
COUNT_S = 60.0

log = structlog.get_logger()


def workers_for(
    cores: int | None = None,
    memory_gb: float | None = None,
    per_worker_gb: float = 2.5,
    gpus: int = 0,
) -> int:
    """Worker processes that use all cores without crowding the memory: one thread each, as several processes
    of one thread measure as fast as one of several. With GPUs one for each, as several on a GPU would share
    its memory and fill smaller batches."""
    cores = cores or len(os.sched_getaffinity(0))
    if gpus:
        return max(1, min(gpus, cores))
    if memory_gb is None:
        memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return max(1, min(cores, int(memory_gb / per_worker_gb)))


@dataclass
class LocalEngine:
    """The runner. ``told`` hears the counts about twice a second."""

    engine: "Engine"
    config: ChildConfig
    workers: int
    told: "Callable[[Counts], None]" = lambda _: None
    children: dict[int, SpawnProcess] = field(default_factory=dict)
    deaths: int = 0
    counted: float = float("-inf")

    def run(self) -> bool:
        """Work until nothing is left; False when no worker can work (a model or the card is missing)."""
        self.config = replace(self.config, runner=os.getpid())
        why = "the run ended in the middle of the call"
        given_back = patiently(lambda: release(self.engine, is_gone, why, blame=False))
        if given_back:
            log.warning("jobs of an ended runner given back", jobs=given_back)
        try:
            while True:
                able = self._tend()
                self.told(patiently(lambda: counts(self.engine)))
                if not able:
                    return False
                idle = not self.children and not patiently(lambda: unfinished_jobs(self.engine, KINDS))
                if idle and not self.config.stay:
                    return True
                if idle:
                    self._count_totals()
                time.sleep(WATCH_S)
        finally:
            self.stop()
            with contextlib.suppress(Exception):
                settle(self.engine)

    def _tend(self) -> bool:
        """Replace workers that died, stop the one that hangs; False when they cannot work at all."""
        for pid, child in list(self.children.items()):
            if child.is_alive():
                continue
            child.join()
            del self.children[pid]
            if child.exitcode == CANNOT_WORK:
                return False
            if child.exitcode != 0:
                self._mourn(pid, child.exitcode or 0)
        self._stop_hanging()
        left = patiently(lambda: unfinished_jobs(self.engine, KINDS))
        while len(self.children) < min(self.workers, left):
            self._start()
        return True

    def _count_totals(self) -> None:
        """Nothing else to do: count the monthly totals that people's decisions took away, once a minute."""
        if time.monotonic() - self.counted >= COUNT_S:
            patiently(lambda: count_missing(self.engine))
            self.counted = time.monotonic()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        child = context.Process(target=child_main, args=(self.config,), name="rapport-worker")
        child.start()
        if child.pid is not None:
            self.children[child.pid] = child

    def _mourn(self, pid: int, code: int) -> None:
        self.deaths += 1
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        log.warning("worker died", pid=pid, how=how)
        cause = f"the worker process died on this call ({how})"
        patiently(lambda: release(self.engine, is_gone, cause))

    def _stop_hanging(self) -> None:
        in_hand: dict[int, list[tuple[Job, float | None]]] = {}
        for job, duration in patiently(lambda: running_jobs(self.engine)):
            in_hand.setdefault(int((job.worker or "::").split(":")[1] or 0), []).append((job, duration))
        for pid, group in in_hand.items():
            child = self.children.get(pid)
            began = [job.started_at for job, _ in group if job.started_at is not None]
            if child is None or not began:
                continue
            # Calls that go through together have the time of all of them.
            limit = time_limit(self.config.limit_s, sum(duration or 0.0 for _, duration in group))
            took = (utc_now() - min(began)).total_seconds()
            if took > limit:
                log.warning("worker hangs", pid=pid, jobs=[job.id for job, _ in group], took_s=round(took))
                child.kill()
                child.join()
                cause = f"took longer than {limit:.0f} s and was stopped"
                for job, _ in group:
                    patiently(lambda job=job, cause=cause: fail(self.engine, job, cause))  # type: ignore[misc]

    def stop(self) -> None:
        """End all workers at once; their calls are given back."""
        for child in self.children.values():
            child.kill()
        for child in self.children.values():
            child.join()
        if self.children:
            with contextlib.suppress(Exception):
                release(self.engine, is_gone, "the run was stopped", blame=False)
        self.children.clear()
