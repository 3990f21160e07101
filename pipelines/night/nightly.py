"""One night: sweep, plan, run, tell."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from database.backlog import (
    arrange,
    concessions,
    counts,
    problems,
    recent_speeds,
    spell,
    times_taken,
    waiting_durations,
)
from database.settings import Settings
from database.totals import count_missing
from database.types import utc_now
from pipelines.night.child import ChildConfig
from pipelines.night.local import LocalEngine, workers_for
from pipelines.night.metrics import write_metrics
from pipelines.night.moving import Moved, check_target, move_done
from pipelines.night.plan import Plan, Waiting, plan
from pipelines.night.register import Registered, register_places
from pipelines.night.report import Night, Trouble, compare_means, compare_shares, slowest, write_report
from pipelines.process import DEFAULT_CARD
from pipelines.worker import AT_LEAST_S, patiently

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from database.backlog import Counts


@dataclass(frozen=True)
class NightOptions:
    """What a night is told: how many workers, until when, which card, how the engine is called."""

    workers: int | None = None
    deadline: datetime | None = None
    card_id: str = DEFAULT_CARD
    engine: str = "local"
    job: Mapping[str, Any] = field(default_factory=dict)
    builder: str = "pipelines.build:build_pipeline"
    stay: bool = False
    limit_s: float = AT_LEAST_S
    """The watchdog's limit for one call, in seconds; long calls have four times their length."""
    first: str = "newest"
    flagged: Sequence[str] = ()
    """Teams whose calls go before the others'."""
    gpus: float = 0.0
    """Ray: the share of a GPU that one worker takes."""
    at_once: int | None = None
    """How many calls a worker takes through the networks in common batches; None: many on a GPU, one on a
    CPU."""
    move_done: Path | None = None
    """Where recordings go once their result is stored; None: they stay where they are."""


@dataclass(frozen=True)
class Outcome:
    """How a night ended. ``able`` is False when no worker could work at all (a model or card missing)."""

    able: bool
    registered: Registered
    night: Night
    report: Path


def gpus_for(device: str) -> int:
    """How many GPUs the workers may use: none where the settings say ``cpu``, one where they name one."""
    if device == "cpu":
        return 0
    from models import devices

    return min(devices.gpu_count(), 1) if ":" in device else devices.gpu_count()


def plan_night(engine: "Engine", options: NightOptions, device: str = "cpu") -> Plan:
    """The plan for everything that waits now, which is put in its order."""
    arrange(engine, options.first, options.flagged)
    waiting = [Waiting(call_id, duration) for call_id, duration in waiting_durations(engine)]
    workers = options.workers or workers_for(gpus=gpus_for(device))
    return plan(
        waiting,
        speeds=recent_speeds(engine),
        workers=workers,
        now=utc_now(),
        deadline=options.deadline,
        first=", then ".join([*(f"team {team}" for team in options.flagged), f"the {options.first}"]),
    )


def run_night(
    settings: Settings,
    engine: "Engine",
    places: Sequence[str | Path],
    options: NightOptions,
    *,
    planned: Callable[[Plan], None] = lambda _: None,
    told: "Callable[[Counts], None]" = lambda _: None,
    arriving: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Do everything that waits in places and in the database; returns when nothing is left.

    Raises PipelineError for a place that cannot be reached, DatabaseError when the database stays away.
    """
    from pipelines.night.logs import log_to

    started = utc_now()
    if options.move_done is not None:
        check_target(options.move_done, places)
    logs = settings.home / "logs" / f"night-{started:%Y-%m-%dT%H%M%SZ}.jsonl"
    log_to(logs)
    registered = register_places(engine, places, defaults=options.job, progress=arriving)
    planned(patiently(lambda: plan_night(engine, options, settings.device)))
    able = run_engine(settings, engine, options, logs, told)
    patiently(lambda: count_missing(engine))
    moved = move_done(engine, registered.found, places, options.move_done) if options.move_done else Moved()
    night = summarise(engine, started, registered, options, moved)
    page, _ = write_report(night, settings.home / "reports")
    write_metrics(night, counts(engine), settings.home / "metrics" / "rapport.prom")
    return Outcome(able, registered, night, page)


def run_engine(
    settings: Settings,
    engine: "Engine",
    options: NightOptions,
    logs: Path,
    told: "Callable[[Counts], None]" = lambda _: None,
) -> bool:
    """Let the engine do all jobs; False when no worker can work."""
    gpus = gpus_for(settings.device)
    workers = options.workers or workers_for(gpus=gpus)
    cores = len(os.sched_getaffinity(0))
    config = ChildConfig(
        settings=settings,
        card_id=options.card_id,
        threads=settings.threads or (max(1, cores // workers) if gpus else 1),
        builder=options.builder,
        log_file=logs,
        runner=0,
        stay=options.stay,
        limit_s=options.limit_s,
        at_once=options.at_once,
    )
    if options.engine == "ray":
        from pipelines.night.on_ray import RayEngine

        return RayEngine(engine, config, options.workers, told, options.gpus).run()
    return LocalEngine(engine, config, workers, told).run()


def summarise(
    engine: "Engine", started: datetime, registered: Registered, options: NightOptions, moved: Moved
) -> Night:
    """What the morning report says of the time since ``started``."""
    ended = utc_now()
    tonight = spell(engine, started, ended + timedelta(seconds=1))
    month = spell(engine, started - timedelta(days=30), started)
    drifts = []
    if month.calls and tonight.calls:
        drifts.append(compare_means("score", tonight.scores, month.score_figures))
        drifts += [
            compare_shares(
                f"calls in {language}",
                (tonight.languages.get(language, 0), tonight.calls),
                (month.languages.get(language, 0), month.calls),
            )
            for language in sorted({*tonight.languages, *month.languages})
        ]
        drifts.append(
            compare_shares(
                "calls with doubtful items",
                (tonight.to_review, tonight.calls),
                (month.to_review, month.calls),
            )
        )
    state = counts(engine)
    return Night(
        started=started,
        ended=ended,
        done=tonight.calls,
        already_done=len(registered.known),
        audio_s=tonight.audio_s,
        waiting=state.waiting + state.running,
        left_for_later=(*registered.later, *registered.refused),
        troubles=[Trouble(p.file_name, p.cause, p.attempts, p.quarantined) for p in problems(engine)],
        slow=slowest(times_taken(engine, started, ended + timedelta(seconds=1))),
        drifts=drifts,
        to_review=tonight.to_review,
        critical=tonight.critical,
        below_pass=tonight.below_pass,
        deadline=options.deadline,
        twice=registered.twice,
        conceded=concessions(engine, started, ended + timedelta(seconds=1)),
        moved=len(moved.done),
        not_moved=[(str(path), why) for path, why in moved.stayed],
    )
