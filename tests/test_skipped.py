"""Talk that the recogniser passed over is found and read by itself; what it wrote is left as it is."""

import pytest

from pipelines.chunks import Chunk, Piece
from pipelines.doubts import Heard
from pipelines.recogniser import ChunkText, ChunkWord
from pipelines.skipped import filled, skipped


def text(*words: tuple[str, float, float], logprob: float = -0.3) -> ChunkText:
    said = " ".join(word for word, _, _ in words)
    return ChunkText(Heard(said, logprob, 0.0), tuple(ChunkWord(f" {w}", s, e, 0.9) for w, s, e in words))


def chunk(*lengths: float) -> Chunk:
    """Pieces of these lengths, ten seconds apart in the recording."""
    starts = [100.0 + 10 * number for number in range(len(lengths))]
    return Chunk(0, tuple(Piece(s, s + length) for s, length in zip(starts, lengths, strict=True)))


@pytest.mark.parametrize(
    ("lengths", "words", "expected"),
    [
        pytest.param((2, 5, 2), (("Yes.", 0.5, 1.5), ("fine.", 7.5, 8.5)), [(2, 7)], id="a piece"),
        pytest.param((2, 5, 2, 2), (("Yes.", 0.5, 1.5), ("So.", 9.5, 10)), [(2, 9)], id="and a short one"),
        pytest.param((2, 2, 5), (("Yes.", 0.5, 1.5), ("It", 8, 8.5)), [(2, 9)], id="and one before"),
        pytest.param((2, 6), (("Yes.", 0.5, 1.5), ("It", 6.5, 7.5)), [(2, 8)], id="the start of a piece"),
        pytest.param((2, 1.7, 2), (("Yes.", 0.5, 1.5), ("fine.", 4.5, 5)), [], id="a sigh"),
        pytest.param((2, 2.5, 2), (("Yes.", 0.5, 1.5), ("fine.", 5, 6)), [(2, 4.5)], id="a short sentence"),
        pytest.param((2, 3.5), (("Yes.", 0.5, 1.5), ("It", 2.5, 3)), [], id="a word and a sigh"),
        pytest.param((2, 5), (("Yes.", 0.5, 1.5), ("a", 3, 4), ("b", 6, 6.5)), [], id="slow words"),
        pytest.param((2, 5), (), [], id="no words at all"),
        pytest.param((9,), (("Yes.", 0.5, 1.5),), [], id="a chunk of one piece"),
    ],
)
def test_what_was_passed_over(
    lengths: tuple[float, ...],
    words: tuple[tuple[str, float, float], ...],
    expected: list[tuple[float, float]],
) -> None:
    assert skipped(text(*words), chunk(*lengths)) == expected


def test_the_second_reading_fills_the_gap() -> None:
    first = text(("Yes.", 0.5, 1.5), ("Ja,", 6, 6.5), ("fine.", 7.5, 8.5))
    again = text(("May", 0.2, 0.5), ("I?", 0.6, 1.0))
    made = filled(first, again, (2, 7))
    assert [(w.text, w.start, w.end) for w in made.words] == [
        (" Yes.", 0.5, 1.5), (" May", 2.2, 2.5), (" I?", 2.6, 3.0), (" fine.", 7.5, 8.5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(text(), id="nothing"),
        pytest.param(text(("Well,", 1, 2)), id="no more than before"),
        pytest.param(text(("May", 0.2, 0.5), ("I?", 0.6, 1.0), logprob=-1.2), id="improbable"),
    ],
)
def test_a_second_reading_that_is_no_better_is_dropped(again: ChunkText) -> None:
    first = text(("Yes.", 0.5, 1.5), ("Ja,", 6, 6.5), ("fine.", 7.5, 8.5))
    assert filled(first, again, (2, 7)) is first
