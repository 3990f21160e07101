"""A light pipeline of real steps without models: for tests of batches, with thousands of quick calls.

It hears loud stretches, writes a word for each that names its pitch, and tells two speakers by loudness: the
same audio always gives the same conversation, other audio another one.
"""

import os
import signal
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from database.settings import Settings
from pipelines.decode import Decode
from pipelines.run import Pipeline
from pipelines.steps import Hook
from pipelines.values import Acts, HeardWord, Sound, Sounds, Transcript, Turns
from recordings import Turn

FRAME_S = 0.1


class LoudStretches:
    """Needs ``audio``, makes ``sounds``: where the first channel is loud."""

    name: ClassVar[str] = "sounds"
    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ("audio",)
    makes: ClassVar[tuple[str, ...]] = ("sounds",)

    def options(self) -> Mapping[str, Any]:
        """Nothing to choose."""
        return {}

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:  # noqa: ARG002
        """Loud frames, joined."""
        import numpy as np

        samples = values["audio"].read(channel=0)[0]
        size = int(FRAME_S * 16000)
        frames = samples[: len(samples) // size * size].reshape(-1, size)
        loud = np.sqrt((frames**2).mean(axis=1)) > 0.02
        found: list[Sound] = []
        start: int | None = None
        for i, on in enumerate([*loud.tolist(), False]):
            if on and start is None:
                start = i
            elif not on and start is not None:
                found.append(Sound(kind="speech", channel=0, start=start * FRAME_S, end=i * FRAME_S))
                start = None
        return {"sounds": Sounds(sounds=tuple(found))}


class PitchWords:
    """Needs ``audio`` and ``sounds``, makes ``transcript``: a word for each stretch. ``slow_s`` makes it take
    its time, so that it can be interrupted."""

    name: ClassVar[str] = "transcribe"
    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ("audio", "sounds", "source")
    makes: ClassVar[tuple[str, ...]] = ("transcript",)

    def __init__(self, slow_s: float = 0.0) -> None:
        self.slow_s = slow_s

    def options(self) -> Mapping[str, Any]:
        """How long it takes changes nothing."""
        return {}

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:  # noqa: ARG002
        """The strongest frequency of each stretch, as a word."""
        import numpy as np

        time.sleep(self.slow_s)
        words: list[HeardWord] = []
        for number, sound in enumerate(values["sounds"].sounds):
            samples = values["audio"].read(sound.start, sound.end, channel=0)[0]
            pitch = int(np.abs(np.fft.rfft(samples)).argmax() / max(1e-3, sound.end - sound.start))
            words.append(
                HeardWord(
                    text=f"tone{pitch}", start=sound.start, end=sound.end, probability=0.9, segment=number
                )
            )
        language = values["source"].recording.language or "en"
        return {"transcript": Transcript(language=language, words=tuple(words))}


class TakeTurns:
    """Needs ``transcript``, makes ``turns``, ``roles`` and no ``acts``: speakers take turns word by word."""

    name: ClassVar[str] = "turns"
    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ("transcript",)
    makes: ClassVar[tuple[str, ...]] = ("turns", "roles", "acts")

    def options(self) -> Mapping[str, Any]:
        """Nothing to choose."""
        return {}

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:  # noqa: ARG002
        """A turn for each word, agent first."""
        turns = Turns(
            turns=tuple(
                Turn(
                    index=i,
                    role="agent" if i % 2 == 0 else "customer",
                    role_confidence=1.0,
                    speaker=f"S{i % 2}",
                    start=word.start,
                    end=word.end,
                    text=word.text,
                    words=(word,),
                )
                for i, word in enumerate(values["transcript"].words)
            )
        )
        return {"turns": turns, "roles": turns, "acts": Acts()}


def build_light_pipeline(settings: Settings, slow_s: float = 0.0) -> Pipeline:  # noqa: ARG001
    """The light pipeline: same shape as the real one, no models."""
    return Pipeline([Decode(), LoudStretches(), PitchWords(slow_s), TakeTurns()])


def build_slow_pipeline(settings: Settings) -> Pipeline:
    """The light pipeline, half a second a call: time enough to be killed in the middle."""
    return build_light_pipeline(settings, slow_s=0.5)


class Faulty(PitchWords):
    """Words, unless the recording's name asks for a fault: ``hang`` never ends, ``crash`` kills the process,
    ``memory`` runs out of it."""

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        """The words, or the fault that the name asks for."""
        name = values["source"].path.name
        if "hang" in name:
            time.sleep(3600)
        if "crash" in name:
            os.kill(os.getpid(), signal.SIGKILL)
        if "memory" in name:
            raise MemoryError(f"{name}: no memory left")
        return super().run(values, hook)


def build_faulty_pipeline(settings: Settings) -> Pipeline:  # noqa: ARG001
    """The light pipeline with faults on recordings whose names ask for them."""
    return Pipeline([Decode(), LoudStretches(), Faulty(), TakeTurns()])
