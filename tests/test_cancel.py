"""What a channel carries of the other side is taken out of its level, and nothing else is."""

import numpy as np
import pytest
import soxr

from pipelines.signals.cancel import BEFORE, Read, find_copy, level_of, without_copies, without_copy
from pipelines.signals.edges import Side
from recordings.audio import RATE
from recordings.synthesis.bank import say
from recordings.synthesis.sounds import sound

Samples = np.ndarray
OWN_FROM = 20.0
"""Until here it is learned what the channel carries."""
WORD = slice(3005, 3020)
"""Within the channel's own word, 10 ms steps."""


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
    assert taken_out(there, other, own) > 8


@pytest.mark.parametrize(("cross_db", "echo_db", "late_s"), [(-36.0, -24.0, 0.25), (-44.0, -20.0, 0.28)])
def test_a_late_echo_is_found_beside_fainter_cross_talk(
    cross_db: float, echo_db: float, late_s: float
) -> None:
    own, other = own_side(), other_side()
    there = leaking(leaking(own, other, cross_db, 0.0), other, echo_db, late_s)
    assert taken_out(there, other, own) > 10


def taken_out(there: Samples, other: Samples, own: Samples) -> float:
    """How many dB quieter the leak is in the median where it is heard; the own word has to stay."""
    read = without_copy(reader(there), reader(other), [(0.5, OWN_FROM)])
    assert read is not None
    left, before, alone = level_of(read, 4000), level(there), level(own)
    assert left.shape == (4000,)
    assert np.abs(left - alone)[WORD].max() < 2
    heard = (before > alone + 15) & (np.arange(4000) > 50) & (np.arange(4000) < 2900)
    assert heard.sum() > 300
    return float(np.median((before - left)[heard]))


def test_a_tail_of_an_echo_counts_in_full() -> None:
    own, other = own_side(), other_side()
    there = leaking(leaking(own, other, -24.0, 0.1), other, -30.0, 0.1 + 600 / RATE)
    copy = find_copy(reader(there), reader(other), [(0.5, OWN_FROM)])
    assert copy is not None
    assert copy.taps[BEFORE + 600] / copy.taps[BEFORE] == pytest.approx(0.5, abs=0.05)


def test_where_a_leak_has_ended_no_talk_appears() -> None:
    own, other = own_side(), other_side()
    there = leaking(own, other, -24.0, 0.14)
    there[round(OWN_FROM * RATE) :] = own[round(OWN_FROM * RATE) :]
    sides, reads = pair(there, other)
    found, _ = without_copies(sides, reads)
    assert (found[0].level_db <= sides[0].level_db).all()
    assert np.median((sides[0].level_db - found[0].level_db)[100:1900]) > 3


def test_of_two_others_both_are_taken_out() -> None:
    own, first, second = own_side(), other_side(), np.roll(other_side()[::-1], 3 * RATE).copy()
    first[10 * RATE : 20 * RATE], second[: 10 * RATE] = 0, 0  # each talks alone for a while, then both
    there = leaking(leaking(own, first, -24.0, 0.0), second, -24.0, 0.0)
    spoken_by = [[(30.0, 30.4)], [(0.2, 10.0), (20.0, 29.0)], [(10.0, 29.0)]]
    channels = (there, first, second)
    sides = [Side(level(one), talk) for one, talk in zip(channels, spoken_by, strict=True)]
    found, _ = without_copies(sides, [reader(one) for one in channels])
    gain = (sides[0].level_db - found[0].level_db)[2100:2850]
    assert np.median(gain) > 8


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
    beyond = level_of(read, 4100)  # a second more than there is
    assert beyond.shape == (4100,)
    assert beyond[100:1900].mean() < level(there)[100:1900].mean() - 3


def test_each_channel_is_told_without_the_other() -> None:
    own, other = own_side(), other_side()
    sides, reads = pair(leaking(own, other, -28.0, 0.0), other)
    found, left = without_copies(sides, reads)
    assert found[0].level_db[100:2900].mean() < sides[0].level_db[100:2900].mean() - 3
    assert left[0] is not reads[0]
    assert left[1] is reads[1]  # carries nothing of the first
    assert np.array_equal(found[1].level_db, sides[1].level_db)
    assert [one.speech for one in found] == [one.speech for one in sides]


def pair(there: Samples, other: Samples) -> tuple[list[Side], list[Read]]:
    """A channel that carries another, which talks for 29 s; the channel's own word is at 30 s."""
    sides = [Side(level(there), [(30.0, 30.4)]), Side(level(other), [(0.2, 29.0)])]
    return sides, [reader(there), reader(other)]


def test_one_channel_alone_carries_nobody() -> None:
    side = Side(level(own_side()), [(30.0, 30.4)])
    found, _ = without_copies([side], [reader(own_side())])
    assert np.array_equal(found[0].level_db, side.level_db)
