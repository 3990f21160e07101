"""The noise of a channel, moment by moment: its level where nobody talks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.signals.features import Array
from pipelines.signals.intervals import Span
from pipelines.signals.leak import SILENCE_DB, STEP_S

Mask = NDArray[np.bool_]

NEARBY_S, EVERY_S = 10.0, 5.0
OPEN_SHARE = 0.25
OFF_DB = -75.0
FEW = 50
"""Half a second of pauses is enough to tell the noise."""


def inside(steps: int, found: Sequence[Span], margin_s: float) -> Mask:
    """The steps that lie in stretches, widened by a margin."""
    mask = np.zeros(steps, dtype=np.bool_)
    for start, end in found:
        mask[max(0, round((start - margin_s) / STEP_S)) : max(0, round((end + margin_s) / STEP_S))] = True
    return mask


def without(where: Mask, wait: Mask) -> Mask:
    """Steps without music on hold, where they are a good part: music throughout is no hold."""
    plain = where & ~wait
    return plain if plain.sum() > max(10 * FEW, OPEN_SHARE * where.sum()) else where


def switched_on(level: Array, free: Mask) -> Mask:
    """Steps without talk, where there are enough without those in which the channel is off, as on hold: its
    noise is not that of the line."""
    on: Mask = free & (level > OFF_DB)
    return on if on.sum() >= FEW else free


def nearby(level: Array, use: Mask) -> Array:
    """The median level of the used steps around each moment, dBFS ``(steps,)``."""
    if not use.any():
        return np.full(len(level), SILENCE_DB, dtype=np.float32)
    everywhere = float(np.median(level[use]))
    size, half = len(level) * STEP_S, round(NEARBY_S / STEP_S)
    moments = np.arange(0.0, size + EVERY_S, EVERY_S)
    medians = []
    for moment in moments:
        at = round(moment / STEP_S)
        part = slice(max(0, at - half), at + half)
        near = level[part][use[part]]
        medians.append(float(np.median(near)) if len(near) >= FEW else everywhere)
    nearby: Array = np.interp(np.arange(len(level)) * STEP_S, moments, medians).astype(np.float32)
    return nearby


def with_music(noise: Array, level: Array, free: Mask, wait: Mask, faintest_talk_db: float) -> Array:
    """The noise, which is the music's level where music lies so far behind the talk that both can be told
    apart by level.

    All per 10 ms ``(steps,)``: dBFS, where nobody talks, and where there is music or a tone.
    """
    music = free & wait
    if music.sum() < FEW:
        return noise
    behind = np.where(wait, nearby(level, music), noise)
    return np.where(behind < faintest_talk_db, np.maximum(behind, noise), noise).astype(np.float32)
