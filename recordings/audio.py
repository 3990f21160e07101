"""Audio in: any recording as 16 kHz samples, in memory that does not grow with its length.

``open_audio`` decodes once, a little at a time, into 16-bit samples: in memory for short calls, in a
scratch file for long ones. The scratch file has no name from the moment it exists, so the system takes it
back however the process ends. Reads use file reads, not a memory map, so that what was read does not
count as the process's memory.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self, cast

import numpy as np
from numpy.typing import NDArray

from recordings.decoding import Decoding, Float32, Int16, inspect
from recordings.errors import RecordingError
from recordings.levels import Levels
from recordings.sources import Declared, Source, admit, sha256_of, unchanged, wav_header

RATE = 16_000
IN_MEMORY_BYTES = 16 << 20
"""Up to this much decoded sound (eight minutes of one channel) stays in memory."""
LONGEST_HOURS = 8.0
SHORTEST_S = 0.05
LEAST_BYTES_PER_S = 100
"""A header that announces more sound than the file can hold, at any rate of compression, is not believed: the
sound that is there counts."""


class Block(NamedTuple):
    """A stretch of sound: where it starts (seconds) and its samples, float32 ``(channels, samples)``."""

    start_s: float
    samples: Float32


@dataclass(frozen=True)
class _Stored:
    """Decoded samples, interleaved int16, in memory or in a nameless file."""

    memory: bytes | None
    file: BinaryIO | None

    def read(self, start: int, length: int) -> bytes:
        if self.memory is not None:
            return self.memory[start : start + length]
        assert self.file is not None
        return os.pread(self.file.fileno(), length, start)

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


class Audio:
    """A decoded recording: read any stretch of any channel, as often as needed, from any thread.

    ``rate`` is always 16000 Hz; ``frames`` counts samples per channel; ``notes`` tells people what is odd
    (cut short, damaged, channels alike). ``silent`` are channels that hold nothing, ``duplicates`` pairs
    ``(channel, same as)``, ``distinct`` the channels that are worth listening to, never empty.
    Close it, or use it in a ``with`` statement, to give the scratch file back.
    """

    rate = RATE

    def __init__(
        self,
        source: Source,
        stored: _Stored,
        frames: int,
        levels: Levels,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.source = source
        self.channels = source.channels
        self.frames = frames
        self.notes = notes
        self.silent = levels.silent
        self.duplicates = levels.duplicates
        self.distinct = levels.distinct
        self._stored = stored
        self._closed = False

    @classmethod
    def from_samples(cls, samples: NDArray[np.floating], *, name: str = "samples") -> Self:
        """Sound made in the program: ``(channels, samples)`` or ``(samples,)``, -1..1, at 16 kHz."""
        two = np.atleast_2d(np.asarray(samples, dtype=np.float32))
        block = np.clip(np.rint(two.T * 32768.0), -32768, 32767).astype(np.int16)
        levels = Levels(block.shape[1])
        levels.add(block)
        seconds = len(block) / RATE
        source = Source(Path(name), "memory", "pcm_s16le", RATE, block.shape[1], seconds, block.nbytes)
        return cls(source, _Stored(np.ascontiguousarray(block).tobytes(), None), len(block), levels)

    @property
    def duration_s(self) -> float:
        """Seconds of sound that were decoded."""
        return self.frames / RATE

    @property
    def in_memory(self) -> bool:
        """Whether the samples are held in memory rather than in a scratch file."""
        return self._stored.memory is not None

    def read(self, start_s: float = 0.0, end_s: float | None = None, channel: int | None = None) -> Float32:
        """Samples from ``start_s`` to ``end_s`` (default: the end), clipped to the recording.

        Returns float32 in -1..1, ``(channels, samples)``, or ``(1, samples)`` for one ``channel``. Raises
        RecordingError for a channel that is not there or after ``close``.
        """
        first = min(max(round(start_s * RATE), 0), self.frames)
        last = self.frames if end_s is None else min(max(round(end_s * RATE), first), self.frames)
        return self.read_frames(first, last, channel)

    def read_frames(self, first: int, last: int, channel: int | None = None) -> Float32:
        """The same by sample numbers, ``first`` included, ``last`` not."""
        if self._closed:
            raise RecordingError(f"{self.source.path}: was closed; open it again to read from it")
        if channel is not None and not 0 <= channel < self.channels:
            raise RecordingError(
                f"{self.source.path}: has no channel {channel}; it has 0 to {self.channels - 1}"
            )
        step = 2 * self.channels
        data = self._stored.read(first * step, max(last - first, 0) * step)
        block: Int16 = np.frombuffer(data, dtype=np.int16).reshape(-1, self.channels)
        chosen = block.T if channel is None else block[:, channel : channel + 1].T
        return np.multiply(chosen, np.float32(1 / 32768), dtype=np.float32, order="C")

    def blocks(self, block_s: float, overlap_s: float = 0.0, channel: int | None = None) -> Iterator[Block]:
        """Walk through the recording in stretches of ``block_s`` that share ``overlap_s`` with the one
        before; the last may be shorter. Raises RecordingError unless 0 <= overlap_s < block_s."""
        size, shared = round(block_s * RATE), round(overlap_s * RATE)
        if not 0 <= shared < size:
            raise RecordingError(f"an overlap of {overlap_s} s does not fit into blocks of {block_s} s")
        for first in range(0, max(self.frames - shared, 1), size - shared):
            last = min(first + size, self.frames)
            yield Block(first / RATE, self.read_frames(first, last, channel))

    def close(self) -> None:
        """Give the scratch file back; reading is over. May be called again."""
        self._closed = True
        self._stored.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def probe(path: Path | str, *, within: Path | None = None, declared: Declared | None = None) -> Source:
    """What a recording's file says of itself, without decoding or hashing it; raises RecordingError."""
    path = Path(path)
    admit(path, within=within)
    return inspect(path, declared)


def open_audio(
    path: Path | str,
    *,
    scratch: Path | None = None,
    within: Path | None = None,
    declared: Declared | None = None,
    longest_hours: float = LONGEST_HOURS,
) -> Audio:
    """Decode a recording to 16 kHz.

    ``scratch`` is the folder for long recordings (default: the system's temporary folder); ``within`` the
    folder it must really lie in; ``declared`` what a person tells of headerless or wrongly labelled files.
    Raises RecordingError that names the file and the cause: missing, forbidden, empty, not audio, without
    sound, too long, still being written, no room on the disk. Nothing is left behind then.
    """
    path = Path(path)
    before = admit(path, within=within)
    digest = sha256_of(path)
    source = replace(inspect(path, declared), sha256=digest)
    longest_s = longest_hours * 3600
    told = source.duration_s if source.exact else None
    if told is not None and told > longest_s and source.size > told * LEAST_BYTES_PER_S:
        raise RecordingError(_too_long(path, told, longest_hours))
    decoding = Decoding(source, RATE, declared)
    levels = Levels(source.channels)
    with _Writer(scratch, _bytes_expected(source)) as writer:
        for block in decoding.blocks():
            levels.add(block)
            writer.add(block)
            if writer.frames > longest_s * RATE:
                raise RecordingError(_too_long(path, writer.frames / RATE, longest_hours))
        unchanged(path, before)
        seconds = writer.frames / RATE
        if seconds < SHORTEST_S:
            raise RecordingError(f"{path}: lasts {seconds:.3f} s, which is too short to hold speech")
        notes = (*decoding.notes, *_remarks(source, seconds), *levels.notes)
        return Audio(source, writer.stored(), writer.frames, levels, notes)


class _Writer:
    """Takes blocks; memory first, then a nameless scratch file. Leaving it by an error frees everything."""

    def __init__(self, scratch: Path | None, expected: int) -> None:
        self.frames = 0
        self._parts: list[bytes] = []
        self._bytes = 0
        self._file: BinaryIO | None = None
        self._scratch = scratch or Path(tempfile.gettempdir())
        self._expected = expected
        self._kept = False

    def add(self, block: Int16) -> None:
        data = np.ascontiguousarray(block).tobytes()
        self.frames += len(block)
        self._bytes += len(data)
        try:
            if self._file is None:
                self._parts.append(data)
                if self._bytes > IN_MEMORY_BYTES:
                    self._spill()
            else:
                self._file.write(data)
        except OSError as error:
            raise RecordingError(self._no_room(error)) from error

    def stored(self) -> _Stored:
        try:
            if self._file is not None:
                self._file.flush()
        except OSError as error:
            raise RecordingError(self._no_room(error)) from error
        self._kept = True
        return _Stored(None if self._file else b"".join(self._parts), self._file)

    def _spill(self) -> None:
        self._scratch.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._scratch).free
        if free < self._expected:
            raise OSError(28, f"{self._expected >> 20} MiB are needed and {free >> 20} MiB are free")
        file = cast(BinaryIO, tempfile.TemporaryFile(dir=self._scratch, buffering=1 << 20))  # noqa: SIM115
        self._file = file
        for part in self._parts:
            file.write(part)
        self._parts.clear()

    def _no_room(self, error: OSError) -> str:
        return (
            f"{self._scratch}: the scratch file for a long recording cannot be written "
            f"({error.strerror or error}); make room there or set another scratch folder (TMPDIR)"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._kept and self._file is not None:
            try:
                self._file.close()
            except OSError:  # closing flushes, and the disk is full
                self._file = None


def _bytes_expected(source: Source) -> int:
    return int((source.duration_s or 0.0) * RATE) * 2 * source.channels


def _too_long(path: Path, seconds: float, longest_hours: float) -> str:
    return (
        f"{path}: lasts {seconds / 3600:.1f} hours, more than the {longest_hours:g} hours of a recording; "
        "a file that long is no single call: split it, or allow more"
    )


def _remarks(source: Source, seconds: float) -> Iterator[str]:
    """What does not fit between the container's word and the sound that came out."""
    if source.duration_s is not None and source.exact:
        gap = source.duration_s - seconds
        if abs(gap) > max(0.5, 0.02 * seconds):
            what = "was cut short" if gap > 0 else "is longer than its header says"
            yield f"announces {source.duration_s:.1f} s and holds {seconds:.1f} s: it {what}"
    header = wav_header(source.path)
    if header is not None and header.contradiction:
        yield header.contradiction
    if source.streams > 1:
        yield f"holds {source.streams} audio streams; the first was used"
