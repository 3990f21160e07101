"""The Ray engine: the same workers as actors on a cluster that exists already.

Ray places the actors, gives them their share of CPUs and GPUs and starts them again when a node is lost.
Which call is whose is decided by the shared database, as with the local engine, so results are the same.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import structlog

from database.backlog import counts, release, settle, unfinished_jobs
from database.settings import Settings
from pipelines.night.child import CANNOT_WORK, ChildConfig, work
from pipelines.steps import PipelineError
from pipelines.worker import KINDS, is_gone, patiently

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from database.backlog import Counts

WATCH_S = 1.0
MOST_LOSSES = 50
"""Actors that may fail one after the other, with no call done between, before the run gives up."""

log = structlog.get_logger()


class RayWorker:
    """One actor: models are loaded where it runs, from paths; nothing heavy travels."""

    def __init__(self, config: ChildConfig) -> None:
        self.config = config

    def work(self) -> int:
        """Do jobs until none is left; the exit code of a worker process."""
        from pipelines.night.logs import log_to

        log_to(self.config.log_file)
        return work(self.config)


@dataclass
class RayEngine:
    """The driver. ``gpus`` is the share of a GPU that one actor takes (0.5: two actors on a GPU)."""

    engine: "Engine"
    config: ChildConfig
    workers: int | None
    """How many actors; None for as many as the cluster has CPUs for."""
    told: "Callable[[Counts], None]" = lambda _: None
    gpus: float = 0.0

    def run(self) -> bool:
        """Work until nothing is left; False when no worker can work.

        Raises PipelineError without Ray or a cluster, without room on it, with a database that other machines
        cannot reach, and when actors fail one after the other without a call being done.
        """
        ray = _ray()
        if self.engine.dialect.name == "sqlite" and not _one_machine(ray):
            raise PipelineError(
                "a cluster of several machines cannot share an SQLite file; "
                "set RAPPORT_DATABASE_URL to a PostgreSQL address"
            )
        config = replace(
            self.config, settings=anywhere(self.config.settings), log_file=self.config.log_file.absolute()
        )
        actor = ray.remote(RayWorker).options(
            num_cpus=config.threads, num_gpus=self.gpus, max_restarts=-1, max_task_retries=-1
        )
        actors = [actor.remote(config) for _ in range(self._room(ray))]
        patiently(
            lambda: release(self.engine, is_gone, "the run ended in the middle of the call", blame=False)
        )
        try:
            return self._watch(ray, actors)
        finally:
            for one in actors:
                ray.kill(one, no_restart=True)
            patiently(lambda: settle(self.engine))

    def _room(self, ray: Any) -> int:
        """How many actors the cluster can hold; more would wait for a place for ever."""
        total = ray.cluster_resources()
        fit = int(total.get("CPU", 0.0) / self.config.threads)
        if self.gpus:
            fit = min(fit, int(total.get("GPU", 0.0) / self.gpus))
        if fit < 1:
            raise PipelineError(
                f"the Ray cluster has no room for one worker: it needs {self.config.threads} CPU and "
                f"{self.gpus:g} GPU, the cluster has {total.get('CPU', 0):g} and {total.get('GPU', 0):g}"
            )
        return min(self.workers or fit, fit)

    def _watch(self, ray: Any, actors: list[Any]) -> bool:
        """Wait until no job is left, whichever actors are alive by then; an actor that ended or failed while
        jobs are left is asked again."""
        tasks = {one.work.remote(): one for one in actors}
        losses, most_done = 0, -1
        while True:
            ready, _ = ray.wait(list(tasks), num_returns=len(tasks), timeout=WATCH_S)
            codes = {task: _result(ray, task) for task in ready}
            if CANNOT_WORK in codes.values():
                return False
            # Jobs of actors that died with their node: those of this machine at once, others by lease.
            patiently(
                lambda: release(self.engine, is_gone, "the worker died on this call, or its node was lost")
            )
            now = patiently(lambda: counts(self.engine))
            self.told(now)
            if not patiently(lambda: unfinished_jobs(self.engine, KINDS)):
                return True
            losses = 0 if now.done > most_done else losses + sum(code is None for code in codes.values())
            most_done = max(most_done, now.done)
            if losses > MOST_LOSSES:
                raise PipelineError(
                    "workers on the Ray cluster fail one after the other; see the log for why"
                )
            for task in ready:
                one = tasks.pop(task)
                tasks[one.work.remote()] = one


def anywhere(settings: Settings) -> Settings:
    """The settings with absolute paths: an actor's working folder is Ray's, not the runner's."""
    return settings.model_copy(
        update={
            "home": settings.home.absolute(),
            "database_url": settings.url,
            "models": settings.models_path.absolute(),
            "inbox": settings.inbox.absolute(),
        }
    )


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise PipelineError("--engine ray needs the extra `ray` (pip install 'rapport[ray]')") from error
    if not ray.is_initialized():
        try:
            _reach(os.environ.get("RAY_ADDRESS", ""))
            ray.init(address="auto", log_to_driver=False)
        except ConnectionError as error:
            raise PipelineError(
                f"no Ray cluster can be reached ({str(error).strip().splitlines()[0]}); start one here "
                "(ray start --head) or set RAY_ADDRESS to one that runs"
            ) from error
    return ray


def _reach(address: str) -> None:
    """Fail soon where nobody listens at ``host:port``: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdigit():
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
        except OSError as error:
            raise ConnectionError(f"{address}: {error}") from error


def _result(ray: Any, task: Any) -> int | None:
    """The exit code of a worker; None where its actor was lost or failed."""
    try:
        return int(ray.get(task))
    except ray.exceptions.RayError as error:
        log.warning("actor lost", cause=str(error).strip().splitlines()[-1:])
        return None


def _one_machine(ray: Any) -> bool:
    return len({node["NodeManagerHostname"] for node in ray.nodes() if node["Alive"]}) <= 1
