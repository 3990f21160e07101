"""MPNet's layers by the names of BERT's: the same network with a bias by distance in every attention.

As in Song et al. 2020 (arXiv:2004.09297): tokens are numbered from 2, there are no token types, and what a
token looks at is favoured or not by how far away it stands, in buckets that grow with the distance
(Raffel et al. 2020).
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

FIRST = 2
"""The position of a text's first token."""
FARTHEST = 128
"""Tokens farther away than this share the last bucket."""
_NAMES = (
    ("attention.attn.q.", "attention.self.query."),
    ("attention.attn.k.", "attention.self.key."),
    ("attention.attn.v.", "attention.self.value."),
    ("attention.attn.o.", "attention.output.dense."),
    ("attention.LayerNorm.", "attention.output.LayerNorm."),
)
BIAS = "encoder.relative_attention_bias.weight"
EPSILON = 1e-5


def as_bert(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """MPNet's weights by BERT's names; positions begin with the first token's, token types are zeros."""
    found = {}
    for name, value in weights.items():
        for own, bert in _NAMES:
            name = name.replace(own, bert)
        found[name] = value
    places = "embeddings.position_embeddings.weight"
    found[places] = found[places][FIRST:]
    found["embeddings.token_type_embeddings.weight"] = torch.zeros(1, found[places].shape[1])
    return found


def biases(table: Tensor, tokens: int) -> Tensor:
    """What attention adds for each distance, (1, heads, tokens, tokens), from ``table`` (buckets, heads)."""
    place = torch.arange(tokens)
    buckets = _buckets(place[None, :] - place[:, None], table.shape[0])
    return table[buckets].permute(2, 0, 1)[None]


def _buckets(distance: Tensor, count: int) -> Tensor:
    """The bucket of each distance: one half for tokens before, one for those after; single steps first, then
    ever wider ones."""
    half = count // 2
    single = half // 2
    far = distance.abs()
    ratio = torch.log(far.clamp(min=1).float() / single) / math.log(FARTHEST / single)
    wide = (single + (ratio * (half - single)).long()).clamp(max=half - 1)
    return half * (distance > 0).long() + torch.where(far < single, far, wide)
