"""Hold music of many styles, composed by rule from a seed: chords, a melody, bass and drums in a loop.

Styles are split: what is used for tuning is never used for measuring, and shares no instrument with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from recordings.synthesis.instruments import INSTRUMENTS, Note, Samples, drum, invented


@dataclass(frozen=True)
class Style:
    """How a piece is built: instruments of chords and melody, beats a minute, meter, drums (strokes by
    beat half: k, s, h or .), share of beats with a melody note, arpeggio instead of block chords."""

    chords: str
    melody: str | None
    tempo: tuple[int, int]
    meter: int = 4
    drums: str = ""
    bass: str | None = None
    busy: float = 0.8
    arpeggio: bool = False


TUNING: Mapping[str, Style] = {
    "piano": Style("piano", "piano", (66, 104), arpeggio=True),
    "pad": Style("pad", None, (50, 72)),
    "guitar": Style("guitar", "guitar", (84, 126), arpeggio=True, bass="bass"),
    "strings": Style("strings", "strings", (60, 96), meter=3, busy=0.6),
    "pop": Style("square", "square", (104, 132), drums="khshkhsh", bass="bass"),
    "ballad": Style("pad", "piano", (60, 80), drums="k.s.k.s.", busy=0.5),
    "free": Style("invented", "invented", (50, 140), busy=0.7),
    "free-arpeggio": Style("invented", "invented", (60, 150), meter=3, arpeggio=True),
    "free-beat": Style("invented", "invented", (80, 150), drums="k.hsk.hs", bass="bass", busy=0.6),
}
HELD_OUT: Mapping[str, Style] = {
    "organ": Style("organ", "organ", (56, 88), busy=0.6),
    "musicbox": Style("bell", "bell", (80, 120), meter=3, arpeggio=True),
    "choir": Style("choir", "choir", (50, 70), busy=0.5),
    "swing": Style("brass", "brass", (110, 150), drums="k.hsk.hs", busy=0.9),
    "flute": Style("marimba", "flute", (84, 116), arpeggio=True, busy=0.7),
    "march": Style("brass", "flute", (112, 124), drums="ksksksks", busy=0.8),
}
STYLES: Mapping[str, Style] = {**TUNING, **HELD_OUT}

Put = Callable[[float, Samples, float], None]
"""(second, samples, gain): add a note to the piece."""
Pitch = Callable[[int, int], float]
"""(scale step, octave) -> Hz."""
PROGRESSIONS = ((0, 5, 3, 4), (0, 3, 4, 0), (5, 3, 0, 4), (0, 1, 4, 0), (0, 2, 3, 4))
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


def music(style: str, seconds: float, seed: int, rate: int = 16_000) -> Samples:
    """A piece of the style, looped to the length wanted: float32, RMS 0.1, ``(seconds * rate,)``.

    Raises KeyError for a style that is not in STYLES.
    """
    piece = _piece(STYLES[style], np.random.default_rng([seed, 17]), rate)
    wanted = round(seconds * rate)
    looped = np.tile(piece, wanted // len(piece) + 1)[:wanted]
    return (0.1 * looped / max(1e-9, float(np.sqrt(np.mean(piece**2))))).astype(np.float32)


def _piece(style: Style, rng: np.random.Generator, rate: int) -> Samples:
    beat = 60.0 / rng.integers(style.tempo[0], style.tempo[1] + 1)
    scale = MAJOR if rng.random() < 0.7 else MINOR
    root = 110.0 * 2 ** (rng.integers(0, 12) / 12)
    bars = [*PROGRESSIONS[rng.integers(len(PROGRESSIONS))]] * 2
    out = np.zeros(round(len(bars) * style.meter * beat * rate), dtype=np.float32)

    def pitch(step: int, octave: int) -> float:
        return float(root * 2 ** (octave + step // 7 + scale[step % 7] / 12))

    def put(at_s: float, samples: Samples, gain: float) -> None:
        start = round(at_s * rate)
        room = out[start : start + len(samples)]
        room += gain * samples[: len(room)]

    chords, melody = (
        _instrument(name, int(rng.integers(1 << 30))) if name else None
        for name in (style.chords, style.melody)
    )
    step = 0
    for bar, chord in enumerate(bars):
        at = bar * style.meter * beat
        if chords:
            _chords(style, chords, put, pitch, chord, at, beat, rate)
        if style.bass:
            put(at, INSTRUMENTS[style.bass](pitch(chord, 0), style.meter * beat, rate), 0.6)
        for half in range(2 * style.meter):
            when = at + half * beat / 2
            if style.drums and (stroke := style.drums[half % len(style.drums)]) != ".":
                put(when, drum({"k": "kick", "s": "snare", "h": "hat"}[stroke], rate), 0.5)
            if melody and half % 2 == 0 and rng.random() < style.busy:
                step = int(np.clip(step + rng.integers(-2, 3), -3, 8))
                length = beat * float(rng.choice([1.0, 1.0, 2.0, 0.5]))
                put(when, melody(pitch(step + 7, 1), length, rate), 0.7)
    return out


def _instrument(name: str, seed: int) -> Note:
    return invented(seed) if name == "invented" else INSTRUMENTS[name]


def _chords(
    style: Style, play: Note, put: Put, pitch: Pitch, chord: int, at: float, beat: float, rate: int
) -> None:
    tones = (chord, chord + 2, chord + 4)
    if style.arpeggio:
        for half in range(2 * style.meter):
            put(at + half * beat / 2, play(pitch(tones[half % 3], 1), beat * 1.2, rate), 0.5)
        return
    for tone in tones:
        put(at, play(pitch(tone, 1), style.meter * beat, rate), 0.35)
