"""What flows between the steps: frozen values with a JSON form, times in seconds from the start.

audio ─► sounds ─► transcript ─┐
  │        └─────► speakers ───┴► turns ─► roles ─► measures ─► acts ─► conversation
"""

from typing import Literal

from recordings import Act, Document, Event, Turn, Word


class SoundFile(Document):
    """What the decoder found: seconds, channels, the file's own rate (Hz) and codec, remarks for people,
    channels that hold nothing, channels worth listening to, and the waveform (0..1, per channel)."""

    duration: float
    channels: int
    sample_rate: int
    codec: str
    notes: tuple[str, ...] = ()
    silent: tuple[int, ...] = ()
    distinct: tuple[int, ...] = ()
    peaks: tuple[tuple[float, ...], ...] = ()


SoundKind = Literal["speech", "music", "tone", "noise"]


class Sound(Document):
    """A stretch of one channel that holds one kind of sound. ``tone``: ringing, dialling, beeps, DTMF."""

    kind: SoundKind
    channel: int
    start: float
    end: float
    confidence: float = 1.0


class Sounds(Document):
    """All stretches found, by channel and start. ``speech`` may overlap ``music`` (talk over music)."""

    sounds: tuple[Sound, ...] = ()

    def of(self, kind: SoundKind, channel: int | None = None) -> tuple[Sound, ...]:
        """The stretches of one kind, on one channel or on all."""
        return tuple(s for s in self.sounds if s.kind == kind and channel in (None, s.channel))


class HeardWord(Word):
    """A recognised word with its channel and the recogniser's segment; ``doubtful`` where it lies in
    music or silence or where the recogniser's own numbers say that it may be invented."""

    channel: int = 0
    segment: int = 0
    doubtful: bool = False


class Transcript(Document):
    """The words of all channels in the order of their start."""

    language: str
    language_probability: float | None = None
    words: tuple[HeardWord, ...] = ()


class SpeakerSpan(Document):
    """Somebody talks: a speaker label (``S0``, ``S1``…) on a channel. Spans of different speakers overlap
    where people talk at once."""

    speaker: str
    channel: int
    start: float
    end: float


class Speakers(Document):
    """Who spoke when. ``overlaps``: where two voices sound at once on a channel that several people share, as
    the network heard it; None where the channels tell."""

    spans: tuple[SpeakerSpan, ...] = ()
    overlaps: tuple[tuple[float, float], ...] | None = None


class Turns(Document):
    """Turns in order of start, before or after roles are known."""

    turns: tuple[Turn, ...] = ()


class Measures(Document):
    """Events and signals of one conversation."""

    events: tuple[Event, ...] = ()
    signals: dict[str, float | int | str | bool | None | list[float] | dict[str, float | None]] = {}


class Acts(Document):
    """What the turns do."""

    acts: tuple[Act, ...] = ()
