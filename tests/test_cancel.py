"""What a channel carries of the other side is taken out of its level, and nothing else is."""

import numpy as np
import pytest
import soxr

from pipelines.signals.cancel import Read, find_copy, level_of, without_copies, without_copy
from pipelines.signals.edges import Side
from recordings.audio import RATE
from recordings.synthesis.bank import say
from recordings.synthesis.sounds import sound

Samples = np.ndarray
OWN_FROM = 20.0
"""The channel's own side speaks from here on; before it, the other side talks."""


def spoken(voice: str, *texts: str) -> Samples:
    return np.concatenate([soxr.resample(say(voice, text), 8000, RATE) for text in texts]).astype(np.float32)


def other_side() -> Samples:
    """Forty seconds of the other side's talk, with pauses as they come."""
    talk = spoken(
        "en-heart",
        "I can see that the parcel left our warehouse on Monday. Since then there has been no scan at all, "
        "and that is longer than it should take.",
        "What happens is that the courier tries twice, and after the second time the parcel goes back to the "
        "depot in Leeds.",
    )
    return np.resize(talk, 40 * RATE)


def own_side() -> Samples:
    """Noise throughout, and a word under the other's talk near the end."""
    made = 1e-3 * sound("noise", "comfort", 40.0, 5, RATE) / 0.01
    word = spoken("en-rms", "Okay.") * 0.5
    first = round(30.0 * RATE)
    made[first : first + len(word)] += word
    return made.astype(np.float32)


def leaking(own: Samples, other: Samples, db: float, late_s: float, room: bool = False) -> Samples:
    late = round(late_s * RATE)
    taps = np.zeros(late + (400 if room else 1))
    taps[late] = 1.0
    if room:  # an echo is no clean copy: some of it comes later and softer
        taps[late + 90], taps[late + 280] = -0.4, 0.25
    leak = np.convolve(other, taps)[: len(other)] * 10 ** (db / 20)
    return (own + leak).astype(np.float32)


def reader(samples: Samples) -> Read:
    def read(start: float, end: float) -> Samples:
        first = max(0, round(start * RATE))
        return samples[first : max(first, round(end * RATE))]

    return read


def level(samples: Samples) -> Samples:
    power = samples[: len(samples) // 160 * 160].reshape(-1, 160).var(axis=1)
    return (10 * np.log10(power + 1e-12)).astype(np.float32)


@pytest.mark.parametrize(
    ("db", "late_s", "room"), [(-28.0, 0.0, False), (-24.0, 0.14, False), (-24.0, 0.22, True)]
)
def test_a_copy_is_found_and_taken_out(db: float, late_s: float, room: bool) -> None:
    own, other = own_side(), other_side()
    there = leaking(own, other, db, late_s, room)
    calm = [(0.5, OWN_FROM)]
    copy = find_copy(reader(there), reader(other), calm)
    assert copy is not None
    assert copy.delay == pytest.approx(late_s * RATE, abs=2)
    assert taken_out(there, other, own) > 10


def test_cross_talk_and_an_echo_are_both_taken_out() -> None:
    own, other = own_side(), other_side()
    there = leaking(leaking(own, other, -28.0, 0.0), other, -24.0, 0.14)
    assert taken_out(there, other, own) > 15


def taken_out(there: Samples, other: Samples, own: Samples) -> float:
    """How many dB quieter the louder leak is; the channel's own word has to stay."""
    read = without_copy(reader(there), reader(other), [(0.5, OWN_FROM)])
    assert read is not None
    left = level_of(read, 4000)
    assert left.shape == (4000,)
    assert np.abs(left[3000:3030].max() - level(own)[3000:3030].max()) < 1
    return float(np.percentile((level(there) - left)[50:2900], 90))


def test_what_is_no_copy_is_left_alone() -> None:
    own, other = own_side(), other_side()
    assert without_copy(reader(own), reader(other), [(0.5, OWN_FROM)]) is None


def test_a_few_words_teach_nothing() -> None:
    own, other = own_side(), other_side()
    there = leaking(own, other, -28.0, 0.0)
    assert find_copy(reader(there), reader(other), [(0.5, 2.0), (5.0, 6.2)]) is None
    assert find_copy(reader(there), reader(other), [(t, t + 0.4) for t in range(0, 20, 2)]) is None


@pytest.mark.parametrize("first", [0.0, 0.1])
def test_the_ends_of_a_recording_are_no_trouble(first: float) -> None:
    own, other = own_side(), other_side()
    there = leaking(own, other, -28.0, 0.2)
    read = without_copy(reader(there), reader(other), [(first, 40.0)])
    assert read is not None
    assert np.isfinite(level_of(read, 4100)).all()


def test_only_where_the_other_talks_is_a_level_changed() -> None:
    own, other = own_side(), other_side()
    other[35 * RATE :] = 0
    there = leaking(own, other, -28.0, 0.0)
    sides = [Side(level(there), [(30.0, 30.4)]), Side(level(other), [(0.2, 35.0)])]
    found = without_copies(sides, [reader(there), reader(other)])
    assert np.array_equal(found[0].level_db[3540:], sides[0].level_db[3540:])
    assert np.median((sides[0].level_db - found[0].level_db)[100:2900]) > 3
    assert np.array_equal(found[1].level_db, sides[1].level_db)  # carries nothing of the first
    assert [one.speech for one in found] == [one.speech for one in sides]


def test_one_channel_alone_carries_nobody() -> None:
    side = Side(level(own_side()), [(30.0, 30.4)])
    assert np.array_equal(without_copies([side], [reader(own_side())])[0].level_db, side.level_db)
