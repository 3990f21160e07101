"""The sentence encoder under the act network: its tokens and its layers, one by one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from models.bert import MATRICES, BertLayers, PackedWords
from models.catalogue import identity
from models.errors import ModelError
from models.mpnet import BIAS, EPSILON, as_bert, biases
from models.verify import locate

ENCODERS = {"en": "mpnet", "de": "multilingual-e5-small-q4"}
TOKENS = 128
"""A turn's words beyond these are not read: callers cut longer turns in two."""


LowRank = tuple[Tensor, Tensor]
"""What a matrix (out, into) is changed by: ``down`` (rank, into) and ``up`` (out, rank)."""


class Layers(BertLayers):
    """BertLayers one at a time, each perhaps with other matrices, or with low-rank changes beside them."""

    _beside: Mapping[str, LowRank] = {}

    @property
    def width(self) -> int:
        """Numbers per token."""
        return int(self._weights["embeddings.LayerNorm.weight"].shape[0])

    @property
    def count(self) -> int:
        """How many layers there are."""
        return self._count

    def weight(self, name: str) -> Tensor:
        """A weight by its name."""
        return self._weights[name]

    def halve(self, layers: int) -> None:
        """Keep the matrices of the first ``layers`` in bfloat16."""
        for number in range(layers):
            for part in MATRICES:
                name = f"encoder.layer.{number}.{part}.weight"
                self._weights[name] = self._weights[name].bfloat16()

    def start(self, ids: Tensor) -> Tensor:
        """Token numbers (n, tokens) to what the first layer takes, (n, tokens, width)."""
        positions = self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm(self._words(ids) + positions + kind, "embeddings.LayerNorm")

    def step(
        self,
        hidden: Tensor,
        mask: Tensor,
        number: int,
        changed: Mapping[str, Tensor] | None = None,
        beside: Mapping[str, LowRank] | None = None,
    ) -> Tensor:
        """Layer ``number`` over (n, tokens, width); ``changed`` matrices take the place of its own, and what
        stands ``beside`` a matrix is added to what comes out of it."""
        own, before = self._weights, self._beside
        self._weights, self._beside = {**own, **(changed or {})}, beside or {}
        try:
            return self._layer(hidden, mask.bool()[:, None, None, :], f"encoder.layer.{number}.")
        finally:
            self._weights, self._beside = own, before

    def _linear(self, x: Tensor, name: str) -> Tensor:
        out = super()._linear(x, name)
        if (change := self._beside.get(f"{name}.weight")) is None:
            return out
        down, up = change
        return out + functional.linear(functional.linear(x, down), up)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
        """In float32 also where the rest learns in half precision: its backward step is slow there."""
        with torch.autocast("cpu", enabled=False):
            return super()._attend(query.float(), key.float(), value.float(), seen)


class DistanceLayers(Layers):
    """Layers whose attention minds how far apart two tokens stand (models/mpnet.py)."""

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
        added = biases(self._weights[BIAS], query.shape[2]).masked_fill(~seen, -1e9)
        return super()._attend(query, key, value, added)


class TurnEncoder:
    """Tokenizer and layers of one encoder; ``name`` is its identity in the catalogue."""

    def __init__(
        self, layers: Layers, tokenizer: Tokenizer, prepare: Callable[[str], str], name: str
    ) -> None:
        self.layers = layers
        self.name = name
        self._tokenizer = tokenizer
        self._prepare = prepare
        tokenizer.enable_truncation(TOKENS)
        tokenizer.no_padding()
        self.half = quick_halves()
        self._memory: dict[tuple[int, tuple[tuple[int, ...], ...]], tuple[Tensor, Tensor]] | None = None

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of each text with both end marks, at most TOKENS."""
        return [one.ids for one in self._tokenizer.encode_batch([self._prepare(text) for text in texts])]

    def lower(self, tokens: Sequence[Sequence[int]], layers: int) -> tuple[Tensor, Tensor]:
        """The first ``layers`` over a batch, (n, tokens, width), and its mask; kept inside ``shared``."""
        key = (layers, tuple(tuple(one) for one in tokens))
        if self._memory is not None and key in self._memory:
            return self._memory[key]
        ids, mask = padded(tokens)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.half):
            hidden = self.layers.start(ids)
            for number in range(layers):
                hidden = self.layers.step(hidden, mask, number)
        hidden = hidden.float()
        if self._memory is not None:
            self._memory[key] = hidden, mask
        return hidden, mask

    def settle(self, layers: int) -> None:
        """From here on the first ``layers`` stay as they are: kept in half precision where that is quick."""
        if self.half:
            self.layers.halve(layers)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Inside, networks that share their lower layers run them once."""
        self._memory = {}
        try:
            yield
        finally:
            self._memory = None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token stands in the prepared text; end marks have (0, 0)."""
        return [(start, end) for start, end in self._tokenizer.encode(self._prepare(text)).offsets]


def quick_halves() -> bool:
    """Whether the processor multiplies bfloat16 by itself; where it is emulated it is slower than float32."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def padded(tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """One batch: token numbers and the mask of real ones, each (n, longest)."""
    longest = max(len(ids) for ids in tokens)
    ids = torch.zeros(len(tokens), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, one in enumerate(tokens):
        ids[row, : len(one)] = torch.tensor(one)
        mask[row, : len(one)] = 1
    return ids, mask


def load_encoder(language: str, models_path: Path) -> TurnEncoder:
    """The encoder of a language, unchanged; raises ModelError when it is missing or has none."""
    if language not in ENCODERS:
        raise ModelError(f"no act encoder for language {language!r}; there are {', '.join(ENCODERS)}")
    return load_named(ENCODERS[language], models_path)


def load_named(name: str, models_path: Path) -> TurnEncoder:
    """An encoder by its name in the catalogue."""
    folder = locate(name, models_path)
    if name == "multilingual-e5-small-q4":
        return _e5(folder, identity(name))
    weights = load_file(folder / "model.safetensors")
    table = weights.pop("embeddings.word_embeddings.weight")
    numbers = {key: value for key, value in weights.items() if value.is_floating_point()}

    def words(ids: Tensor) -> Tensor:
        return functional.embedding(ids, table)

    if BIAS in numbers:
        layers: Layers = DistanceLayers(as_bert(numbers), words, heads=12, epsilon=EPSILON)
    else:
        layers = Layers(numbers, words, heads=12)
    return TurnEncoder(layers, Tokenizer.from_file(str(folder / "tokenizer.json")), str, identity(name))


def _e5(folder: Path, name: str) -> TurnEncoder:
    from models.e5 import E5Encoder

    source = E5Encoder(folder)
    packed = source._packed
    words = PackedWords(torch.from_numpy(packed.word_scales), torch.from_numpy(packed.word_nibbles))
    weights = {key: torch.from_numpy(value) for key, value in packed.tensors.items()}
    return TurnEncoder(
        Layers(weights, words, heads=packed.shape.heads), source._tokenizer, source._prepared, name
    )
