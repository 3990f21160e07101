"""From a script to a timeline: every turn, sound and event at its second, before anything is mixed."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import soxr

from recordings.conversation import Event, Role, Word
from recordings.synthesis.engines import RATE, Samples
from recordings.synthesis.script import (
    LABEL_OF,
    ROLE_OF,
    SIDE_OF,
    CallScript,
    Hold,
    Say,
    Side,
    Silence,
    Tone,
)
from recordings.synthesis.sounds import kinds, sound
from recordings.synthesis.words import word_times

SayIt = Callable[[str, str, float], Samples]
"""``say(voice, text, speed)`` → float32 at 8 kHz, trimmed to its speech, RMS 0.1."""

MUSIC_GAIN, TONE_GAIN, LEAD_IN_S, TAIL_S = 0.55, 0.5, 0.4, 0.6


@dataclass(frozen=True)
class PlacedTurn:
    """A turn at its second; ``takes_floor`` is False for back-channels."""

    speaker: str
    role: Role
    side: Side
    start: float
    audio: Samples
    text: str
    words: tuple[Word, ...]
    takes_floor: bool = True

    @property
    def end(self) -> float:
        """Where the speech ends, seconds."""
        return self.start + len(self.audio) / RATE


@dataclass(frozen=True)
class PlacedSound:
    """A sound on one leg from ``start`` on."""

    side: Side
    start: float
    audio: Samples


@dataclass
class Timeline:
    """What happens when. ``dead`` lists ``(side, start, end)`` where a leg carries nothing at all."""

    turns: list[PlacedTurn] = field(default_factory=list)
    sounds: list[PlacedSound] = field(default_factory=list)
    dead: list[tuple[Side, float, float]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    seconds: float = 0.0
    holds_cut_out: int = 0


def lay_out(script: CallScript, say: SayIt) -> Timeline:
    """Place a script's steps one after the other; the same script and voices give the same timeline."""
    return _Layout(script, say).run()


class _Layout:
    def __init__(self, script: CallScript, say: SayIt) -> None:
        self.script, self.say = script, say
        self.rng = np.random.default_rng(script.seed)
        self.line = Timeline()
        self.now = LEAD_IN_S
        self.wait = 0.0  # the next turn's pause is already in `now`
        self.last: int | None = None  # the turn that holds the floor

    def run(self) -> Timeline:
        for step in self.script.dialogue:
            if isinstance(step, Say):
                self._turn(step)
            elif isinstance(step, Hold):
                self._hold(step)
            elif isinstance(step, Silence):
                self._silence(step)
            else:
                self._tone(step)
        self.line.seconds = max([self.now, *(turn.end for turn in self.line.turns)]) + TAIL_S
        self.line.turns.sort(key=lambda turn: turn.start)
        return self.line

    def _turn(self, step: Say) -> None:
        audio = self._spoken(step)
        before = self.line.turns[self.last] if self.last is not None else None
        gap = step.gap if step.gap is not None else float(self.rng.uniform(0.2, 0.7))
        if step.under is not None and before is not None:
            start = before.start + step.under
        elif step.cuts_in is not None and before is not None:
            start = max(before.start + 0.3, before.end - step.cuts_in)
        else:
            start = self.now + gap
        start = round(start, 3)
        turn = PlacedTurn(
            speaker=LABEL_OF[step.speaker],
            role=ROLE_OF[step.speaker],
            side=SIDE_OF[step.speaker],
            start=start,
            audio=audio,
            text=step.text,
            words=word_times(audio, step.text, RATE, start=start),
            takes_floor=step.under is None,
        )
        if step.cuts_in is not None and self.last is not None:
            self._interrupt(self.last, turn, step.yields_after)
        self.line.turns.append(turn)
        if turn.role == "ivr":
            self.line.events.append(Event(kind="announcement", start=start, end=turn.end, by="ivr"))
        if turn.takes_floor:
            self.last = len(self.line.turns) - 1
            self.now = max(self.now, turn.end)

    def _spoken(self, step: Say) -> Samples:
        speaker = self.script.speakers[step.speaker]
        audio = self.say(speaker.voice, step.text, speaker.speed)
        if speaker.shift != 1.0:
            audio = soxr.resample(audio, RATE * speaker.shift, RATE, quality="HQ").astype(np.float32)
        louder: Samples = (audio * 10 ** (speaker.gain_db / 20)).astype(np.float32)
        return louder

    def _interrupt(self, position: int, turn: PlacedTurn, yields_after: float | None) -> None:
        cut = self.line.turns[position]
        if yields_after is not None and turn.start + yields_after < cut.end:
            kept = cut.audio[: round((turn.start + yields_after - cut.start) * RATE)].copy()
            fade = min(len(kept), round(0.03 * RATE))
            kept[len(kept) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
            end = cut.start + len(kept) / RATE
            words = tuple(w for w in cut.words if w.end is not None and w.end <= end + 0.08)
            text = " ".join(word.text for word in words)
            cut = PlacedTurn(cut.speaker, cut.role, cut.side, cut.start, kept, text, words, cut.takes_floor)
            self.line.turns[position] = cut
            self.now = cut.end
        self.line.events.append(Event(kind="interruption", start=turn.start, end=cut.end, by=turn.role))

    def _hold(self, step: Hold) -> None:
        if step.sound == "cut":
            self.line.holds_cut_out += 1
            self.now += 0.3
            return
        start = self.now + float(self.rng.uniform(0.4, 0.9))
        end = start + step.seconds
        music = step.sound == "music"
        self.line.events.append(
            Event(kind="hold", start=start, end=end, by="agent", music=music, announced=step.announced)
        )
        if step.transfer:
            self.line.events.append(Event(kind="transfer", start=start, end=end, by="agent"))
        seed = int(self.rng.integers(1 << 31))
        if music:
            choices = (*kinds("music", "tuning"), *kinds("music", "held-out"))
            kind = step.kind or choices[seed % len(choices)]
            audio = sound("music", kind, step.seconds, seed, RATE) * np.float32(MUSIC_GAIN)
            self.line.sounds.append(PlacedSound("agent", start, _soft(audio)))
            self.line.events.append(Event(kind="music", start=start, end=end))
        elif step.sound == "comfort":
            audio = sound("noise", step.kind or "comfort", step.seconds, seed, RATE) * np.float32(0.25)
            self.line.sounds.append(PlacedSound("agent", start, audio))
        else:
            self.line.dead.append(("agent", start, end))
        if step.sound == "silence":
            self.line.dead.append(("customer", start, end))
        elif step.sound == "muted":
            self._breathe(start, end)
        self.now = end

    def _breathe(self, start: float, end: float) -> None:
        at = start + float(self.rng.uniform(0.5, 2))
        while at + 1.2 < end:
            length = round(float(self.rng.uniform(0.7, 1.1)) * RATE)
            hush = np.diff(self.rng.standard_normal(length + 1)) * np.hanning(length) * 0.004
            self.line.sounds.append(PlacedSound("customer", at, hush.astype(np.float32)))
            at += float(self.rng.uniform(2.6, 4.2))

    def _silence(self, step: Silence) -> None:
        start = self.now
        self.now += step.seconds
        self.line.events.append(Event(kind="silence", start=start, end=self.now, announced=step.announced))
        if step.typing:
            clicks = sound("noise", "keyboard", step.seconds, int(self.rng.integers(1 << 31)), RATE)
            self.line.sounds.append(PlacedSound("agent", start, clicks))

    def _tone(self, step: Tone) -> None:
        start = self.now + 0.2
        audio = sound("tone", step.kind, step.seconds, int(self.rng.integers(1 << 31)), RATE)
        self.line.sounds.append(PlacedSound("agent", start, audio * np.float32(TONE_GAIN)))
        self.line.events.append(Event(kind="tone", start=start, end=start + step.seconds))
        self.now = start + step.seconds


def _soft(audio: Samples) -> Samples:
    """Fade music in and out over a tenth of a second."""
    edge = min(len(audio) // 2, RATE // 10)
    ramp = np.linspace(0, 1, edge, dtype=np.float32)
    audio[:edge] *= ramp
    audio[len(audio) - edge :] *= ramp[::-1]
    return audio
