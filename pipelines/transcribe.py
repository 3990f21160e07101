"""The step that writes down what is said: every channel's speech, word by word, with times and doubts.

Only what the sounds step calls speech is read, packed tightly, chunks of all channels in one batch. Memory
holds one batch of chunks, so three hours take no more of it than five minutes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models import catalogue, devices, identity, locate
from pipelines.chunks import Chunk, Piece, pack, pad, split_long
from pipelines.crosstalk import bleeding_spans, without_bleed
from pipelines.doubts import mark
from pipelines.steps import Hook, PipelineError, Source
from pipelines.stream import Reading, Stream
from pipelines.values import HeardWord, Sounds, Transcript

if TYPE_CHECKING:
    from pipelines.recogniser import ChunkText, Recogniser, Samples
    from recordings.audio import Audio

LANGUAGES = ("en", "de")


@dataclass(frozen=True)
class TranscribeOptions:
    """``language``: en, de or auto (the source's own word goes before it). Times in seconds: speech is
    widened by ``pad_s`` on either side. ``device``: auto, cpu, cuda."""

    model: str = "whisper-base"
    language: str = "auto"
    beam_size: int = 5
    pad_s: float = 0.4
    sure_of_language: float = 0.8
    device: str = "auto"
    precision: str | None = None


class Transcribe:
    """Needs ``audio``, ``sounds`` and ``source``; makes ``transcript``. The model loads at the first call and
    stays for the next."""

    name = "transcribe"
    version = 4
    needs = ("audio", "sounds", "source")
    makes = ("transcript",)

    def __init__(self, models_path: Path, options: TranscribeOptions | None = None) -> None:
        self.settings = options or TranscribeOptions()
        if self.settings.language not in (*LANGUAGES, "auto"):
            raise PipelineError(
                f"language {self.settings.language!r} is none of {', '.join(LANGUAGES)}, auto"
            )
        self._models_path = models_path
        self._recogniser: Recogniser | None = None

    @property
    def models(self) -> dict[str, str]:
        """The model's name and the hash of its weights."""
        return {self.settings.model: identity(self.settings.model)}

    def options(self) -> Mapping[str, Any]:
        """What the transcript depends on."""
        s = self.settings
        return {
            "model": s.model,
            "weights": identity(s.model),
            "language": s.language,
            "beam_size": s.beam_size,
            "pad_s": s.pad_s,
            "sure_of_language": s.sure_of_language,
            "precision": s.precision,
        }

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        """Read all speech. A recording without any gives an empty transcript in the language told, else
        English with no probability."""
        return self.run_many([values], hook)[0]

    def run_many(self, many: Iterable[Mapping[str, Any]], hook: Hook) -> list[Mapping[str, Any]]:
        """The same for several calls, whose chunks fill common batches; ``many`` is taken from as it goes, so
        that the next call can be made ready while this one is read."""
        stream: Stream | None = None
        calls: list[tuple[Mapping[str, Any], Reading]] = []
        for values in many:
            audio: Audio = values["audio"]
            source: Source = values["source"]
            told = source.recording.language or self.settings.language
            call = Reading(
                plan(audio, values["sounds"], self.settings),
                partial(chunk_samples, audio),
                told if told in LANGUAGES else "auto",
                ", ".join(source.hotwords) or None,
            )
            calls.append((values, call))
            if call.chunks:
                stream = stream or Stream(
                    self._load(),
                    lambda votes: decide(votes, self.settings.sure_of_language),
                    lambda done, total: hook(self.name, done, total),
                )
                stream.add(call)
        if stream is not None:
            stream.finish()
        return [{"transcript": written(call, values["audio"], values["sounds"])} for values, call in calls]

    def _load(self) -> "Recogniser":
        if self._recogniser is None:
            from pipelines.recogniser import Recogniser

            s = self.settings
            self._recogniser = Recogniser(
                locate(s.model, self._models_path),
                devices.choose(s.device),
                beam_size=s.beam_size,
                gpu_mib=catalogue().model(s.model).memory.gpu,
                precision=s.precision,
            )
        return self._recogniser


def plan(audio: "Audio", sounds: Sounds, options: TranscribeOptions) -> list[Chunk]:
    """The chunks to read, by start: speech of the channels that hold a voice of their own, without what
    plainly bleeds over from another channel."""
    chunks: list[Chunk] = []
    spans = {channel: _spans(sounds, "speech", channel) for channel in audio.distinct}
    bled = bleeding_spans(spans, audio.read) if len(spans) > 1 else {}
    for channel, speech in spans.items():
        own = [span for span in speech if span not in bled.get(channel, set())]

        def quietest(start: float, end: float, channel: int = channel) -> float:
            return start + _quietest(audio.read(start, end, channel)[0])

        pieces: list[Piece] = []
        for piece in pad(own, audio.duration_s, options.pad_s):
            pieces += split_long(piece, quietest)
        chunks += pack(pieces, channel)
    return sorted(chunks, key=lambda chunk: (chunk.start, chunk.channel))


def chunk_samples(audio: "Audio", chunk: Chunk) -> "Samples":
    """The sound of a chunk: its pieces end to end, float32 ``(samples,)``."""
    return np.concatenate([audio.read(p.start, p.end, chunk.channel)[0] for p in chunk.pieces])


def decide(votes: Mapping[str, float], sure: float) -> tuple[str, float]:
    """The language with most votes and its probability. Only English and German are scored: another one
    counts only where its vote is sure, else the better of the two is taken, with its own low probability."""
    best = max(votes, key=lambda name: votes[name])
    if best not in LANGUAGES and votes[best] < sure:
        best = max(LANGUAGES, key=lambda name: votes.get(name, 0.0))
    return best, round(min(1.0, votes.get(best, 0.0)), 4)


def written(call: Reading, audio: "Audio", sounds: Sounds) -> Transcript:
    """What was read of a call as its transcript: words at their places, doubtful ones marked, what bled over
    from another channel left out."""
    if not call.chunks:
        return Transcript(language="en" if call.language == "auto" else call.language)
    words: dict[int, list[HeardWord]] = {}
    invented: dict[int, set[int]] = {}
    for number, chunk in enumerate(call.chunks):
        text = call.texts[number]
        words.setdefault(chunk.channel, []).extend(placed(text, chunk, number))
        if text.heard.invented:
            invented.setdefault(chunk.channel, set()).add(number)
    marked = {
        channel: mark(
            heard,
            _spans(sounds, "speech", channel),
            _spans(sounds, "music", channel),
            invented.get(channel, ()),
        )
        for channel, heard in words.items()
    }
    kept = without_bleed(marked, audio.read) if len(marked) > 1 else marked
    ordered = sorted((w for heard in kept.values() for w in heard), key=lambda w: (w.start, w.end, w.channel))
    return Transcript(language=call.language, language_probability=call.probability, words=tuple(ordered))


def placed(text: "ChunkText", chunk: Chunk, segment: int) -> list[HeardWord]:
    """A chunk's words at their places in the recording; ``segment`` numbers chunk and piece."""
    words: list[HeardWord] = []
    for word in text.words:
        start, end, _ = chunk.restore(word.start, word.end)
        stripped = word.text.strip()
        if not stripped:
            continue
        near = bool(words) and start - (words[-1].end or 0.0) < 0.6
        if near and not word.text[0].isspace():  # "ma" + "'am", "in" + "-house": one word to people
            words[-1] = _joined(words[-1], stripped, end, word.probability)
            continue
        stripped = stripped.lstrip("-") or stripped
        start = max(start, (words[-1].start or 0.0) if words else 0.0)
        end = max(end, start)
        words.append(
            HeardWord(
                text=stripped,
                start=round(start, 3),
                end=round(end, 3),
                probability=round(word.probability, 4),
                channel=chunk.channel,
                segment=segment,
            )
        )
    return words


def _joined(word: HeardWord, text: str, end: float, probability: float) -> HeardWord:
    """A word with the rest of it; as probable as its less probable half."""
    return word.model_copy(
        update={
            "text": word.text + text,
            "end": round(max(end, word.end or 0.0), 3),
            "probability": round(min(probability, word.probability or 0.0), 4),
        }
    )


def _spans(sounds: Sounds, kind: Any, channel: int) -> list[tuple[float, float]]:
    return [(sound.start, sound.end) for sound in sounds.of(kind, channel)]


def _quietest(samples: "Samples", frame: int = 320) -> float:
    """Where the quietest 0.1 s begin, in seconds, by a running mean of the energy of 20 ms frames."""
    usable = len(samples) // frame * frame
    energy = np.square(samples[:usable].reshape(-1, frame)).mean(axis=1)
    smooth = np.convolve(energy, np.ones(5) / 5, mode="valid")
    return float(int(np.argmin(smooth)) + 2) * frame / 16000
