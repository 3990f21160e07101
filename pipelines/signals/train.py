"""Train the detector of music, tones and speech: ``python -m pipelines.signals.train``.

Half-minute scenes are made from the tuning half of the utterance bank and of the synthesised sounds; an
eighth as many further scenes choose nothing and only report.
"""

import argparse
import sys
from collections.abc import Sequence

import numpy as np
from scipy.signal import resample_poly

from pipelines.signals.classifier import KINDS, WEIGHTS, Detector
from pipelines.signals.features import Array
from pipelines.signals.listen import describe
from pipelines.signals.scenes import SCENE_S, scene
from recordings.synthesis.sounds import Half

HIDDEN = 24
SPEEDS = ((4, 5), (8, 9), (1, 1), (8, 7), (5, 4))
"""Up and down: each voice is heard at five heights."""


def clips(half: Half) -> list[Array]:
    """Every utterance of the bank's half at 16 kHz, at three speeds."""
    from recordings.synthesis.bank import FOLDER, Table, bank_voices, say

    found: list[Array] = []
    for voice in bank_voices(half=half):
        if not (FOLDER / f"{voice}.json").is_file():
            continue
        for said in Table.read(FOLDER / f"{voice}.json").utterances:
            for up, down in SPEEDS:
                found.append(np.asarray(resample_poly(say(voice, said.text), 2 * up, down), dtype=np.float32))
    return found


def rows_of(seeds: Sequence[int], half: Half, speech: Sequence[Array]) -> tuple[Array, Array]:
    """Feature rows ``(rows, features)`` and labels ``(rows, 3)`` of the scenes with these seeds."""
    features, labels = [], []
    for seed in seeds:
        made = scene(seed, half, speech)
        described = describe(made.samples)
        count = min(len(described), len(made.labels))
        features.append(described[:count])
        labels.append(made.labels[:count])
    return np.concatenate(features), np.concatenate(labels)


def train(features: Array, labels: Array, seed: int = 0) -> Detector:
    """Fit the network; the same rows and seed give the same numbers."""
    from sklearn.neural_network import MLPClassifier

    centre, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    scaled = np.clip((features - centre) / scale, -6, 6)
    network = MLPClassifier(
        (HIDDEN,), activation="tanh", alpha=0.03, learning_rate_init=2e-3, max_iter=60,
        early_stopping=True, random_state=seed,
    )  # fmt: skip
    network.fit(scaled, labels)
    (hidden, output), (hidden_bias, output_bias) = network.coefs_, network.intercepts_
    return Detector(centre, scale, hidden, hidden_bias, output, output_bias)


def precision_recall(network: Detector, features: Array, labels: Array) -> dict[str, tuple[float, float]]:
    """Of each kind, over rows of 0.26 s."""
    found = network.probabilities(features) > 0.5
    answers = {}
    for column, kind in enumerate(KINDS):
        told, true = found[:, column], labels[:, column] > 0
        hits = float((told & true).sum())
        answers[kind] = (hits / max(1, told.sum()), hits / max(1, true.sum()))
    return answers


def main() -> None:
    """Train on the tuning half, check on scenes not trained on, write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=400, help=f"scenes of {SCENE_S:.0f} s (default 400)")
    scenes = parser.parse_args().scenes
    speech = clips("tuning")
    features, labels = rows_of(range(scenes), "tuning", speech)
    network = train(features, labels)
    check = rows_of(range(10**6, 10**6 + max(20, scenes // 8)), "tuning", speech)
    found = precision_recall(network, *check)
    about = {"scenes": scenes, "half": "tuning", "rows": len(features), "check": _rounded(found)}
    network.write(WEIGHTS, about)
    for kind, (precision, recall) in found.items():
        sys.stdout.write(f"{kind}: precision {precision:.3f}, recall {recall:.3f}\n")


def _rounded(found: dict[str, tuple[float, float]]) -> dict[str, list[float]]:
    return {kind: [round(p, 3), round(r, 3)] for kind, (p, r) in found.items()}


if __name__ == "__main__":
    main()
