"""Folds that keep texts that look alike together, so that a fold is judged on wording it has not seen."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from models.acts.examples import Example
from models.acts.features import ngrams


def groups(examples: Sequence[Example], *, alike: float = 0.5) -> NDArray[np.int64]:
    """A group number per example: one named family, or texts whose n-grams overlap by ``alike`` (cosine)."""
    rows = ngrams([e.text for e in examples])
    near = (rows @ rows.T) / 2 > alike
    families: dict[str, int] = {}
    link = near.tolil()
    for row, example in enumerate(examples):
        if example.family:
            link[row, families.setdefault(example.family, row)] = True
    _, labels = connected_components(link.tocsr(), directed=False)
    return np.asarray(labels, dtype=np.int64)


def folds(examples: Sequence[Example], count: int) -> NDArray[np.int64]:
    """The fold of each example: whole groups, spread by a hash of their first text."""
    labels = groups(examples)
    first: dict[int, int] = {}
    for row, label in enumerate(labels):
        if int(label) not in first:
            digest = hashlib.sha256(examples[row].text.encode()).digest()
            first[int(label)] = digest[0] % count
    return np.array([first[int(label)] for label in labels])
