"""Speech activity by Silero VAD (the ONNX model inside faster-whisper), block by block in flat memory.

The network is recurrent: its state and the last 64 samples are carried from block to block, so the
probabilities are the same however the audio is cut.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
FRAME = 512
"""Samples a probability stands for: 32 ms."""
FRAME_S = FRAME / RATE
CONTEXT = 64


@dataclass(frozen=True)
class VadOptions:
    """When a frame counts as speech, and how stretches are formed. The thresholds lie below the usual 0.5:
    narrow, noisy telephone speech scores lower, and music is dealt with elsewhere. Edges are not padded:
    whoever cuts audio at them (a recogniser) adds its own margin."""

    threshold: float = 0.35
    off_threshold: float = 0.2
    min_speech_s: float = 0.10
    min_silence_s: float = 0.25


class Vad:
    """The speech probabilities of one channel, fed in order.

    ``feed`` takes float32 samples at 16 kHz and returns one probability per whole 32 ms frame; samples that
    do not fill a frame wait for the next call, ``finish`` pads and answers for the rest.
    """

    def __init__(self) -> None:
        from faster_whisper.vad import get_vad_model

        self._session: Any = get_vad_model().session
        self._h = np.zeros((1, 1, 128), dtype=np.float32)
        self._c = np.zeros((1, 1, 128), dtype=np.float32)
        self._tail: NDArray[np.float32] = np.zeros(CONTEXT, dtype=np.float32)
        self._rest: NDArray[np.float32] = np.zeros(0, dtype=np.float32)

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities ``(frames,)`` for the samples so far."""
        joined = np.concatenate([self._rest, samples])
        whole = len(joined) // FRAME * FRAME
        self._rest = joined[whole:]
        if whole == 0:
            return np.zeros(0, dtype=np.float32)
        frames = joined[:whole].reshape(-1, FRAME)  # (frames, 512)
        if not frames.any():  # digital silence: the network is not asked, its state stays
            self._tail = frames[-1, -CONTEXT:]
            return np.zeros(len(frames), dtype=np.float32)
        before = np.concatenate([self._tail[None], frames[:-1, -CONTEXT:]])
        self._tail = frames[-1, -CONTEXT:]
        given = np.concatenate([before, frames], axis=1)  # (frames, 576)
        out, self._h, self._c = self._session.run(None, {"input": given, "h": self._h, "c": self._c})
        probabilities: NDArray[np.float32] = np.asarray(out, dtype=np.float32).reshape(-1)
        return probabilities

    def finish(self) -> NDArray[np.float32]:
        """The probability of the last, incomplete frame; empty where there is none."""
        if len(self._rest) == 0:
            return np.zeros(0, dtype=np.float32)
        return self.feed(np.zeros(FRAME - len(self._rest), dtype=np.float32))


def spans(
    active: NDArray[np.bool_] | NDArray[np.float32],
    step_s: float,
    *,
    on: float = 0.5,
    off: float = 0.35,
    min_on_s: float = 0.0,
    min_off_s: float = 0.0,
) -> list[tuple[float, float]]:
    """Stretches (start, end) in seconds where a track ``(frames,)`` is on, with hysteresis: on at ``on``, off
    below ``off``; gaps shorter than ``min_off_s`` are closed, stretches shorter than ``min_on_s`` dropped."""
    track = np.asarray(active, dtype=np.float32)
    if len(track) == 0:
        return []
    high, low = track >= on, track < off
    # the state at a frame is the one that the last decided frame set
    decided = np.where(high, 1, np.where(low, 0, -1))
    places = np.where(decided >= 0, np.arange(len(track)), -1)
    last = np.maximum.accumulate(places)
    state = np.where(last >= 0, decided[np.maximum(last, 0)], 0).astype(bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], state, [False]]).astype(np.int8)))
    found: list[tuple[float, float]] = []
    for start, end in zip(edges[::2] * step_s, edges[1::2] * step_s, strict=True):
        if found and start - found[-1][1] < min_off_s:
            found[-1] = (found[-1][0], float(end))
        else:
            found.append((float(start), float(end)))
    return [(start, end) for start, end in found if end - start >= min_on_s]
