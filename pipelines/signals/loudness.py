"""Loudness, clipping and line quality, so that a bad line is said to be one; no judgement of a voice."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipelines.signals.activity import Activity
from pipelines.signals.intervals import Span, complement, difference
from pipelines.signals.levels import SILENCE_DB, Levels

ROLES = ("agent", "customer")
CLIPPED_BAD, CLIPPED_FAIR = 0.01, 0.0005
SNR_BAD_DB, SNR_FAIR_DB = 10.0, 18.0
WORDS_BAD, WORDS_FAIR = 0.55, 0.75


def loudness(
    activity: Activity, levels: Mapping[int, Levels], busy: Sequence[Span]
) -> dict[str, float | None]:
    """Per role, where it talks alone: ``{role}_loudness_dbfs`` (RMS of talk), ``{role}_snr_db`` (talk over
    the noise of the pauses); per call ``noise_dbfs``, ``clipping_share``, ``dc_offset``. None is unknown.

    ``busy`` are holds and tones, whose sound is no noise of the line.
    """
    found: dict[str, float | None] = {}
    noises: list[float] = []
    for role in ROLES:
        channel, talk = _where(activity, role)
        own = levels.get(channel)
        loud = own.rms_db(talk) if own else None
        noise = noise_db(own, activity, busy) if own else None
        found[f"{role}_loudness_dbfs"] = _round(loud)
        found[f"{role}_snr_db"] = _round(loud - noise) if loud is not None and noise is not None else None
        noises += [noise] if noise is not None else []
    found["noise_dbfs"] = _round(max(noises)) if noises else None
    found["clipping_share"] = round(max((one.clipped for one in levels.values()), default=0.0), 5)
    found["dc_offset"] = round(max((abs(one.dc) for one in levels.values()), default=0.0), 4)
    return found


def line_quality(measured: Mapping[str, float | None], word_confidence: float | None) -> str | None:
    """``good``, ``fair`` or ``poor`` by clipping, noise and word confidence; None without talk."""
    snrs = [v for role in ROLES if (v := measured.get(f"{role}_snr_db")) is not None]
    if not snrs:
        return None
    clipped = measured.get("clipping_share") or 0.0
    words = 1.0 if word_confidence is None else word_confidence
    if clipped >= CLIPPED_BAD or min(snrs) < SNR_BAD_DB or words < WORDS_BAD:
        return "poor"
    if clipped >= CLIPPED_FAIR or min(snrs) < SNR_FAIR_DB or words < WORDS_FAIR:
        return "fair"
    return "good"


def noise_db(levels: Levels, activity: Activity, busy: Sequence[Span]) -> float | None:
    """The line's noise: the median level of the pauses, dBFS; None without a pause. Digital silence counts
    as the -100 dBFS that it is measured as."""
    pauses = [
        (start + 0.1, end - 0.1)
        for start, end in difference(complement(activity.voiced(), 0.0, len(levels.db) / 10), list(busy))
        if end - start > 0.5
    ]
    found = levels.of(pauses)
    return max(float(np.median(found)), SILENCE_DB) if len(found) else None


def _where(activity: Activity, role: str) -> tuple[int, list[Span]]:
    """The channel of a role, and where it talks and nobody else does."""
    talks = [talk for talk in activity.talks if talk.role == role]
    channel = talks[0].channel if talks else -1
    others = [(t.start, t.end) for t in activity.talks if t.role != role]
    return channel, difference([(t.start, t.end) for t in talks], others)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
