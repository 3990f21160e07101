"""The two networks of diarization on one channel: who talks in each window, and how each voice sounds.

A window of ten seconds every two and a half; the segmentation network tells up to three voices in it, two
at once. The embedding network's frame-level front runs once over the sound, and each voice is pooled from
its frames by mask. On a CPU both networks run in OpenVINO, on a GPU in torch.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor, nn

from models import campplus, catalogue, devices, identity, locate, segmentation
from pipelines.openvino_networks import network

if TYPE_CHECKING:
    from recordings.audio import Audio

Float = NDArray[np.float32]
Masks = NDArray[np.bool_]

RATE = 16000
WINDOW_S = 10.0
FRAMES = 589
FRAME_S = 270 / RATE
"""The segmentation network's frame step."""
FIRST_S = 495 / RATE
"""Where the middle of its first frame lies."""
VOICES = 3
POWERSET = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], dtype=np.bool_
)
"""The network's classes as sets of voices: nobody, one of three, two of three."""
FRONT_S = 20.0
"""How much sound the embedding front takes at once."""
CONTEXT_S = 0.5
LEAST_S = 2.1
"""The front averages over two seconds; with less sound OpenVINO refuses it."""
FEWEST_S = 0.25
"""A voice heard alone for less than this in a window gets no embedding of its own."""


@dataclass(frozen=True)
class Windows:
    """What the networks found.

    ``starts`` (windows,) in seconds; ``active`` (windows, 589, 3) who talks; ``two`` (windows, 589) how
    probably two talk at once, 0..1; ``embeddings`` (windows, 3, 192), NaN where a voice is not heard long
    enough alone; ``clean_s`` (windows, 3) seconds heard alone.
    """

    starts: Float
    active: Masks
    two: Float
    embeddings: Float
    clean_s: Float


class Networks:
    """Segmentation and embedding, loaded once, for one channel at a time."""

    def __init__(
        self, models_path: Path, device: devices.Device, *, segmentation_model: str, embedding_model: str
    ) -> None:
        self.device = device
        self._segment_batch = devices.batch_size(
            "segmentation", device, catalogue().model(segmentation_model).memory.gpu
        )
        folder = locate(segmentation_model, models_path)
        self._voices = campplus.load(locate(embedding_model, models_path), device)

        def segment() -> nn.Module:
            return _Segment(segmentation.load(folder, device)).eval()

        front = _Front(self._voices).eval()
        if device.kind == "cpu":
            size = int(WINDOW_S * RATE)
            self._segment = network(
                "segmentation",
                identity(segmentation_model),
                models_path,
                segment,
                lambda: torch.zeros(2, 1, size),
                [-1, 1, size],
            )
            self._front = network(
                "speaker-front",
                identity(embedding_model),
                models_path,
                lambda: front,
                lambda: torch.zeros(1, 2000, campplus.MELS),
                [1, -1, campplus.MELS],
            )
        else:
            self._segment, self._front = _torch(segment(), device), _torch(front, device)

    def listen(
        self,
        audio: "Audio",
        channel: int,
        wanted: Callable[[float, float], bool],
        step_s: float,
        progress: Callable[[float], None],
    ) -> Windows:
        """All windows of a channel in which ``wanted(start, end)`` says that somebody may talk.

        Holds one batch of windows and some thirty seconds of frames at a time; what is kept per window
        is 6 kB.
        """
        starts = [s for s in _starts(audio.duration_s, step_s) if wanted(s, s + WINDOW_S)]
        fronts = _Fronts(audio, channel, self._front)
        active: list[Masks] = []
        two: list[Float] = []
        embeddings: list[Float] = []
        clean: list[Float] = []
        for at in range(0, len(starts), self._segment_batch):
            batch = starts[at : at + self._segment_batch]
            masks, both = self._active(audio, channel, batch)  # (batch, 589, 3), (batch, 589)
            active.append(masks)
            two.append(both)
            for start, mask in zip(batch, masks, strict=True):
                vectors, seconds = self._embed(fronts, start, mask)
                embeddings.append(vectors)
                clean.append(seconds)
            progress(batch[-1] + WINDOW_S)
        if not starts:
            empty = np.zeros((0, VOICES, campplus.DIMENSIONS), dtype=np.float32)
            return Windows(
                np.zeros(0, np.float32),
                np.zeros((0, FRAMES, VOICES), np.bool_),
                np.zeros((0, FRAMES), np.float32),
                empty,
                np.zeros((0, VOICES), np.float32),
            )
        return Windows(
            np.array(starts, dtype=np.float32),
            np.concatenate(active),
            np.concatenate(two),
            np.stack(embeddings),
            np.stack(clean),
        )

    def _active(self, audio: "Audio", channel: int, starts: list[float]) -> tuple[Masks, Float]:
        size = int(WINDOW_S * RATE)
        sound = np.zeros((len(starts), 1, size), dtype=np.float32)
        for row, start in enumerate(starts):
            samples = audio.read(start, start + WINDOW_S, channel)
            sound[row, :, : samples.shape[1]] = samples[:, :size]
        scores = self._segment(sound)  # (windows, 589, 7)
        masks: Masks = POWERSET[scores.argmax(axis=-1)]
        sure = softmax(scores, axis=-1)[..., POWERSET.sum(axis=1) == 2].sum(axis=-1).astype(np.float32)
        return masks, sure

    def _embed(self, fronts: "_Fronts", start: float, mask: Masks) -> tuple[Float, Float]:
        """Embeddings (3, 192) and seconds heard alone (3,) of the voices of one window."""
        alone = mask & (mask.sum(axis=1, keepdims=True) == 1)  # (589, 3)
        seconds = alone.sum(axis=0).astype(np.float32) * np.float32(FRAME_S)
        embeddings = np.full((VOICES, campplus.DIMENSIONS), np.nan, dtype=np.float32)
        voices = np.flatnonzero(seconds >= FEWEST_S)
        if len(voices):
            vectors = fronts.window(start)  # (512, frames)
            weights = torch.from_numpy(alone[:, voices].T.astype(np.float32))  # (voices, 589)
            with torch.inference_mode():
                place = torch.device(self.device.torch)
                pooled = self._voices.pool(
                    torch.from_numpy(vectors)[None].to(place), weights[None].to(place)
                )[0]
            embeddings[voices] = pooled.cpu().numpy()
        return embeddings, seconds


class _Fronts:
    """Frame vectors of the embedding front for any window, each stretch of sound computed once, in order."""

    def __init__(self, audio: "Audio", channel: int, front: Callable[[Float], Float]) -> None:
        self._audio, self._channel, self._front = audio, channel, front
        self._blocks: dict[int, Float] = {}

    def window(self, start: float) -> Float:
        """Vectors (512, 500) of the ten seconds from ``start``; shorter at the end of the recording."""
        first, last = int(start // FRONT_S), int((start + WINDOW_S - 1e-6) // FRONT_S)
        for old in [number for number in self._blocks if number < first]:
            del self._blocks[old]
        for number in range(first, last + 1):
            if number not in self._blocks:
                self._blocks[number] = self._compute(number)
        joined = np.concatenate([self._blocks[number] for number in range(first, last + 1)], axis=1)
        per_second = campplus.FRAMES_PER_SECOND
        offset = round((start - first * FRONT_S) * per_second)
        size = int(WINDOW_S * per_second)
        found = joined[:, offset : offset + size]
        if found.shape[1] < size:  # the mask spans ten seconds, so the vectors have to as well
            found = np.pad(found, ((0, 0), (0, size - found.shape[1])))
        return np.ascontiguousarray(found)

    def _compute(self, number: int) -> Float:
        start = number * FRONT_S
        before = min(max(CONTEXT_S, LEAST_S - (self._audio.duration_s - start)), start)
        sound = self._audio.read(start - before, start + FRONT_S + CONTEXT_S, self._channel)
        frames = int(FRONT_S * campplus.FRAMES_PER_SECOND)
        if sound.shape[1] < RATE // 10:
            return np.zeros((512, frames), dtype=np.float32)
        sound = np.pad(sound, ((0, 0), (0, max(0, round(LEAST_S * RATE) - sound.shape[1]))))
        with torch.inference_mode():
            features = campplus.fbank(torch.from_numpy(sound)).numpy()[None]
        vectors: Float = self._front(features)[0]
        skip = round(before * campplus.FRAMES_PER_SECOND)
        vectors = vectors[:, skip : skip + frames]
        if vectors.shape[1] < frames:
            vectors = np.pad(vectors, ((0, 0), (0, frames - vectors.shape[1])))
        return vectors


def _starts(duration_s: float, step_s: float) -> Iterator[float]:
    """Window starts that cover the recording; the last window may hang over its end."""
    start = 0.0
    yield start
    while start + WINDOW_S < duration_s:
        start += step_s
        yield start


class _Segment(nn.Module):
    """The segmentation network's layers by themselves: without the training frame around them they can
    be traced. ``(batch, 1, samples)`` to ``(batch, 589, 7)``."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.sincnet, self.lstm = network.sincnet, network.lstm
        self.linear, self.classifier = network.linear, network.classifier

    def forward(self, samples: Tensor) -> Tensor:
        x, _ = self.lstm(self.sincnet(samples).transpose(1, 2))
        for layer in self.linear:
            x = nn.functional.leaky_relu(layer(x))
        scores: Tensor = self.classifier(x)
        return scores


class _Front(nn.Module):
    """CAM++ up to its frame vectors."""

    def __init__(self, network: campplus.CampPlus) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor) -> Tensor:
        return self.network.frames(features)


def _torch(network: nn.Module, device: devices.Device) -> Callable[[Float], Float]:
    def infer(given: Float) -> Float:
        with torch.inference_mode():
            made: Float = network(torch.from_numpy(given).to(torch.device(device.torch))).cpu().numpy()
        return made

    return infer
