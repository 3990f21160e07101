"""Whisper on packed chunks: language by vote, text, words and the recogniser's own numbers per chunk.

Chunks of all channels, and of several calls, go through the network together. They are laid into one array
and handed to faster-whisper's batched pipeline as clips, so its public way is used and no silence is ever
decoded. Where a chunk lies in the array changes nothing of what is read in it.
"""

from collections.abc import Iterator, Sequence
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

FIRST_SLOT_S, SLOT_S = 2048, 40
"""Where the first chunk lies in the array, and how far apart chunks lie (seconds). faster-whisper carries the
end of the last word of one clip over to the next, where it counts as the pause before its first word: between
slots that pause is always over ten seconds, so it never depends on the neighbour. All slots lie between two
powers of two, so times in any of them are rounded alike. What lies between is never touched, so it takes no
memory."""
MOST_SLOTS = FIRST_SLOT_S // SLOT_S


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
        self.batch_size = min(MOST_SLOTS, devices.batch_size("transcription", device, gpu_mib))
        self._usual = self.batch_size
        self._whisper = whisper.load(folder, device, precision=precision)
        self._memo = _remember_encoding(self._whisper)
        _align_each(self._whisper)
        self._pipeline = BatchedInferencePipeline(self._whisper)

    def languages(self, chunks: Sequence[Samples]) -> list[dict[str, float]]:
        """The probability of each language in each chunk. The encoder's work is kept for reading the same
        chunks right afterwards."""
        encoded = self._whisper.encode(self._features(chunks))
        return [
            {token.strip("<|>"): float(probability) for token, probability in ranked}
            for ranked in self._whisper.model.detect_language(encoded)
        ]

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
        slots = [FIRST_SLOT_S + SLOT_S * number for number in range(len(chunks))]
        sound = np.zeros((slots[-1] + SLOT_S) * RATE, dtype=np.float32)
        for slot, chunk in zip(slots, chunks, strict=True):
            sound[slot * RATE : slot * RATE + len(chunk)] = chunk
        # Half a sample more, as faster-whisper cuts seconds down to whole samples.
        clips = [
            {"start": slot, "end": slot + (len(chunk) + 0.5) / RATE}
            for slot, chunk in zip(slots, chunks, strict=True)
        ]
        segments, _ = self._pipeline.transcribe(
            sound,
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
            found[(segment.seek // 100 - FIRST_SLOT_S) // SLOT_S].append(segment)  # seek: hundredths
        self._memo.forget()
        return [_text(parts, slot) for parts, slot in zip(found, slots, strict=True)]

    def _features(self, chunks: Sequence[Samples]) -> Samples:
        extract = self._whisper.feature_extractor
        return np.stack([pad_or_trim(extract(chunk)[..., :-1]) for chunk in chunks])


def _text(segments: Sequence[Any], offset: int) -> ChunkText:
    if not segments:
        return ChunkText(Heard("", 0.0, 1.0), ())
    words = tuple(
        ChunkWord(word.word, _inside(word.start, offset), _inside(word.end, offset), word.probability)
        for segment in segments
        for word in segment.words or ()
    )
    text = "".join(segment.text for segment in segments)
    return ChunkText(Heard(text, segments[0].avg_logprob, segments[0].no_speech_prob), words)


def _inside(time: float, offset: int) -> float:
    """A time of the array as one of the chunk; the recogniser's own times are hundredths."""
    return max(0.0, round(time - offset, 2))


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


def _align_each(model: "WhisperModel") -> None:
    """Let words be aligned chunk by chunk: in a batch, CTranslate2 normalises attention over texts padded to
    the longest, so that a word's times would move by a frame or two with the company that its chunk is in."""
    together = model.find_alignment

    def each(
        tokenizer: Any,
        text_tokens: Sequence[list[int]],
        encoded: "ctranslate2.StorageView",
        frames: Sequence[int],
        *options: Any,
    ) -> list[Any]:
        return [
            found
            for tokens, row, count in zip(text_tokens, _rows(encoded), frames, strict=True)
            for found in together(tokenizer, [tokens], row, [count], *options)
        ]

    model.find_alignment = each


def _rows(encoded: "ctranslate2.StorageView") -> "Iterator[ctranslate2.StorageView]":
    """The items of an encoder's output, each as a batch of one. What lies on a GPU comes to the CPU first,
    from where CTranslate2 takes it back, as it does with several GPUs."""
    import ctranslate2

    whole = np.asarray(encoded.to_device(ctranslate2.Device.cpu))
    for number in range(len(whole)):
        yield ctranslate2.StorageView.from_array(whole[number : number + 1])
