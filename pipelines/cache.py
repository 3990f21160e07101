"""The step cache: outputs kept under the hash of what made them, so work is done once.

A key covers the step's name, version and options (model hashes included) and the keys of its inputs, back
to the hash of the recording's bytes. Entries are written atomically; a damaged entry counts as absent.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.steps import Step
from pipelines.values import Acts, Measures, SoundFile, Sounds, Speakers, Transcript, Turns
from recordings import Document, write_atomically

VALUES: Mapping[str, type[Document]] = {
    "file": SoundFile,
    "sounds": Sounds,
    "transcript": Transcript,
    "speakers": Speakers,
    "turns": Turns,
    "roles": Turns,
    "measures": Measures,
    "acts": Acts,
}
"""Every value that a step may make, with its type: a closed list."""


@dataclass(frozen=True)
class Kept:
    """What the cache holds of one step: its values, and the seconds that making them took."""

    values: Mapping[str, Document]
    seconds: float


def digest(value: object) -> str:
    """SHA-256 (hex) of a JSON value in one stable form."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def step_key(step: Step, inputs: Iterable[str]) -> str:
    """The key of a step's output; ``inputs`` are the keys of the values in ``step.needs``, in order."""
    return digest([step.name, step.version, dict(step.options()), list(inputs)])


class Cache:
    """Step outputs in a folder; safe for several processes, as entries are only ever added whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        """Where the entry of a key lies."""
        return self.folder / key[:2] / f"{key}.json.gz"

    def get(self, key: str) -> Kept | None:
        """The kept output, or None where there is none that can be read."""
        try:
            entry: dict[str, Any] = json.loads(gzip.decompress(self.path(key).read_bytes()))
            values = {name: VALUES[name].model_validate(value) for name, value in entry["values"].items()}
            return Kept(values, float(entry["seconds"]))
        except (OSError, EOFError, ValueError, KeyError, zlib.error):
            return None

    def put(self, key: str, step: str, kept: Kept) -> Kept:
        """Keep a step's output; returns it as it will be read back, so that a first and a second run
        agree to the last digit. Raises RecordingError when the disk refuses."""
        values = {name: value.to_dict() for name, value in kept.values.items()}
        seconds = round(kept.seconds, 3)
        entry = {"step": step, "seconds": seconds, "values": values}
        data = gzip.compress(json.dumps(entry, ensure_ascii=False).encode(), compresslevel=5, mtime=0)
        write_atomically(self.path(key), data)
        return Kept({n: VALUES[n].model_validate(v) for n, v in values.items()}, seconds)


class NoCache(Cache):
    """Keeps nothing: every step is done again (benchmarks)."""

    def __init__(self) -> None:
        super().__init__(Path())

    def get(self, key: str) -> Kept | None:  # noqa: ARG002
        return None

    def put(self, key: str, step: str, kept: Kept) -> Kept:  # noqa: ARG002
        values = {name: VALUES[name].model_validate(value.to_dict()) for name, value in kept.values.items()}
        return Kept(values, round(kept.seconds, 3))
