"""The first listening: speech, music and tones on each channel, whatever the channel is like."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from signal_calls import Samples, heard, line, talk

from pipelines.signals.echo import echoes, without_echo
from pipelines.signals.intervals import Span, total, union, within
from pipelines.signals.listen import Hearing
from pipelines.signals.vad import FRAME, Vad, spans
from pipelines.values import SoundKind
from pipelines.values import Sounds as Heard
from recordings.audio import RATE
from recordings.synthesis.sounds import kinds, sound


def seconds(found: Heard, kind: SoundKind, channel: int | None = None) -> float:
    return total(union((s.start, s.end) for s in found.of(kind, channel)))


def test_every_second_of_plain_speech_is_found_and_nothing_else() -> None:
    found = heard(line(talk(15)))
    assert seconds(found, "speech") > 9
    assert seconds(found, "music") < 3
    assert seconds(found, "tone") < 0.6


@pytest.mark.parametrize("style", kinds("music", "held-out"))
def test_music_that_it_never_heard_is_music_and_no_speech(style: str) -> None:
    found = heard(line(sound("music", style, 14, 5)))
    assert seconds(found, "music") > 7
    assert seconds(found, "speech") < 1.5


def test_of_all_the_music_it_never_heard_most_is_found() -> None:
    found = [
        seconds(heard(line(sound("music", style, 14, 6))), "music") for style in kinds("music", "held-out")
    ]
    assert sum(found) > 0.8 * 14 * len(found)


@pytest.mark.parametrize("kind", ["ring-uk", "dial-de", "busy-de", "beep-low"])
def test_tones_are_neither_speech_nor_music(kind: str) -> None:
    found = heard(line(sound("tone", kind, 12, 5)))
    assert seconds(found, "speech") < 0.5
    assert found.of("tone")


def test_a_minute_of_dtmf_is_no_speech() -> None:
    found = heard(line(sound("tone", "dtmf", 60, 8)))
    assert seconds(found, "speech") < 2
    assert seconds(found, "tone") > 30


def test_speech_over_music_stays_speech() -> None:
    words = talk(14)
    clean = heard(line(words))
    mixed = heard(line(words + 0.15 * sound("music", "organ", 14, 5)))
    both = [(s.start, s.end) for s in mixed.of("speech")]
    kept = sum(within(both, s.start, s.end) for s in clean.of("speech"))
    assert kept > 0.85 * seconds(clean, "speech")


def test_a_channel_of_zeros_holds_nothing() -> None:
    found = heard(line(talk(8)), np.zeros(8 * RATE, np.float32))
    assert {s.channel for s in found.sounds} == {0}
    assert heard(np.zeros(4 * RATE, np.float32)).sounds == ()


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(lambda x: x + 0.3, id="DC offset"),
        pytest.param(lambda x: np.clip(x * 12, -0.99, 0.99), id="clipping throughout"),
    ],
)
def test_a_spoilt_line_still_holds_its_speech(spoilt: object) -> None:
    words = line(talk(12))
    clean = [(s.start, s.end) for s in heard(words).of("speech")]
    bad = [(s.start, s.end) for s in heard(spoilt(words)).of("speech")]  # type: ignore[operator]
    assert sum(within(bad, *span) for span in clean) > 0.85 * total(clean)


def test_how_the_sound_is_cut_changes_nothing() -> None:
    samples = line(np.concatenate([talk(5), sound("music", "choir", 6, 2)]))
    whole = Vad()
    expected = np.concatenate([whole.feed(samples), whole.finish()])
    pieces = Vad()
    edges = [0, 1000, 1700, 40_000, 40_001, 99_999, len(samples)]
    got = np.concatenate(
        [*(pieces.feed(samples[a:b]) for a, b in itertools.pairwise(edges)), pieces.finish()]
    )
    assert len(got) == -(-len(samples) // FRAME)
    np.testing.assert_allclose(got, expected, atol=1e-4)

    one, many = Hearing(), Hearing()
    one.feed(samples)
    for a, b in itertools.pairwise(edges):
        many.feed(samples[a:b])
    np.testing.assert_allclose(many.finish()[1], one.finish()[1], atol=2e-3)
    np.testing.assert_allclose(many.fine_db, one.fine_db, atol=1e-3)
    assert len(one.fine_db) == len(samples) // 160


@pytest.mark.parametrize(
    ("track", "options", "expected"),
    [
        ([0, 1, 1, 0], {}, [(1, 3)]),
        ([0, 0.6, 0.4, 0.4, 0.2, 0.4], {}, [(1, 4)]),  # between the thresholds the state stays
        ([1, 0, 1, 0, 0, 0, 1], {"min_off_s": 2}, [(0, 3), (6, 7)]),
        ([1, 0, 0, 1, 1], {"min_on_s": 2}, [(3, 5)]),
        ([], {}, []),
        ([0.4, 0.4], {}, []),  # undecided from the start is off
    ],
)
def test_spans_of_a_track(track: Sequence[float], options: dict[str, float], expected: list[Span]) -> None:
    assert spans(np.array(track, np.float32), 1.0, **options) == expected


def test_an_echo_is_not_talk_but_a_quiet_interjection_is() -> None:
    def level(*loud: tuple[float, float, float]) -> Samples:
        db = np.full(1000, -60.0, np.float32)
        for start, end, value in loud:
            db[round(start * 50) : round(end * 50)] = value
        return db

    agent = [(1.0, 6.0)]
    customer = [(1.2, 6.2), (8.0, 12.0)]
    levels = [
        level((1.0, 6.0, -20.0)),
        level((1.2, 3.0, -45.0), (3.0, 3.6, -27.0), (3.6, 6.2, -45.0), (8, 12, -24.0)),
    ]
    echo = echoes([agent, customer], levels)
    kept = [without_echo(own, faint) for own, faint in zip([agent, customer], echo, strict=True)]
    assert kept[0] == agent
    assert kept[1][-1] == (8.0, 12.0)
    assert total(kept[1]) < 5.2
    assert within(kept[1], 3.0, 3.6) > 0.5
