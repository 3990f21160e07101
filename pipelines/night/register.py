"""From what arrived to jobs: each recording becomes one call and one job, however often it is seen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from database.backlog import call_ids_twice
from pipelines.night.arrive import Found, sweep
from pipelines.steps import PipelineError
from pipelines.worker import patiently
from recordings import RecordingError

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass
class Registered:
    """What a sweep came to: new calls, recordings known already, those left for later and those refused."""

    new: list[int] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    later: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    twice: list[tuple[str, list[str]]] = field(default_factory=list)
    """Call ids that calls of different sound carry, with those calls' file names: kept, and told."""
    found: list[Found] = field(default_factory=list)
    """Everything complete that lay there, known or new."""


def register_places(
    engine: "Engine",
    places: Iterable[str | Path],
    *,
    defaults: Mapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
    settled_s: float | None = None,
    seen: set[Found] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Registered:
    """Find what waits in places and ask for it to be processed. Safe to run twice, and from two processes at
    once: the sound's hash decides.

    ``defaults`` are job options: language, roles, priority, the file names' pattern and the mapping of the
    telephony's records (a path). What is in ``seen`` (and has not changed since) is passed over unread, and
    what was looked at is added to it. ``stopped`` is asked between two recordings.
    """
    swept = sweep(places) if settled_s is None else sweep(places, settled_s=settled_s)
    result = Registered(later=list(swept.later), refused=list(swept.refused), found=list(swept.ready))
    new = [found for found in swept.ready if seen is None or found not in seen]
    for number, found in enumerate(new):
        if stopped():
            break
        try:
            call_id = patiently(lambda found=found: register_one(engine, found, defaults or {}))  # type: ignore[misc]
        except (RecordingError, PipelineError) as error:
            result.refused.append((found.address, str(error)))
            if isinstance(error, PipelineError):
                continue  # a bucket that did not answer: worth another look
        else:
            if call_id is None:
                result.known.append(found.address)
            else:
                result.new.append(call_id)
        if seen is not None:
            seen.add(found)
        if progress is not None:
            progress(number + 1, len(new))
    result.twice = patiently(lambda: call_ids_twice(engine))
    return result


def register_one(engine: "Engine", found: Found, defaults: Mapping[str, Any]) -> int | None:
    """The id of the call that waits for processing now; None where it is done, running or in quarantine.

    Raises RecordingError when the file cannot be read or its sidecar is about another call.
    """
    from database.engine import writing
    from database.jobs import ask
    from database.store import register
    from database.tables import Call
    from pipelines.night.fetch import local_copy
    from pipelines.sources import read_source

    with local_copy(found.address, sidecars=True) as path:
        source = read_source(
            path,
            language=defaults.get("language"),
            roles=defaults.get("roles") or found.roles,
            pattern=defaults.get("pattern"),
            mapping=defaults.get("mapping"),
            listed=found.listed,
        )
        duration = source.recording.duration or _announced(path)
    recording = source.recording.model_copy(update={"file_name": found.name, "duration": duration})
    where = Path(found.address)
    for attempt in (1, 2):
        try:
            call_id = register(engine, where, recording)
            break
        except IntegrityError:  # another runner registered the same sound just now
            if attempt == 2:
                raise
    payload = {
        "address": found.address if "://" in found.address else str(where.absolute()),
        "sha256": recording.sha256,
        "language": recording.language,
        "roles": source.roles,
        "hotwords": source.hotwords,
        "telephony": [dict(record) for record in source.telephony],
        "recording": recording.model_dump(exclude={"id", "sha256"}, exclude_none=True),
    }
    with writing(engine) as session:
        call = session.get(Call, call_id)
        if call is None or call.state not in ("waiting", "failed"):
            return None
        ask(
            session,
            "process",
            payload,
            call_id=call_id,
            priority=int(defaults.get("priority", 0)),
            dedupe=f"process:{recording.sha256}",
        )
    return call_id


def _announced(path: Path) -> float | None:
    """Seconds of audio by the file's header, for the plan and the watchdog; None where it tells none. A file
    that cannot be opened is the worker's to judge."""
    from recordings.audio import probe

    try:
        return probe(path).duration_s
    except RecordingError:
        return None
