"""Getting at the sound: local files as they lie, objects in buckets as a temporary copy."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.steps import PipelineError


@contextmanager
def local_copy(address: str, *, sidecars: bool = False) -> Iterator[Path]:
    """A path to read from; a copy of a remote object, with the ``sidecars`` beside it where asked for, is
    removed afterwards.

    Raises PipelineError when the object cannot be fetched (worth another try: networks come back).
    """
    if "://" not in address:
        yield Path(address)
        return
    import fsspec

    with tempfile.TemporaryDirectory(prefix="rapport-fetch-") as folder:
        target = Path(folder) / (address.rsplit("/", 1)[-1] or "recording")
        try:
            system, key = fsspec.core.url_to_fs(address)
            system.get_file(key, str(target))
            for name in sidecar_names(target.name) if sidecars else ():
                beside = f"{key.rpartition('/')[0]}/{name}"
                if name != target.name and system.exists(beside):
                    system.get_file(beside, str(target.with_name(name)))
        except Exception as error:  # every store has errors of its own
            raise PipelineError(f"{address}: cannot be fetched ({type(error).__name__}: {error})") from error
        yield target


def sidecar_names(name: str) -> list[str]:
    """The names under which a recording's metadata and telephony events may lie beside it."""
    stem = Path(name).stem
    return [f"{n}{suffix}" for n in (stem, name) for suffix in (".json", ".csv")] + [f"{stem}.events.csv"]
