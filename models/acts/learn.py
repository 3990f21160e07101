"""Learning: low-rank changes of the top layers and one logistic output per act, in minutes on two cores.

The lower layers never change, so their output is computed once per text and kept; an epoch costs the top
layers only.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.acts.encoder import UnitEncoder, padded, pooled
from models.acts.examples import Example
from models.acts.variants import variants


@dataclass(frozen=True)
class Settings:
    """How to learn; ``top`` layers of the encoder change by maps of rank ``rank``."""

    top: int = 2
    rank: int = 16
    epochs: int = 4
    batch: int = 32
    rate: float = 1.2e-3
    output_rate: float = 6e-3
    dropout: float = 0.1
    decay: float = 0.01
    seed: int = 7


@dataclass(frozen=True)
class Learned:
    """The encoder's change by weight name; the outputs ``weight`` (acts, width) and ``bias`` (acts,)."""

    change: dict[str, Tensor]
    weight: Tensor
    bias: Tensor


def targets(examples: Sequence[Example], acts: Sequence[str], roles: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Which acts each example does, and which its role could do, both (n, acts)."""
    does = torch.zeros(len(examples), len(acts))
    could = torch.zeros_like(does)
    for row, example in enumerate(examples):
        for column, act in enumerate(acts):
            does[row, column] = float(act in example.acts)
            could[row, column] = float(roles[column] == example.role)
    return does, could


def learn(
    encoder: UnitEncoder,
    examples: Sequence[Example],
    acts: Sequence[str],
    roles: Sequence[str],
    language: str,
    settings: Settings,
) -> Learned:
    """Learn from the examples and their variants; the encoder itself stays as it is."""
    torch.manual_seed(settings.seed)
    chance = random.Random(settings.seed)
    texts = variants(examples, language, settings.seed)
    does, could = targets(texts, acts, roles)
    tokens = encoder.tokens([(e.text, e.before) for e in texts])
    layers, first = encoder.layers, encoder.layers.count - settings.top
    kept = _lower(encoder, tokens, first)
    names = layers.names(settings.top)
    shapes = {name: layers.weight(name).shape for name in names}
    up = {n: nn.Parameter(torch.zeros(shape[0], settings.rank)) for n, shape in shapes.items()}
    down = {
        n: nn.Parameter(torch.randn(settings.rank, shape[1]) / shape[1] ** 0.5) for n, shape in shapes.items()
    }
    output = nn.Linear(encoder.width, len(acts))
    nn.init.zeros_(output.weight)
    nn.init.constant_(output.bias, -3.0)
    scale = nn.Parameter(torch.tensor(12.0))
    optimizer = torch.optim.AdamW(
        [
            {"params": [*up.values(), *down.values()], "lr": settings.rate, "weight_decay": settings.decay},
            {"params": output.parameters(), "lr": settings.output_rate, "weight_decay": 1e-4},
            {"params": [scale], "lr": 0.02, "weight_decay": 0.0},
        ]
    )
    batches = len(texts) // settings.batch + 1
    plan = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [settings.rate, settings.output_rate, 0.02], total_steps=settings.epochs * batches + 1
    )
    layers.low_rank = {name: (up[name], down[name]) for name in names}
    try:
        for _ in range(settings.epochs):
            for rows in _batches([len(t[0]) for t in tokens], settings.batch, chance):
                _, mask, own = padded([tokens[i] for i in rows])
                hidden = nn.utils.rnn.pad_sequence([kept[i] for i in rows], batch_first=True).float()
                with torch.autocast("cpu", torch.bfloat16):
                    hidden = layers.through(hidden, mask, first, layers.count)
                vectors = nn.functional.dropout(pooled(hidden.float(), own), settings.dropout)
                logits = output(vectors) * scale / 6
                loss = nn.functional.binary_cross_entropy_with_logits(logits, does[rows], reduction="none")
                loss = (loss * could[rows]).sum() / len(rows)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_([*up.values(), *down.values(), *output.parameters()], 5.0)
                optimizer.step()
                plan.step()
    finally:
        layers.low_rank = {}
    change = {f"{n}.up": up[n].detach().half() for n in names}
    change |= {f"{n}.down": down[n].detach().half() for n in names}
    factor = (scale / 6).detach()
    return Learned(change, output.weight.detach() * factor, output.bias.detach() * factor)


def logits(encoder: UnitEncoder, learned: Learned, examples: Sequence[Example]) -> NDArray[np.float32]:
    """What was learned, applied to other examples: (n, acts); the encoder itself stays as it is."""
    names = encoder.layers.names(encoder.layers.count)
    before = {name: encoder.layers.weight(name) for name in names}
    try:
        encoder.change(learned.change)
        vectors = encoder.encode([(e.text, e.before) for e in examples])
    finally:
        for name, weight in before.items():
            encoder.layers.change(name, weight)
    out: NDArray[np.float32] = (vectors @ learned.weight.T + learned.bias).numpy()
    return out


@torch.inference_mode()
def _lower(encoder: UnitEncoder, tokens: Sequence[tuple[list[int], int]], last: int) -> list[Tensor]:
    kept: list[Tensor] = [torch.empty(0)] * len(tokens)
    order = sorted(range(len(tokens)), key=lambda i: len(tokens[i][0]))
    for at in range(0, len(order), 64):
        rows = order[at : at + 64]
        ids, mask, _ = padded([tokens[i] for i in rows])
        with torch.autocast("cpu", torch.bfloat16):
            hidden = encoder.layers.through(encoder.layers.embedded(ids), mask, 0, last)
        for row, i in enumerate(rows):
            kept[i] = hidden[row, : len(tokens[i][0])].bfloat16().clone()
    return kept


def _batches(lengths: Sequence[int], size: int, chance: random.Random) -> list[list[int]]:
    """All rows in batches of similar length, in random order."""
    rows = sorted(range(len(lengths)), key=lambda i: (lengths[i] + chance.random() * 6, i))
    batches = [rows[at : at + size] for at in range(0, len(rows), size)]
    chance.shuffle(batches)
    return batches
