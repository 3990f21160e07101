"""The worker: claims a job, does it, says how it went. Any number may run on any number of machines.

A call is done exactly once in effect: a job is claimed by one worker at a time, storing is idempotent by the
sound's hash and the recipe, and a job whose worker died is taken up again from the step cache.
"""

import errno
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from database.errors import DatabaseAwayError, DatabaseError
from database.jobs import MOST_REFUSALS, claim, extend, fail, finish, refusals
from database.store import set_state
from database.tables import Job
from models.errors import ModelError
from pipelines.process import Processor
from pipelines.sources import source_of
from pipelines.steps import PipelineError, Source
from recordings import RecordingError
from scorecards.errors import ScorecardError

if TYPE_CHECKING:
    from sqlalchemy import Engine

KINDS = ("process", "rescore", "corrected", "back_test")
"""The kinds of job that every worker does."""
LEASE_S = 120.0
BACKOFF_S = (2.0, 15.0, 60.0, 300.0)
"""Waiting before a second, third … try of the same call."""
PATIENCE_S = 300.0
"""How long a database that has gone away is waited for."""
AT_LEAST_S = 600.0
TIMES_REAL_TIME = 4.0
"""The watchdog: a call may take ten minutes, or four times its length where that is more."""
HUNG = 4
"""Exit code of a worker that stopped itself because a call took too long."""
PASSING = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE}
)
"""Errors of the machine, not of the recording: worth another try."""

log = structlog.get_logger()
T = TypeVar("T")
Notes = tuple[str, ...]


def worker_name() -> str:
    """``host:pid:start``; the start time tells a process from a later one with the same number."""
    return f"{socket.gethostname()}:{os.getpid()}:{process_start(os.getpid())}"


def process_start(pid: int) -> str | None:
    """When a process of this machine began (kernel clock ticks); None where there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return None


def is_gone(worker: str) -> bool:
    """Whether a worker of this machine has ended; False for one elsewhere, as nobody here can know."""
    host, _, rest = worker.partition(":")
    pid, _, start = rest.partition(":")
    return host == socket.gethostname() and pid.isdigit() and process_start(int(pid)) != start


def patiently(do: Callable[[], T], *, patience_s: float = PATIENCE_S) -> T:
    """Try again while the database is away, then give up with its error."""
    until, pause = time.monotonic() + patience_s, 0.2
    while True:
        try:
            return do()
        except DatabaseAwayError as error:
            if time.monotonic() > until:
                raise
            log.warning("database away", cause=str(error), again_in_s=round(pause, 1))
            time.sleep(pause)
            pause = min(pause * 2, 10.0)


@dataclass
class Worker:
    """One worker: its engine, its processor and the kinds of job it does."""

    engine: "Engine"
    processor: Processor
    name: str = field(default_factory=worker_name)
    lease_s: float = LEASE_S
    extra: Mapping[str, Callable[[Job], None]] = field(default_factory=dict)
    """Further kinds of job, by name."""
    limit_s: float | None = None
    """Where no runner watches (on a cluster): the process ends itself when a call takes longer than this, or
    four times its length."""

    at_once: int = 1
    """How many calls go through the pipeline in common batches."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of job this worker takes."""
        return (*KINDS, *self.extra)

    def run_one(self) -> bool:
        """Do the most urgent job, or, with ``at_once``, up to so many calls in common batches; False when
        there is none that may be done now. A call that was tried before is done alone: whatever ended its
        first try must not take others along again.

        Raises ModelError and ScorecardError, which no other call would survive either.
        """
        job = self._claim(self.kinds)
        if job is None:
            return False
        group = [job]
        while job.kind == "process" and job.attempts == 1 and len(group) < self.at_once:
            another = self._claim(("process",), untried=True)
            if another is None:
                break
            group.append(another)
        started = time.perf_counter()
        with _Lease(self.engine, group, self.lease_s, self.limit_s):
            ended = self._process_together(group) if len(group) > 1 else [self._attempt(job)]
            took = time.perf_counter() - started
            lengths = [_length(one) for one in group]
            for one, length, outcome in zip(group, lengths, ended, strict=True):
                self._end(one, outcome, took * length / sum(lengths))
        for outcome in ended:
            if isinstance(outcome, ModelError | ScorecardError):
                raise outcome
        return True

    def _claim(self, kinds: tuple[str, ...], *, untried: bool = False) -> Job | None:
        return patiently(
            lambda: claim(self.engine, self.name, kinds=kinds, lease_s=self.lease_s, untried=untried)
        )

    def _attempt(self, job: Job) -> "Notes | Exception":
        try:
            return self._do(job)
        except Exception as error:  # whatever one call holds must never take the others down
            return error

    def _end(self, job: Job, outcome: "Notes | Exception", seconds: float) -> None:
        """Say how a job ended, and which part of its company's time was its own."""
        if isinstance(outcome, ModelError | ScorecardError):
            reason = str(outcome)
            patiently(lambda: fail(self.engine, job, reason, retry_after_s=0.0))
        elif isinstance(outcome, Exception):
            self._failed(job, outcome)
        else:
            notes = outcome
            patiently(lambda: finish(self.engine, job, notes=notes, took_s=seconds))
            told = {"notes": list(notes)} if notes else {}
            log.info("done", job=job.id, call=job.call_id, kind=job.kind, seconds=round(seconds, 3), **told)

    def _do(self, job: Job) -> Notes:
        """Do a job; what had to be conceded."""
        if job.kind == "process":
            with ExitStack() as stack:
                return self.processor.process(self._source(job, stack)).result.concessions
        if job.kind == "rescore":
            self._rescore(job)
        elif job.kind == "corrected":
            self._corrected(job)
        elif job.kind == "back_test":
            from pipelines.backtesting import run_back_test

            run_back_test(self.engine, job)
        else:
            self.extra[job.kind](job)
        return ()

    def _process_together(self, group: Sequence[Job]) -> list["Notes | Exception"]:
        """Do several calls in common batches; what had to be conceded for each, or why it failed."""
        ended: dict[int, Notes | Exception] = {}
        with ExitStack() as stack:
            sources: dict[int, Source] = {}
            for number, job in enumerate(group):
                try:
                    sources[number] = self._source(job, stack)
                except Exception as error:
                    ended[number] = error
            made = self.processor.process_together(list(sources.values()))
            for number, one in zip(sources, made, strict=True):
                ended[number] = one if isinstance(one, Exception) else one.result.concessions
        return [ended[number] for number in range(len(group))]

    def _source(self, job: Job, stack: ExitStack) -> Source:
        """A call's recording, at hand until the stack is left."""
        from pipelines.night.fetch import local_copy

        payload: dict[str, Any] = job.payload
        if job.call_id is not None:
            call_id = job.call_id
            patiently(lambda: set_state(self.engine, call_id, "running"))
        path = stack.enter_context(local_copy(payload["address"]))
        source = source_of(
            path,
            known=payload.get("recording"),
            language=payload.get("language"),
            roles=payload.get("roles"),
            hotwords=payload.get("hotwords", ()),
            telephony=payload.get("telephony", ()),
        )
        expected = payload.get("sha256")
        if expected is not None and source.recording.sha256 != expected:
            raise RecordingError(f"{payload['address']}: the file has changed since it was registered")
        return source

    def _rescore(self, job: Job) -> None:
        from pipelines.night.rescore import rescore

        if job.call_id is None:
            raise PipelineError(f"job {job.id}: rescore names no call")
        rescore(self.engine, self.processor, job.call_id, card=job.payload.get("card"))

    def _corrected(self, job: Job) -> None:
        from pipelines.correcting import read_corrected

        if job.call_id is None:
            raise PipelineError(f"job {job.id}: corrected names no call")
        read_corrected(self.engine, self.processor, job.call_id)

    def _failed(self, job: Job, error: Exception) -> None:
        expected = isinstance(error, RecordingError | PipelineError | DatabaseError)
        cause = str(error) if expected else f"{type(error).__name__}: {error}"
        blame = not is_passing(error)
        tries = job.attempts + refusals(job)
        retry = None if is_final(error) else BACKOFF_S[min(tries, len(BACKOFF_S)) - 1]
        spared = not blame and refusals(job) < MOST_REFUSALS
        over = retry is None or (job.attempts >= job.max_attempts and not spared)
        log.warning("failed", job=job.id, call=job.call_id, cause=cause, attempt=job.attempts, over=over)
        patiently(lambda: fail(self.engine, job, cause, retry_after_s=retry, blame=blame))
        if job.call_id is not None and job.kind == "process":
            call_id, state = job.call_id, "quarantined" if over else "failed"
            patiently(lambda: set_state(self.engine, call_id, state, cause))


def _length(job: Job) -> float:
    """Seconds of audio by the file's header; one second where it tells none."""
    return float((job.payload or {}).get("recording", {}).get("duration") or 1.0)


def is_final(error: Exception) -> bool:
    """Whether trying again cannot help: the recording itself is at fault, not the machine."""
    return isinstance(error, RecordingError) and not is_passing(error)


def is_passing(error: Exception) -> bool:
    """Whether the machine or the database is at fault, which passes: no try of the call's own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DatabaseAwayError) or (isinstance(cause, OSError) and cause.errno in PASSING):
            return True
        cause = cause.__cause__
    return False


def time_limit(at_least_s: float, duration_s: float | None) -> float:
    """Seconds that a call of this length may take."""
    return max(at_least_s, TIMES_REAL_TIME * (duration_s or 0.0))


class _Lease:
    """Extends the leases of jobs from a thread for as long as the work goes on, up to the limit."""

    def __init__(self, engine: "Engine", group: Sequence[Job], lease_s: float, limit_s: float | None) -> None:
        self.engine, self.group, self.lease_s = engine, list(group), lease_s
        known = sum((job.payload or {}).get("recording", {}).get("duration") or 0.0 for job in group)
        self.limit_s = None if limit_s is None else time_limit(limit_s, known)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._extend, daemon=True, name=f"lease-{group[0].id}")

    def _extend(self) -> None:
        started = time.monotonic()
        every = self.lease_s / 3 if self.limit_s is None else min(self.lease_s / 3, self.limit_s / 3)
        while not self.over.wait(every):
            try:
                if self.limit_s is not None and time.monotonic() - started > self.limit_s:
                    self._stop(self.limit_s)
                for job in list(self.group):
                    if not extend(self.engine, job, self.lease_s):
                        log.warning("job lost to another worker", job=job.id)
                        self.group.remove(job)
            except DatabaseError as error:
                log.warning("lease not extended", cause=str(error))

    def _stop(self, limit_s: float) -> None:
        for job in self.group:
            log.warning("call hangs", job=job.id)
            fail(self.engine, job, f"took longer than {limit_s:.0f} s and was stopped")
        os._exit(HUNG)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
