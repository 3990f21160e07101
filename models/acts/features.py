"""Hashed word and letter n-grams of a text, to tell which texts look alike.

Counts are hashed into a fixed number of columns (Weinberger et al. 2009), so no vocabulary is stored.
"""

import re
from collections.abc import Sequence

from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer

COLUMNS = 2**13
_APART = re.compile(r"[^\w'äöüß]+")


def flat(text: str) -> str:
    """Lower case, no punctuation: recognisers differ in both."""
    return _APART.sub(" ", text.lower().replace("’", "'")).strip()


def ngrams(texts: Sequence[str]) -> csr_matrix:
    """Rows of words (1 to 3) and letters (3 to 5), each part of length 1; shape (n, 2 * COLUMNS)."""
    flats = [flat(text) for text in texts]
    words = _vectorizer("word", (1, 3)).transform(flats)
    letters = _vectorizer("char_wb", (3, 5)).transform(flats)
    return hstack([words, letters], format="csr")


def _vectorizer(kind: str, sizes: tuple[int, int]) -> HashingVectorizer:
    return HashingVectorizer(
        analyzer=kind,
        ngram_range=sizes,
        n_features=COLUMNS,
        alternate_sign=False,
        norm="l2",
        token_pattern=r"[\w']+" if kind == "word" else None,
    )
