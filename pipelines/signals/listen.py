"""One pass over one channel: its level, its speech probability, and speech, music and tone spans."""

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import maximum_filter1d

from pipelines.signals.classifier import KINDS, Detector, detector
from pipelines.signals.features import (
    BANDS,
    COLUMNS,
    FRAME_S,
    FRAMES_PER_ROW,
    LEVEL_SCALE,
    MARGIN,
    RATE,
    ROW_S,
    Array,
    Framer,
    rows,
)
from pipelines.signals.leak import SILENCE_DB, STEP_S
from pipelines.signals.vad import FRAME_S as VAD_S
from pipelines.signals.vad import Vad, VadOptions, spans
from recordings.audio import Audio

Span = tuple[float, float]
BLOCK_S = 60.0
QUIET_DB = -60.0
FINE = round(STEP_S * RATE)
TRIM_FRAMES = 10
TRIM_DB = 30.0


@dataclass(frozen=True)
class Listening:
    """Spans of one channel in seconds, in order; ``speech`` may lie inside ``music``. ``level_db`` is the
    level of each 20 ms frame ``(frames,)`` between 0.2 and 3.8 kHz, smoothed over 64 ms; ``fine_db`` the
    level of each 10 ms by itself ``(steps,)``, both dBFS."""

    speech: tuple[Span, ...]
    music: tuple[Span, ...] = ()
    tone: tuple[Span, ...] = ()
    level_db: Array = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    fine_db: Array = field(default_factory=lambda: np.zeros(0, dtype=np.float32))


def listen(audio: Audio, channel: int, options: VadOptions) -> Listening:
    """The spans of one channel, read a minute at a time; what is kept of a second is some 400 bytes."""
    hearing = Hearing(detector())
    for block in audio.blocks(BLOCK_S, channel=channel):
        hearing.feed(block.samples[0])
    probabilities, kinds = hearing.finish()
    return Listening(
        speech=_within(_trimmed(_speech(probabilities, kinds, options), hearing.level_db), audio.duration_s),
        music=_within(_music(kinds), audio.duration_s),
        tone=_within(_tone(kinds), audio.duration_s),
        level_db=hearing.level_db,
        fine_db=hearing.fine_db,
    )


class Hearing:
    """Speech probabilities (one per 32 ms) and kinds (one row per 0.26 s) of a channel fed in order.

    Frames are described as they come and forgotten once no row needs them: a row looks three seconds
    either way, so its description is the same however the sound was cut.
    """

    def __init__(self, network: Detector | None = None) -> None:
        self._vad, self._framer = Vad(), Framer()
        self._network = network
        self._probabilities: list[Array] = []
        self._kinds: list[Array] = []
        self._table: Array = np.zeros((0, COLUMNS), dtype=np.float32)
        self._first = 0  # number of the first frame that is still held; a multiple of a row
        self._done = 0  # rows made
        self._levels: list[Array] = []
        self._fine: list[Array] = []
        self._waiting: Array = np.zeros(0, dtype=np.float32)

    @property
    def level_db(self) -> Array:
        """The level of every 20 ms frame so far, dBFS ``(frames,)``."""
        return np.concatenate([np.zeros(0, np.float32), *self._levels])

    @property
    def fine_db(self) -> Array:
        """The level of every whole 10 ms so far, dBFS ``(steps,)``."""
        return np.concatenate([np.zeros(0, np.float32), *self._fine])

    def feed(self, samples: Array) -> None:
        """Take float32 samples at 16 kHz."""
        self._measure(samples)
        self._probabilities.append(self._vad.feed(samples))
        self._take(self._framer.feed(samples))
        self._make((self._first + len(self._table) - MARGIN) // FRAMES_PER_ROW)

    def finish(self) -> tuple[Array, Array]:
        """Probabilities ``(n,)`` and kinds ``(rows, 3)`` (feature rows, where there is no network)."""
        self._probabilities.append(self._vad.finish())
        self._take(self._framer.finish())
        self._make((self._first + len(self._table)) // FRAMES_PER_ROW)
        kinds = np.concatenate(self._kinds) if self._kinds else np.zeros((0, len(KINDS)), np.float32)
        return np.concatenate(self._probabilities), kinds

    def _measure(self, samples: Array) -> None:
        joined = np.concatenate([self._waiting, samples])
        whole = len(joined) // FINE * FINE
        self._waiting = joined[whole:]
        self._fine.append(fine_level(joined[:whole]))

    def _take(self, frames: Array) -> None:
        self._table = np.concatenate([self._table, frames])
        self._levels.append(frames[:, BANDS] * LEVEL_SCALE)

    def _make(self, upto: int) -> None:
        """Make the rows before row ``upto`` and forget the frames that no later row needs."""
        if upto <= self._done:
            return
        stop = min(upto * FRAMES_PER_ROW + MARGIN - self._first, len(self._table))
        speech = self._speech(self._first, stop)
        made = rows(self._table[:stop], speech)
        wanted = made[self._done - self._first // FRAMES_PER_ROW : upto - self._first // FRAMES_PER_ROW]
        self._kinds.append(self._judged(self._network, wanted) if self._network else wanted)
        self._done += len(wanted)
        keep = max(0, self._done * FRAMES_PER_ROW - MARGIN) // FRAMES_PER_ROW * FRAMES_PER_ROW
        self._table = self._table[keep - self._first :]
        self._first = keep

    def _judged(self, network: Detector, wanted: Array) -> Array:
        """Kinds of rows; where there is next to no sound there is neither music nor a tone."""
        kinds = network.probabilities(wanted)
        first = self._done * FRAMES_PER_ROW - self._first
        level = self._table[first : first + len(wanted) * FRAMES_PER_ROW, BANDS] * LEVEL_SCALE
        quiet = level.reshape(len(wanted), FRAMES_PER_ROW).max(axis=1) < QUIET_DB
        kinds[quiet] = 0.0
        return kinds

    def _speech(self, first: int, count: int) -> Array:
        """Speech probabilities at ``count`` frames of 20 ms from frame ``first``."""
        heard = np.concatenate(self._probabilities)
        if not len(heard):
            return np.zeros(count, dtype=np.float32)
        places = ((first + np.arange(count)) * FRAME_S / VAD_S).astype(int)
        spoken: Array = heard[np.minimum(places, len(heard) - 1)]
        return spoken


def fine_level(samples: Array) -> Array:
    """The level of every whole 10 ms of samples at 16 kHz, dBFS ``(steps,)``, without the line's offset."""
    power = samples[: len(samples) // FINE * FINE].reshape(-1, FINE).var(axis=1, dtype=np.float64)
    level: Array = np.maximum(10 * np.log10(power + 1e-12), SILENCE_DB).astype(np.float32)
    return level


def describe(samples: Array) -> Array:
    """Feature rows of samples held in memory (training)."""
    hearing = Hearing()
    hearing.feed(samples)
    return hearing.finish()[1]


def _speech(probabilities: Array, kinds: Array, options: VadOptions) -> list[Span]:
    """Where somebody talks. In music and tones the recurrent network is easily fooled: there, frames count
    only where the detector hears speech as well, within half a second."""
    if len(kinds):
        heard = maximum_filter1d(kinds[:, 2], 5)
        fooled = (kinds[:, :2].max(axis=1) > 0.5) & (heard < 0.4)
        places = (np.arange(len(probabilities)) * VAD_S / ROW_S).astype(int)
        probabilities = np.where(fooled[np.minimum(places, len(kinds) - 1)], 0, probabilities)
    return spans(
        probabilities,
        VAD_S,
        on=options.threshold,
        off=options.off_threshold,
        min_on_s=options.min_speech_s,
        min_off_s=options.min_silence_s,
    )


def _trimmed(found: list[Span], level_db: Array) -> list[Span]:
    """Stretches without the faint tenths of a second that the network's memory adds at either end."""
    trimmed = []
    for start, end in found:
        first, last = round(start / FRAME_S), min(round(end / FRAME_S), len(level_db))
        level = level_db[first:last]
        if len(level) < 2 * TRIM_FRAMES:
            trimmed.append((start, end))
            continue
        loud = level >= np.percentile(level, 90) - TRIM_DB
        lead = int(np.argmax(loud[:TRIM_FRAMES])) if loud[:TRIM_FRAMES].any() else TRIM_FRAMES
        tail = int(np.argmax(loud[::-1][:TRIM_FRAMES])) if loud[-TRIM_FRAMES:].any() else TRIM_FRAMES
        trimmed.append((start + lead * FRAME_S, end - tail * FRAME_S))
    return trimmed


def _music(kinds: Array) -> list[Span]:
    """Stretches with music in them, talk over it included; a break of about a second belongs to it."""
    return spans(kinds[:, 0], ROW_S, on=0.65, off=0.4, min_on_s=2.5, min_off_s=1.2)


def _tone(kinds: Array) -> list[Span]:
    """Stretches with ringing, dialling or beeps; each ring is a stretch of its own."""
    return spans(kinds[:, 1], ROW_S, on=0.6, off=0.4, min_on_s=0.25, min_off_s=0.3)


def _within(found: list[Span], end_s: float) -> tuple[Span, ...]:
    return tuple((start, min(stop, end_s)) for start, stop in found if start < end_s)
