"""Watching places: look, register what is new, wait, look again, until told to stop."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from database.errors import DatabaseAwayError
from pipelines.night.arrive import Found
from pipelines.night.register import Registered, register_places
from pipelines.steps import PipelineError
from recordings import RecordingError

if TYPE_CHECKING:
    from sqlalchemy import Engine

EVERY_S = 30.0
LONGEST_PAUSE_S = 600.0

log = structlog.get_logger()


def watch(
    engine: "Engine",
    places: Sequence[str | Path],
    stop: threading.Event,
    *,
    defaults: Mapping[str, Any] | None = None,
    every_s: float = EVERY_S,
    told: Callable[[Registered], None] = lambda _: None,
    trouble: Callable[[str], None] = lambda _: None,
) -> int:
    """Register what arrives in places until ``stop`` is set; returns how many calls were asked for.

    A file is read once: what has not changed since it was looked at is passed over. A place or a database
    that cannot be reached is told to ``trouble`` and looked for again, after pauses that double up to ten
    minutes; it ends nothing.
    """
    seen: set[Found] = set()
    refused: set[tuple[str, str]] = set()
    asked, pause = 0, every_s
    while not stop.is_set():
        try:
            made = register_places(engine, places, defaults=defaults, seen=seen, stopped=stop.is_set)
        except (PipelineError, RecordingError, DatabaseAwayError) as error:
            log.warning("cannot look", cause=str(error), again_in_s=round(pause))
            trouble(str(error))
            stop.wait(pause)
            pause = min(pause * 2, max(every_s, LONGEST_PAUSE_S))
            continue
        asked, pause = asked + len(made.new), every_s
        made.refused = [one for one in made.refused if one not in refused]  # each is told once
        refused.update(made.refused)
        for address, why in made.refused:
            log.warning("refused", address=address, cause=why)
        if made.new:
            log.info("arrived", calls=len(made.new))
        if made.new or made.refused:
            told(made)
        stop.wait(every_s)
    return asked


@contextmanager
def until_terminated() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set: what is being done is finished, then the end is clean."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
