"""The waveform as people see it: the loudest sample of each of some hundred stretches."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recordings.errors import RecordingError

COUNT = 1000


def peaks(samples: NDArray[np.float32], count: int = COUNT) -> list[list[float]]:
    """Peaks of ``samples`` (channels, samples) as one list of 0..1 per channel, at most ``count`` long."""
    found: list[list[float]] = []
    for channel in np.atleast_2d(samples):
        edges = np.linspace(0, len(channel), min(count, max(1, len(channel))) + 1).astype(int)[:-1]
        loud = np.maximum.reduceat(np.abs(channel), edges) if len(channel) else np.zeros(1)
        found.append([round(min(1.0, float(value)), 3) for value in loud])
    return found


def peaks_of_file(path: Path, count: int = COUNT) -> list[list[float]]:
    """Peaks of a sound file that libsndfile reads (WAV, FLAC, Ogg, Opus, MP3), in bounded memory.

    Raises RecordingError when it cannot be read.
    """
    import soundfile

    try:
        with soundfile.SoundFile(path) as sound:
            stretch = max(1, -(-sound.frames // count))
            columns = [
                np.abs(block).max(axis=0) for block in sound.blocks(stretch, dtype="float32", always_2d=True)
            ]
    except (OSError, soundfile.LibsndfileError) as error:
        raise RecordingError(f"{path}: the waveform cannot be read ({error})") from error
    table = np.stack(columns) if columns else np.zeros((1, 1))
    return [[round(min(1.0, float(value)), 3) for value in channel] for channel in table.T]
