"""Moving recordings that are done out of the places where they arrived: only where a person asked for it.

A recording is moved when its result is stored, and its source goes only after the moved file was read back
and has the same hash. Nothing is ever overwritten; killed at any moment, the next run goes on.
"""

import errno
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from pipelines.night.arrive import Found
from pipelines.night.fetch import sidecar_names
from pipelines.steps import PipelineError
from recordings import RecordingError
from recordings.sources import sha256_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

NO_LINKS = frozenset({errno.EXDEV, errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS})
"""What a file system answers where a second name cannot be given: another device, or one without links."""

log = structlog.get_logger()


@dataclass
class Moved:
    """What was moved (from, to), and what had to stay, with why."""

    done: list[tuple[Path, Path]] = field(default_factory=list)
    stayed: list[tuple[Path, str]] = field(default_factory=list)


def check_target(target: Path, places: Iterable[str | Path]) -> Path:
    """The folder to move to, made; raises PipelineError where it lies in a place that is swept, or cannot
    be made."""
    for place in (Path(p) for p in places if "://" not in str(p)):
        if target.resolve().is_relative_to(place.resolve()):
            raise PipelineError(
                f"{target}: lies inside {place}, where it would arrive again; choose a folder outside of it"
            )
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PipelineError(f"{target}: cannot be made ({error.strerror or error})") from error
    return target


def move_done(engine: "Engine", found: Iterable[Found], places: Sequence[str | Path], target: Path) -> Moved:
    """Move every local recording of ``found`` whose result is stored, with the sidecars that are its alone,
    to the same path below ``target``. Links and objects in buckets stay where they are."""
    from database.stored import moved, stored_hashes

    result = Moved()
    done = stored_hashes(engine)
    roots = [Path(place).resolve() for place in places if "://" not in str(place)]
    for one in found:
        path = Path(one.address)
        if "://" in one.address or path.is_symlink() or not path.is_file():
            continue
        try:
            sha256 = sha256_of(path)
            if sha256 not in done:
                continue
            place = target / _below(path, roots)
            sidecars = _own_sidecars(path)
            gone_to = move_file(path, place, sha256)
            moved(engine, sha256, path, gone_to)
            for sidecar in sidecars:
                move_file(sidecar, gone_to.with_name(sidecar.name), sha256_of(sidecar))
        except (RecordingError, OSError) as error:
            why = str(error) if isinstance(error, RecordingError) else f"{path}: {error.strerror or error}"
            result.stayed.append((path, why))
            log.warning("not moved", path=str(path), cause=why)
        else:
            result.done.append((path, gone_to))
            log.info("moved", path=str(path), to=str(gone_to))
    return result


def move_file(source: Path, target: Path, sha256: str) -> Path:
    """Give a file another place; returns where it lies now: ``target``, or a name beside it that carries part
    of the hash where another file has that name already. Raises RecordingError or OSError with the source
    left as it was."""
    before = source.stat()
    target.parent.mkdir(parents=True, exist_ok=True)
    for place in (target, target.with_name(f"{target.stem}-{sha256[:12]}{target.suffix}")):
        ours = not place.exists() and _put(source, place, sha256)
        if sha256_of(place) != sha256:
            if ours:
                place.unlink()
                raise RecordingError(f"{source}: changed while it was moved; it stays")
            continue
        now = source.stat()
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
            raise RecordingError(f"{source}: changed while it was moved; it stays")
        source.unlink()
        return place
    raise RecordingError(f"{source}: {target} and the name beside it are taken by other files; it stays")


def _put(source: Path, place: Path, sha256: str) -> bool:
    """A second name for the file where the file system can, else a copy that is whole before it has a name.
    False where somebody else took the name meanwhile."""
    try:
        os.link(source, place)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if not _copy(source, place, sha256):
            return False
    _flush(place.parent)
    return True


def _copy(source: Path, place: Path, sha256: str) -> bool:
    part = place.with_name(f".{place.name[:80]}.{os.getpid()}.part")
    try:
        with source.open("rb") as read, part.open("wb") as written:
            shutil.copyfileobj(read, written, 1 << 20)
            written.flush()
            os.fsync(written.fileno())
        shutil.copystat(source, part)
        if sha256_of(part) != sha256:
            raise RecordingError(f"{source}: its copy in {place.parent} is not the same; it stays")
        place.open("xb").close()  # takes the name; a file of somebody else is never replaced
        part.replace(place)
    except FileExistsError:
        return False
    else:
        return True
    finally:
        part.unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    """Let the names in a folder outlive a loss of power, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)


def _below(path: Path, roots: Sequence[Path]) -> Path:
    """The path below the place where it was found; its name alone where it was named or listed itself."""
    real = path.resolve()
    for root in roots:
        if real != root and real.is_relative_to(root):
            return real.relative_to(root)
    return Path(path.name)


def _own_sidecars(path: Path) -> list[Path]:
    """The files beside a recording that are about it alone; none where another recording has its stem."""
    names = sidecar_names(path.name)
    alike = [other for other in path.parent.glob(f"{_escaped(path.stem)}.*") if other != path]
    if any(other.name not in names for other in alike):
        names = [name for name in names if name.startswith(path.name)]
    return [path.with_name(name) for name in names if name != path.name and path.with_name(name).is_file()]


def _escaped(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)
