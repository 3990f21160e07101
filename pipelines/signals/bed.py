"""What lies behind the talk of a channel so loudly that the noise tells no edges: music in the room, or a
radio, whose own talk the detector of speech takes for the caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.signals.features import Array
from pipelines.signals.intervals import Span, intersection, touching, union
from pipelines.signals.leak import STEP_S, steps_of
from pipelines.signals.vad import spans

ABOVE_DB, CLEAR_DB, CLEAR_STEPS = 3.0, 6.0, 3
"""Talk rises this far above the bed's louder tenth, and that far for this many steps."""
ABOVE_LEAK_DB, ABOVE_NOISE_DB = 6.0, 6.0
"""The other's leak is silent with the other: what is hardly louder than the noise between is a bed."""
LEAD_S, TAIL_S = 0.03, 0.06
"""What the bed covers of the edges of talk."""
REACH_S = 0.3
"""How far beyond the detector's edges talk is looked for."""
GAP_S, SHORTEST_S = 0.5, 0.25
"""Over a radio, quiet sounds of a word are lost: talk with shorter breaks is one. A shorter sound alone is
the radio's."""
FEW, CALM_SHARE, QUIET_SHARE = 100, 0.4, 0.9


@dataclass(frozen=True)
class Bed:
    """``level_db``: dBFS of its louder tenth; ``is_quiet``: the detector hears no talk in it, as in music."""

    level_db: float
    is_quiet: bool

    def risings(self, level: Array) -> list[Span]:
        """The stretches that rise above the bed, somewhere clearly, with what it covers of their edges.

        ``level``: dBFS per 10 ms ``(steps,)``.
        """
        power = np.convolve(10 ** (level.astype(np.float64) / 10), np.ones(3) / 3, "same")
        smooth = 10 * np.log10(power + 1e-12)
        clear = smooth > self.level_db + CLEAR_DB
        return union(
            (start - LEAD_S, end + TAIL_S)
            for start, end in union(spans(smooth > self.level_db + ABOVE_DB, STEP_S), 0.03)
            if clear[steps_of((start, end))].sum() >= CLEAR_STEPS
        )

    def talk(self, span: Span, risings: Sequence[Span]) -> list[Span]:
        """The talk in a stretch that the detector takes for speech.

        A detector that hears no talk in the bed itself is right but for its edges; else the level alone tells
        talk from bed.
        """
        there = touching(risings, *span)
        if not self.is_quiet:
            return union(intersection(there, [(span[0] - REACH_S, span[1])]), GAP_S)
        start = max(min([span[0], *(first for first, _ in there)]), span[0] - REACH_S)
        end = min(max([span[1], *(last for _, last in there)]), span[1] + REACH_S)
        return [(start, end)]


def find_bed(
    level: Array, leak: Array, noise: Array, other: NDArray[np.bool_], own: NDArray[np.bool_]
) -> Bed | None:
    """What a channel carries while the other side talks; None where that is the other's leak, or there is too
    little to tell.

    All per 10 ms ``(steps,)``: the channel's level, the leak in it and its noise while nobody talks, dBFS;
    where the other talks, and where the detector hears the channel's own talk, which is left out as a word
    under the other's. A radio that it hears most of the time is not: what is left would be its pauses.
    """
    if other.sum() < 2 * FEW:
        return None
    calm = other & ~own
    enough = calm.sum() >= max(FEW, CALM_SHARE * other.sum())
    bed = float(np.percentile(level[calm if enough else other], 90))
    usual = float(np.median(level[calm if calm.sum() >= FEW else other]))
    stays = usual <= float(np.median(noise[other])) + ABOVE_NOISE_DB
    if not stays and bed <= float(np.percentile(leak[other], 90)) + ABOVE_LEAK_DB:
        return None
    return Bed(bed, is_quiet=bool(calm.sum() >= QUIET_SHARE * other.sum()))
