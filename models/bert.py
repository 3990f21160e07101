"""BERT's encoder layers in plain torch: sentence vectors without the start-up cost of a model library.

Post-layer-norm transformer as in Devlin et al. 2019 (arXiv:1810.04805); weight names are those of
transformers' BertModel, so any such checkpoint fits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

EPSILON = 1e-12
MATRICES = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
"""The linear maps of a layer by their names."""
Attend = Callable[[Tensor, Tensor, Tensor], Tensor]
"""What each token takes up from the others, of queries, keys and values in one shape."""


@dataclass(frozen=True)
class PackedWords:
    """A word table of 4-bit blocks whose rows are unpacked as they are looked up.

    ``scales`` (vocabulary, blocks) float16, ``nibbles`` (vocabulary, blocks, 16) uint8.
    """

    scales: Tensor
    nibbles: Tensor

    def __call__(self, ids: Tensor) -> Tensor:
        """Token numbers (texts, tokens) to vectors (texts, tokens, blocks * 32), float32."""
        pairs = self.nibbles[ids]
        weights = torch.cat([pairs & 0x0F, pairs >> 4], dim=-1).float() - 8.0  # (…, blocks, 32)
        return (weights * self.scales[ids].float().unsqueeze(-1)).flatten(-2)


class BertLayers:
    """The network from token numbers to one vector per token.

    ``words`` looks up the word table; ``weights`` holds everything else. Raises KeyError on a missing weight.
    """

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        words: Callable[[Tensor], Tensor],
        *,
        heads: int,
        device: str = "cpu",
        epsilon: float = EPSILON,
    ) -> None:
        self._weights = {name: tensor.to(device) for name, tensor in weights.items()}
        self._words = words
        self._heads = heads
        self._epsilon = epsilon
        self._count = 1 + max(
            int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer.")
        )

    def __call__(self, ids: Tensor, mask: Tensor) -> Tensor:
        """``ids``, ``mask`` (texts, tokens), mask 1 where a token counts; gives (texts, tokens, hidden)."""
        positions = self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        hidden = self._norm(self._words(ids) + positions + kind, "embeddings.LayerNorm")

        def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            return self._attend(query, key, value, mask)

        for number in range(self._count):
            hidden = self._layer(hidden, attend, f"encoder.layer.{number}.")
        return hidden

    def _layer(self, hidden: Tensor, attend: Attend, layer: str) -> Tensor:
        """One layer over vectors (…, hidden): all but ``attend`` looks at each token by itself."""
        query, key, value = (
            self._linear(hidden, f"{layer}attention.self.{part}") for part in ("query", "key", "value")
        )
        attended = self._linear(attend(query, key, value), f"{layer}attention.output.dense")
        hidden = self._norm(hidden + attended, f"{layer}attention.output.LayerNorm")
        wide = functional.gelu(self._linear(hidden, f"{layer}intermediate.dense"))
        return self._norm(hidden + self._linear(wide, f"{layer}output.dense"), f"{layer}output.LayerNorm")

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        """Attention within each text, (texts, tokens, hidden) each, over the tokens that ``mask`` counts."""
        texts, tokens, _ = query.shape
        q, k, v = (x.view(texts, tokens, self._heads, -1).transpose(1, 2) for x in (query, key, value))
        seen = mask.bool()[:, None, None, :]  # (texts, 1, 1, tokens)
        return self._attend_heads(q, k, v, seen).transpose(1, 2).flatten(-2)

    def _attend_heads(self, query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
        """The same with the heads apart, (texts, heads, tokens, hidden / heads) each."""
        return functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return functional.layer_norm(x, weight.shape, weight, bias, self._epsilon)
