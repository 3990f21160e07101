"""Speech that a channel only hears from the other one: echo and cross-talk, taken out of its speech spans."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import maximum_filter1d

from pipelines.signals.features import FRAME_S, Array
from pipelines.signals.intervals import Span, difference, intersection, union, within
from pipelines.signals.vad import spans

FAR_BELOW_DB = 15.0
"""Talk this far below the other channel at the same moment is only heard from there."""
BELOW_DB = 8.0
BELOW_OWN_DB = 12.0
"""So is talk that far below the other channel, and this far below the channel's own louder talk."""
SMOOTH = 15
"""Frames of 20 ms over which the loudest counts: longer than an echo takes."""
SHORTEST_S = 0.12


def echoes(speech: Sequence[list[Span]], levels: Sequence[Array]) -> list[list[Span]]:
    """Per channel, where it only hears another channel's talk: that has speech, and is much louder.

    ``speech``: spans per channel; ``levels``: dBFS per 20 ms frame ``(frames,)``, one array per channel.
    """
    if len(speech) < 2:
        return [[] for _ in speech]
    count = min(len(level) for level in levels)
    smooth = [maximum_filter1d(level[:count], SMOOTH) for level in levels]
    found: list[list[Span]] = []
    for channel, own in enumerate(speech):
        others = union(
            (start - 0.05, end + 0.25)
            for other, spoken in enumerate(speech)
            if other != channel
            for start, end in spoken
        )
        level = smooth[channel]
        gap = np.max(np.stack([one for o, one in enumerate(smooth) if o != channel]), axis=0) - level
        usual = _loud(level, own)
        heard = (gap >= FAR_BELOW_DB) | ((gap >= BELOW_DB) & (level < usual - BELOW_OWN_DB))
        faint = spans(heard.astype(np.float32), FRAME_S, min_off_s=0.06)
        found.append([span for span in intersection(faint, others) if span[1] - span[0] > 0.06])
    return found


def without_echo(speech: Sequence[Span], echo: Sequence[Span]) -> list[Span]:
    """Speech spans without their echo; what is left of a span must be long enough to be a word."""
    kept = union(difference(speech, echo), 0.1)
    return [span for span in kept if span[1] - span[0] >= SHORTEST_S]


def own_sound(found: Sequence[Span], echo: Sequence[Span]) -> list[Span]:
    """Stretches of music that are not for the most part the other channel's talk."""
    return [s for s in found if within(echo, *s) < 0.6 * (s[1] - s[0])]


def _loud(level: Array, where: list[Span]) -> float:
    """The upper quartile of a channel's level where it has speech, dBFS."""
    inside = np.zeros(len(level), dtype=bool)
    for start, end in where:
        inside[int(start / FRAME_S) : int(end / FRAME_S)] = True
    return float(np.percentile(level[inside], 75)) if inside.any() else 0.0
