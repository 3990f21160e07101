"""Learning: one logistic output per act over the frozen encoder's views of a text.

The problem is convex, so the same examples always give the same head, in seconds once the texts are encoded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.acts.examples import Example


@dataclass(frozen=True)
class Settings:
    """How to learn: ``decay`` pulls weights to zero, ``favour`` is how much more a missed act costs than a
    false one."""

    decay: float = 0.03
    favour: float = 2.5
    steps: int = 60
    seed: int = 7


@dataclass(frozen=True)
class Learned:
    """The outputs: ``weight`` (acts, width) and ``bias`` (acts,)."""

    weight: Tensor
    bias: Tensor

    def logits(self, features: Tensor) -> NDArray[np.float32]:
        """Raw outputs (n, acts) of features (n, width)."""
        out: NDArray[np.float32] = (features @ self.weight.T + self.bias).numpy()
        return out


def targets(examples: Sequence[Example], acts: Sequence[str], roles: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Which acts each example does, and which its role could do, both (n, acts)."""
    does = torch.zeros(len(examples), len(acts))
    could = torch.zeros_like(does)
    columns = {act: column for column, act in enumerate(acts)}
    by_role = {role: torch.tensor([float(r == role) for r in roles]) for role in set(roles)}
    for row, example in enumerate(examples):
        could[row] = by_role[example.role]
        for act in example.acts:
            if act in columns:
                does[row, columns[act]] = 1.0
    return does, could


def fit(features: Tensor, does: Tensor, could: Tensor, settings: Settings) -> Learned:
    """Regularised logistic regression of every act at once, by L-BFGS on all texts together."""
    weight = torch.zeros(does.shape[1], features.shape[1], requires_grad=True)
    bias = torch.full((does.shape[1],), -3.0, requires_grad=True)
    favour = torch.tensor(settings.favour)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=settings.steps, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        raw = functional.linear(features, weight, bias)
        wrong = functional.binary_cross_entropy_with_logits(raw, does, pos_weight=favour, reduction="none")
        total = (wrong * could).sum() + settings.decay * (weight**2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return Learned(weight.detach(), bias.detach())
