"""The step that listens first: where speech, music and tones lie on each channel.

Transcription and diarization start from its speech spans, and its music and tone spans keep invented text
out. Reads block by block, so a recording of three hours takes no more memory than one of a minute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from pipelines import values
from pipelines.signals.cancel import Read, without_copies
from pipelines.signals.carried import believed
from pipelines.signals.classifier import weights_sha256
from pipelines.signals.echo import echoes, own_sound, without_echo
from pipelines.signals.edges import Side, sharpened
from pipelines.signals.intervals import Span, union
from pipelines.signals.listen import Listening, listen
from pipelines.signals.vad import VadOptions
from pipelines.signals.voicing import is_voiced
from pipelines.steps import Hook
from pipelines.values import Sound
from recordings.audio import Audio


@dataclass(frozen=True)
class Sounds:
    """Needs ``audio``, makes ``sounds``."""

    vad: VadOptions = field(default_factory=VadOptions)
    name: ClassVar[str] = "sounds"
    version: ClassVar[int] = 9
    needs: ClassVar[tuple[str, ...]] = ("audio",)
    makes: ClassVar[tuple[str, ...]] = ("sounds",)

    def options(self) -> Mapping[str, Any]:
        """What the spans depend on."""
        return {**asdict(self.vad), "detector": weights_sha256()}

    def run(self, given: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        """Listen once to every channel that holds something of its own."""
        audio: Audio = given["audio"]
        heard: list[Listening] = []
        for done, channel in enumerate(audio.distinct, start=1):
            heard.append(listen(audio, channel, self.vad))
            hook(self.name, done * audio.duration_s, len(audio.distinct) * audio.duration_s)
        echo = echoes([list(one.speech) for one in heard], [one.level_db for one in heard])
        echo = believed(_sides(heard, echo), echo, [one.speech for one in heard])
        reads = [_reader(audio, channel) for channel in audio.distinct]
        sides, reads = without_copies(_sides(heard, echo), reads)

        def voiced(side: int, span: Span) -> bool:
            return is_voiced(reads[side](*span))

        speech = sharpened(sides, voiced)
        sounds = [
            Sound(kind=kind, channel=channel, start=round(start, 3), end=round(end, 3))
            for channel, one, faint, spoken in zip(audio.distinct, heard, echo, speech, strict=True)
            for kind, found in (
                ("speech", spoken),
                ("music", own_sound(one.music, faint)),
                ("tone", one.tone),
            )
            for start, end in found
        ]
        return {"sounds": values.Sounds(sounds=tuple(sorted(sounds, key=lambda s: (s.start, s.channel))))}


def _reader(audio: Audio, channel: int) -> Read:
    return lambda start, end: audio.read(start, end, channel)[0]


def _sides(heard: Sequence[Listening], echo: Sequence[Sequence[Span]]) -> list[Side]:
    """The channels, their speech without what is the other's."""
    return [
        Side(one.fine_db, without_echo(one.speech, faint), union([*one.music, *one.tone]))
        for one, faint in zip(heard, echo, strict=True)
    ]
