"""What a step of the pipeline is: it declares what it needs and what it makes, and computes.

A step never stores anything: its outputs are values, kept by the run under the hash of its inputs and
options (pipelines/cache.py), so a second run is instant and a changed option redoes only what it must.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from recordings import Recording
from recordings.sources import Declared


class PipelineError(Exception):
    """A call that cannot be processed: what, where, which choices, what next."""


class Hook(Protocol):
    """The one callback for progress, timing and artefacts: ``completed`` of ``total`` (seconds of audio
    or items) of a step; ``artefact`` is set once, when the step has ended."""

    def __call__(self, step: str, completed: float, total: float, artefact: Any = None) -> None: ...


def silent(step: str, completed: float, total: float, artefact: Any = None) -> None:
    """The hook of somebody who does not want to hear."""


@dataclass(frozen=True)
class Source:
    """One recording on disk with what is known of it before listening."""

    path: Path
    recording: Recording
    roles: tuple[str, ...] | None = None
    """Role per channel where told (``--roles agent,customer``)."""
    hotwords: tuple[str, ...] = ()
    declared: Declared | None = None
    """What a person tells of a file without a header, or with a wrong one."""
    telephony: tuple[Mapping[str, Any], ...] = ()
    """Hold and transfer records of the telephony, where it keeps them: kind, start, end in seconds."""


class Step(Protocol):
    """One step of one call.

    ``run`` takes the values named in ``needs`` and returns the values named in ``makes``. Values must
    have a JSON form (see pipelines/cache.py) except ``audio``, which is decoded again when needed.
    ``options`` and ``version`` belong to the key: whatever changes the output must be in them,
    the hashes of models included.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def needs(self) -> tuple[str, ...]: ...

    @property
    def makes(self) -> tuple[str, ...]: ...

    def options(self) -> Mapping[str, Any]: ...

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]: ...


class TakesMany(Step, Protocol):
    """A step whose network is quicker with full batches: it can do several calls at once.

    ``many`` is taken from as the step goes; what it makes stands in the same order and is what ``run`` makes
    of each.
    """

    def run_many(self, many: Iterable[Mapping[str, Any]], hook: Hook) -> Sequence[Mapping[str, Any]]: ...
