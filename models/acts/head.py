"""ActHead: what a unit of talk does, as one calibrated probability per act."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file

from models.acts.encoder import UnitEncoder, load_encoder
from models.acts.examples import HERE, Pair
from models.acts.words import WordHead, load_words
from models.errors import ModelError

WEIGHTS = HERE / "weights"


@dataclass(frozen=True)
class ActHead:
    """The loaded head of one language. ``acts`` and ``roles`` name the columns of what it returns."""

    language: str
    acts: tuple[str, ...]
    roles: tuple[str, ...]
    encoder: UnitEncoder
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]
    identity: str
    words: WordHead | None = None

    @classmethod
    def load(cls, language: str, models_path: Path, *, folder: Path = WEIGHTS) -> "ActHead":
        """Load encoder and head; raises ModelError when either is missing, damaged or of another make."""
        meta = read_meta(language, folder)
        path = folder / f"{language}.safetensors"
        try:
            state = load_file(path)
        except (OSError, SafetensorError) as error:
            raise ModelError(f"{path}: {error}; make it with python -m models.acts.train") from error
        encoder = load_encoder(language, models_path)
        if meta["encoder"] != encoder.name:
            raise ModelError(f"{path} was made on {meta['encoder']}, installed is {encoder.name}")
        parts = {key: state.pop(key).float().numpy() for key in ("weight", "bias", "slope", "offset")}
        return cls(
            language=language,
            acts=tuple(meta["acts"]),
            roles=tuple(meta["roles"]),
            encoder=encoder,
            identity=f"acts-{language}@{meta['examples'][:12]}",
            words=load_words(language, meta["examples"], folder),
            **parts,
        )

    def probabilities(self, pairs: Sequence[Pair]) -> NDArray[np.float32]:
        """Calibrated probabilities of pairs (text, before), shape (n, acts), whoever says them.

        The caller looks at the columns of the speaker's role only: the others were never asked to be right.
        """
        if not pairs:
            return np.zeros((0, len(self.acts)), dtype=np.float32)
        raw = self.encoder.encode(pairs).numpy() @ self.weight.T + self.bias
        out: NDArray[np.float32] = 1 / (1 + np.exp(-(raw * self.slope + self.offset)))
        return self.words.mixed(out, self.acts, pairs) if self.words else out


def read_meta(language: str, folder: Path = WEIGHTS) -> dict[str, Any]:
    """What is known of a stored head: acts, roles, encoder, hash of the examples, measured figures."""
    path = folder / f"{language}.json"
    try:
        meta: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path}: no act head ({error}); make it with python -m models.acts.train"
        ) from error
    return meta


@lru_cache(maxsize=2)
def load_head(language: str, models_path: Path) -> ActHead:
    """ActHead.load, kept for the process."""
    return ActHead.load(language, models_path)
