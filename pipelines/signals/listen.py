"""One pass over one channel: speech, music and tone spans."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipelines.signals.vad import FRAME_S, Vad, VadOptions, spans

Span = tuple[float, float]
BLOCK_S = 60.0


class Readable(Protocol):
    """What this needs of recordings.audio.Audio: float32 at 16 kHz, read by time."""

    channels: int
    duration_s: float

    def read(self, start_s: float, end_s: float, channel: int) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Listening:
    """Spans of one channel in seconds, in order; ``speech`` may lie inside ``music``."""

    speech: tuple[Span, ...]
    music: tuple[Span, ...] = ()
    tone: tuple[Span, ...] = ()


def blocks(audio: Readable, channel: int, block_s: float = BLOCK_S) -> Iterator[NDArray[np.float32]]:
    """The samples of one channel in order, DC offset not removed."""
    start = 0.0
    while start < audio.duration_s:
        yield np.asarray(audio.read(start, min(start + block_s, audio.duration_s), channel)).reshape(-1)
        start += block_s


def listen(audio: Readable, channel: int, options: VadOptions) -> Listening:
    """The spans of one channel."""
    vad = Vad()
    heard = [vad.feed(block) for block in blocks(audio, channel)]
    probabilities = np.concatenate([*heard, vad.finish()])
    speech = spans(
        probabilities,
        FRAME_S,
        on=options.threshold,
        off=options.off_threshold,
        min_on_s=options.min_speech_s,
        min_off_s=options.min_silence_s,
    )
    end = audio.duration_s
    return Listening(speech=tuple((start, min(stop, end)) for start, stop in speech if start < end))
