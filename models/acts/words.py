"""A second opinion on agents' acts from the words alone: ``python -m models.acts.words --language en``.

Logistic regression on hashed word and letter n-grams (Weinberger et al. 2009), weighed by how rare they are.
It knows set wording that a sentence vector blurs; the encoder's head knows meaning. Their log odds are added.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from scipy.sparse import csr_matrix, diags, hstack

from models.acts.examples import HERE, Example, Pair, examples_hash, read_examples
from models.acts.features import COLUMNS, ngrams

Floats = NDArray[np.float32]
WEIGHTS = HERE / "weights"
LEAST = 8
"""An act with fewer examples is left to the encoder's head."""
BEFORE = 0.5
"""Weight of the turn before."""
STRENGTH = 8.0
"""Inverse of the regularisation."""
SCALE, SHIFT = 1.3, 0.9
"""From the regression's cautious outputs to log odds."""
SHARES = (0.6, 0.5)
"""Of the encoder's and of the words' log odds in the sum."""


@dataclass(frozen=True)
class WordHead:
    """Outputs for ``acts``: ``weight`` (acts, columns), ``bias`` (acts,), ``rarity`` (columns,)."""

    acts: tuple[str, ...]
    weight: Floats
    bias: Floats
    rarity: Floats

    def odds(self, pairs: Sequence[Pair]) -> Floats:
        """Log odds of pairs (text, before), shape (n, acts)."""
        out: Floats = np.asarray(_features(pairs, self.rarity) @ self.weight.T + self.bias)
        return out * np.float32(SCALE) + np.float32(SHIFT)

    def mixed(self, chances: Floats, names: Sequence[str], pairs: Sequence[Pair]) -> Floats:
        """The encoder head's probabilities (n, names) with the words' opinion added where there is one."""
        out, own = chances.copy(), self.odds(pairs)
        for column, act in enumerate(self.acts):
            if act in names:
                at = list(names).index(act)
                p = np.clip(chances[:, at], 1e-4, 1 - 1e-4)
                z = SHARES[0] * np.log(p / (1 - p)) + SHARES[1] * np.clip(own[:, column], -9, 9)
                out[:, at] = 1 / (1 + np.exp(-z))
        return out


def load_words(language: str, examples: str, folder: Path = WEIGHTS) -> WordHead | None:
    """The stored word head of a language; None where there is none of the same examples (by hash)."""
    path = folder / f"{language}.words.safetensors"
    if not path.exists():
        return None
    state = load_file(path)
    if bytes(state["examples"].tolist()).decode() != examples:
        return None
    names = bytes(state["acts"].tolist()).decode().split()
    return WordHead(tuple(names), *(state[key].float().numpy() for key in ("weight", "bias", "rarity")))


def learn(examples: Sequence[Example]) -> WordHead:
    """The word head of examples; the same examples always give the same head."""
    from sklearn.linear_model import LogisticRegression

    some = [e for e in examples if e.role == "agent"]
    pairs = [(e.text, e.before) for e in some]
    counts = np.asarray((_features(pairs, None) > 0).sum(axis=0)).ravel()
    rarity = (np.log((1 + len(some)) / (1 + counts)) + 1).astype(np.float32)
    rarity[counts < 2] = 0.0
    rows = _features(pairs, rarity)
    acts = sorted(
        act for act in {a for e in some for a in e.acts} if sum(act in e.acts for e in some) >= LEAST
    )
    weights, biases = [], []
    for act in acts:
        does = np.array([act in e.acts for e in some])
        model = LogisticRegression(C=STRENGTH, max_iter=100, solver="liblinear", random_state=0)
        model.fit(rows, does)
        weights.append(model.coef_[0])
        biases.append(model.intercept_[0])
    return WordHead(tuple(acts), np.array(weights, np.float32), np.array(biases, np.float32), rarity)


def store(head: WordHead, examples: str, path: Path) -> None:
    """Write a word head and the hash of what it learned from."""
    state = {
        "weight": torch.from_numpy(head.weight).half(),
        "bias": torch.from_numpy(head.bias),
        "rarity": torch.from_numpy(head.rarity),
        "acts": torch.tensor(list(" ".join(head.acts).encode()), dtype=torch.uint8),
        "examples": torch.tensor(list(examples.encode()), dtype=torch.uint8),
    }
    save_file(state, path)


def _features(pairs: Sequence[Pair], rarity: Floats | None) -> csr_matrix:
    """Words and letters of the texts, words of the turns before; (n, 3 * COLUMNS), each part of length 1."""
    own = ngrams([text for text, _ in pairs])
    before = ngrams([before for _, before in pairs])[:, :COLUMNS]
    rows = csr_matrix(hstack([own, before], format="csr"), dtype=np.float32)
    if rarity is None:
        return rows
    rows = csr_matrix(rows @ diags(rarity), dtype=np.float32)
    parts = [rows[:, at * COLUMNS : (at + 1) * COLUMNS] for at in range(3)]
    shares = (1.0, 1.0, BEFORE)
    return csr_matrix(
        hstack([_unit(part) * share for part, share in zip(parts, shares, strict=True)]), dtype=np.float32
    )


def _unit(rows: csr_matrix) -> csr_matrix:
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return csr_matrix(diags(1 / np.maximum(lengths, 1e-6)) @ rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: learn from the examples of a language and write weights/<language>.words.safetensors."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--language", default="en", choices=("en", "de"))
    language = parser.parse_args(arguments).language
    examples = read_examples(language)
    store(learn(examples), examples_hash(examples), WEIGHTS / f"{language}.words.safetensors")


if __name__ == "__main__":
    main()
