"""The libraries as they come, for the benchmark to stand beside: decoding, VAD, faster-whisper, pyannote.

Same weights, same options where both have them; nothing of our own arrangement. The two obstacles that
pyannote's pipeline puts up offline (it insists on a PLDA that its agglomerative clustering never uses, and
knows no CAM++) are taken out of the way and nothing else.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import models.offline
from models import campplus, devices, locate, segmentation, whisper

RATE = 16000
Mono = NDArray[np.float32]


def decode(path: Path) -> Mono:
    """faster-whisper's own decoding (PyAV) to mono 16 kHz: ``(samples,)``."""
    from faster_whisper.audio import decode_audio

    samples: Mono = decode_audio(str(path), sampling_rate=RATE)
    return samples


def vad(samples: Mono) -> int:
    """Silero VAD as the batched pipeline calls it; how many stretches of speech it found."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(max_speech_duration_s=30, min_silence_duration_ms=160)
    return len(get_speech_timestamps(samples, options))


def transcriber(models_path: Path, model: str, device: devices.Device) -> Callable[[Mono, str], list[Any]]:
    """faster-whisper's batched pipeline, beam 5, with word times: ``(samples, language) -> segments``."""
    from faster_whisper import BatchedInferencePipeline

    pipeline = BatchedInferencePipeline(whisper.load(locate(model, models_path), device))
    batch = 8 if device.kind == "cpu" else 16

    def transcribe(samples: Mono, language: str) -> list[Any]:
        segments, _ = pipeline.transcribe(
            samples, language=language, beam_size=5, word_timestamps=True, batch_size=batch
        )
        return list(segments)

    return transcribe


class _CampPlusEmbedding:
    """CAM++ with the face that pyannote's pipeline expects: the whole network per chunk and speaker."""

    sample_rate = RATE
    dimension = campplus.DIMENSIONS
    metric = "cosine"
    min_num_samples = 640

    def __init__(self, network: campplus.CampPlus, device: devices.Device) -> None:
        self._network, self._device = network, torch.device(device.torch)

    def to(self, device: torch.device) -> "_CampPlusEmbedding":
        """Where pyannote wants it."""
        self._network.to(device)
        self._device = device
        return self

    def __call__(self, waveforms: torch.Tensor, masks: torch.Tensor | None = None) -> NDArray[np.float32]:
        """``(batch, 1, samples)`` and ``(batch, frames)`` to ``(batch, 192)``."""
        made = []
        with torch.inference_mode():
            for row, waveform in enumerate(waveforms):
                features = campplus.fbank(waveform)[None].to(self._device)
                mask = None if masks is None else masks[row : row + 1].to(self._device).float()
                made.append(self._network.pool(self._network.frames(features), mask).cpu().numpy())
        embeddings: NDArray[np.float32] = np.concatenate(made)
        return embeddings


def diarizer(
    models_path: Path, device: devices.Device, *, step: float = 0.1, min_cluster_size: int = 12
) -> Callable[..., Any]:
    """pyannote's SpeakerDiarization: ``(samples, **its own options) -> pyannote Annotation``.

    ``step`` is a share of the ten-second window, 0.1 as it comes.
    """
    assert models.offline.QUIET
    import importlib

    theirs: Any = importlib.import_module("pyannote.audio.pipelines.speaker_diarization")

    network = segmentation.load(locate("segmentation-3.0", models_path), device)
    embedding = _CampPlusEmbedding(campplus.load(locate("campplus", models_path), device), device)
    plda, pretrained = theirs.get_plda, theirs.PretrainedSpeakerEmbedding
    theirs.get_plda = lambda *_, **__: None
    theirs.PretrainedSpeakerEmbedding = lambda *_, **__: embedding
    try:
        pipeline = theirs.SpeakerDiarization(
            segmentation=network,
            segmentation_step=step,
            embedding="campplus",
            plda=None,
            clustering="AgglomerativeClustering",
            embedding_exclude_overlap=True,
            segmentation_batch_size=32,
            embedding_batch_size=1,
        )
    finally:
        theirs.get_plda, theirs.PretrainedSpeakerEmbedding = plda, pretrained
    pipeline.instantiate(
        {
            "segmentation": {"min_duration_off": 0.0},
            "clustering": {"method": "centroid", "threshold": 0.7, "min_cluster_size": min_cluster_size},
        }
    )
    pipeline.to(torch.device(device.torch))

    def diarize(samples: Mono, **options: Any) -> Any:
        made = pipeline(
            {"waveform": torch.from_numpy(samples)[None], "sample_rate": RATE, "uri": "call"}, **options
        )
        return getattr(made, "speaker_diarization", made)

    return diarize
