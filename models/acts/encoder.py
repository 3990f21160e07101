"""The sentence encoder under the act network: its tokens and its layers, one by one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Pack:
    """The tokens of several texts one after another, so that no padding is worked through.

    ``ids`` and ``positions`` (tokens,); ``groups`` of texts alike in length, in the order of the tokens.
    """

    ids: Tensor
    positions: Tensor
    groups: tuple["Group", ...]

    @classmethod
    def of(cls, texts: Sequence[Sequence[int]]) -> "Pack":
        """Texts as token numbers, best in order of their length."""
        groups: list[Group] = []
        first = 0
        for batch in _alike([len(one) for one in texts]):
            groups.append(Group.of(first, [len(texts[i]) for i in batch]))
            first = groups[-1].stop
        return cls(
            ids=torch.tensor([number for one in texts for number in one]),
            positions=torch.cat([torch.arange(len(one)) for one in texts]),
            groups=tuple(groups),
        )

    def apart(self, packed: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Rows (tokens, …) by groups: padded (n, longest, …) with the mask of real ones (n, longest)."""
        for group in self.groups:
            yield packed[group.start : group.stop][group.places], group.mask


@dataclass(frozen=True)
class Group:
    """Texts that stand at ``start`` to ``stop`` of a pack; ``places`` of their tokens counted from there, 0
    where a shorter one has none, and the ``mask`` of those it has, each (n, longest)."""

    start: int
    stop: int
    places: Tensor
    mask: Tensor

    @classmethod
    def of(cls, start: int, lengths: Sequence[int]) -> "Group":
        """The group of texts of these lengths."""
        at = torch.tensor([0, *lengths]).cumsum(0)
        along = torch.arange(max(lengths))
        mask = along[None] < torch.tensor(lengths)[:, None]
        return cls(start, start + int(at[-1]), (at[:-1, None] + along[None]).masked_fill(~mask, 0), mask)


def _alike(lengths: Sequence[int]) -> list[range]:
    """Neighbours of similar length; at least one text."""
    found: list[range] = []
    first = 0
    for at, length in enumerate(lengths):
        if length > 1.35 * lengths[first] + 6 or length < lengths[first]:
            found.append(range(first, at))
            first = at
    return [*found, range(first, len(lengths))]


class Layers(BertLayers):
    """BertLayers one at a time over packs, each perhaps with other matrices, or with low-rank changes beside
    them."""

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

    def start(self, pack: Pack) -> Tensor:
        """What the first layer takes, (tokens, width)."""
        places = self._weights["embeddings.position_embeddings.weight"][pack.positions]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm(self._words(pack.ids) + places + kind, "embeddings.LayerNorm")

    def step(
        self,
        hidden: Tensor,
        pack: Pack,
        number: int,
        changed: Mapping[str, Tensor] | None = None,
        beside: Mapping[str, LowRank] | None = None,
    ) -> Tensor:
        """Layer ``number`` over (tokens, width); ``changed`` matrices take the place of its own, and what
        stands ``beside`` a matrix is added to what comes out of it."""

        def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            apart = zip(pack.apart(query), pack.apart(key), pack.apart(value), strict=True)
            return torch.cat([self._attend(q, k, v, mask)[mask] for (q, mask), (k, _), (v, _) in apart])

        own, before = self._weights, self._beside
        self._weights, self._beside = {**own, **(changed or {})}, beside or {}
        try:
            return self._layer(hidden, attend, f"encoder.layer.{number}.")
        finally:
            self._weights, self._beside = own, before

    def _linear(self, x: Tensor, name: str) -> Tensor:
        out = super()._linear(x, name)
        if (change := self._beside.get(f"{name}.weight")) is None:
            return out
        down, up = change
        return out + functional.linear(functional.linear(x, down), up)

    def _attend_heads(self, query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
        """In float32 also where the rest learns in half precision: its backward step is slow there."""
        with torch.autocast("cpu", enabled=False):
            return super()._attend_heads(query.float(), key.float(), value.float(), seen)


class DistanceLayers(Layers):
    """Layers whose attention minds how far apart two tokens stand (models/mpnet.py)."""

    def _attend_heads(self, query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
        added = biases(self._weights[BIAS], query.shape[2]).masked_fill(~seen, -1e9)
        return super()._attend_heads(query, key, value, added)


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
        self._memory: dict[tuple[int, tuple[tuple[int, ...], ...]], tuple[Tensor, Pack]] | None = None

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of each text with both end marks, at most TOKENS."""
        return [one.ids for one in self._tokenizer.encode_batch([self._prepare(text) for text in texts])]

    def lower(self, tokens: Sequence[Sequence[int]], layers: int) -> tuple[Tensor, Pack]:
        """The first ``layers`` over texts, (tokens, width), and their pack; kept inside ``shared``."""
        key = (layers, tuple(tuple(one) for one in tokens))
        if self._memory is not None and key in self._memory:
            return self._memory[key]
        pack = Pack.of(tokens)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.half):
            hidden = self.layers.start(pack)
            for number in range(layers):
                hidden = self.layers.step(hidden, pack, number)
        hidden = hidden.float()
        if self._memory is not None:
            self._memory[key] = hidden, pack
        return hidden, pack

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
