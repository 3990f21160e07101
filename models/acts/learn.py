"""Learning: the act network from examples and dialogues, a few passes, always with the same result.

Every pass hears each text anew (models/acts/variants.py): as written, as a recogniser writes it, joined with
others, with and without knowledge of holds.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from models.acts.dialogues import Said
from models.acts.encoder import TurnEncoder, quick_halves
from models.acts.network import ActNetwork, Shape

TURNS = 48
"""Turns in a step of learning."""


@dataclass(frozen=True)
class Lesson:
    """A call or a piece of one with what each turn does; None where nobody labelled a turn. ``known``: its
    writer is one whose calls have taught the networks that learn on."""

    turns: tuple[Said, ...]
    acts: tuple[frozenset[str] | None, ...]
    whole: bool
    language: str
    known: bool = False


@dataclass(frozen=True)
class Settings:
    """How to learn. ``share`` of the examples is heard in each pass, and every dialogue; of those that are
    known already, ``again`` (0 to 1). ``favour`` is how much more a missed act costs than a false one,
    ``calls`` how much more a turn of a whole call counts than an example, ``alone`` what the answer before
    the look at other turns counts."""

    passes: int = 7
    share: float = 0.3
    again: float = 1.0
    rate: float = 2e-3
    encoder_rate: float = 5e-4
    decay: float = 0.02
    favour: float = 2.0
    calls: float = 1.5
    alone: float = 0.4
    seed: int = 7


def learn(
    lessons: Sequence[Lesson],
    acts: Sequence[str],
    roles: Sequence[str],
    encoder: TurnEncoder,
    vary: Callable[[Sequence[Lesson], random.Random, float, float], list[Lesson]],
    settings: Settings,
    *,
    shape: Shape | None = None,
    start: Mapping[str, Tensor] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> ActNetwork:
    """A network that has learned from the lessons, ready to read; ``start``: the numbers it begins with."""
    torch.manual_seed(settings.seed)
    chance = random.Random(settings.seed)
    network = ActNetwork(encoder, len(acts), shape).train()
    encoder.settle(network.adapted.start)  # or every step would halve the same matrices anew
    if start is None:
        texts = [turn.text for one in lessons for turn in one.turns]
        network.level(chance.sample(texts, min(400, len(texts))))
    else:
        network.load_state_dict(start)
    adapter = [*network.down.parameters(), *network.up.parameters()]
    adapted = {id(p) for p in adapter}
    rest = [p for p in network.parameters() if id(p) not in adapted]
    groups = [
        {"params": adapter, "lr": settings.encoder_rate},
        {"params": rest, "lr": settings.rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=settings.decay)
    turns = sum(len(one.turns) * heard(one, settings) for one in lessons)
    steps = settings.passes * math.ceil(turns * 1.05 / TURNS)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _warm(step, steps))
    begun = time.monotonic()
    half = quick_halves()
    for number in range(settings.passes):
        total, count = 0.0, 0
        for batch in _steps(vary(lessons, chance, settings.share, settings.again), chance):
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                reading = network([one.turns for one in batch], [one.whole for one in batch])
            does, weight = targets(batch, acts, roles, settings.calls)
            loss = _loss(reading.logits.float(), does, weight, settings.favour)
            loss = loss + settings.alone * _loss(reading.alone.float(), does, weight, settings.favour)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total, count = total + float(loss.detach()), count + 1
        say(f"  pass {number + 1}: loss {total / max(count, 1):.4f}, {time.monotonic() - begun:.0f} s")
    network.forget()
    return network.eval()


def heard(lesson: Lesson, settings: Settings) -> float:
    """How often a lesson is heard in a pass, on average."""
    if not lesson.whole:
        return settings.share
    return settings.again if lesson.known else 1.0


def targets(
    lessons: Sequence[Lesson], acts: Sequence[str], roles: Sequence[str], calls: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Which acts each turn does, and how much each answer counts, both (turns, acts)."""
    columns = {act: column for column, act in enumerate(acts)}
    could = {role: torch.tensor([float(r == role) for r in roles]) for role in set(roles)}
    nothing = torch.zeros(len(acts))
    does, weight = [], []
    for lesson in lessons:
        for turn, done in zip(lesson.turns, lesson.acts, strict=True):
            row = torch.zeros(len(acts))
            for act in done or ():
                if act in columns:
                    row[columns[act]] = 1.0
            does.append(row)
            counts = nothing if done is None else could.get(turn.role or "", nothing)
            weight.append(counts * (calls if lesson.whole else 1.0))
    return torch.stack(does), torch.stack(weight)


def _loss(raw: Tensor, does: Tensor, weight: Tensor, favour: float) -> Tensor:
    wrong = functional.binary_cross_entropy_with_logits(
        raw, does, pos_weight=torch.tensor(favour), reduction="none"
    )
    return (wrong * weight).sum() / weight.sum().clamp(min=1) * 10


def _steps(lessons: list[Lesson], chance: random.Random) -> Iterator[list[Lesson]]:
    chance.shuffle(lessons)
    batch: list[Lesson] = []
    turns = 0
    for lesson in lessons:
        if batch and turns + len(lesson.turns) > TURNS:
            yield batch
            batch, turns = [], 0
        batch.append(lesson)
        turns += len(lesson.turns)
    if batch:
        yield batch


def _warm(step: int, steps: int) -> float:
    rise = max(1, steps // 12)
    if step < rise:
        return (step + 1) / rise
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rise) / max(1, steps - rise))))
