"""Getting at the sound: local files as they lie, objects in buckets as a temporary copy."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.steps import PipelineError


@contextmanager
def local_copy(address: str) -> Iterator[Path]:
    """A path to read from; a copy of a remote object is removed afterwards.

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
        except Exception as error:  # every store has errors of its own
            raise PipelineError(f"{address}: cannot be fetched ({type(error).__name__}: {error})") from error
        yield target
