"""The first step: open the sound once and note what it is, so that later runs need not open it again."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pipelines.steps import Hook
from pipelines.values import SoundFile
from recordings.peaks import COUNT

BLOCK_S = 60.0


class Decode:
    """Needs ``audio``, makes ``file``: duration, channels, codec, what is odd, and the waveform's peaks."""

    name: ClassVar[str] = "decode"
    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ("audio",)
    makes: ClassVar[tuple[str, ...]] = ("file",)

    def options(self) -> Mapping[str, Any]:
        """What the peaks depend on."""
        return {"peaks": COUNT}

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        """Look through the decoded sound block by block."""
        import numpy as np

        audio = values["audio"]
        stretch = max(1, -(-audio.frames // COUNT))
        per_block = max(1, int(BLOCK_S * audio.rate) // stretch) * stretch
        columns: list[list[list[float]]] = []
        for first in range(0, audio.frames, per_block):
            block = np.abs(audio.read_frames(first, min(first + per_block, audio.frames)))
            edges = np.arange(0, block.shape[1], stretch)
            columns.append(np.maximum.reduceat(block, edges, axis=1).round(3).tolist())
            hook(self.name, first / audio.rate, audio.duration_s)
        peaks = tuple(
            tuple(min(1.0, p) for column in columns for p in column[channel])
            for channel in range(audio.channels)
        )
        return {
            "file": SoundFile(
                duration=audio.duration_s,
                channels=audio.channels,
                sample_rate=audio.source.rate,
                codec=audio.source.codec,
                notes=audio.notes,
                silent=tuple(audio.silent),
                distinct=tuple(audio.distinct),
                peaks=peaks,
            )
        }
