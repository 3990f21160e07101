"""Before decoding: is this a file that may be read, what does it announce, has its writer finished?"""

import contextlib
import hashlib
import os
import stat
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from recordings.errors import RecordingError

LOWEST_RATE, HIGHEST_RATE = 4000, 192_000

RawCodec = Literal["mulaw", "alaw", "s16le", "u8", "vox", "g722", "gsm"]
RAW_CODECS: tuple[RawCodec, ...] = ("mulaw", "alaw", "s16le", "u8", "vox", "g722", "gsm")


@dataclass(frozen=True)
class Declared:
    """What a person tells about a file, where the file itself does not say or says it wrong.

    ``codec`` is for files without a header and is never guessed; ``rate`` (Hz) with no codec overrides the
    header's; ``channels`` counts only together with a codec.
    """

    codec: RawCodec | None = None
    rate: int | None = None
    channels: int = 1


@dataclass(frozen=True)
class Source:
    """What a recording's file says of itself: ``rate`` in Hz, ``duration_s`` as the container announces it
    (None where it does not; ``exact`` False where it is only guessed from the bit rate), ``streams`` how
    many audio streams it holds (the first is used)."""

    path: Path
    container: str
    codec: str
    rate: int
    channels: int
    duration_s: float | None
    size: int
    streams: int = 1
    exact: bool = True
    sha256: str | None = None


@dataclass(frozen=True)
class Identity:
    """Size and time of change: equal before and after reading, or somebody still writes."""

    size: int
    changed_ns: int


def admit(path: Path, *, within: Path | None = None) -> Identity:
    """See whether a file may be read at all.

    ``within`` is the folder it must really lie in: a link that leads out of it is refused. Raises
    RecordingError for what is missing, no file, forbidden, outside or empty.
    """
    try:
        real = path.resolve(strict=True)
        if within is not None and not real.is_relative_to(within.resolve()):
            raise RecordingError(
                f"{path}: leads out of {within} (to {real}); links out of it are not followed"
            )
        status = real.stat()
        if not stat.S_ISREG(status.st_mode):
            raise RecordingError(f"{path}: is not a file; give a recording, or a folder to `rapport ingest`")
        with real.open("rb"):
            pass
    except FileNotFoundError as error:
        raise RecordingError(f"{path}: there is no such file") from error
    except PermissionError as error:
        raise RecordingError(f"{path}: may not be read by this user; check its rights") from error
    except (OSError, RuntimeError) as error:
        raise RecordingError(f"{path}: cannot be read ({error})") from error
    if status.st_size == 0:
        raise RecordingError(f"{path}: is empty (0 bytes); the recorder may not have written it yet")
    return Identity(status.st_size, status.st_mtime_ns)


def unchanged(path: Path, before: Identity) -> None:
    """Raise RecordingError when the file has changed since ``before``: somebody still writes to it."""
    try:
        status = path.stat()
    except OSError as error:
        raise RecordingError(f"{path}: went away while it was read ({error.strerror})") from error
    if (status.st_size, status.st_mtime_ns) != (before.size, before.changed_ns):
        raise RecordingError(
            f"{path}: changed while it was read ({before.size} bytes, now {status.st_size}); it is still "
            "being written: try again when the recorder has closed it"
        )


def settled(path: Path, quiet_s: float = 5.0) -> bool:
    """Whether nobody has written to the file for ``quiet_s`` seconds; False where it cannot be seen."""
    try:
        return time.time() - path.stat().st_mtime >= quiet_s
    except OSError:
        return False


def sha256_of(path: Path) -> str:
    """A recording's identity: the sha256 of the file's bytes, 64 hex digits. Raises RecordingError."""
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error})") from error
    return digest.hexdigest()


def plausible_rate(path: Path, rate: int) -> None:
    """Raise RecordingError for a sampling rate that no recording has."""
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise RecordingError(
            f"{path}: its header gives a sampling rate of {rate} Hz; recordings have {LOWEST_RATE} to "
            f"{HIGHEST_RATE} Hz. If the header is wrong, declare the true rate"
        )


LINEAR_TAGS = (1, 3, 6, 7)
"""WAVE format tags of PCM, float, A-law and µ-law: so many bytes a sample, no more, no less."""


@dataclass(frozen=True)
class WavHeader:
    """What a RIFF header announces: ``data_s`` is None where the recorder left the length open."""

    rate: int
    bytes_per_second: int
    block: int
    tag: int
    data_s: float | None

    @property
    def contradiction(self) -> str | None:
        """Where the header's own numbers do not agree (only linear PCM and G.711, where they must)."""
        if self.tag in LINEAR_TAGS and self.bytes_per_second != self.rate * self.block:
            return (
                f"the header contradicts itself: {self.rate} Hz, but {self.bytes_per_second} bytes a second "
                f"in blocks of {self.block} mean {self.bytes_per_second / max(self.block, 1):g} Hz"
            )
        return None


def wav_header(path: Path) -> WavHeader | None:
    """The header of a RIFF/WAVE file; None for anything else or anything odd."""
    with contextlib.suppress(OSError, struct.error), path.open("rb") as file:
        if file.read(4) != b"RIFF" or len(file.read(4)) != 4 or file.read(4) != b"WAVE":
            return None
        return _chunks(file)
    return None


def _chunks(file: BinaryIO) -> WavHeader | None:
    tag = rate = per_second = block = 0
    while len(head := file.read(8)) == 8:
        name, length = struct.unpack("<4sI", head)
        if name == b"fmt ":
            tag, _, rate, per_second, block, _ = struct.unpack("<HHIIHH", file.read(16))
            file.seek(length - 16 + length % 2, os.SEEK_CUR)
        elif name == b"data":
            speed = rate * block if tag in LINEAR_TAGS else per_second
            open_ended = length in (0, 0xFFFFFFFF) or not speed
            return WavHeader(rate, per_second, block, tag, None if open_ended else length / speed)
        else:
            file.seek(length + length % 2, os.SEEK_CUR)
    return None
