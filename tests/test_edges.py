"""Exact edges of speech on two channels: the other side's leak, the channel's noise, missed words."""

import numpy as np
import pytest

from pipelines.signals.bed import find_bed
from pipelines.signals.carried import believed
from pipelines.signals.edges import Side, sharpened
from pipelines.signals.leak import Leak, find_leak
from pipelines.signals.voicing import is_voiced
from recordings.audio import RATE
from recordings.synthesis.bank import say
from recordings.synthesis.sounds import sound

Span = tuple[float, float]
NOISE_DB = -60.0


def voice(seconds: float, *spoken: Span, seed: int = 0, level: float = -20.0) -> np.ndarray:
    """The level of a channel per 10 ms: syllables that rise and fall where somebody speaks, else noise."""
    rng = np.random.default_rng(seed)
    db = NOISE_DB + rng.normal(0, 0.7, round(seconds * 100))
    for start, end in spoken:
        steps = slice(round(start * 100), round(end * 100))
        count = steps.stop - steps.start
        syllables = np.repeat(rng.uniform(-14, 4, count // 8 + 1), 8)[:count]
        db[steps] = level + syllables
    return db.astype(np.float32)


def carried(db: np.ndarray, other: np.ndarray, attenuation: float, delay: int) -> np.ndarray:
    """A channel with a leak of another in it."""
    late = np.concatenate([np.full(delay, -100.0), other[: len(other) - delay]]) - attenuation
    return (10 * np.log10(10 ** (db / 10) + 10 ** (late / 10))).astype(np.float32)


TALKS: tuple[Span, ...] = ((1.0, 6.0), (9.0, 14.0), (20.0, 28.0))
REPLIES: tuple[Span, ...] = ((6.5, 8.5), (15.0, 19.0))


def edges(own: np.ndarray, other: np.ndarray, own_speech: list[Span], **how: object) -> list[Span]:
    yes = how.get("voiced", lambda side, span: True)
    wait = how.get("wait", ())
    found = sharpened([Side(own, own_speech, wait), Side(other, TALKS)], yes)  # type: ignore[arg-type]
    return found[0]


def near(found: list[Span], expected: list[Span], by: float = 0.03) -> bool:
    return len(found) == len(expected) and all(
        abs(a - c) <= by and abs(b - d) <= by for (a, b), (c, d) in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize(("attenuation", "delay"), [(20.0, 0), (26.0, 14)])
def test_a_leak_is_measured_and_none_is_none(attenuation: float, delay: int) -> None:
    other = voice(30, *TALKS, seed=1)
    own = voice(30, *REPLIES, seed=2)
    talking = np.full(3000, -100.0, np.float32)
    for start, end in TALKS:
        talking[round(start * 100) : round(end * 100)] = other[round(start * 100) : round(end * 100)]
    calm = np.ones(3000, bool)
    for start, end in REPLIES:
        calm[round(start * 100) : round(end * 100)] = False
    floor = np.full(3000, NOISE_DB, np.float32)
    assert find_leak(own, talking, calm, floor) is None
    leak = find_leak(carried(own, talking, attenuation, delay), talking, calm, floor)
    assert leak is not None
    assert leak.delay == delay
    assert leak.attenuation_db == pytest.approx(attenuation, abs=3)


def test_a_leak_follows_its_cause() -> None:
    other = np.full(100, -100.0, np.float32)
    other[50] = -10.0
    level = Leak(20.0, 10).level(other)
    assert np.flatnonzero(level > -50).tolist() == list(range(57, 66))
    assert level.max() == pytest.approx(-30.0)


@pytest.mark.parametrize("shift", [-0.12, 0.0, 0.12])
def test_edges_are_the_levels_whatever_the_detector_said(shift: float) -> None:
    own, other = voice(30, *REPLIES, seed=3), voice(30, *TALKS, seed=4)
    told = [(start + shift, end + shift) for start, end in REPLIES]
    assert near(edges(own, other, told), list(REPLIES))


def test_the_last_sound_of_a_word_after_the_detectors_end_is_talk() -> None:
    own, other = voice(30, (15.0, 18.9), (18.97, 19.05), seed=3), voice(30, *TALKS, seed=4)
    assert near(edges(own, other, [(15.0, 18.96)]), [(15.0, 19.05)], by=0.04)
    longer = voice(30, (15.0, 18.9), (19.0, 19.4), seed=3)  # a word that goes on is followed to its end
    assert near(edges(longer, other, [(15.0, 18.96)]), [(15.0, 19.4)], by=0.04)
    # near miss: a tenth of a second later it is a sound of its own
    apart = voice(30, (15.0, 18.9), (19.1, 19.18), seed=3)
    assert near(edges(apart, other, [(15.0, 18.96)]), [(15.0, 18.9)], by=0.04)


@pytest.mark.parametrize(
    ("loudest", "spoken"), [(-16.0, [(15.0, 19.0)]), (-4.0, [(15.0, 16.9), (17.3, 19.0)])]
)
def test_how_faint_talk_may_be_hangs_on_its_own_loudest(loudest: float, spoken: list[Span]) -> None:
    own = voice(30, (15.0, 19.0), seed=3)
    own[own < -55] -= 20.0  # a line without noise
    own[1600:1606] = loudest
    own[1690:1730] = -50.5
    other = voice(30, *TALKS, seed=4)
    assert near(edges(own, other, [(15.0, 19.0)]), spoken, by=0.04)


def test_a_bang_makes_no_faint_talk_of_the_rest() -> None:
    own = voice(30, (15.0, 19.0), seed=3, level=-38.0)
    own[own < -55] -= 25.0  # a line without noise
    own[1700:1706] = 0.0
    assert near(edges(own, voice(30, *TALKS, seed=4), [(15.0, 19.0)]), [(15.0, 19.0)], by=0.04)


def test_what_the_channel_carries_of_the_other_side_is_no_talk() -> None:
    other = voice(30, *TALKS, seed=5)
    own = carried(voice(30, *REPLIES, seed=6), other, 25.0, 0)
    told = [(1.0, 5.5), *REPLIES]  # the detector hears the leak as well
    assert near(edges(own, other, told), list(REPLIES))


def test_a_missed_word_under_the_others_talk_is_found_where_it_is_a_voice() -> None:
    word = (22.0, 22.4)
    own, other = voice(30, *REPLIES, word, seed=7), voice(30, *TALKS, seed=8)
    assert near(edges(own, other, list(REPLIES)), [*REPLIES, word])
    assert near(edges(own, other, list(REPLIES), voiced=lambda side, span: False), list(REPLIES))
    # near misses: in music, too faint
    assert near(edges(own, other, list(REPLIES), wait=((21.0, 24.0),)), list(REPLIES))
    faint = np.maximum(voice(30, *REPLIES, seed=7), voice(30, word, seed=9, level=-42.0))
    assert near(edges(faint, other, list(REPLIES)), list(REPLIES))


def test_the_first_words_of_a_stretch_that_the_detector_heard_too_late_are_found_under_other_talk() -> None:
    said = (22.0, 24.0)
    own, other = voice(30, *REPLIES, (22.0, 22.6), (22.7, 24.0), seed=7), voice(30, *TALKS, seed=8)
    assert near(edges(own, other, [*REPLIES, (22.8, 24.0)]), [*REPLIES, said])


def test_a_missed_word_in_a_pause_between_the_others_sentences_is_found() -> None:
    word = (8.1, 8.5)  # the other's sentences end at 8 s and begin anew after it
    own, other = voice(30, (16.0, 19.0), word, seed=7), voice(30, (1.0, 8.0), (8.55, 14.0), seed=8)
    sides = [Side(own, [(16.0, 19.0)]), Side(other, [(1.0, 8.0), (8.55, 14.0)])]
    assert near(sharpened(sides, lambda side, span: True)[0], [word, (16.0, 19.0)])
    # near miss: a longer pause is a silence, in which a short sound this near to talk is nobody's word
    apart = [(1.0, 7.0), (9.5, 14.0)]
    late = [Side(own, [(16.0, 19.0)]), Side(voice(30, *apart, seed=8), apart)]
    assert near(sharpened(late, lambda side, span: True)[0], [(16.0, 19.0)])


def test_an_echo_is_one_even_before_the_detector_hears_its_cause() -> None:
    other = voice(30, *TALKS, seed=5)
    own = carried(voice(30, *REPLIES, seed=6), other, 22.0, 0)
    told = [(20.0, 20.9), *REPLIES]  # it hears the echo of words that it missed in the other's music
    sides = [Side(own, told), Side(other, [(1.0, 6.0), (9.0, 14.0), (21.0, 28.0)])]
    assert near(sharpened(sides, lambda side, span: True)[0], list(REPLIES))


def test_faint_talk_is_the_others_only_on_a_channel_that_carries_it() -> None:
    other = voice(30, *TALKS, seed=5)
    faint = [(21.0, 21.4)]
    own = voice(30, *REPLIES, (20.0, 21.0), (21.4, 23.0), seed=6)
    heard = [[*REPLIES, (20.0, 23.0)], list(TALKS)]

    def kept(level: np.ndarray) -> list[Span]:
        sides = [Side(level, [*REPLIES, (20.0, 21.0), (21.4, 23.0)]), Side(other, TALKS)]
        return believed(sides, [faint, []], heard)[0]

    assert kept(own) == []  # a breath in somebody's own talk
    assert kept(carried(own, other, 22.0, 0)) == faint
    # a radio in the room is no breath, whatever the channel carries
    sides = [Side(own, REPLIES), Side(other, TALKS)]
    assert believed(sides, [[(21.0, 27.0)], []], [[*REPLIES, (21.0, 27.0)], list(TALKS)])[0] == [(21.0, 27.0)]


def bed(db: np.ndarray, level: float, spread: float = 1.5, seed: int = 20) -> np.ndarray:
    """A channel over a bed of music or a radio in the room."""
    hum = level + np.random.default_rng(seed).normal(0, spread, len(db))
    return (10 * np.log10(10 ** (db / 10) + 10 ** (hum / 10))).astype(np.float32)


def test_over_a_radio_the_level_tells_talk_from_what_the_detector_takes_for_it() -> None:
    other = voice(30, *TALKS, seed=21)
    own = bed(voice(30, *REPLIES, seed=22), -36.0)
    told = [(0.5, 5.0), (6.2, 19.6), (21.0, 29.0)]  # the radio talks, nearly without a break
    found = edges(own, other, told)
    assert near(found, list(REPLIES), by=0.12)


def test_a_short_sound_alone_over_a_radio_is_the_radios() -> None:
    other = voice(30, *TALKS, seed=21)
    own = bed(voice(30, *REPLIES, seed=22), -36.0)
    own[1100:1111] = -20.0
    found = edges(own, other, [(0.5, 5.0), (6.2, 19.6), (21.0, 29.0)])
    assert near(found, list(REPLIES), by=0.25)  # a last faint syllable is lost in the radio


def test_a_radio_heard_without_a_break_is_no_talk_and_no_leak() -> None:
    other = voice(30, *TALKS, seed=21)
    own = bed(voice(30, *REPLIES, seed=22), -36.0)
    told = [(0.5, 14.3), (14.7, 29.5)]  # the detector leaves next to nothing by which to measure a leak
    assert near(edges(own, other, told), list(REPLIES), by=0.12)
    noise, nobody = np.full(3000, -37.0, np.float32), np.zeros(3000, bool)
    talking = ~nobody
    leak = np.full(3000, -36.0, np.float32)  # assumed, and as loud as the radio
    assert find_bed(bed(voice(30), -36.0), leak, noise, talking, nobody) is not None
    # near miss: what sounds only while the other talks is the other's
    assert find_bed(bed(voice(30), -36.0), leak, noise - 20, talking, nobody) is None


def test_a_missed_word_in_music_behind_the_talk_is_as_loud_as_talk_and_stands_out() -> None:
    word, music = (22.0, 22.4), ((19.5, 30.0),)
    other = voice(30, *TALKS, seed=8)
    own = bed(voice(30, *REPLIES, word, seed=7, level=-17.0), -36.0)
    own[2200:2240] = -16.0
    assert near(edges(own, other, list(REPLIES), wait=music), [*REPLIES, word], by=0.1)
    # near misses: one of many notes, no voice, fainter than the talk
    notes = own.copy()
    for at in range(1980, 2460, 60):
        notes[at : at + 40] = -16.0
    assert near(edges(notes, other, list(REPLIES), wait=music), list(REPLIES), by=0.1)
    silent = edges(own, other, list(REPLIES), wait=music, voiced=lambda side, span: False)
    assert near(silent, list(REPLIES), by=0.1)
    own[2200:2240] = -24.0
    assert near(edges(own, other, list(REPLIES), wait=music), list(REPLIES), by=0.1)


def test_a_note_of_faint_music_beside_talk_is_no_part_of_it() -> None:
    own, other = voice(30, *REPLIES, seed=3), voice(30, *TALKS, seed=4)
    own[1400:1500] = own[1900:2000] = -46.0  # a chord right before and right after
    assert near(edges(own, other, list(REPLIES), wait=((14.0, 20.0),)), list(REPLIES), by=0.06)


def test_faint_sounds_beside_talk_do_not_lengthen_it() -> None:
    own, other = voice(30, *REPLIES, seed=3), voice(30, *TALKS, seed=4)
    for at in (14.85, 19.12):
        own[round(at * 100) : round(at * 100) + 3] = -46.0  # keys, above the noise and near the talk
    assert near(edges(own, other, list(REPLIES)), list(REPLIES), by=0.04)


def test_the_noise_of_a_line_is_not_that_of_a_channel_switched_off() -> None:
    own, other = bed(voice(30, *REPLIES, seed=28), -50.0, spread=0.7), voice(30, *TALKS, seed=29)
    for start, end in ((14.0, 14.9), (19.1, 20.0)):
        own[round(start * 100) : round(end * 100)] = -88.0
    assert near(edges(own, other, list(REPLIES)), list(REPLIES), by=0.06)


def test_over_music_the_detector_is_right_but_for_its_edges() -> None:
    other = voice(30, *TALKS, seed=23)
    own = bed(voice(30, *REPLIES, seed=24), -36.0)
    late = [(start + 0.15, end - 0.05) for start, end in REPLIES]
    assert near(edges(own, other, late), list(REPLIES), by=0.1)
    quiet = sorted([*REPLIES, (10.0, 10.5)])  # no louder than the music, and still heard by the detector
    assert near(edges(own, other, quiet), quiet, by=0.1)


def test_a_word_alone_in_a_silence_is_talk_where_it_is_a_voice() -> None:
    word = (16.0, 16.4)
    own = voice(30, *TALKS, word, seed=25)
    heard = sharpened([Side(own, TALKS)], lambda side, span: True)[0]
    assert near(heard, sorted([*TALKS, word]))
    assert sharpened([Side(own, TALKS)], lambda side, span: False)[0] == list(TALKS)
    soon = sorted([*TALKS, (17.9, 18.6)])  # talk a second and a half later makes no music of it
    answered = voice(30, *soon, word, seed=25)
    assert near(sharpened([Side(answered, soon)], lambda side, span: True)[0], sorted([*soon, word]))
    # near misses: close to talk, in music, a note of many, faint, too long for a word
    notes = voice(30, *TALKS, word, (15.0, 15.3), (17.0, 17.3), (18.0, 18.3), seed=25)
    assert sharpened([Side(notes, TALKS)], lambda side, span: True)[0] == list(TALKS)
    assert sharpened([Side(own, [*TALKS, (16.8, 17.5)])], lambda side, span: True)[0][2:3] == [(16.8, 17.5)]
    assert sharpened([Side(own, TALKS, ((14.5, 18.0),))], lambda side, span: True)[0] == list(TALKS)
    faint = np.maximum(voice(30, *TALKS, seed=25), voice(30, word, seed=26, level=-34.0))
    assert sharpened([Side(faint, TALKS)], lambda side, span: True)[0] == list(TALKS)
    long = voice(30, *TALKS, (15.5, 18.0), seed=27)
    assert sharpened([Side(long, TALKS)], lambda side, span: True)[0] == list(TALKS)


def test_one_channel_or_nothing_heard_stays_as_it_is() -> None:
    own = voice(10, (1, 3))
    assert sharpened([Side(own, [(0.9, 3.2)])], lambda side, span: True) == [[(0.9, 3.2)]]
    nothing = np.full(1000, -100.0, np.float32)
    assert sharpened([Side(nothing, []), Side(nothing, [])], lambda side, span: True) == [[], []]
    assert sharpened([], lambda side, span: True) == []


def test_words_are_voiced_and_bangs_and_hiss_are_not() -> None:
    from scipy.signal import resample_poly

    for name, text in (("en-heart", "Mm-hm."), ("en-rms", "Okay."), ("de-siwis", "Ja.")):
        assert is_voiced(resample_poly(say(name, text), 2, 1).astype(np.float32)), (name, text)
    rng = np.random.default_rng(0)
    hiss = rng.normal(0, 0.1, RATE // 2).astype(np.float32)
    bang = hiss * np.exp(-np.linspace(0, 12, len(hiss))).astype(np.float32)
    assert not is_voiced(hiss)
    assert not is_voiced(bang)
    assert not is_voiced(sound("noise", "keyboard", 1, 1))
    assert not is_voiced(hiss[:100])


def test_under_music_that_plays_throughout_a_note_is_no_word() -> None:
    """A loud note under the other's talk, where the detector heard music in a part of that talk only."""
    other, own = voice(30, *TALKS, seed=1), voice(30, *REPLIES, seed=2)
    own[1030:1060] = -29.0  # nine dB below the talk
    plain = edges(own, other, list(REPLIES))
    music = edges(own, other, list(REPLIES), wait=((2.0, 5.0), (22.0, 25.0)))
    assert any(start < 10.5 < end for start, end in plain)
    assert not any(start < 10.5 < end for start, end in music)
    own[1030:1060] = -20.0  # as loud as the talk, and far louder than all around
    assert any(
        start < 10.5 < end for start, end in edges(own, other, list(REPLIES), wait=((2.0, 5.0), (22.0, 25.0)))
    )
