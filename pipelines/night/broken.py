"""A night of many recordings of which some are broken in every way that arrives: what becomes of each.

``python -m pipelines.night.proof --broken 10000`` runs it with the light pipeline, which needs no models.
"""

import hashlib
import json
import os
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from database.backlog import Counts
from database.settings import Settings

RATE = 8000
DONE, QUARANTINED, REFUSED, LATER, PASSED_OVER = "done", "quarantined", "refused", "later", "passed over"
NO_RIGHTS = DONE if os.geteuid() == 0 else REFUSED  # the superuser may read everything


def tone(number: int, seconds: float = 0.5) -> np.ndarray:
    """A tone that no other number has, float32 ``(samples,)``."""
    clock = np.arange(int(seconds * RATE)) / RATE
    sound = (0.3 * np.sin(2 * np.pi * (200 + number % 3000) * clock)).astype(np.float32)
    sound[number % len(sound)] += 0.01 * (1 + number // len(sound))
    return sound


def _wav(path: Path, number: int, **options: str) -> bytes:
    soundfile.write(path, tone(number), RATE, **{"subtype": "PCM_16", **options})
    return path.read_bytes()


def _patched(at: int, form: str, value: int) -> Callable[[Path, int], None]:
    """A WAV file whose header says something else at a place."""

    def write(path: Path, number: int) -> None:
        data = bytearray(_wav(path, number))
        struct.pack_into(form, data, at, value)
        path.write_bytes(data)

    return write


def _sidecar(text: str) -> Callable[[Path, int], None]:
    def write(path: Path, number: int) -> None:
        _wav(path, number)
        path.with_suffix(".json").write_text(text)

    return write


def _cut(share: float) -> Callable[[Path, int], None]:
    def write(path: Path, number: int) -> None:
        data = _wav(path, number)
        path.write_bytes(data[: int(len(data) * share)])

    return write


def _no_rights(path: Path, number: int) -> None:
    _wav(path, number)
    path.chmod(0)


def _empty(path: Path, _number: int) -> None:
    path.write_bytes(b"")


def _folder(path: Path, _number: int) -> None:
    path.mkdir()


def _link_nowhere(path: Path, _number: int) -> None:
    path.symlink_to("nowhere.wav")


def _link_out(path: Path, number: int) -> None:
    outside = path.parent.parent / "outside"
    outside.mkdir(exist_ok=True)
    _wav(outside / path.name, number)
    path.symlink_to(outside / path.name)


def _nan_samples(path: Path, number: int) -> None:
    sound = tone(number)
    sound[100:200] = np.nan
    soundfile.write(path, sound, RATE, subtype="FLOAT")


def _mp3(keep: float) -> Callable[[Path, int], None]:
    def write(path: Path, number: int) -> None:
        soundfile.write(path, tone(number, 2.0), RATE, format="MP3")
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])

    return write


@dataclass(frozen=True)
class Kind:
    """One way in which a recording is odd or broken, and what must become of it."""

    name: str
    suffix: str
    write: Callable[[Path, int], object]
    becomes: str


KINDS = (
    Kind("empty", ".wav", _empty, QUARANTINED),
    Kind("text", ".wav", lambda path, n: path.write_text(f"this is no sound, {n}"), QUARANTINED),
    Kind("noise bytes", ".flac", lambda path, n: path.write_bytes(_bytes(n, 5000)), QUARANTINED),
    Kind(
        "picture",
        ".wav",
        lambda path, n: path.write_bytes(b"\x89PNG\r\n\x1a\n" + _bytes(n, 900)),
        QUARANTINED,
    ),
    Kind("header alone", ".wav", _cut(44 / 8044), QUARANTINED),
    Kind("zero seconds", ".wav", lambda path, n: soundfile.write(path, tone(n)[: n % 3], RATE), QUARANTINED),
    Kind("half a header", ".wav", _cut(20 / 8044), QUARANTINED),
    Kind("cut in the middle", ".wav", _cut(0.6), DONE),
    Kind("cut mp3", ".mp3", _mp3(0.7), DONE),
    Kind("mp3 of nothing", ".mp3", _mp3(0.01), QUARANTINED),
    Kind("wrong extension", ".mp3", lambda path, n: _wav(path, n, format="WAV"), DONE),
    Kind("no extension", "", lambda path, n: _wav(path, n, format="WAV"), DONE),
    Kind("size of 4 GiB", ".wav", _patched(40, "<I", 0xFFFFFFF0), DONE),
    Kind("rate of 4 GHz", ".wav", _patched(24, "<I", 4_000_000_000), QUARANTINED),
    Kind("rate of 0", ".wav", _patched(24, "<I", 0), QUARANTINED),
    Kind("no channels", ".wav", _patched(22, "<H", 0), QUARANTINED),
    Kind("65,535 channels", ".wav", _patched(22, "<H", 65535), QUARANTINED),
    Kind("NaN samples", ".wav", _nan_samples, DONE),
    Kind("NaN in the metadata", ".wav", _sidecar('{"duration": NaN, "agent": "ana"}'), REFUSED),
    Kind("metadata of another call", ".wav", _sidecar('{"file": "another.wav"}'), REFUSED),
    Kind("metadata cut short", ".wav", _sidecar('{"agent": "an'), REFUSED),
    Kind("no rights", ".wav", _no_rights, NO_RIGHTS),
    Kind("link out", ".wav", _link_out, REFUSED),
    Kind("broken link", ".wav", _link_nowhere, REFUSED),
    Kind("folder", ".wav", _folder, PASSED_OVER),
    Kind("hidden", ".wav", lambda path, n: _wav(path, n), PASSED_OVER),
    Kind("unfinished", ".wav.part", lambda path, n: _wav(path, n, format="WAV"), LATER),
    Kind("name 'ü' \"x\" [y]", ".wav", lambda path, n: _wav(path, n), DONE),
)


def _bytes(number: int, count: int) -> bytes:
    return np.random.default_rng(number).bytes(count)


def write_inbox(inbox: Path, count: int, share: float = 0.05) -> dict[str, Kind | None]:
    """Fill a folder with so many recordings, a share of them broken, every kind in turn; name to kind."""
    inbox.mkdir(parents=True)
    every = round(1 / share)
    made: dict[str, Kind | None] = {}
    for number in range(count):
        kind = KINDS[number // every % len(KINDS)] if number % every == every - 1 else None
        if kind is None:
            name = f"call-{number:06d}.wav"
            _wav(inbox / name, number)
        else:
            name = f"{'.' if kind.name == 'hidden' else ''}{kind.name}-{number:06d}{kind.suffix}"
            kind.write(inbox / name, number)
        made[name] = kind
    return made


@dataclass
class Outcome:
    """What a night made of an inbox: per kind what became of how many, and what is not as it should be."""

    files: int
    broken: int
    seconds: float
    became: dict[str, dict[str, int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    held: list[tuple[int, float]] = field(default_factory=list)
    """Calls done so far, and the MiB that the fullest worker process held then."""


def broken_night(folder: Path, count: int, *, share: float = 0.05, workers: int = 2) -> Outcome:
    """Run a night over such an inbox with the light pipeline and compare every file's end with what it must
    be; the folder's files must be left as they were."""
    from database.engine import open_database
    from database.store import export_calls
    from pipelines.night.nightly import NightOptions, run_night

    inbox, settings = folder / "inbox", Settings(home=folder / "home")
    made = write_inbox(inbox, count, share)
    before = _state(inbox)
    engine = open_database(settings)
    options = NightOptions(workers=workers, builder="pipelines.testing:build_light_pipeline", at_once=1)
    held: dict[int, float] = {}
    steps = max(1, count // 10)

    def watched(now: Counts) -> None:
        if now.done // steps not in held:
            held[now.done // steps] = _fullest_child()

    started = time.perf_counter()
    ended = run_night(
        settings,
        engine,
        [inbox],
        options,
        told=watched,
    )
    seconds = time.perf_counter() - started
    states: dict[str, list[str]] = {}
    for row in export_calls(engine):
        for name in row["file_names"]:
            states.setdefault(name, []).append(row["state"])
    told = {
        **{Path(address).name: REFUSED for address, _ in ended.registered.refused},
        **{Path(address).name: LATER for address, _ in ended.registered.later},
    }
    result = Outcome(count, sum(kind is not None for kind in made.values()), seconds)
    result.held = [(number * steps, size) for number, size in sorted(held.items()) if size]
    for name, kind in made.items():
        found = states.get(name, [told.get(name, PASSED_OVER)])
        what = found[0] if len(found) == 1 else f"{len(found)} calls"
        tally = result.became.setdefault(kind.name if kind else "whole", {})
        tally[what] = tally.get(what, 0) + 1
        if what != (kind.becomes if kind else DONE):
            result.wrong.append(f"{name}: {what}, must be {kind.becomes if kind else DONE}")
    if _state(inbox) != before:
        result.wrong.append("the inbox was changed")
    return result


def _state(folder: Path) -> dict[str, str]:
    """Every file of a folder with its rights and content."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[path.name] = os.readlink(path)
        elif path.is_file():
            rights = path.stat().st_mode
            readable = os.access(path, os.R_OK)
            content = hashlib.sha256(path.read_bytes()).hexdigest() if readable else ""
            found[path.name] = json.dumps([rights, content])
    return found


def _fullest_child() -> float:
    """MiB that the fullest child process of this one holds (Linux; 0 elsewhere)."""
    return max(_children(), default=0.0)


def _children() -> Iterator[float]:
    try:
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    except OSError:
        return
    for child in children:
        try:
            lines = Path(f"/proc/{child}/status").read_text().splitlines()
        except OSError:
            continue
        yield from (int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))
