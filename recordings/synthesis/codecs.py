"""What telephone codecs do to sound: through the coder and back, in step with the original."""

import io
from typing import Literal, cast

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from recordings.errors import RecordingError

Samples = NDArray[np.float32]
CODECS: tuple[str, ...] = ("none", "ulaw", "alaw", "gsm", "amr", "opus-low")
_SUBTYPES = {"ulaw": "ULAW", "alaw": "ALAW", "gsm": "GSM610"}


def through_codec(audio: Samples, codec: str, rate: int = 8000) -> Samples:
    """Code and decode mono float32 ``(samples,)``; the answer has the same length and no delay.

    ``ulaw``/``alaw`` (G.711, 64 kbit/s), ``gsm`` (GSM 06.10, 13 kbit/s), ``amr`` (AMR-NB, 12.2 kbit/s; where
    the decoder library cannot write it, Opus at 12 kbit/s stands in), ``opus-low`` (Opus, 8 kbit/s).
    Raises RecordingError for an unknown codec.
    """
    if codec == "none":
        return audio
    if codec in _SUBTYPES:
        buffer = io.BytesIO()
        soundfile.write(buffer, audio, rate, format="WAV", subtype=_SUBTYPES[codec])
        buffer.seek(0)
        decoded, _ = soundfile.read(buffer, dtype="float32")
        return _fit(np.asarray(decoded, dtype=np.float32), len(audio))
    if codec in ("amr", "opus-low"):
        if codec == "amr" and "libopencore_amrnb" in av.codecs_available:
            return _in_step(_through_av(audio, "libopencore_amrnb", "amr", 12_200, rate), audio, rate)
        bits = 12_000 if codec == "amr" else 8_000
        return _in_step(_through_av(audio, "libopus", "ogg", bits, rate), audio, rate)
    raise RecordingError(f"no codec {codec!r}; there are {', '.join(CODECS)}")


def encode_opus(audio: Samples, rate: int, bits_per_second: int) -> bytes:
    """Float32 ``(samples,)`` or ``(channels, samples)``, one or two channels, as an Ogg/Opus file for speech.

    The file's serial number is fixed, so that the same sound gives the same bytes.
    """
    return _write(audio, "libopus", "ogg", bits_per_second, rate)


def _write(audio: Samples, coder: str, container: str, bits: int, rate: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container, options={"fflags": "+bitexact"}) as out:
        options = {"application": "voip"} if coder == "libopus" else {}
        stream = cast(av.AudioStream, out.add_stream(coder, rate=rate, options=options))
        stream.bit_rate = bits
        channels = np.atleast_2d(audio)
        layout = "stereo" if len(channels) == 2 else "mono"
        stream.layout = layout
        pcm = np.ascontiguousarray((np.clip(channels, -1, 1) * 32767).astype(np.int16).T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
        frame.sample_rate = rate
        fifo = av.AudioResampler(format="s16", layout=layout, rate=rate, frame_size=rate // 50)
        for piece in (*fifo.resample(frame), *fifo.resample(None)):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return buffer.getvalue()


def _through_av(
    audio: Samples, coder: str, container: Literal["ogg", "amr"], bits: int, rate: int
) -> Samples:
    data = io.BytesIO(_write(audio, coder, container, bits, rate))
    pieces: list[Samples] = []
    with av.open(data, "r") as source:
        to_float = av.AudioResampler(format="flt", layout="mono", rate=rate)
        for frame in source.decode(audio=0):
            pieces += [_mono(piece) for piece in to_float.resample(frame)]
        pieces += [_mono(piece) for piece in to_float.resample(None)]
    return np.concatenate(pieces).astype(np.float32) if pieces else np.zeros(0, np.float32)


def _mono(frame: av.AudioFrame) -> Samples:
    return frame.to_ndarray().reshape(-1).astype(np.float32)


def _in_step(decoded: Samples, audio: Samples, rate: int) -> Samples:
    """Take the coder's delay out: the shift (up to 60 ms) that fits best over the loudest 5 s."""
    decoded = _fit(decoded, len(audio))
    span = min(len(audio), 5 * rate)
    totals = np.concatenate([[0.0], np.cumsum(audio.astype(np.float64) ** 2)])
    first = int(np.argmax(totals[span:] - totals[:-span])) if len(audio) > span else 0
    window = audio[first : first + span]
    best, highest = 0, -1.0
    for shift in range(round(0.06 * rate)):
        other = decoded[first + shift : first + shift + span]
        match = abs(float(np.dot(window[: len(other)], other)))
        if match > highest:
            best, highest = shift, match
    return _fit(decoded[best:], len(audio))


def _fit(audio: Samples, length: int) -> Samples:
    return np.pad(audio[:length], (0, max(0, length - len(audio))))
