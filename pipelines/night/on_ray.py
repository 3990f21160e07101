"""The Ray engine: the same workers as actors on a cluster that exists already.

Ray places the actors, gives them their share of CPUs and GPUs and starts them again when a node is lost.
Which call is whose is decided by the shared database, as with the local engine, so results are the same.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from database.backlog import counts, release, settle, unfinished_jobs
from pipelines.night.child import CANNOT_WORK, ChildConfig, work
from pipelines.steps import PipelineError
from pipelines.worker import is_gone, patiently

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from database.backlog import Counts

WATCH_S = 1.0
KINDS = ("process", "rescore")

log = structlog.get_logger()


class RayWorker:
    """One actor: models are loaded where it runs, from paths; nothing heavy travels."""

    def __init__(self, config: ChildConfig) -> None:
        self.config = config

    def work(self) -> int:
        """Do jobs until none is left; the exit code of a worker process."""
        return work(self.config)


@dataclass
class RayEngine:
    """The driver. ``gpus`` is the share of a GPU that one actor takes (0.5: two actors on a GPU)."""

    engine: "Engine"
    config: ChildConfig
    workers: int
    told: "Callable[[Counts], None]" = lambda _: None
    gpus: float = 0.0

    def run(self) -> bool:
        """Work until nothing is left; False when no worker can work.

        Raises PipelineError without Ray or a cluster, or with a database that other machines cannot reach.
        """
        ray = _ray()
        if self.engine.dialect.name == "sqlite" and _nodes(ray) > 1 and not _one_machine(ray):
            raise PipelineError(
                "a cluster of several machines cannot share an SQLite file; "
                "set RAPPORT_DATABASE_URL to a PostgreSQL address"
            )
        actor = ray.remote(RayWorker).options(
            num_cpus=self.config.threads, num_gpus=self.gpus, max_restarts=-1, max_task_retries=-1
        )
        actors = [actor.remote(self.config) for _ in range(self.workers)]
        running = [a.work.remote() for a in actors]
        release(self.engine, is_gone, "the run ended in the middle of the call", blame=False)
        try:
            while running:
                done, running = ray.wait(running, num_returns=len(running), timeout=WATCH_S)
                if CANNOT_WORK in _results(ray, done):
                    return False
                # Jobs of actors that died with their node: those of this machine at once, others by lease.
                patiently(lambda: release(self.engine, is_gone, "the worker's node was lost"))
                self.told(patiently(lambda: counts(self.engine)))
                if not running and patiently(lambda: unfinished_jobs(self.engine, KINDS)):
                    running = [a.work.remote() for a in actors]
                    time.sleep(WATCH_S)
            return True
        finally:
            for one in actors:
                ray.kill(one, no_restart=True)
            settle(self.engine)


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise PipelineError("--engine ray needs the extra `ray` (pip install 'rapport[ray]')") from error
    if not ray.is_initialized():
        try:
            ray.init(address="auto", log_to_driver=False)
        except ConnectionError as error:
            raise PipelineError(
                "no Ray cluster is running here; start one (ray start --head) or set RAY_ADDRESS"
            ) from error
    return ray


def _results(ray: Any, done: list[Any]) -> list[int]:
    codes: list[int] = []
    for reference in done:
        try:
            codes.append(int(ray.get(reference)))
        except ray.exceptions.RayError as error:
            log.warning("actor lost", cause=str(error).splitlines()[0])
    return codes


def _nodes(ray: Any) -> int:
    return sum(1 for node in ray.nodes() if node["Alive"])


def _one_machine(ray: Any) -> bool:
    return len({node["NodeManagerHostname"] for node in ray.nodes() if node["Alive"]}) == 1
