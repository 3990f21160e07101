"""The sentence encoder under the act head, frozen, and the views of a text that the head looks at.

A unit is read together with what the other side said before it: ``[CLS] text [SEP] before [SEP]``. Its views
are the mean of the text's own token vectors in the last layer and half-way, the largest values of the last
layer, and the mean of the vectors of what was said before.
"""

from collections.abc import Callable, Sequence
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
VIEWS = 4


class Layers(BertLayers):
    """BertLayers that also tells what it holds half-way."""

    @property
    def width(self) -> int:
        """Numbers per token."""
        return int(self._weights["embeddings.LayerNorm.weight"].shape[0])

    def both(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Token numbers and mask (n, tokens) to the vectors half-way and at the end, (n, tokens, width)."""
        positions = self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        hidden = self._norm(self._words(ids) + positions + kind, "embeddings.LayerNorm")
        seen = mask.bool()[:, None, None, :]
        middle = hidden
        for number in range(self._count):
            hidden = self._layer(hidden, seen, f"encoder.layer.{number}.")
            if number + 1 == self._count // 2:
                middle = hidden
        return middle, hidden


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
        self.width = VIEWS * layers.width

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

    @torch.no_grad()
    def encode(self, pairs: Sequence[Pair], *, batch: int = 24) -> Tensor:
        """Views of pairs in their order, (n, width); batches are formed by length."""
        out = torch.zeros(len(pairs), self.width)
        tokens = self.tokens(pairs)
        order = sorted(range(len(pairs)), key=lambda i: (len(tokens[i][0]), i))
        for at in range(0, len(order), batch):
            rows = order[at : at + batch]
            ids, mask, own = padded([tokens[i] for i in rows])
            out[rows] = views(*self.layers.both(ids, mask), mask.float(), own)
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


def views(middle: Tensor, last: Tensor, mask: Tensor, own: Tensor) -> Tensor:
    """The four views of a batch, each of length 1, side by side: (n, VIEWS * width)."""
    before = mask - own
    before[:, 0] = 0
    some = (before.sum(1, keepdim=True) > 1).float()
    largest = last.masked_fill(own.unsqueeze(-1) == 0, -1e4).amax(1)
    parts = [_mean(last, own), _mean(middle, own), functional.normalize(largest, dim=-1)]
    return torch.cat([*parts, 0.7 * some * _mean(last, before)], dim=1)


def _mean(hidden: Tensor, weights: Tensor) -> Tensor:
    weights = weights.unsqueeze(-1)
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
