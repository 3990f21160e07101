"""What the review app plays: a copy of the recording that every browser reads."""

import os
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from recordings.audio import RATE, probe
from recordings.decoding import Decoding
from recordings.errors import RecordingError
from recordings.sources import Declared

FLAC_CHANNELS = 8


def playback_copy(
    path: Path | str, target: Path | str, *, within: Path | None = None, declared: Declared | None = None
) -> Path:
    """Write the whole recording as FLAC that browsers play, its channels as they are; returns ``target``.

    The rate is the recording's own, 16 kHz at most. Recordings of more than eight channels, which FLAC
    cannot hold, are mixed down to one. Raises RecordingError; nothing half-written stays.
    """
    target = Path(target)
    source = probe(path, within=within, declared=declared)
    rate = min(RATE, source.rate)
    channels = source.channels if source.channels <= FLAC_CHANNELS else 1
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:80]}.", suffix=".flac", dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        with soundfile.SoundFile(name, "w", rate, channels, subtype="PCM_16", format="FLAC") as out:
            for block in Decoding(source, rate, declared).blocks():
                out.write(block if channels == source.channels else block.mean(axis=1).astype(np.int16))
        temporary.chmod(0o644)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())  # a copy that has a name is whole, even after a loss of power
        temporary.replace(target)
    except (OSError, soundfile.SoundFileError) as error:
        raise RecordingError(f"{target}: the playback copy cannot be written ({error})") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return target
