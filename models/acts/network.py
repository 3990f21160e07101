"""The act network: what every turn of a call does, read with the turns around it.

Two steps. A sentence encoder whose upper layers carry a low-rank change (Hu et al. 2021) reads each turn by
itself; every act looks at the words it needs by an attention of its own (Mullenbach et al. 2018), which also
tells where in the turn it is. Then a small recurrent layer goes over the call in both directions, so that
"yes" after "may I put you on hold?" is consent and "sorry about that" after a hold is thanks for waiting.
"""

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.acts.dialogues import Said
from models.acts.encoder import LowRank, Pack, TurnEncoder
from models.bert import MATRICES

FEATURES = 17
MOST = 2048
"""Tokens that are worked through together."""
LEVELLED = 64
"""Texts that are measured together."""
ROLES = ("agent", "customer", "ivr", None)


@dataclass(frozen=True)
class Shape:
    """Sizes of what is learned: ``adapted`` upper layers with a change of rank ``rank``, a turn's vector of
    ``vector`` numbers, ``memory`` numbers in each direction over the call."""

    adapted: int = 3
    rank: int = 12
    vector: int = 96
    memory: int = 64


@dataclass(frozen=True)
class Reading:
    """What the network makes of a batch of calls, turns of all calls one after another.

    ``alone`` and ``logits`` (turns, acts): before and after the look at the other turns; ``attention`` is a
    list with one (acts, tokens) per turn where it was asked for.
    """

    alone: Tensor
    logits: Tensor
    attention: tuple[Tensor, ...] = ()


class ActNetwork(nn.Module):
    """Calls in, one raw output per turn and act out. The encoder's own weights stay as they are."""

    def __init__(self, encoder: TurnEncoder, acts: int, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = shape or Shape()
        self.encoder = encoder
        self.centre: Tensor
        self.spread: Tensor
        width = encoder.layers.width
        first = encoder.layers.count - self.shape.adapted
        self.adapted = range(first, encoder.layers.count)
        self.down, self.up = nn.ParameterDict(), nn.ParameterDict()
        for layer in self.adapted:
            for part in MATRICES:
                out, into = encoder.layers.weight(f"encoder.layer.{layer}.{part}.weight").shape
                key = f"{layer}-{part.replace('.', '-')}"
                self.down[key] = nn.Parameter(torch.randn(self.shape.rank, into) / math.sqrt(into))
                self.up[key] = nn.Parameter(torch.zeros(out, self.shape.rank))
        self.look = nn.Parameter(torch.randn(acts, width) * 0.02)
        self.tell = nn.Parameter(torch.zeros(acts, width))
        self.mean = nn.Linear(2 * width, acts)
        nn.init.zeros_(self.mean.weight)
        nn.init.constant_(self.mean.bias, -3.0)
        self.vector = nn.Linear(2 * width, self.shape.vector)
        entry = self.shape.vector + acts + FEATURES
        self.entry = nn.Linear(entry, 2 * self.shape.memory)
        self.memory = nn.GRU(2 * self.shape.memory, self.shape.memory, batch_first=True, bidirectional=True)
        self.after = nn.Linear(4 * self.shape.memory, acts)
        nn.init.zeros_(self.after.weight)
        nn.init.zeros_(self.after.bias)
        self.drop = nn.Dropout(0.2)
        self.register_buffer("centre", torch.zeros(2, width))
        self.register_buffer("spread", torch.ones(2, width))
        self._merged: dict[str, Tensor] = {}
        self._kept: dict[tuple[int, ...], Tensor] = {}
        self._own: dict[str, Tensor] = {}

    def settled(self) -> "ActNetwork":
        """Itself, with the changed matrices worked out once: as fast as the bare encoder."""
        kind = torch.bfloat16 if self.encoder.half else torch.float32
        with torch.no_grad():
            self._merged = {name: value.to(kind) for name, value in self.changes().items()}
        return self.eval()

    @torch.no_grad()
    def level(self, texts: Sequence[str]) -> None:
        """Measure on texts what all token vectors share and how far each number spreads: some encoders'
        vectors lie so close together that little else would be seen."""
        seen: list[tuple[Tensor, Tensor]] = []
        for first in range(0, len(texts), LEVELLED):
            tokens = sorted(self.encoder.tokens(texts[first : first + LEVELLED]), key=len)
            middle, pack = self.encoder.lower(tokens, self.adapted.start)
            hidden = middle
            for layer in self.adapted:
                hidden = self.encoder.layers.step(hidden, pack, layer)
            seen.append((middle, hidden))
        for number in (0, 1):
            rows = torch.cat([pair[number] for pair in seen])
            self.centre[number] = rows.mean(0)
            self.spread[number] = rows.std(0).clamp(min=1e-3)

    def forget(self) -> None:
        """Let go of what was kept while learning."""
        self._kept.clear()
        self._own.clear()

    def changes(self) -> dict[str, Tensor]:
        """The changed matrices of the adapted layers by their names in the encoder."""
        if self._merged:
            return self._merged
        return {
            name: self.encoder.layers.weight(name) + up @ down for name, (down, up) in self.beside().items()
        }

    def beside(self) -> dict[str, LowRank]:
        """What each matrix of the adapted layers is changed by, by its name in the encoder."""
        scale = 2.0 / math.sqrt(self.shape.rank)
        found = {}
        for layer in self.adapted:
            for part in MATRICES:
                key = f"{layer}-{part.replace('.', '-')}"
                found[f"encoder.layer.{layer}.{part}.weight"] = self.down[key], scale * self.up[key]
        return found

    def _matrices(self) -> tuple[dict[str, Tensor], dict[str, LowRank]]:
        """The matrices of the adapted layers and what stands beside them. While learning they stay as they
        are, halved once where that is quick, so that no step works through the whole of any; else the changes
        are worked into them."""
        if not self.training:
            return self.changes(), {}
        beside = self.beside()
        if not self._own:
            kind = torch.bfloat16 if self.encoder.half else torch.float32
            self._own = {name: self.encoder.layers.weight(name).to(kind) for name in beside}
        return self._own, beside

    def forward(
        self, calls: Sequence[Sequence[Said]], whole: Sequence[bool], attend: bool = False
    ) -> Reading:
        """Read calls; ``whole`` tells for each whether it is a call from start to end or a piece of one."""
        turns = [turn for call in calls for turn in call]
        alone, vectors, attention = self._turns(turns, attend)
        told = torch.cat([_features(call, one) for call, one in zip(calls, whole, strict=True)])
        seen = torch.cat([vectors, torch.sigmoid(alone), told], dim=1)
        seen = self.drop(functional.gelu(self.entry(seen)))  # (turns, 2 * memory)
        lengths = [len(call) for call in calls]
        packed = nn.utils.rnn.pack_sequence(list(torch.split(seen, lengths)), enforce_sorted=False)
        out, _ = self.memory(packed)
        around, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        flat = torch.cat([row[:length] for row, length in zip(around, lengths, strict=True)])
        logits = alone + self.after(self.drop(torch.cat([seen, flat], dim=1)))
        return Reading(alone, logits, tuple(attention))

    def _turns(self, turns: Sequence[Said], attend: bool) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Each turn by itself: raw outputs (turns, acts), vectors (turns, vector), attention."""
        changed, beside = self._matrices()
        tokens = self.encoder.tokens([turn.text for turn in turns])
        order = sorted(range(len(turns)), key=lambda i: (len(tokens[i]), i))
        attention: list[Tensor] = []
        outs, vectors = [], []
        for batch in _batches(order, [len(tokens[i]) for i in order]):
            hidden, pack = self._lower([tokens[i] for i in batch])
            middle = (hidden - self.centre[0]) / self.spread[0]
            with self._halves():
                for layer in self.adapted:
                    hidden = self.encoder.layers.step(hidden, pack, layer, changed, beside)
            last = self.drop((hidden.float() - self.centre[1]) / self.spread[1])
            for (end, mask), (begun, _) in zip(pack.apart(last), pack.apart(middle), strict=True):
                out, vector, looks = self._acts(end, begun, mask)
                outs.append(out)
                vectors.append(vector)
                if attend:
                    attention += [one[:, : int(own.sum())] for one, own in zip(looks, mask, strict=True)]
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(outs)[back], torch.cat(vectors)[back], [attention[i] for i in back] if attend else []

    def _halves(self) -> AbstractContextManager[None]:
        """Half precision where only read and where it is quick; whoever learns chooses for himself."""
        if not self._merged:
            return nullcontext()
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.encoder.half)

    @torch.no_grad()
    def _lower(self, tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Pack]:
        """The unchanged lower layers, (tokens, width), and the pack; kept by text while learning."""
        if not self.training:
            return self.encoder.lower(tokens, self.adapted.start)
        fresh = [one for one in tokens if tuple(one) not in self._kept]
        if fresh:
            hidden, _ = self.encoder.lower(fresh, self.adapted.start)
            for one, rows in zip(fresh, torch.split(hidden, [len(one) for one in fresh]), strict=True):
                self._kept[tuple(one)] = rows.bfloat16()
        return torch.cat([self._kept[tuple(one)] for one in tokens]).float(), Pack.of(tokens)

    def _acts(self, hidden: Tensor, middle: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        scores = hidden @ self.look.T  # (n, tokens, acts)
        scores = scores.masked_fill(~mask.unsqueeze(-1), -1e4)
        looks = scores.softmax(dim=1).transpose(1, 2)  # (n, acts, tokens)
        pooled = looks @ hidden  # (n, acts, width)
        both = torch.cat([_mean(hidden, mask), _mean(middle, mask)], dim=1)
        logits = (pooled * self.tell).sum(-1) + self.mean(both)
        return logits, functional.gelu(self.vector(both)), looks.detach()


def _batches(order: Sequence[int], lengths: Sequence[int]) -> list[list[int]]:
    """Rows in turn, at most ``MOST`` tokens together."""
    found: list[list[int]] = []
    count = 0
    for row, length in zip(order, lengths, strict=True):
        if not found or count + length > MOST:
            found.append([])
            count = 0
        found[-1].append(row)
        count += length
    return found


def _mean(hidden: Tensor, mask: Tensor) -> Tensor:
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1)


def _features(call: Sequence[Said], whole: bool) -> Tensor:
    """What is known of each turn beside its words, (turns, FEATURES)."""
    rows = []
    speakers: dict[str | None, str | None] = {}
    for at, turn in enumerate(call):
        first = speakers.setdefault(turn.role, turn.speaker)
        before = call[at - 1] if at else None
        after = call[at + 1] if at + 1 < len(call) else None
        role = turn.role if turn.role in ROLES else "ivr"
        end = len(call) - 1 - at
        rows.append(
            [
                *(float(role == one) for one in ROLES),
                float(turn.speaker != first),
                float(before is not None and before.role == turn.role),
                float(before is not None and before.role == turn.role and before.speaker != turn.speaker),
                math.log1p(turn.hold_s) / 3,
                math.log1p(turn.silence_s) / 3,
                math.log1p(after.hold_s) / 3 if after else 0.0,
                math.log1p(after.silence_s) / 3 if after else 0.0,
                float(whole),
                math.exp(-at / 2) if whole else 0.0,
                math.exp(-end / 2) if whole else 0.0,
                float(whole and at == 0),
                float(whole and end == 0),
                math.log1p(len(turn.text.split())) / 3,
            ]
        )
    return torch.tensor(rows)
