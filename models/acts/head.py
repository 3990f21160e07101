"""ActHead: what each turn of a call does, as one calibrated probability per act, and where in the turn."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file

from models.acts.dialogues import Said
from models.acts.encoder import TurnEncoder, load_named
from models.acts.examples import HERE
from models.acts.network import ActNetwork, Shape
from models.errors import ModelError

WEIGHTS = HERE / "weights"
TOGETHER = 400
"""Turns read in one go."""


@dataclass(frozen=True)
class CallReading:
    """One call read: ``chances`` (turns, acts) and, per turn, how much each act looks at each token
    (acts, tokens)."""

    chances: NDArray[np.float32]
    looks: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True)
class ActHead:
    """The loaded networks of one language: a committee, each taught without another writer, whose log odds
    are averaged. ``acts`` and ``roles`` name the columns of what it returns."""

    language: str
    acts: tuple[str, ...]
    roles: tuple[str, ...]
    networks: tuple[ActNetwork, ...]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]
    identity: str

    @classmethod
    def load(cls, language: str, models_path: Path, *, folder: Path | None = None) -> "ActHead":
        """Load encoder and network; raises ModelError when either is missing, damaged or of another make."""
        folder = folder or WEIGHTS
        meta = read_meta(language, folder)
        path = folder / f"{language}.safetensors"
        try:
            state = load_file(path)
        except (OSError, SafetensorError) as error:
            raise ModelError(f"{path}: {error}; make it with python -m models.acts.train") from error
        encoder = load_named(meta["encoder_id"], models_path)
        if meta["encoder"] != encoder.name:
            raise ModelError(f"{path} was made on {meta['encoder']}, installed is {encoder.name}")
        slope, offset = (state.pop(key).float().numpy() for key in ("slope", "offset"))
        networks = []
        for number in range(meta["networks"]):
            own = f"{number}."
            network = ActNetwork(encoder, len(meta["acts"]), Shape(**meta["shape"]))
            network.load_state_dict({k[len(own) :]: v.float() for k, v in state.items() if k.startswith(own)})
            networks.append(network.settled())
        encoder.settle(networks[0].adapted.start)
        return cls(
            language=language,
            acts=tuple(meta["acts"]),
            roles=tuple(meta["roles"]),
            networks=tuple(networks),
            slope=slope,
            offset=offset,
            identity=f"acts-{language}@{meta['examples'][:12]}",
        )

    @property
    def encoder(self) -> TurnEncoder:
        """The encoder that all networks share."""
        return self.networks[0].encoder

    def read(self, calls: Sequence[Sequence[Said]], *, whole: bool = True) -> list[CallReading]:
        """Read calls from their first turn to their last (or pieces of calls, where not ``whole``).

        A turn's columns of the other role were never asked to be right: look at the speaker's own only.
        """
        found: list[CallReading] = []
        batch: list[Sequence[Said]] = []
        for call in calls:
            if batch and sum(map(len, batch)) + len(call) > TOGETHER:
                found += self._read(batch, whole)
                batch = []
            batch.append(call)
        return found + self._read(batch, whole) if batch else found

    def _read(self, calls: Sequence[Sequence[Said]], whole: bool) -> list[CallReading]:
        if not any(calls):
            return [CallReading(np.zeros((0, len(self.acts)), np.float32), ()) for _ in calls]
        some = [call for call in calls if call]
        flags = [whole] * len(some)
        with torch.inference_mode(), self.encoder.shared():
            readings = [network(some, flags, attend=True) for network in self.networks]
            raw = torch.stack([one.logits for one in readings]).mean(0).numpy()
        chances = (1 / (1 + np.exp(-(raw * self.slope + self.offset)))).astype(np.float32)
        results, at = [], 0
        for call in calls:
            looks = tuple(
                torch.stack([one.attention[turn] for one in readings]).mean(0).numpy()
                for turn in range(at, at + len(call))
            )
            results.append(CallReading(chances[at : at + len(call)], looks))
            at += len(call)
        return results

    def probabilities(self, texts: Sequence[tuple[str, str]], role: str = "agent") -> NDArray[np.float32]:
        """Probabilities (n, acts) of texts by themselves, each with what the other side said before or ""."""
        other = "customer" if role == "agent" else "agent"
        calls = [[*([Said(other, before)] if before else []), Said(role, text)] for text, before in texts]
        rows = [one.chances[-1] for one in self.read(calls, whole=False)]
        return np.stack(rows) if rows else np.zeros((0, len(self.acts)), dtype=np.float32)


def read_meta(language: str, folder: Path | None = None) -> dict[str, Any]:
    """What is known of a stored network: acts, roles, encoder, hash of what it learned from, figures."""
    path = (folder or WEIGHTS) / f"{language}.json"
    try:
        meta: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path}: no act network ({error}); make it with python -m models.acts.train"
        ) from error
    return meta


@lru_cache(maxsize=4)
def load_head(language: str, models_path: Path, folder: Path | None = None) -> ActHead:
    """ActHead.load, kept for the process."""
    return ActHead.load(language, models_path, folder=folder)
