"""Packing, doubts, cross-talk and language by table; the real recogniser on a real call."""

import itertools
import random
from pathlib import Path

import numpy as np
import pytest

from pipelines.chunks import CHUNK_S, Chunk, Piece, pack, pad, split_long
from pipelines.crosstalk import bleeding_spans, without_bleed
from pipelines.doubts import Heard, mark
from pipelines.steps import PipelineError, Source, silent
from pipelines.transcribe import Transcribe, TranscribeOptions, decide, placed
from pipelines.values import HeardWord, Sound, Sounds, Transcript
from recordings import Recording

RATE = 16000


def test_margins_meet_in_the_middle_of_a_short_pause() -> None:
    pieces = pad([(1.0, 2.0), (2.4, 3.0), (9.0, 9.9)], 10.0, 0.4)
    assert [(round(p.start, 2), round(p.end, 2)) for p in pieces] == [(0.6, 2.2), (2.2, 3.4), (8.6, 10.0)]
    assert [round(p.pause, 2) for p in pieces] == [1.0, 0.4, 6.0]


def test_empty_spans_are_left_out() -> None:
    assert pad([(1.0, 1.0)], 10.0, 0.4) == []
    assert pack([], 0) == []


def test_a_long_piece_is_cut_where_it_is_quietest() -> None:
    parts = split_long(Piece(0.0, 70.0), lambda start, end: (start + end) / 2)
    assert parts[0].start == 0.0
    assert parts[-1].end == 70.0
    assert all(p.length <= CHUNK_S for p in parts)
    assert all(a.end == b.start for a, b in itertools.pairwise(parts))


@pytest.mark.parametrize("seed", range(30))
def test_packing_keeps_every_piece_in_order_and_wastes_no_chunk(seed: int) -> None:
    draw = random.Random(seed)
    at, spans = 0.0, []
    for _ in range(draw.randint(1, 80)):
        at += draw.uniform(0.2, 5)
        end = at + draw.uniform(0.2, 20)
        spans.append((at, end))
        at = end
    pieces = [part for p in pad(spans, at, 0.4) for part in split_long(p, lambda a, b: (a + b) / 2)]
    chunks = pack(pieces, 3)
    assert [piece for chunk in chunks for piece in chunk.pieces] == pieces
    assert all(chunk.length <= CHUNK_S + 1e-6 and chunk.channel == 3 for chunk in chunks)
    greedy, length = 0, CHUNK_S + 1
    for piece in pieces:
        if length + piece.length > CHUNK_S + 1e-6:
            greedy, length = greedy + 1, 0.0
        length += piece.length
    assert len(chunks) == greedy


def test_a_chunk_ends_at_the_widest_pause_when_that_costs_nothing() -> None:
    pieces = [Piece(i * 6.0, i * 6.0 + 5.0, 0.1) for i in range(9)]
    pieces[5] = Piece(30.0, 35.0, 3.0)
    assert [len(chunk.pieces) for chunk in pack(pieces, 0)] == [5, 4]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0.5, 0.9, (10.5, 10.9, 0)),
        (2.1, 2.6, (30.1, 30.6, 1)),
        (1.2, 2.5, (30.0, 30.5, 1)),  # silence before a word counts as its beginning
        (1.5, 2.01, (11.5, 12.0, 0)),  # a hair over the edge
        (3.5, 4.5, (31.5, 32.0, 1)),  # beyond the end
    ],
)
def test_times_inside_a_chunk_are_led_back(
    start: float, end: float, expected: tuple[float, float, int]
) -> None:
    chunk = Chunk(0, (Piece(10.0, 12.0), Piece(30.0, 32.0)))
    made = chunk.restore(start, end)
    assert made == pytest.approx(expected)


def heard(text: str, start: float, *, each: float = 0.3, probability: float = 0.9, segment: int = 0, channel: int = 0) -> list[HeardWord]:  # fmt: skip  # noqa: E501
    return [
        HeardWord(
            text=word,
            start=round(start + i * each, 3),
            end=round(start + (i + 1) * each, 3),
            probability=probability,
            segment=segment,
            channel=channel,
        )
        for i, word in enumerate(text.split())
    ]


EVERYWHERE = [(0.0, 100.0)]


@pytest.mark.parametrize(
    ("name", "words", "speech", "music", "doubtful"),
    [
        ("plain speech", heard("my order is late", 1), EVERYWHERE, [], False),
        ("unlikely phrase", heard("oh the sea", 1, probability=0.2), EVERYWHERE, [], True),
        ("one unlikely word", heard("Satelli", 1, probability=0.2), EVERYWHERE, [], False),
        ("unlikely in music", heard("you and me", 5, probability=0.5), EVERYWHERE, [(4, 9)], True),
        ("clear talk over music", heard("please stay on the line", 5), EVERYWHERE, [(4, 9)], False),
        ("in music without speech", heard("oh baby", 5), [(0, 4)], [(4, 9)], True),
        ("unlikely outside speech", heard("thank you", 50, probability=0.5), [(0, 4)], [], True),
        ("subtitle line", heard("Thanks for watching!", 1), EVERYWHERE, [], True),
        ("near miss of it", heard("thanks for waiting", 1), EVERYWHERE, [], False),
        ("in a sentence", heard("she said thanks for watching my dog while away", 1), EVERYWHERE, [], False),
        ("a loop", heard("I'm sorry " * 5, 1), EVERYWHERE, [], True),
        ("a loop of one", heard("so " * 9, 1), EVERYWHERE, [], True),
        ("no no no no", heard("no no no no", 1), EVERYWHERE, [], False),
        ("digits", heard("3 " * 9, 1), EVERYWHERE, [], False),
        ("faster than anybody", heard("and then we went on to it", 1, each=0.02), EVERYWHERE, [], True),
    ],
)  # fmt: skip
def test_doubts(
    name: str,
    words: list[HeardWord],
    speech: list[tuple[float, float]],
    music: list[tuple[float, float]],
    doubtful: bool,
) -> None:
    marked = mark(words, speech, music)
    assert {word.doubtful for word in marked} == {doubtful}, name
    assert [word.text for word in marked] == [word.text for word in words]


def test_a_segment_that_the_recogniser_doubts_is_doubtful_as_a_whole() -> None:
    words = heard("fine words", 1, segment=0) + heard("other words", 5, segment=1)
    assert [word.doubtful for word in mark(words, EVERYWHERE, [], {1})] == [False, False, True, True]


@pytest.mark.parametrize(
    ("one", "lost", "invented"),
    [
        (Heard("my order is late and I want it", -0.3, 0.1), False, False),
        (Heard("thank you. " * 30, -0.2, 0.1), True, True),
        (Heard("something", -1.2, 0.1), True, True),
        (Heard("you", -0.7, 0.9), False, True),
        (Heard("yes", -0.2, 0.9), False, False),
        (Heard("", 0.0, 1.0), False, False),
    ],
)
def test_the_recognisers_own_numbers(one: Heard, lost: bool, invented: bool) -> None:
    assert (one.lost, one.invented) == (lost, invented)


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ({"en": 0.9, "de": 0.05}, ("en", 0.9)),
        ({"de": 0.6, "nl": 0.3}, ("de", 0.6)),
        ({"nl": 0.6, "de": 0.3, "en": 0.1}, ("de", 0.3)),  # not sure: the better of the two that are scored
        ({"nl": 0.9, "de": 0.1}, ("nl", 0.9)),
    ],
)
def test_the_language_by_vote(votes: dict[str, float], expected: tuple[str, float]) -> None:
    assert decide(votes, 0.8) == expected


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(PipelineError, match="en, de, auto"):
        Transcribe(Path(), TranscribeOptions(language="klingon"))


def test_parts_of_words_are_joined_again() -> None:
    from pipelines.recogniser import ChunkText, ChunkWord

    text = ChunkText(
        Heard("", -0.1, 0.0),
        (
            ChunkWord(" ma", 0.0, 0.2, 0.9),
            ChunkWord("'am,", 0.2, 0.4, 0.5),
            ChunkWord(" in", 0.5, 0.6, 0.9),
            ChunkWord("-house", 0.6, 0.9, 0.8),
        ),
    )
    words = placed(text, Chunk(1, (Piece(10.0, 12.0),)), 4)
    assert [(w.text, w.start, w.end, w.probability) for w in words] == [
        ("ma'am,", 10.0, 10.4, 0.5),
        ("in-house", 10.5, 10.9, 0.8),
    ]
    assert {(w.channel, w.segment) for w in words} == {(1, 4)}


def noise(seed: int, seconds: float) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)


def reader(sound: np.ndarray):  # type: ignore[no-untyped-def]
    def read(start: float, end: float, channel: int) -> np.ndarray:
        return sound[channel : channel + 1, int(max(0, start) * RATE) : int(end * RATE)]

    return read


@pytest.mark.parametrize(
    ("name", "gain", "delay_s", "own", "bleeds"),
    [
        ("a faint copy", 0.1, 0.0, 0.0, True),
        ("a faint late copy", 0.1, 0.12, 0.0, True),
        ("a loud copy", 0.9, 0.0, 0.0, False),
        ("somebody else, as faint", 0.0, 0.0, 0.1, False),
        ("somebody else over a copy", 0.1, 0.0, 0.3, False),
    ],
)
def test_bleeding_is_told_from_talking_over(
    name: str, gain: float, delay_s: float, own: float, bleeds: bool
) -> None:
    voice = noise(1, 4)
    other = gain * np.roll(voice, int(delay_s * RATE)) + own * noise(2, 4)
    read = reader(np.stack([voice, other]))
    found = bleeding_spans({0: [(0.5, 3.0)], 1: [(0.5, 3.0)]}, read)
    assert found[0] == set(), name
    assert (found[1] == {(0.5, 3.0)}) is bleeds, name


def test_the_same_word_at_the_same_time_is_written_once() -> None:
    loud, faint = noise(1, 4), 0.1 * noise(2, 4)
    read = reader(np.stack([loud, faint]))
    words = {0: heard("hello there", 1), 1: heard("hello there", 1.1, channel=1)}
    kept = without_bleed(words, read)
    assert [[w.text for w in kept[c]] for c in (0, 1)] == [["hello", "there"], []]


@pytest.mark.parametrize(("text", "start"), [("no wait", 1.1), ("hello there", 2.5)])
def test_other_words_or_another_time_are_talk_over(text: str, start: float) -> None:
    read = reader(np.stack([noise(1, 4), 0.1 * noise(2, 4)]))
    kept = without_bleed({0: heard("hello there", 1), 1: heard(text, start, channel=1)}, read)
    assert len(kept[1]) == 2


def test_no_speech_loads_no_model_and_gives_no_words() -> None:
    from recordings.audio import Audio

    audio = Audio.from_samples(np.zeros((1, RATE * 3), dtype=np.float32))
    source = Source(Path("call.wav"), Recording(id="call", language="de"))
    step = Transcribe(Path("/nowhere"))
    made = step.run({"audio": audio, "sounds": Sounds(), "source": source}, silent)
    assert made == {"transcript": Transcript(language="de")}


@pytest.mark.models
def test_a_real_call_reads_true(weights: Path, real_calls: Path) -> None:
    from recordings.audio import open_audio

    path = real_calls / "oil-light.mono.flac"
    spans = ((0.7, 5.2), (6.2, 17.0), (17.5, 25.2), (41.0, 43.4))
    sounds = Sounds(sounds=tuple(Sound(kind="speech", channel=0, start=a, end=b) for a, b in spans))
    seen: list[float] = []
    with open_audio(path) as audio:
        step = Transcribe(weights, TranscribeOptions(device="cpu"))
        source = Source(path, Recording(id="oil"))
        made = step.run(
            {"audio": audio, "sounds": sounds, "source": source},
            lambda _step, done, _total, artefact=None: seen.append(done),
        )
    transcript = made["transcript"]
    text = " ".join(word.text for word in transcript.words)
    assert transcript.language == "en"
    assert (transcript.language_probability or 0) > 0.9
    for part in ("Thank you for calling", "This is Travis", "Violet King", "How can I help you today?"):
        assert part in text
    assert "what kind of car" in text
    assert not any(word.doubtful for word in transcript.words)
    starts = [word.start for word in transcript.words]
    assert starts == sorted(starts)
    for word in transcript.words:
        assert any(a - 0.45 <= (word.start or 0) and (word.end or 0) <= b + 0.45 for a, b in spans)
    assert seen == sorted(seen)
