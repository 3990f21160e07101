"""Packs: texts worked through without padding come out as each would by itself."""

import pytest
import torch

from models.acts.encoder import DistanceLayers, Layers, Pack
from models.bert import MATRICES, BertLayers
from models.mpnet import BIAS

WIDTH, WIDE, HEADS, WORDS = 8, 16, 2, 50
LENGTHS = (3, 4, 4, 8, 9)


def numbers(seed: int = 1) -> dict[str, torch.Tensor]:
    """The weights of two small layers."""
    made = torch.Generator().manual_seed(seed)

    def some(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=made) * 0.4

    found = {
        "embeddings.position_embeddings.weight": some(20, WIDTH),
        "embeddings.token_type_embeddings.weight": some(1, WIDTH),
        BIAS: some(32, HEADS),
    }
    for layer in ("embeddings.", "encoder.layer.0.", "encoder.layer.1."):
        norms = ("",) if layer == "embeddings." else ("attention.output.", "output.")
        for norm in norms:
            found |= {f"{layer}{norm}LayerNorm.{kind}": some(WIDTH) + 1 for kind in ("weight", "bias")}
        for part in MATRICES if layer != "embeddings." else ():
            into = WIDE if part == "output.dense" else WIDTH
            out = WIDE if part == "intermediate.dense" else WIDTH
            found |= {f"{layer}{part}.weight": some(out, into), f"{layer}{part}.bias": some(out)}
    return found


def words(ids: torch.Tensor) -> torch.Tensor:
    """A vector for each token number."""
    return torch.randn(WORDS, WIDTH, generator=torch.Generator().manual_seed(2))[ids]


TEXTS = [torch.randint(0, WORDS, (n,), generator=torch.Generator().manual_seed(n)).tolist() for n in LENGTHS]


def through(layers: Layers, texts: list[list[int]]) -> torch.Tensor:
    pack = Pack.of(texts)
    hidden = layers.start(pack)
    for number in range(layers.count):
        hidden = layers.step(hidden, pack, number)
    return hidden


@pytest.mark.parametrize("kind", [Layers, DistanceLayers])
def test_a_text_in_a_pack_is_what_it_is_alone(kind: type[Layers]) -> None:
    layers = kind(numbers(), words, heads=HEADS)
    alone = torch.cat([through(layers, [text]) for text in TEXTS])
    assert len(Pack.of(TEXTS).groups) < len(TEXTS)  # some stand padded beside longer ones
    torch.testing.assert_close(through(layers, TEXTS), alone, atol=1e-5, rtol=1e-5)
    unsorted = [TEXTS[at] for at in (3, 0, 4, 1)]
    each = torch.cat([through(layers, [text]) for text in unsorted])
    torch.testing.assert_close(through(layers, unsorted), each, atol=1e-5, rtol=1e-5)


def test_a_pack_comes_out_as_padded_texts_do() -> None:
    ids, mask = torch.zeros(len(TEXTS), 9, dtype=torch.long), torch.zeros(len(TEXTS), 9)
    for row, text in enumerate(TEXTS):
        ids[row, : len(text)], mask[row, : len(text)] = torch.tensor(text), 1
    padded = BertLayers(numbers(), words, heads=HEADS)(ids, mask)
    packed = through(Layers(numbers(), words, heads=HEADS), TEXTS)
    torch.testing.assert_close(packed, padded[mask > 0], atol=1e-5, rtol=1e-5)


def test_the_groups_of_a_pack_hold_each_token_once() -> None:
    pack = Pack.of(TEXTS)
    rows = torch.arange(len(pack.ids))
    found = torch.cat([places[mask] for places, mask in pack.apart(rows)])
    assert found.tolist() == rows.tolist()
    assert pack.positions.tolist() == [at for length in LENGTHS for at in range(length)]
