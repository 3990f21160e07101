"""The sentence encoder under the act head: a pretrained one whose top layers got a small trained change.

A unit is read together with what the other side said before it: ``[CLS] text [SEP] before [SEP]``, and its
vector is the mean over the text's own tokens only. The change is low-rank (LoRA, Hu et al. 2021,
arXiv:2106.09685): each linear map W of the top layers becomes W + U·D, a megabyte beside the encoder.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from models.acts.examples import Pair
from models.bert import BertLayers, PackedWords
from models.catalogue import identity
from models.errors import ModelError
from models.verify import locate

ENCODERS = {"en": "minilm", "de": "multilingual-e5-small-q4"}
TEXT_TOKENS, BEFORE_TOKENS = 80, 30
LINEARS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


class Layers(BertLayers):
    """BertLayers that can stop half-way and whose linear maps can be changed.

    ``low_rank`` holds changes being learned, (up, down) by weight name, computed beside the map itself.
    """

    low_rank: Mapping[str, tuple[Tensor, Tensor]] = {}

    def _linear(self, x: Tensor, name: str) -> Tensor:
        out = super()._linear(x, name)
        pair = self.low_rank.get(f"{name}.weight")
        return out if pair is None else out + functional.linear(functional.linear(x, pair[1]), pair[0])

    @property
    def count(self) -> int:
        """How many layers there are."""
        return self._count

    def embedded(self, ids: Tensor) -> Tensor:
        """Token numbers (n, tokens) to the vectors that enter the first layer, (n, tokens, width)."""
        positions = self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm(self._words(ids) + positions + kind, "embeddings.LayerNorm")

    def through(self, hidden: Tensor, mask: Tensor, first: int, last: int) -> Tensor:
        """Vectors (n, tokens, width) through the layers ``first`` to ``last - 1``."""
        seen = mask.bool()[:, None, None, :]
        for number in range(first, last):
            hidden = self._layer(hidden, seen, f"encoder.layer.{number}.")
        return hidden

    def names(self, top: int) -> list[str]:
        """The names of the linear maps of the ``top`` last layers."""
        numbers = range(self.count - top, self.count)
        return [f"encoder.layer.{number}.{linear}.weight" for number in numbers for linear in LINEARS]

    def weight(self, name: str) -> Tensor:
        """One weight as it is now."""
        return self._weights[name]

    def change(self, name: str, weight: Tensor) -> None:
        """Put another weight in its place."""
        self._weights[name] = weight


class UnitEncoder:
    """Pairs of (text, before) to vectors of ``width`` numbers, on the CPU."""

    def __init__(
        self, layers: Layers, tokenizer: Tokenizer, prepare: Callable[[str], str], name: str
    ) -> None:
        self.layers = layers
        self.tokenizer = tokenizer
        self.prepare = prepare
        self.name = name
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._marks: list[int] = tokenizer.encode("").ids
        self.width = int(layers.weight("embeddings.LayerNorm.weight").shape[0])

    def tokens(self, pairs: Sequence[Pair]) -> list[tuple[list[int], int]]:
        """Token numbers of each pair and how many of them, from the start, are the text's own."""
        texts = self.tokenizer.encode_batch([self.prepare(t) for t, _ in pairs], add_special_tokens=False)
        befores = self.tokenizer.encode_batch([b for _, b in pairs], add_special_tokens=False)
        start, end = self._marks[0], self._marks[-1]
        found = []
        for text, before in zip(texts, befores, strict=True):
            own = text.ids[:TEXT_TOKENS]
            tail = [*before.ids[-BEFORE_TOKENS:], end] if before.ids else []
            found.append(([start, *own, end, *tail], len(own) + 1))
        return found

    def change(self, state: Mapping[str, Tensor]) -> None:
        """Add a stored low-rank change (``<weight>.up``, ``.down``); raises ModelError if it does not fit."""
        for key in sorted(state):
            if not key.endswith(".up"):
                continue
            name = key.removesuffix(".up")
            try:
                delta = state[key].float() @ state[f"{name}.down"].float()
                self.layers.change(name, self.layers.weight(name) + delta)
            except (KeyError, RuntimeError) as error:
                raise ModelError(f"the act head does not fit the encoder {self.name}: {name}") from error

    @torch.inference_mode()
    def encode(self, pairs: Sequence[Pair], *, batch: int = 24) -> Tensor:
        """Vectors of pairs in their order, (n, width), length 1; batches are formed by length."""
        out = torch.zeros(len(pairs), self.width)
        tokens = self.tokens(pairs)
        order = sorted(range(len(pairs)), key=lambda i: (len(tokens[i][0]), i))
        for at in range(0, len(order), batch):
            rows = order[at : at + batch]
            ids, mask, own = padded([tokens[i] for i in rows])
            hidden = self.layers.through(self.layers.embedded(ids), mask, 0, self.layers.count)
            out[rows] = pooled(hidden, own)
        return out


def padded(tokens: Sequence[tuple[list[int], int]]) -> tuple[Tensor, Tensor, Tensor]:
    """One batch: token numbers, attention mask, and the mask of the text's own tokens, each (n, longest)."""
    longest = max(len(ids) for ids, _ in tokens)
    ids = torch.zeros(len(tokens), longest, dtype=torch.long)
    mask, own = torch.zeros_like(ids), torch.zeros(len(tokens), longest)
    for row, (one, text) in enumerate(tokens):
        ids[row, : len(one)] = torch.tensor(one)
        mask[row, : len(one)] = 1
        own[row, :text] = 1
    return ids, mask, own


def pooled(hidden: Tensor, own: Tensor) -> Tensor:
    """Mean of the text's own token vectors, scaled to length 1."""
    weights = own.unsqueeze(-1).to(hidden.dtype)
    return functional.normalize((hidden * weights).sum(1) / weights.sum(1).clamp(min=1), dim=-1)


def load_encoder(language: str, models_path: Path) -> UnitEncoder:
    """The encoder of a language, unchanged; raises ModelError when it is missing or has none."""
    if language not in ENCODERS:
        raise ModelError(f"no act encoder for language {language!r}; there are {', '.join(ENCODERS)}")
    name = ENCODERS[language]
    folder = locate(name, models_path)
    if language == "de":
        return _e5(folder, identity(name))
    weights = load_file(folder / "model.safetensors")
    table = weights.pop("embeddings.word_embeddings.weight")
    layers = Layers(
        {key: value for key, value in weights.items() if value.is_floating_point()},
        lambda ids: functional.embedding(ids, table),
        heads=12,
    )
    return UnitEncoder(layers, Tokenizer.from_file(str(folder / "tokenizer.json")), str, identity(name))


def _e5(folder: Path, name: str) -> UnitEncoder:
    from models.e5 import E5Encoder

    source = E5Encoder(folder)
    packed = source._packed
    words = PackedWords(
        torch.from_numpy(packed.word_scales.copy()), torch.from_numpy(packed.word_nibbles.copy())
    )
    weights = {key: torch.from_numpy(value.copy()) for key, value in packed.tensors.items()}
    return UnitEncoder(
        Layers(weights, words, heads=packed.shape.heads), source._tokenizer, source._prepared, name
    )
