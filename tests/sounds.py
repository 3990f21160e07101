"""Sound files that tests make: tones in any container, encoded by PyAV or libsndfile."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

LAYOUTS = {1: "mono", 2: "stereo", 4: "quad", 6: "5.1"}
TONES_HZ = (440, 1000, 600, 1400, 800, 1200)


def tones(seconds: float, rate: int, channels: int = 1) -> NDArray[np.float64]:
    """One tone a channel, each of its own pitch: ``(samples, channels)`` at half scale."""
    t = np.arange(round(seconds * rate)) / rate
    return np.stack([0.5 * np.sin(2 * np.pi * TONES_HZ[c] * t) for c in range(channels)], axis=1)


def encode(path: Path, codec: str, rate: int = 8000, channels: int = 2, seconds: float = 4.0) -> Path:
    """Encode tones with FFmpeg; the container follows from the suffix."""
    samples = (tones(seconds, rate, channels) * 32767).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = LAYOUTS[channels]
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=LAYOUTS[channels])
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        size = stream.codec_context.frame_size or 0
        resampler = av.AudioResampler(stream.format, stream.layout, rate, frame_size=size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


def write(path: Path, samples: NDArray[np.float64], rate: int = 8000, subtype: str = "PCM_16") -> Path:
    """Write samples ``(samples, channels)`` with libsndfile."""
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def pitch(samples: NDArray[np.float32], rate: int = 16_000) -> int:
    """The strongest frequency in Hz of one channel."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return round(float(np.argmax(spectrum)) * rate / len(samples))
