"""Calls for the signals, in sound: utterances of the bank on a line, and the steps that hear and measure."""

from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from pipelines.measure import Measure
from pipelines.sounds import Sounds as ListenStep
from pipelines.steps import Source, silent
from pipelines.values import Measures, Sounds, Speakers, SpeakerSpan, Transcript, Turns
from recordings import Recording, Turn
from recordings.audio import RATE, Audio
from recordings.synthesis.bank import FOLDER, Table, bank_voices, say
from recordings.synthesis.voices import Half

Samples = np.ndarray
Row = tuple[str, float, float, str]


def talk(
    seconds: float, *, half: Half = "held-out", language: str = "en", pause_s: float = 0.5, voice: int = 0
) -> Samples:
    """Utterances of one voice of the bank, with pauses, 16 kHz."""
    there = [v for v in bank_voices(language, half) if (FOLDER / f"{v}.json").is_file()]
    name = there[voice]
    texts = [u.text for u in Table.read(FOLDER / f"{name}.json").utterances if u.end - u.start > 1.5]
    out: list[Samples] = []
    while sum(map(len, out)) < seconds * RATE:
        clip = resample_poly(say(name, texts[len(out) % len(texts)]), 2, 1)
        out += [clip, np.zeros(round(pause_s * RATE))]
    return np.concatenate(out)[: round(seconds * RATE)].astype(np.float32)


def line(samples: Samples, noise_db: float = -62.0) -> Samples:
    """With the noise of a line."""
    hiss = np.random.default_rng(3).normal(0, 10 ** (noise_db / 20), samples.shape)
    return (samples + hiss).astype(np.float32)


def placed(seconds: float, *parts: tuple[float, Samples]) -> Samples:
    """A channel with each part from its second on."""
    channel = np.zeros(round(seconds * RATE), np.float32)
    for start, part in parts:
        first = round(start * RATE)
        channel[first : first + len(part)] += part[: max(0, len(channel) - first)]
    return channel


def turns(*rows: Row) -> tuple[Turn, ...]:
    """(role, start, end, text): the customer on channel 1, everybody else on channel 0."""
    return tuple(
        Turn(
            index=i, role=role, speaker=role, channel=int(role == "customer"), start=start, end=end, text=text
        )  # type: ignore[arg-type]
        for i, (role, start, end, text) in enumerate(rows)
    )


def heard(*channels: Samples) -> Sounds:
    """What the first listening hears, a channel each."""
    with Audio.from_samples(np.stack(channels)) as audio:
        found: Sounds = ListenStep().run({"audio": audio}, silent)["sounds"]
    return found


def measured(*channels: Samples, rows: tuple[Row, ...] = ()) -> Measures:
    """Sound step and measures over samples with given turns and their speakers, as in the pipeline."""
    spans = tuple(SpeakerSpan(speaker=role, channel=0, start=start, end=end) for role, start, end, _ in rows)
    with Audio.from_samples(np.stack(channels)) as audio:
        given = {
            "audio": audio,
            "sounds": ListenStep().run({"audio": audio}, silent)["sounds"],
            "speakers": Speakers(spans=spans),
            "roles": Turns(turns=turns(*rows)),
            "transcript": Transcript(language="en"),
            "source": Source(path=Path("x"), recording=Recording(id="x")),
        }
        found: Measures = Measure().run(given, silent)["measures"]
    return found
