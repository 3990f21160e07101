"""Is what lies on disk exactly what the catalogue says? Asked before every use, answered quickly.

Hashing a gigabyte at every start is slow, so a model that hashed right leaves a receipt with each file's
size and time of change; as long as both are the same the receipt is believed, and otherwise the file is
hashed again. ``check(..., thorough=True)`` never believes it.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.catalogue import Catalogue, Model, catalogue
from models.errors import ModelError

RECEIPT = ".verified.json"
BLOCK = 1 << 20

Progress = Callable[[str, int, int], None]
"""``(what, bytes done, bytes in all)``; called often, from the thread that works."""


def quiet(what: str, done: int, total: int) -> None:
    """The progress of somebody who does not want to see it."""


@dataclass(frozen=True)
class Problem:
    """One file that is not what the catalogue says, with both values in the message."""

    model: str
    file: str
    kind: Literal["missing", "size", "hash", "unreadable"]
    message: str


def sha256_of(path: Path, progress: Progress = quiet) -> str:
    """The sha256 of a file's bytes as 64 hex digits; raises OSError."""
    digest = hashlib.sha256()
    total, done = path.stat().st_size, 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            digest.update(block)
            done += len(block)
            progress(path.name, done, total)
    return digest.hexdigest()


def check(
    name: str,
    folder: Path,
    *,
    thorough: bool = False,
    entries: Catalogue | None = None,
    progress: Progress = quiet,
) -> tuple[Problem, ...]:
    """The problems of an installed model's files; empty when all are right."""
    model = (entries or catalogue()).model(name)
    receipt = {} if thorough else _read_receipt(folder)
    problems = tuple(_problems(name, model, folder, receipt, progress))
    if not problems:
        _write_receipt(model, folder, receipt)
    return problems


def locate(name: str, models_path: Path, *, entries: Catalogue | None = None) -> Path:
    """The folder of an installed, verified model.

    Raises ModelError that names the model, the folder and the command to run when it is missing, and
    the file with both hashes when it was changed or cut short. Nothing is ever downloaded here.
    """
    known = entries or catalogue()
    known.model(name)
    folder = models_path / name
    if not folder.is_dir():
        raise ModelError(
            f"the model {name!r} is not in {models_path.absolute()}; "
            f"fetch it with: rapport models pull {name}"
        )
    problems = check(name, folder, entries=known)
    if problems:
        listing = "; ".join(problem.message for problem in problems)
        raise ModelError(
            f"the model {name!r} in {folder.absolute()} cannot be trusted: {listing}; "
            f"fetch it afresh with: rapport models pull {name}"
        )
    return folder


def _problems(
    name: str, model: Model, folder: Path, receipt: dict[str, list[int | str]], progress: Progress
) -> Iterator[Problem]:
    for file, expected in model.files.items():
        path = folder / file
        try:
            size, changed = path.stat().st_size, path.stat().st_mtime_ns
            if size != expected.size:
                found = sha256_of(path) if size < 1 << 30 else "not computed"
                yield Problem(
                    name,
                    file,
                    "size",
                    f"{file} has {size} bytes instead of {expected.size} "
                    f"(sha256 {found}, expected {expected.sha256})",
                )
            elif receipt.get(file) != [size, changed, expected.sha256]:
                found = sha256_of(path, progress)
                if found != expected.sha256:
                    yield Problem(
                        name, file, "hash", f"{file} has sha256 {found}, expected {expected.sha256}"
                    )
        except FileNotFoundError:
            yield Problem(name, file, "missing", f"{file} is missing (expected sha256 {expected.sha256})")
        except OSError as error:
            yield Problem(name, file, "unreadable", f"{file} cannot be read ({error.strerror or error})")


def _read_receipt(folder: Path) -> dict[str, list[int | str]]:
    try:
        value = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _write_receipt(model: Model, folder: Path, known: dict[str, list[int | str]]) -> None:
    """Leave the receipt; a folder that cannot be written (shared, read-only) goes without."""
    with contextlib.suppress(OSError):
        receipt = {
            file: [(folder / file).stat().st_size, (folder / file).stat().st_mtime_ns, expected.sha256]
            for file, expected in model.files.items()
        }
        if receipt == known:
            return
        temporary = folder / f"{RECEIPT}.{os.getpid()}"
        temporary.write_text(json.dumps(receipt), encoding="utf-8")
        temporary.replace(folder / RECEIPT)
