"""Whisper on packed chunks: language by vote, text, words and the recogniser's own numbers per chunk.

Chunks of all channels go through the network together. They are laid end to end in one array and handed to
faster-whisper's batched pipeline as clips, so its public way is used and no silence is ever decoded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from faster_whisper import BatchedInferencePipeline
from faster_whisper.audio import pad_or_trim
from numpy.typing import NDArray

from models import devices, whisper
from pipelines.chunks import RATE
from pipelines.doubts import Heard

if TYPE_CHECKING:
    import ctranslate2
    from faster_whisper import WhisperModel

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class ChunkWord:
    """A word with times in seconds from the start of its chunk."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True)
class ChunkText:
    """What was recognised in one chunk."""

    heard: Heard
    words: tuple[ChunkWord, ...]


class Recogniser:
    """Whisper with its batched pipeline on a device; one batch in memory at a time.

    A GPU that runs out of memory halves the batch and goes on; ``batch_size`` tells what it came to.
    """

    def __init__(
        self,
        folder: Path,
        device: devices.Device,
        *,
        beam_size: int,
        gpu_mib: int,
        precision: str | None = None,
    ) -> None:
        self.device = device
        self.beam_size = beam_size
        self.batch_size = self._usual = devices.batch_size("transcription", device, gpu_mib)
        self._whisper = whisper.load(folder, device, precision=precision)
        self._memo = _remember_encoding(self._whisper)
        self._pipeline = BatchedInferencePipeline(self._whisper)

    def languages(self, chunks: Sequence[Samples]) -> dict[str, float]:
        """The probability of each language over the chunks, weighed by their length. The encoder's work is
        kept for reading the same chunks right afterwards."""
        encoded = self._whisper.encode(self._features(chunks))
        votes: dict[str, float] = {}
        total = sum(len(chunk) for chunk in chunks)
        for chunk, ranked in zip(chunks, self._whisper.model.detect_language(encoded), strict=True):
            for token, probability in ranked:
                name = token.strip("<|>")
                votes[name] = votes.get(name, 0.0) + probability * len(chunk) / total
        return votes

    def read(self, chunks: Sequence[Samples], language: str, hotwords: str | None) -> list[ChunkText]:
        """The text of each chunk (16 kHz mono, at most 30 s each), in order."""
        if self.batch_size < self._usual:
            devices.concede("memory was short: smaller batches of speech")
        try:
            return self._read(chunks, language, hotwords)
        except RuntimeError as error:
            smaller = devices.smaller(min(self.batch_size, len(chunks)))
            if self.device.kind != "cuda" or "out of memory" not in str(error).lower() or smaller is None:
                raise
            self.batch_size = smaller
            self._memo.forget()
            parts = [chunks[i : i + smaller] for i in range(0, len(chunks), smaller)]
            return [text for part in parts for text in self.read(part, language, hotwords)]

    def read_again(self, chunk: Samples, language: str, hotwords: str | None) -> ChunkText:
        """One chunk once more where the first reading lost the thread: no three words may repeat."""
        self._memo.forget()
        return self._read([chunk], language, hotwords, no_repeat_ngram_size=3)[0]

    def _read(
        self, chunks: Sequence[Samples], language: str, hotwords: str | None, **options: Any
    ) -> list[ChunkText]:
        ends = np.cumsum([len(chunk) for chunk in chunks])
        starts = ends - [len(chunk) for chunk in chunks]
        # Half a sample more, as faster-whisper cuts seconds down to whole samples.
        clips = [
            {"start": (a + 0.5) / RATE, "end": (b + 0.5) / RATE} for a, b in zip(starts, ends, strict=True)
        ]
        segments, _ = self._pipeline.transcribe(
            np.concatenate(chunks),
            language=language,
            beam_size=self.beam_size,
            word_timestamps=True,
            clip_timestamps=clips,
            batch_size=len(chunks),
            hotwords=hotwords,
            **options,
        )
        found: list[list[Any]] = [[] for _ in chunks]
        for segment in segments:
            # segment.seek is the start of its chunk in hundredths of a second, cut down.
            at = np.searchsorted(starts / RATE, segment.seek / 100 + 0.02, "right") - 1
            found[int(at)].append(segment)
        self._memo.forget()
        return [_text(parts, start / RATE) for parts, start in zip(found, starts, strict=True)]

    def _features(self, chunks: Sequence[Samples]) -> Samples:
        extract = self._whisper.feature_extractor
        return np.stack([pad_or_trim(extract(chunk)[..., :-1]) for chunk in chunks])


def _text(segments: Sequence[Any], offset: float) -> ChunkText:
    if not segments:
        return ChunkText(Heard("", 0.0, 1.0), ())
    words = tuple(
        ChunkWord(word.word, max(0.0, word.start - offset), max(0.0, word.end - offset), word.probability)
        for segment in segments
        for word in segment.words or ()
    )
    text = "".join(segment.text for segment in segments)
    return ChunkText(Heard(text, segments[0].avg_logprob, segments[0].no_speech_prob), words)


class _Memo:
    """The last encoder output beside the features it came from."""

    def __init__(self, whisper_model: "WhisperModel") -> None:
        self._encode = whisper_model.encode
        self._features: Samples | None = None
        self._output: ctranslate2.StorageView | None = None

    def __call__(self, features: Samples) -> "ctranslate2.StorageView":
        if self._features is None or not np.array_equal(self._features, features):
            self._output = self._encode(features)
            self._features = features
        return self._output

    def forget(self) -> None:
        self._features = self._output = None


def _remember_encoding(model: "WhisperModel") -> _Memo:
    """Let language detection and reading share the encoder's output, a third of the whole work."""
    memo = _Memo(model)
    model.encode = memo
    return memo
