"""The two networks of diarization: who talks in each window, and how each voice sounds.

A window of ten seconds every two and a half; the segmentation network tells up to three voices in it, two
at once. The embedding network's frame-level front runs once over the sound, and each voice is pooled from
its frames by mask. On a CPU both networks run in OpenVINO, on a GPU in torch, where windows and stretches
of several recordings fill common batches.
"""

from collections.abc import Callable, Iterator, Sequence
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


@dataclass(frozen=True)
class Place:
    """One channel to listen to, where ``wanted(start, end)`` says that somebody may talk."""

    audio: "Audio"
    channel: int
    wanted: Callable[[float, float], bool]


class Networks:
    """Segmentation and embedding, loaded once. ``in_torch`` is what a GPU does: both networks in torch, and
    the embedding network in batches."""

    def __init__(
        self,
        models_path: Path,
        device: devices.Device,
        *,
        segmentation_model: str,
        embedding_model: str,
        in_torch: bool | None = None,
    ) -> None:
        self.device = device
        in_torch = device.kind == "cuda" if in_torch is None else in_torch
        known = catalogue()
        self._segment_batch = devices.batch_size(
            "segmentation", device, known.model(segmentation_model).memory.gpu
        )
        # One at a time on a CPU, where a batch is no quicker and would change the last digits.
        voices = devices.batch_size("speakers", device, known.model(embedding_model).memory.gpu)
        self._voice_batch = voices if in_torch else 1
        folder = locate(segmentation_model, models_path)
        self._voices = campplus.load(locate(embedding_model, models_path), device)

        def segment() -> nn.Module:
            return _Segment(segmentation.load(folder, device)).eval()

        front = _Front(self._voices).eval()
        if not in_torch:
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
        self, places: Sequence[Place], step_s: float, progress: Callable[[float], None]
    ) -> list[Windows]:
        """All windows of each place in which somebody may talk; windows of all places fill common batches.

        Holds one batch of windows, and some thirty seconds of frames of each place that the batch touches;
        what is kept per window is 6 kB. ``progress`` hears the seconds listened to in all places together.
        """
        fronts = [_Fronts(place, self._front, self._voice_batch) for place in places]
        todo = [
            (place, start)
            for place, one in enumerate(places)
            for start in _starts(one.audio.duration_s, step_s)
            if one.wanted(start, start + WINDOW_S)
        ]
        found: list[list[_Window]] = [[] for _ in places]
        for at in range(0, len(todo), self._segment_batch):
            batch = todo[at : at + self._segment_batch]
            masks, two = self._active(places, batch)  # (batch, 589, 3), (batch, 589)
            vectors, seconds = self._embed(fronts, batch, masks)
            for row, (place, start) in enumerate(batch):
                found[place].append((start, masks[row], two[row], vectors[row], seconds[row]))
            for done in range(batch[-1][0]):
                fronts[done].forget()
            progress(sum(rows[-1][0] + WINDOW_S for rows in found if rows))
        return [_windows(rows) for rows in found]

    def _active(self, places: Sequence[Place], batch: Sequence[tuple[int, float]]) -> tuple[Masks, Float]:
        size = int(WINDOW_S * RATE)
        sound = np.zeros((len(batch), 1, size), dtype=np.float32)
        for row, (place, start) in enumerate(batch):
            samples = places[place].audio.read(start, start + WINDOW_S, places[place].channel)
            sound[row, :, : samples.shape[1]] = samples[:, :size]
        scores = self._segment(sound)  # (windows, 589, 7)
        masks: Masks = POWERSET[scores.argmax(axis=-1)]
        sure = softmax(scores, axis=-1)[..., POWERSET.sum(axis=1) == 2].sum(axis=-1).astype(np.float32)
        return masks, sure

    def _embed(
        self, fronts: Sequence["_Fronts"], batch: Sequence[tuple[int, float]], masks: Masks
    ) -> tuple[Float, Float]:
        """Embeddings (windows, 3, 192) and seconds heard alone (windows, 3) of the voices of windows."""
        alone = masks & (masks.sum(axis=2, keepdims=True) == 1)  # (windows, 589, 3)
        seconds = alone.sum(axis=1).astype(np.float32) * np.float32(FRAME_S)
        embeddings = np.full((len(batch), VOICES, campplus.DIMENSIONS), np.nan, dtype=np.float32)
        heard = [row for row in range(len(batch)) if (seconds[row] >= FEWEST_S).any()]
        for at in range(0, len(heard), self._voice_batch):
            rows = heard[at : at + self._voice_batch]
            vectors = _Fronts.windows([(fronts[batch[row][0]], batch[row][1]) for row in rows])
            enough = seconds[rows] >= FEWEST_S  # (rows, 3)
            voices = np.flatnonzero(enough.any(axis=0)) if len(rows) == 1 else np.arange(VOICES)
            weights = alone[rows].transpose(0, 2, 1)[:, voices].astype(np.float32)  # (rows, voices, 589)
            with torch.inference_mode():
                to = torch.device(self.device.torch)
                pooled = self._voices.pool(torch.from_numpy(vectors).to(to), torch.from_numpy(weights).to(to))
            made = pooled.cpu().numpy()
            made[~enough[:, voices]] = np.nan
            embeddings[np.ix_(np.array(rows), voices)] = made
        return embeddings, seconds


_Window = tuple[float, Masks, Float, Float, Float]


def _windows(rows: Sequence[_Window]) -> Windows:
    if not rows:
        return Windows(
            np.zeros(0, np.float32),
            np.zeros((0, FRAMES, VOICES), np.bool_),
            np.zeros((0, FRAMES), np.float32),
            np.zeros((0, VOICES, campplus.DIMENSIONS), dtype=np.float32),
            np.zeros((0, VOICES), np.float32),
        )
    starts, *parts = zip(*rows, strict=True)
    return Windows(np.array(starts, dtype=np.float32), *(np.stack(part) for part in parts))


class _Fronts:
    """Frame vectors of the embedding front for any window of a place, each stretch of sound computed once, in
    order, up to ``batch`` stretches at a time."""

    def __init__(self, place: Place, front: Callable[[Float], Float], batch: int) -> None:
        self._place, self._front, self._batch = place, front, batch
        self._blocks: dict[int, Float] = {}

    @staticmethod
    def windows(wanted: Sequence[tuple["_Fronts", float]]) -> Float:
        """Vectors (windows, 512, 500) of the ten seconds from each start; what is missing is computed in
        common batches of stretches of one length."""
        missing: dict[int, list[tuple[_Fronts, int, Float]]] = {}
        asked: set[tuple[int, int]] = set()
        for fronts, start in wanted:
            for number in fronts._numbers(start):
                if number not in fronts._blocks and (id(fronts), number) not in asked:
                    asked.add((id(fronts), number))
                    features = fronts._features(number)
                    missing.setdefault(len(features), []).append((fronts, number, features))
        for length, some in missing.items():
            size = some[0][0]._batch
            for at in range(0, len(some), size):
                part = some[at : at + size]
                made = part[0][0]._front(np.stack([features for _, _, features in part])) if length else None
                for row, (fronts, number, _) in enumerate(part):
                    fronts._keep(number, None if made is None else made[row])
        return np.stack([fronts._window(start) for fronts, start in wanted])

    def forget(self) -> None:
        """Give back what was computed; the place is done."""
        self._blocks.clear()

    def _numbers(self, start: float) -> range:
        return range(int(start // FRONT_S), int((start + WINDOW_S - 1e-6) // FRONT_S) + 1)

    def _window(self, start: float) -> Float:
        """Vectors (512, 500) of the ten seconds from ``start``."""
        numbers = self._numbers(start)
        for old in [number for number in self._blocks if number < numbers[0]]:
            del self._blocks[old]  # windows come in order
        joined = np.concatenate([self._blocks[number] for number in numbers], axis=1)
        per_second = campplus.FRAMES_PER_SECOND
        offset = round((start - numbers[0] * FRONT_S) * per_second)
        size = int(WINDOW_S * per_second)
        found = joined[:, offset : offset + size]
        if found.shape[1] < size:  # the mask spans ten seconds, so the vectors have to as well
            found = np.pad(found, ((0, 0), (0, size - found.shape[1])))
        return np.ascontiguousarray(found)

    def _features(self, number: int) -> Float:
        """Filterbanks (frames, 80) of a stretch with some sound on either side; (0, 80) without sound."""
        start = number * FRONT_S
        sound = self._place.audio.read(
            start - self._before(number), start + FRONT_S + CONTEXT_S, self._place.channel
        )
        if sound.shape[1] < RATE // 10:
            return np.zeros((0, campplus.MELS), dtype=np.float32)
        sound = np.pad(sound, ((0, 0), (0, max(0, round(LEAST_S * RATE) - sound.shape[1]))))
        with torch.inference_mode():
            features: Float = campplus.fbank(torch.from_numpy(sound)).numpy()
        return features

    def _before(self, number: int) -> float:
        start = number * FRONT_S
        return min(max(CONTEXT_S, LEAST_S - (self._place.audio.duration_s - start)), start)

    def _keep(self, number: int, vectors: Float | None) -> None:
        """Keep a stretch's vectors without those of the sound around it."""
        frames = int(FRONT_S * campplus.FRAMES_PER_SECOND)
        if vectors is None:
            vectors = np.zeros((512, 0), dtype=np.float32)
        skip = round(self._before(number) * campplus.FRAMES_PER_SECOND) if vectors.shape[1] else 0
        vectors = vectors[:, skip : skip + frames]
        if vectors.shape[1] < frames:
            vectors = np.pad(vectors, ((0, 0), (0, frames - vectors.shape[1])))
        self._blocks[number] = vectors


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
