"""What a telephone line carries beside speech, synthesised from a seed: music, tones, noise, a radio.

``kinds(family, half)`` names what there is. The two halves share no music style and no tone, so a detector
tuned on the one is measured on sounds it has not heard.
"""

from typing import Literal

import numpy as np
from scipy.signal import butter, sosfilt

from recordings.errors import RecordingError
from recordings.synthesis import music as _music
from recordings.synthesis import noises as _noises
from recordings.synthesis import tones as _tones
from recordings.synthesis.instruments import Samples

Family = Literal["music", "tone", "noise"]
Half = Literal["tuning", "held-out"]

_KINDS: dict[Family, dict[Half, tuple[str, ...]]] = {
    "music": {"tuning": tuple(_music.TUNING), "held-out": tuple(_music.HELD_OUT)},
    "tone": {"tuning": (*_tones.TUNING, "dtmf"), "held-out": (*_tones.HELD_OUT, "dtmf")},
    "noise": {"tuning": tuple(_noises.TUNING), "held-out": tuple(_noises.HELD_OUT)},
}


def kinds(family: Family, half: Half) -> tuple[str, ...]:
    """The names of a family's sounds in one half."""
    return _KINDS[family][half]


def sound(family: Family, kind: str, seconds: float, seed: int, rate: int = 16_000) -> Samples:
    """A sound: float32 ``(seconds * rate,)``; music and tones at -20 dBFS RMS, noise at -40 dBFS.

    The same arguments give the same samples. Raises RecordingError for an unknown kind.
    """
    known = [name for half in _KINDS[family].values() for name in half]
    if kind not in known:
        raise RecordingError(f"no {family} named {kind!r}; there are {', '.join(dict.fromkeys(known))}")
    make = {"music": _music.music, "tone": _tones.tone, "noise": _noises.noise}[family]
    return make(kind, seconds, seed, rate)


def radio(talk: Samples, style: str, seed: int, rate: int = 16_000) -> Samples:
    """A radio in the customer's room: ``talk`` over music, through a small loudspeaker and a room.

    Returns as many samples as ``talk``, RMS 0.03; it goes behind the customer's own voice.
    """
    bed = _music.music(style, len(talk) / rate, seed, rate)
    level = max(1e-9, float(np.sqrt(np.mean(talk**2))))
    mixed = 0.08 * talk / level + 0.7 * bed
    sos = butter(2, [300, min(3000, rate / 2.2)], "bandpass", fs=rate, output="sos")
    box = sosfilt(sos, mixed)
    late = round(0.031 * rate)
    room = np.concatenate([np.zeros(late), box])[: len(box)] * 0.35
    heard = box + room
    made: Samples = (0.03 * heard / max(1e-9, float(np.sqrt(np.mean(heard**2))))).astype(np.float32)
    return made
