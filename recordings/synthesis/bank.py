"""The bank: every phrase of the generated calls, spoken by every voice of its half, kept as small Opus files.

One file per voice (``bank/<voice>.opus``, 8 kHz) with a table of its utterances beside it. With it the
generator runs on any machine, without voice packages.
"""

import io
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from recordings.documents import Document, write_atomically
from recordings.errors import RecordingError
from recordings.synthesis.codecs import encode_opus
from recordings.synthesis.engines import RATE, Samples
from recordings.synthesis.phrases import all_texts
from recordings.synthesis.voices import VOICES, Half, Store, level, voice
from recordings.synthesis.words import trim

FOLDER = Path(__file__).parent / "bank"
BITS_PER_SECOND = 18_000
GAP_S = 0.25


class Utterance(Document):
    """One spoken phrase: ``start`` and ``end`` in seconds of the voice's file."""

    text: str
    start: float
    end: float


class Table(Document):
    """What one voice of the bank says, and where in its file."""

    voice: str
    language: str
    half: str
    utterances: tuple[Utterance, ...]


def build(store: Store, name: str, folder: Path = FOLDER) -> Path:
    """Render all phrases of one voice's half and write its Opus file and table; returns the audio's path."""
    who = voice(name)
    if who.half is None:
        raise RecordingError(f"voice {name!r} belongs to no half; its utterances are no part of the bank")
    gap = np.zeros(round(GAP_S * RATE), np.float32)
    pieces, utterances, now = [gap], [], GAP_S
    for text in all_texts(who.language, who.half):
        audio = store.say(name, text)
        seconds = len(audio) / RATE
        utterances.append(Utterance(text=text, start=now, end=now + seconds))
        pieces += [audio, gap]
        now += seconds + GAP_S
    table = Table(voice=name, language=who.language, half=who.half, utterances=tuple(utterances))
    path = folder / f"{name}.opus"
    write_atomically(path, encode_opus(np.concatenate(pieces), RATE, BITS_PER_SECOND))
    table.write(folder / f"{name}.json")
    return path


@cache
def _load(name: str) -> dict[str, Samples]:
    path = FOLDER / f"{name}.opus"
    if not path.is_file():
        raise RecordingError(
            f"{path}: voice {name!r} is not in the bank; there are {', '.join(bank_voices())}"
        )
    table = Table.read(path.with_suffix(".json"))
    audio, rate = soundfile.read(io.BytesIO(path.read_bytes()), dtype="float32")
    if rate != RATE:
        raise RecordingError(f"{path}: sample rate is {rate} Hz, expected {RATE}")
    margin = round(0.04 * RATE)
    cut = {
        said.text: audio[max(0, round(said.start * RATE) - margin) : round(said.end * RATE) + margin]
        for said in table.utterances
    }
    return {text: level(trim(np.asarray(piece, dtype=np.float32), RATE)) for text, piece in cut.items()}


def say(name: str, text: str) -> Samples:
    """An utterance of the bank: float32 ``(samples,)`` at 8 kHz, RMS 0.1, trimmed to its speech.

    Raises RecordingError where the voice or the text is not in the bank.
    """
    utterances = _load(name)
    if text not in utterances:
        raise RecordingError(f"voice {name!r} of the bank does not say {text!r}")
    return utterances[text]


def bank_voices(language: str | None = None, half: Half | None = None) -> tuple[str, ...]:
    """The ids of the bank's voices, of one language and half where given."""
    return tuple(
        v.id
        for v in VOICES
        if v.half is not None and language in (None, v.language) and half in (None, v.half)
    )
