"""Speech that a channel only hears from the other one: echo and cross-talk, taken out of its speech spans."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import maximum_filter1d

from pipelines.signals.features import FRAME_S, Array
from pipelines.signals.intervals import Span, difference, intersection, total, union
from pipelines.signals.vad import spans

BELOW_OWN_DB = 9.0
"""An echo lies at least this far below what the channel's own talker sounds like alone."""
BELOW_OTHER_DB = 15.0
"""Without own talk to compare with: this far below the other channel."""
OWN_TALK_S = 3.0
SHORTEST_S = 0.12


def without_echo(speech: Sequence[list[Span]], levels: Sequence[Array]) -> list[list[Span]]:
    """Speech spans per channel without the parts that come from another channel.

    ``levels``: dBFS per 20 ms frame ``(frames,)``, one array per channel. A part is an echo where another
    channel has speech, and this one is quieter than its own talker ever is when alone.
    """
    if len(speech) < 2:
        return [list(one) for one in speech]
    cleaned = []
    for channel, own in enumerate(speech):
        others = union(span for other, found in enumerate(speech) if other != channel for span in found)
        count = min(len(level) for level in levels)
        level = maximum_filter1d(levels[channel][:count], 15) if count else levels[channel]
        rest = [levels[o][:count] for o in range(len(levels)) if o != channel]
        louder = np.max(np.stack(rest), axis=0) if rest else level
        alone = difference(own, others)
        if total(alone) >= OWN_TALK_S:
            quiet = level < _middle(level, alone) - BELOW_OWN_DB
        else:
            quiet = level < maximum_filter1d(louder, 15) - BELOW_OTHER_DB
        faint = spans(quiet.astype(np.float32), FRAME_S, min_off_s=0.06)
        echo = [span for span in intersection(faint, others) if span[1] - span[0] > 0.06]
        kept = difference(own, echo)
        cleaned.append([span for span in union(kept, 0.1) if span[1] - span[0] >= SHORTEST_S])
    return cleaned


def _middle(level: Array, where: list[Span]) -> float:
    inside = np.zeros(len(level), dtype=bool)
    for start, end in where:
        inside[int(start / FRAME_S) : int(end / FRAME_S)] = True
    return float(np.median(level[inside])) if inside.any() else float(np.median(level))
