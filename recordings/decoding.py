"""Decoding anything a telephone system writes into blocks of 16-bit samples, a little at a time.

Two libraries share the work. libsndfile with soxr reads WAV, FLAC and their kin three to four times as
fast; PyAV, which carries FFmpeg inside its wheel, reads the rest: MP3, Opus, AAC, AMR, video containers,
G.722. torchcodec is not used: it cuts ADPCM files to a quarter without a word.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from recordings.errors import RecordingError
from recordings.sources import Declared, Source, plausible_rate, wav_header

Int16 = NDArray[np.int16]
Float32 = NDArray[np.float32]

BLOCK_FRAMES = 1 << 16

SNDFILE_CONTAINERS = frozenset({"WAV", "WAVEX", "RF64", "W64", "FLAC", "AIFF", "AU", "CAF", "NIST", "VOC"})
SNDFILE_MAGIC = (b"RIFF", b"RF64", b"riff", b"fLaC", b"FORM", b".snd", b"caff", b"NIST_1A", b"Creative Voice")
SNDFILE_CODECS = {
    "PCM_S8": "pcm_s8",
    "PCM_U8": "pcm_u8",
    "PCM_16": "pcm_s16le",
    "PCM_24": "pcm_s24le",
    "PCM_32": "pcm_s32le",
    "FLOAT": "pcm_f32le",
    "DOUBLE": "pcm_f64le",
    "ULAW": "pcm_mulaw",
    "ALAW": "pcm_alaw",
    "GSM610": "gsm_ms",
    "IMA_ADPCM": "adpcm_ima_wav",
    "MS_ADPCM": "adpcm_ms",
    "VOX_ADPCM": "adpcm_ima_oki",
}
# Readers of real containers only. Playlists and the like, which name other files or addresses, are left
# out: a recording that is really a playlist must not make this machine open anything else.
CONTAINERS = (
    "wav,w64,aiff,au,caf,voc,mp3,flac,ogg,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,asf,avi,flv,mpeg,mpegts,"
    "aac,ac3,eac3,amr,amrnb,amrwb,gsm,g722,g726,g726le,g729,sln,ircam,nistsphere,wv,ape,tta,rm"
)
HEADERLESS = frozenset({"sln", "g726", "g726le", "g729"})


@dataclass
class Decoding:
    """One file on its way to samples. ``notes`` collects what people should know of it (damage, a cut)."""

    source: Source
    rate: int
    declared: Declared | None = None
    notes: list[str] = field(default_factory=list)

    def blocks(self) -> Iterator[Int16]:
        """Yield int16 ``(samples, channels)`` at ``rate``, in order, none of them empty.

        Raises RecordingError when nothing can be decoded at all.
        """
        found = False
        chain = _by_sndfile if self.source.container in SNDFILE_CONTAINERS | {"RAW"} else _by_av
        for block in chain(self):
            if len(block):
                found = True
                yield block
        if not found:
            raise RecordingError(
                f"{self.source.path}: has a header ({self.source.codec}, {self.source.rate} Hz) but holds no "
                f"sound{_because(self.notes)}"
            )


def inspect(path: Path, declared: Declared | None = None) -> Source:
    """Read what a file says of itself without decoding it; raises RecordingError with what it looks like."""
    if declared is not None and declared.codec is not None:
        return _declared_source(path, declared)
    source = _sndfile_source(path) or _av_source(path)
    if declared is not None and declared.rate is not None:
        scale = source.rate / declared.rate
        seconds = None if source.duration_s is None else source.duration_s * scale
        source = Source(**{**source.__dict__, "rate": declared.rate, "duration_s": seconds})
    plausible_rate(path, source.rate)
    return source


def _sndfile_source(path: Path) -> Source | None:
    if not _first_bytes(path).startswith(SNDFILE_MAGIC):
        return None
    try:
        info = soundfile.info(str(path))
    except (soundfile.SoundFileError, RuntimeError, OSError):
        return None
    if info.format not in SNDFILE_CONTAINERS or info.subtype not in SNDFILE_CODECS:
        return None
    header = wav_header(path)
    seconds = info.frames / info.samplerate if info.samplerate else None
    if header is not None and header.data_s is not None:
        seconds = header.data_s
    return Source(
        path=path,
        container=info.format,
        codec="flac" if info.format == "FLAC" else SNDFILE_CODECS[info.subtype],
        rate=info.samplerate,
        channels=info.channels,
        duration_s=seconds,
        size=path.stat().st_size,
    )


def _av_source(path: Path) -> Source:
    with _opened(path, None) as container:
        stream = _audio_stream(path, container)
        context = stream.codec_context
        seconds: float | None = None
        if stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        elif container.duration is not None:
            seconds = container.duration / 1_000_000
        if not context.sample_rate or not context.channels:
            raise RecordingError(f"{path}: its header gives no sampling rate or no channels; it is damaged")
        return Source(
            path=path,
            container=container.format.name.split(",")[0],
            codec=context.name,
            rate=context.sample_rate,
            channels=context.channels,
            duration_s=seconds if seconds and seconds > 0 else None,
            size=path.stat().st_size,
            streams=len(container.streams.audio),
            exact=_announces_length(path, container.format.name),
        )


def _announces_length(path: Path, container: str) -> bool:
    """Whether a file carries its own length; bare frames do not, and MP3 only with a Xing or VBRI frame."""
    if container in ("aac", "ac3", "eac3", "amr", "g722", "gsm"):
        return False
    if container != "mp3":
        return True
    with path.open("rb") as file:
        tag = file.read(10)
        if tag[:3] == b"ID3":  # four bytes of seven bits tell its length
            file.seek(10 + sum(byte << shift for byte, shift in zip(tag[6:10], (21, 14, 7, 0), strict=True)))
        start = file.read(4096)
    return any(mark in start for mark in (b"Xing", b"Info", b"VBRI"))


def _declared_source(path: Path, declared: Declared) -> Source:
    rate = declared.rate or (16000 if declared.codec == "g722" else 8000)
    plausible_rate(path, rate)
    size = path.stat().st_size
    bits = {"mulaw": 8, "alaw": 8, "u8": 8, "s16le": 16, "vox": 4, "g722": 4, "gsm": 33 * 8 / 160}
    assert declared.codec is not None
    return Source(
        path=path,
        container="RAW" if declared.codec == "vox" else f"headerless {declared.codec}",
        codec=declared.codec,
        rate=rate,
        channels=declared.channels,
        duration_s=size * 8 / bits[declared.codec] / declared.channels / rate,
        size=size,
    )


def _by_sndfile(decoding: Decoding) -> Iterator[Int16]:
    """libsndfile reads float32, soxr resamples; a read that fails in the middle keeps what came before."""
    source = decoding.source
    raw = source.container == "RAW"
    options = {
        "samplerate": source.rate,
        "channels": source.channels,
        "format": "RAW",
        "subtype": "VOX_ADPCM",
    }
    same = source.rate == decoding.rate
    with soundfile.SoundFile(str(source.path), **(options if raw else {})) as file:
        resampler = None
        if not same:
            resampler = soxr.ResampleStream(source.rate, decoding.rate, source.channels, dtype="float32")
        buffer = np.empty((BLOCK_FRAMES, source.channels), dtype=np.float32)
        damaged, done = False, 0
        while not damaged:
            try:
                block = file.read(out=buffer)
            except (soundfile.SoundFileError, RuntimeError) as error:
                damaged = True
                block = buffer[: max(_position(file, done) - done, 0)]  # what came before the damage
                decoding.notes.append(
                    f"reading stopped at {(done + len(block)) / source.rate:.1f} s: {error}"
                )
            if not len(block):
                break
            done += len(block)
            yield _int16(block if resampler is None else resampler.resample_chunk(block))
        if resampler is not None:
            rest = np.zeros((0, source.channels), dtype=np.float32)
            yield _int16(resampler.resample_chunk(rest, last=True))


def _position(file: soundfile.SoundFile, otherwise: int) -> int:
    """How many frames libsndfile has handed out; some codecs cannot tell."""
    try:
        return int(file.tell())
    except (soundfile.SoundFileError, RuntimeError):
        return otherwise


def _by_av(decoding: Decoding) -> Iterator[Int16]:
    """FFmpeg decodes and resamples; packets that it cannot decode are skipped and counted.

    Frames tell their own rate and layout, which may differ from the header's (AAC with spectral band
    replication) and change on the way; what comes out keeps the first frame's layout.
    """
    source, told = decoding.source, decoding.declared
    override = told.rate if told is not None and told.codec is None else None
    with _opened(source.path, told) as container:
        stream = _audio_stream(source.path, container)
        resampler: AudioResampler | None = None
        form: tuple[int, str, str] | None = None
        layout: AudioLayout | None = None
        skipped = 0
        for frame in _frames(container, stream, decoding):
            if frame is None:
                skipped += 1
                continue
            if form != (frame.sample_rate, frame.layout.name, frame.format.name):
                form = (frame.sample_rate, frame.layout.name, frame.format.name)
                if resampler is not None:
                    yield from _pieces(resampler, None, source.channels)
                layout = layout or _layout(frame, source.channels)
                rate = decoding.rate * frame.sample_rate / override if override else decoding.rate
                resampler = AudioResampler("s16", layout, round(rate))
            assert resampler is not None
            yield from _pieces(resampler, frame, source.channels)
        if resampler is not None:
            yield from _pieces(resampler, None, source.channels)
        if skipped:
            decoding.notes.append(f"{skipped} damaged packets were skipped")


def _layout(frame: AudioFrame, channels: int) -> AudioLayout:
    """The first frame's layout, unless the header promised another number of channels."""
    if frame.layout.nb_channels == channels:
        return frame.layout
    return AudioLayout({1: "mono", 2: "stereo"}.get(channels, f"{channels}c"))


def _pieces(resampler: AudioResampler, frame: AudioFrame | None, channels: int) -> Iterator[Int16]:
    for piece in resampler.resample(frame):
        yield _packed(piece, channels)


def _frames(
    container: InputContainer, stream: AudioStream, decoding: Decoding
) -> Iterator[AudioFrame | None]:
    """Decoded frames; None for each packet that cannot be decoded."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError as error:
            decoding.notes.append(f"the file ends in the middle ({_reason(error)})")
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            yield None


def _packed(frame: AudioFrame, channels: int) -> Int16:
    """A frame of format s16 as ``(samples, channels)``."""
    samples: Int16 = np.asarray(frame.to_ndarray(), dtype=np.int16).reshape(-1, channels)
    return samples


def _int16(block: Float32) -> Int16:
    block = np.nan_to_num(block, nan=0.0)  # what is no number is no sound
    samples: Int16 = np.clip(np.rint(block * np.float32(32768.0)), -32768, 32767).astype(np.int16)
    return samples


def _opened(path: Path, declared: Declared | None) -> InputContainer:
    options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
    name: str | None = None
    if declared is not None and declared.codec is not None:
        name = declared.codec
        options = {"protocol_whitelist": "file"}
        if name not in ("gsm", "g722"):
            layout = "mono" if declared.channels == 1 else f"{declared.channels}c"
            layout = "stereo" if declared.channels == 2 else layout
            options |= {"sample_rate": str(declared.rate or 8000), "ch_layout": layout}
    try:
        container = av.open(str(path.absolute()), format=name, options=options)
    except (av.FFmpegError, ValueError) as error:
        raise RecordingError(f"{path}: {_looks_like(path, error)}") from error
    if name is None and container.format.name in HEADERLESS:
        container.close()
        raise RecordingError(f"{path}: {_headerless()}")
    return container


def _audio_stream(path: Path, container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing that can be read"
        raise RecordingError(f"{path}: holds no sound, only {kinds}")
    return container.streams.audio[0]


def _headerless() -> str:
    return (
        "has no header that says how to read it; declare codec, rate and channels (mulaw, alaw, s16le, u8, "
        "vox, g722 or gsm), for example mulaw at 8000 Hz, mono"
    )


def _looks_like(path: Path, error: Exception) -> str:
    start = _first_bytes(path)
    if path.suffix.lower() in {".raw", ".pcm", ".ul", ".ulaw", ".al", ".alaw", ".vox", ".sln"}:
        return _headerless()
    if start and all(byte in b"\t\r\n" or 32 <= byte < 127 or byte > 127 for byte in start):
        shown = start[:24].decode("utf-8", errors="replace").replace("\n", " ")
        return f"is not a recording but text that begins with {shown!r}"
    if start[4:8] == b"ftyp":
        return "is an MP4/M4A file without its index: it was cut short or is still being written"
    if start[:4] == b"RIFF":
        return f"is a WAV file whose header is broken or ends too early ({_reason(error)})"
    return f"is no audio that can be decoded ({_reason(error)})"


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error})") from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).split(":")[0]


def _because(notes: list[str]) -> str:
    return f" ({'; '.join(notes)})" if notes else ""
