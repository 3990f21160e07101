"""What waits in a drop folder or a bucket: found, told apart from what is still being written, left as it is.

A place is a folder, a file, any fsspec address (``s3://bucket/prefix``), or a manifest that lists recordings
(CSV or JSON lines). Nothing in it is ever changed.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipelines.steps import PipelineError
from recordings import Role
from recordings.manifest import is_manifest, read_manifest

NOT_AUDIO = frozenset(
    {
        ".json",
        ".jsonl",
        ".ndjson",
        ".csv",
        ".txt",
        ".md",
        ".xml",
        ".yaml",
        ".yml",
        ".toml",
        ".log",
        ".html",
        ".rttm",
        ".vtt",
    }
)
UNFINISHED = frozenset({".part", ".partial", ".tmp", ".crdownload", ".filepart", ".writing"})
SETTLED_S = 10.0
"""A file unchanged for this long is complete; a younger one is looked at twice."""
SECOND_LOOK_S = 2.0


@dataclass(frozen=True)
class Found:
    """One recording that waits: its address, size in bytes, last change (seconds since the epoch), and what a
    manifest has listed of it."""

    address: str
    name: str
    size: int
    changed: float
    listed: Mapping[str, str] = field(default_factory=dict, hash=False)
    roles: tuple[Role, ...] | None = None


@dataclass(frozen=True)
class Sweep:
    """What a place holds: complete recordings, those to leave for later and those refused, with why."""

    ready: tuple[Found, ...]
    later: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...]


def sweep(
    places: Iterable[str | Path],
    *,
    settled_s: float = SETTLED_S,
    clock: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> Sweep:
    """Look through places, oldest recording first.

    Raises PipelineError for a place that does not exist or cannot be reached, RecordingError for a manifest
    that cannot be read.
    """
    found: dict[str, Found] = {}
    refused: list[tuple[str, str]] = []
    later: list[tuple[str, str]] = []
    for place in places:
        for item, why in _look_through(str(place)):
            if why is not None:
                refused.append((item.address, why))
            elif Path(item.name).suffix.lower() in UNFINISHED:
                later.append((item.address, "its name says that it is still being written"))
            else:
                found[item.address] = item
    # A file changed in the future (a clock that jumped) counts as young as well.
    young = {a: f for a, f in found.items() if "://" not in a and abs(clock() - f.changed) < settled_s}
    if young:
        writers = _written_now()
        pause(SECOND_LOOK_S)
        for address, first in young.items():
            again = _look(Path(address))
            if again is None or (again.size, again.changed) != (first.size, first.changed):
                later.append((address, "it is still being written"))
            elif os.path.realpath(address) in writers:
                later.append((address, "another program has it open for writing"))
            else:
                continue
            del found[address]
    ready = sorted(found.values(), key=lambda f: (f.changed, f.address))
    return Sweep(tuple(ready), tuple(later), tuple(refused))


def _look_through(place: str) -> Iterator[tuple[Found, str | None]]:
    """Every recording of a place; a reason with those that must not be touched."""
    if is_manifest(place):
        return _manifest(place)
    return _bucket(place) if "://" in place else _folder(Path(place))


def _manifest(address: str) -> Iterator[tuple[Found, str | None]]:
    """Every recording that a manifest lists; relative ones lie beside it."""
    from pipelines.night.fetch import local_copy

    remote = "://" in address
    with local_copy(address) as path:
        rows = read_manifest(path)
    for row in rows:
        name = row.address.rpartition("/")[2] or row.address
        item: Found | None = Found(row.address, name, 0, 0.0)
        why = row.wrong
        if why is None and (remote or "://" in row.address):
            full = row.address if "://" in row.address else f"{address.rpartition('/')[0]}/{row.address}"
            item = Found(full, name, 0, 0.0)
        elif why is None:
            item = _look(Path(address).parent / row.address)
        if item is None:
            yield Found(row.address, name, 0, 0.0), f"{row.where}: there is no file {row.address}"
        else:
            yield replace(item, listed=row.fields, roles=row.roles), why


def _look(path: Path) -> Found | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return Found(str(path), path.name, stat.st_size, stat.st_mtime)


def _folder(place: Path) -> Iterator[tuple[Found, str | None]]:
    """Every file below a folder that may be a recording."""
    if not place.exists():
        raise PipelineError(
            f"{place}: no such file or folder; make it, or set RAPPORT_INBOX to where recordings arrive"
        )
    if place.is_file():
        item = _look(place)
        if item is not None:
            yield item, None
        return
    root = place.resolve()
    for folder, names, files in os.walk(place):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder) / name
            if name.startswith(".") or path.suffix.lower() in NOT_AUDIO:
                continue
            item = _look(path)
            if item is None:
                yield Found(str(path), name, 0, 0.0), "it cannot be looked at (a broken link, or no rights)"
            elif path.is_symlink() and not path.resolve().is_relative_to(root):
                yield item, f"it is a link out of {place}"
            else:
                yield item, None


def _bucket(address: str) -> Iterator[tuple[Found, str | None]]:
    """Every object below an fsspec address; needs the ``s3`` extra for buckets."""
    try:
        import fsspec
    except ImportError as error:
        raise PipelineError(
            f"{address}: reading buckets needs the extra `s3` (pip install 'rapport[s3]')"
        ) from error
    try:
        system, root = fsspec.core.url_to_fs(address)
        listing: dict[str, dict[str, Any]] = system.find(root, detail=True)
    except Exception as error:  # every store has errors of its own; all mean: cannot be reached
        raise PipelineError(f"{address}: cannot be listed ({type(error).__name__}: {error})") from error
    scheme = address.split("://", 1)[0]
    for key, entry in sorted(listing.items()):
        name = key.rsplit("/", 1)[-1]
        if name.startswith(".") or Path(name).suffix.lower() in NOT_AUDIO:
            continue
        changed = entry.get("LastModified") or entry.get("mtime") or 0.0
        stamp = changed.timestamp() if hasattr(changed, "timestamp") else float(changed)
        yield Found(f"{scheme}://{key}", name, int(entry.get("size") or 0), stamp), None


def _written_now() -> frozenset[str]:
    """Files that a process on this machine has open for writing (Linux; empty where it cannot be known)."""
    written: set[str] = set()
    try:
        processes = [entry for entry in os.listdir("/proc") if entry.isdigit()]
    except OSError:
        return frozenset()
    for process in processes:
        try:
            for handle in os.listdir(f"/proc/{process}/fd"):
                flags = Path(f"/proc/{process}/fdinfo/{handle}").read_text().split("flags:", 1)[1].split()[0]
                if int(flags, 8) & (os.O_WRONLY | os.O_RDWR):
                    written.add(os.readlink(f"/proc/{process}/fd/{handle}"))
        except (OSError, IndexError, ValueError):
            continue
    return frozenset(written)
