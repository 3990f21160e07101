"""The detector of music, tones and speech: one small network, its numbers in detector.json.

Trained by ``python -m pipelines.signals.train`` on sound that the project synthesises. Three outputs that
do not exclude each other, as speech over music is both.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from pipelines.signals.features import Array

KINDS = ("music", "tone", "speech")
WEIGHTS = Path(__file__).parent / "detector.json"


@dataclass(frozen=True)
class Detector:
    """A network with one hidden layer: rows are centred and scaled, then ``tanh`` and a logistic output."""

    centre: Array
    scale: Array
    hidden: Array
    hidden_bias: Array
    output: Array
    output_bias: Array

    def probabilities(self, rows: Array) -> Array:
        """``(rows, 3)`` in the order of KINDS."""
        if not len(rows):
            return np.zeros((0, len(KINDS)), dtype=np.float32)
        scaled = np.clip((rows - self.centre) / self.scale, -6, 6)
        inside = np.tanh(scaled @ self.hidden + self.hidden_bias)
        answer: Array = (1 / (1 + np.exp(-(inside @ self.output + self.output_bias)))).astype(np.float32)
        return answer

    def write(self, path: Path, about: dict[str, object]) -> None:
        """Keep the numbers, four decimals, as JSON that people can read."""
        numbers = {name: np.round(value.astype(float), 4).tolist() for name, value in vars(self).items()}
        path.write_text(json.dumps({"about": about, "kinds": KINDS, **numbers}) + "\n")


@lru_cache(maxsize=1)
def weights_sha256() -> str:
    """The hash of the detector's file: it belongs to the key of what was heard with it."""
    return hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()


@lru_cache(maxsize=2)
def detector(path: Path = WEIGHTS) -> Detector:
    """The detector kept with the code."""
    kept = json.loads(path.read_text())
    names = ("centre", "scale", "hidden", "hidden_bias", "output", "output_bias")
    return Detector(*(np.array(kept[name], dtype=np.float32) for name in names))
