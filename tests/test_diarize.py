"""Clustering, stitching and spans by table; the real networks on a real call."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from pipelines.clustering import ClusterOptions, assign, cluster, held_apart, smallest_cluster
from pipelines.diarize import Diarize, DiarizeOptions, named, overlaps_of, spans_of, speakers_of
from pipelines.steps import silent
from pipelines.values import Sound, Sounds, Speakers

DIMENSIONS = 16


def voices(*counts: int, spread: float = 0.05, seed: int = 1, apart: float = 1.0) -> np.ndarray:
    """Embeddings of several speakers, ``counts`` each, around directions that are ``apart``."""
    draw = np.random.default_rng(seed)
    middles = np.linalg.qr(draw.normal(size=(DIMENSIONS, DIMENSIONS)))[0][: len(counts)]
    middles = middles[0] * (1 - apart) + middles * apart
    return np.concatenate(
        [m + spread * draw.normal(size=(n, DIMENSIONS)) for m, n in zip(middles, counts, strict=True)]
    )


@pytest.mark.parametrize(
    ("name", "counts", "apart", "expected"),
    [
        ("two people", (40, 30), 1.0, 2),
        ("one person", (50,), 1.0, 1),
        ("three people", (30, 30, 20), 1.0, 3),
        ("four people", (30, 30, 20, 20), 1.0, 4),
        ("six people are four at most", (20, 20, 20, 20, 20, 20), 1.0, 4),
        ("two alike voices stay two", (40, 30), 0.45, 2),
        ("a cough is nobody", (40, 30, 1), 1.0, 2),
        ("three embeddings", (2, 1), 1.0, 2),
        ("one embedding", (1,), 1.0, 1),
    ],
)
def test_how_many_speakers(name: str, counts: tuple[int, ...], apart: float, expected: int) -> None:
    points = voices(*counts, apart=apart)
    labels, centroids = cluster(points, np.ones(len(points)), ClusterOptions())
    assert len(centroids) == expected, name
    assert set(labels.tolist()) <= set(range(expected))
    assert np.allclose(np.linalg.norm(centroids, axis=1), 1)


def test_members_keep_together_however_they_are_scaled() -> None:
    points = voices(40, 30)
    labels, _ = cluster(points, np.ones(70), ClusterOptions())
    assert len(set(labels[:40])) == len(set(labels[40:])) == 1
    scaled, _ = cluster(points * 7, np.ones(70), ClusterOptions())
    assert (labels == scaled).all()


def test_long_calls_cluster_a_part_and_join_the_rest() -> None:
    points = voices(300, 200)
    labels, _ = cluster(points, np.linspace(1, 2, 500), ClusterOptions(most_points=60))
    assert labels.shape == (500,)
    assert len(set(labels[:300])) == len(set(labels[300:])) == 1


@pytest.mark.parametrize(("count", "least"), [(2, 1), (20, 1), (60, 3), (240, 12), (5000, 12)])
def test_the_smallest_cluster_grows_with_the_call(count: int, least: int) -> None:
    assert smallest_cluster(count) == least


@dataclass(frozen=True)
class Alike:
    """Windows in which people with nearly the same voice talk, ``who`` each voice is, -1 for nobody."""

    starts: np.ndarray
    embeddings: np.ndarray
    seconds: np.ndarray
    who: np.ndarray

    @property
    def heard(self) -> np.ndarray:
        return self.who >= 0

    def apart(self) -> np.ndarray | None:
        return held_apart(self.starts, self.embeddings, self.seconds, ClusterOptions())


def alike(together: Sequence[int], people: int = 2, windows: int = 60, seed: int = 5) -> Alike:
    """A window every 2.5 s; two voices in those of ``together``, of one person where there is one."""
    some = voices(windows, windows, apart=0.2, seed=seed)
    draw = np.random.default_rng(seed)
    embeddings = np.full((windows, 3, DIMENSIONS), np.nan)
    seconds, who = np.zeros((windows, 3)), np.full((windows, 3), -1)
    for window in range(windows):
        order = draw.permutation(2) if window in together else draw.integers(0, 2, 1)
        for place, person in enumerate(order):
            middle = some[(person if people == 2 else 0) * windows + window]
            embeddings[window, place] = middle + 0.05 * draw.normal(size=DIMENSIONS)
            seconds[window, place], who[window, place] = draw.uniform(1.6, 6.0), person
    return Alike(2.5 * np.arange(windows), embeddings, seconds, who)


def test_alike_voices_that_are_heard_in_one_window_are_two_people() -> None:
    two = alike(range(0, 60, 3))
    assert len(cluster(two.embeddings[two.heard], two.seconds[two.heard], ClusterOptions())[1]) == 1
    centroids = two.apart()
    assert centroids is not None
    assert np.allclose(np.linalg.norm(centroids, axis=1), 1)
    rows = zip(two.embeddings, [centroids] * 60, two.heard, strict=True)
    told = np.stack([assign(*row) for row in rows])[two.heard]
    right = float((told == two.who[two.heard]).mean())
    assert max(right, 1 - right) > 0.9


@pytest.mark.parametrize("seed", range(6))
def test_one_person_whom_the_network_splits_stays_one(seed: int) -> None:
    assert alike(range(0, 60, 3), people=1, seed=seed).apart() is None


@pytest.mark.parametrize(
    ("name", "together", "windows", "two"),
    [
        ("nobody together", (), 60, False),
        ("a fifth of the windows", range(0, 60, 5), 60, True),
        ("less than a fifth", range(0, 60, 6), 60, False),
        ("all at two times", (0, 1, 2, 3, 4, 5, 6), 20, False),
        ("at three times", (0, 1, 2, 6, 7, 12, 13), 20, True),
    ],
)
def test_when_two_voices_of_a_window_make_two_people(
    name: str, together: Sequence[int], windows: int, two: bool
) -> None:
    assert (alike(together, windows=windows).apart() is not None) == two, name


def test_a_voice_heard_for_a_moment_is_no_second_person() -> None:
    two = alike(range(60))
    brief = replace(two, seconds=np.where(np.arange(3) == 1, 0.6, two.seconds))
    assert two.apart() is not None
    assert brief.apart() is None
    assert held_apart(two.starts[:0], two.embeddings[:0], two.seconds[:0], ClusterOptions()) is None


@pytest.mark.parametrize(("most", "expected"), [(4, 2), (1, 1)])
def test_alike_voices_are_stitched_to_two_speakers(most: int, expected: int) -> None:
    from pipelines.diarize_networks import FRAMES, Windows

    two = alike(range(0, 60, 3))
    active = np.zeros((60, FRAMES, 3), dtype=bool)
    for window, voice in zip(*np.nonzero(two.heard), strict=True):
        half = FRAMES // 2
        active[window, half * voice : half * (voice + 1), voice] = True
    none = np.zeros((60, FRAMES), dtype=np.float32)
    windows = Windows(two.starts, active, none, two.embeddings, two.seconds)
    options = DiarizeOptions(clusters=ClusterOptions(most=most))
    assert len([spans for spans in speakers_of(windows, 160.0, options) if spans]) == expected


def test_two_voices_of_a_window_are_two_speakers() -> None:
    centroids = np.eye(3)[:2]
    alike = np.array([[1.0, 0.1, 0], [1.0, 0.2, 0], [0, 0, 1.0]])
    assert assign(alike, centroids, np.array([True, True, False])).tolist() == [0, 1, -1]


def test_a_voice_without_an_embedding_takes_what_is_left() -> None:
    centroids = np.eye(3)[:2]
    some = np.array([[np.nan] * 3, [1.0, 0, 0], [np.nan] * 3])
    assert assign(some, centroids, np.array([True, True, False])).tolist() == [1, 0, -1]


def test_spans_fill_pauses_and_drop_specks() -> None:
    talks = np.zeros(200, dtype=bool)
    talks[10:50] = talks[55:80] = talks[150:152] = True
    spans = spans_of(talks, 0.0169, 0.031, DiarizeOptions())
    assert len(spans) == 1
    assert spans[0] == pytest.approx((0.031 + 9.5 * 0.0169, 0.031 + 79.5 * 0.0169))
    assert spans_of(np.zeros(5, dtype=bool), 0.0169, 0.031, DiarizeOptions()) == []


def test_speakers_are_named_in_order_of_first_speech() -> None:
    made = named({(0, 0): [(5.0, 6.0), (9.0, 9.5)], (0, 1): [(1.0, 2.0)], (0, 2): []})
    assert [(s.speaker, s.start) for s in made] == [("S0", 1.0), ("S1", 5.0), ("S1", 9.0)]


def test_stitched_windows_keep_overlap() -> None:
    from pipelines.diarize_networks import FRAMES, Windows

    starts = np.array([0.0, 2.5, 5.0], dtype=np.float32)
    active = np.zeros((3, FRAMES, 3), dtype=bool)
    embeddings = np.full((3, 3, DIMENSIONS), np.nan, dtype=np.float32)
    pair = voices(1, 1, spread=0.0).astype(np.float32)
    for row, start in enumerate(starts):
        times = start + 0.031 + np.arange(FRAMES) * 0.016875
        first, second = (row % 2, 1 - row % 2)  # the windows number their voices as they like
        active[row, (times < 8), first] = True
        active[row, (times > 7) & (times < 14), second] = True
        embeddings[row, first], embeddings[row, second] = pair
    two = (active.sum(axis=2) == 2).astype(np.float32)
    windows = Windows(starts, active, two, embeddings, np.ones((3, 3), dtype=np.float32))
    one, other = sorted(speakers_of(windows, 15.0, DiarizeOptions()))
    assert one[0] == pytest.approx((0.0, 8.0), abs=0.06)
    assert other[0] == pytest.approx((7.0, 14.0), abs=0.06)
    speech = [(0.0, 14.0)]
    exact = DiarizeOptions(two_late_s=0.0, two_early_s=0.0)
    (overlap,) = overlaps_of(windows, speech, 15.0, exact)
    assert overlap == pytest.approx((7.0, 8.0), abs=0.06)
    assert overlaps_of(windows, [(0.0, 7.5)], 15.0, exact) == [(overlap[0], 7.5)]
    doubted = replace(windows, two=two * np.array([[0.9], [0.3], [0.2]], dtype=np.float32))
    assert overlaps_of(doubted, speech, 15.0, DiarizeOptions()) == []


def test_two_at_once_stand_out_from_a_radio_in_the_room() -> None:
    from pipelines.diarize_networks import FRAMES, Windows

    times = 0.031 + np.arange(FRAMES) * 0.016875
    nobody = np.zeros((1, FRAMES, 3), dtype=bool)
    unheard = np.full((1, 3, DIMENSIONS), np.nan, dtype=np.float32)

    def found(usual: float, high: float) -> list[tuple[float, float]]:
        two = np.full((1, FRAMES), usual, dtype=np.float32)
        two[0, (times > 4) & (times < 5)] = high
        windows = Windows(
            np.zeros(1, dtype=np.float32), nobody, two, unheard, np.zeros((1, 3), dtype=np.float32)
        )
        return overlaps_of(windows, [(0.0, 9.0)], 10.0, DiarizeOptions())

    assert found(0.0, 0.5) == []  # over the lower bar only
    assert found(0.15, 0.7) == []
    assert len(found(0.0, 0.7)) == len(found(0.15, 0.9)) == 1


def test_channels_are_speakers_and_load_no_model() -> None:
    from recordings.audio import Audio

    draw = np.random.default_rng(3)
    audio = Audio.from_samples(draw.normal(0, 0.1, (2, 16000 * 5)).astype(np.float32))
    sounds = Sounds(
        sounds=(
            Sound(kind="speech", channel=1, start=0.5, end=1.0),
            Sound(kind="speech", channel=0, start=1.5, end=2.0),
            Sound(kind="music", channel=0, start=3.0, end=4.0),
        )
    )
    made = Diarize(Path("/nowhere")).run({"audio": audio, "sounds": sounds}, silent)["speakers"]
    assert [(s.speaker, s.channel, s.start) for s in made.spans] == [("S0", 1, 0.5), ("S1", 0, 1.5)]


def test_silence_has_no_speakers() -> None:
    from recordings.audio import Audio

    audio = Audio.from_samples(np.zeros((1, 16000), dtype=np.float32))
    assert Diarize(Path("/nowhere")).run({"audio": audio, "sounds": Sounds()}, silent) == {
        "speakers": Speakers()
    }


@pytest.mark.models
@pytest.mark.parametrize("seconds", [0.6, 20.3, 21.4])
def test_a_recording_may_end_just_after_it_began_or_a_block_did(weights: Path, seconds: float) -> None:
    from recordings.audio import Audio

    draw = np.random.default_rng(4)
    audio = Audio.from_samples(draw.normal(0, 0.1, (1, int(16000 * seconds))).astype(np.float32))
    speech = Sounds(sounds=(Sound(kind="speech", channel=0, start=0.0, end=seconds),))
    made = Diarize(weights, DiarizeOptions(device="cpu")).run({"audio": audio, "sounds": speech}, silent)
    assert made["speakers"].overlaps is not None


@pytest.mark.models
def test_the_mix_of_two_tracks_falls_apart_again(weights: Path, real_calls: Path) -> None:
    """The first minute of a real call: the voices of the mono mix against the separate tracks' energy."""
    import soundfile
    import soxr

    from recordings.audio import Audio

    tracks = []
    for who in ("agent", "caller"):
        sound, rate = soundfile.read(
            real_calls / f"auto-repairs-40.{who}.flac", dtype="float32", frames=480000
        )
        tracks.append(soxr.resample(sound, rate, 16000))
    audio = Audio.from_samples(np.clip(tracks[0] + tracks[1], -1, 1))
    speech = Sounds(sounds=(Sound(kind="speech", channel=0, start=0.0, end=60.0),))
    step = Diarize(weights, DiarizeOptions(device="cpu"))
    spans = step.run({"audio": audio, "sounds": speech}, silent)["speakers"].spans
    assert {span.speaker for span in spans} == {"S0", "S1"}
    right = total = 0.0
    for span in spans:
        part = slice(int(span.start * 16000), int(span.end * 16000))
        agent, caller = (float(np.mean(track[part] ** 2)) for track in tracks)
        total += span.end - span.start
        right += (span.end - span.start) * ((agent > caller) == (span.speaker == "S0"))
    assert total > 30
    assert right / total > 0.95
