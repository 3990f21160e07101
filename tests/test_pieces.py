"""The tokenizer that is set up for the words of a call cuts them as one with the whole vocabulary does."""

import numpy as np
import pytest

from models.pieces import Pieces, PieceTokenizer

VOCABULARY = {
    "<s>": 0.0,
    "<pad>": 0.0,
    "</s>": 0.0,
    "<unk>": 0.0,
    "▁": -3.0,
    "▁ich": -2.0,
    "ich": -4.0,
    "▁i": -5.0,
    "ch": -4.5,
    "▁kläre": -6.0,
    "▁klä": -6.5,
    "re": -3.5,
    "▁das": -2.5,
    "d": -8.0,
    "as": -5.5,
    "xyz": -12.0,
}
SPECIAL = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}


def tokenizer(most: int = 20) -> PieceTokenizer:
    """Of the small vocabulary above."""
    coded = [piece.encode() for piece in VOCABULARY]
    offsets = [0, *np.cumsum([len(piece) for piece in coded]).tolist()]
    scores = np.array(list(VOCABULARY.values()), np.float32)
    return PieceTokenizer(Pieces(b"".join(coded), offsets, scores), SPECIAL, most)


def whole() -> PieceTokenizer:
    """The same with all its pieces set up: it has seen two texts of different words."""
    made = tokenizer()
    made.encode("das")
    made.encode("ich")
    assert made._numbers is None
    return made


def test_pieces_are_chosen_by_the_words_they_stand_in() -> None:
    names = list(VOCABULARY)
    assert {names[i] for i in tokenizer()._pieces.within(["ich"])} == {"▁", "▁ich", "ich", "▁i", "ch"}


@pytest.mark.parametrize(
    "texts", [["ich kläre das"], ["", " "], ["das", "ichre daß", "re"], ["ü", "ich ü das"], ["a  b▁das"]]
)
def test_few_pieces_cut_as_all_do(texts: list[str]) -> None:
    few = tokenizer()
    found = few.encode_batch(texts)
    assert few._numbers is not None
    assert found == whole().encode_batch(texts)


def test_numbers_and_places_are_those_of_the_vocabulary() -> None:
    found = tokenizer().encode("ich kläre")
    assert found.ids == [0, 5, 9, 2]
    assert found.offsets == [(0, 0), (0, 3), (3, 9), (0, 0)]


def test_words_already_seen_need_no_more_pieces_and_others_bring_all() -> None:
    made = tokenizer()
    made.encode("ich kläre das")
    made.encode("das kläre ich")
    assert made._numbers is not None
    assert made.encode("xyz").ids == [0, 4, 15, 2]
    assert made._numbers is None


def test_texts_are_cut_at_the_most_tokens() -> None:
    made = tokenizer(most=4)
    assert made.encode("ich kläre das").ids == [0, 5, 9, 2]
    made.enable_truncation(3)
    assert made.encode("ich kläre das").ids == [0, 5, 2]
