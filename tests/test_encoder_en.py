"""The English encoder: its layers beside the library's, its distances, and what is refused."""

from pathlib import Path

import pytest
import torch

from models import ModelError, locate
from models.acts import encoder
from models.acts.encoder import load_named
from models.mpnet import biases

TEXTS = [
    "I am so sorry to hear that.",
    "Your number please",
    "ok",
    "That ship has sailed, I'm afraid, and between you and me it sailed without anybody telling us either.",
    "word " * 400,
]


@pytest.mark.models
def test_the_layers_compute_what_transformers_computes(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModel, AutoTokenizer

    monkeypatch.setattr(encoder, "quick_halves", lambda: False)
    folder = locate("mpnet", weights)
    ours = load_named("mpnet", weights)
    tokens = ours.tokens(TEXTS)
    with torch.inference_mode():
        hidden, pack = ours.lower(tokens, ours.layers.count)
        model = AutoModel.from_pretrained(folder).eval()
        vocabulary = AutoTokenizer.from_pretrained(folder)
        batch = vocabulary(
            TEXTS, padding=True, truncation=True, max_length=encoder.TOKENS, return_tensors="pt"
        )
        theirs = model(**batch).last_hidden_state
    assert tokens[0] == batch["input_ids"][0][: len(tokens[0])].tolist()
    assert max(map(len, tokens)) == encoder.TOKENS
    assert hidden.shape == (sum(map(len, tokens)), 768)
    assert (hidden - theirs[batch["attention_mask"] > 0]).abs().max() < 1e-4
    own = [mask.sum(1).tolist() for _, mask in pack.apart(hidden)]
    assert [length for group in own for length in group] == [len(one) for one in tokens]


@pytest.mark.models
def test_half_precision_stays_close(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for half in (False, True):
        monkeypatch.setattr(encoder, "quick_halves", lambda half=half: half)
        ours = load_named("mpnet", weights)
        with torch.inference_mode():
            hidden, _ = ours.lower(ours.tokens(TEXTS[:4]), 10)
        assert hidden.dtype == torch.float32
        found.append(hidden)
    assert torch.nn.functional.cosine_similarity(*found).min() > 0.99


def test_a_bias_by_distance_knows_before_from_after_and_far_from_near() -> None:
    table = torch.arange(32.0).unsqueeze(1)  # one head, each bucket its own number
    found = biases(table, 200)[0, 0]  # (from, to)
    assert found.shape == (200, 200)
    assert found[5, 5] == 0
    assert found[5, :5].tolist() == [5, 4, 3, 2, 1]  # before: single steps
    assert found[5, 6:9].tolist() == [17, 18, 19]  # after
    assert found[0, 8] == 24
    assert found[0, 9] == 24  # wider from here on
    assert found[0, 128] == found[0, 199] == 31
    assert found[199, 0] == 15


def test_no_encoder_for_a_language_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="en, de"):
        encoder.load_encoder("fr", tmp_path)
