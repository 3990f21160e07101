"""The sentence encoder: mean-pooled BERT vectors from a folder of ordinary transformers files.

Read with safetensors and tokenizers alone and run by our own layers (models/bert.py), so that starting
costs a tenth of a second rather than the seconds that importing transformers takes.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

import models.offline
from models.bert import BertLayers
from models.devices import Device
from models.errors import ModelError

__all__ = ["SentenceEncoder", "load"]


class SentenceEncoder:
    """Sentences to vectors of length 1. ``prefix`` is what the model was trained to see before a text."""

    def __init__(
        self, network: BertLayers, tokenizer: Tokenizer, device: Device, dimensions: int, prefix: str
    ) -> None:
        self.dimensions = dimensions
        self._network = network
        self._tokenizer = tokenizer
        self._device = device
        self._prefix = prefix

    def encode(self, texts: Sequence[str], *, batch_size: int = 32) -> NDArray[np.float32]:
        """One vector a text, in the order given: float32 ``(texts, dimensions)``.

        Texts of similar length share a batch; longer texts than the model takes are cut at its end.
        """
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        with torch.inference_mode():
            for first in range(0, len(order), batch_size):
                chosen = order[first : first + batch_size]
                vectors[chosen] = self._batch([self._prefix + texts[i] for i in chosen]).cpu().numpy()
        return vectors

    def _batch(self, texts: list[str]) -> Tensor:
        encodings = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([e.ids for e in encodings], device=self._device.torch)  # (texts, tokens)
        mask = torch.tensor([e.attention_mask for e in encodings], device=self._device.torch)
        hidden = self._network(ids, mask)  # (texts, tokens, dimensions)
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        return functional.normalize((hidden * weight).sum(dim=1) / weight.sum(dim=1), dim=-1)


def load(folder: Path, device: Device, *, prefix: str = "", max_tokens: int = 256) -> SentenceEncoder:
    """Load config.json, tokenizer.json and model.safetensors from the folder that ``models.locate`` gave.

    Raises ModelError when a file is missing, damaged or of another architecture.
    """
    assert models.offline.QUIET
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
            raise ModelError(f"{folder} holds a {config.get('model_type')!r} model; the encoder runs BERT")
        weights = load_file(folder / "model.safetensors")
        table = weights.pop("embeddings.word_embeddings.weight").to(device.torch)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise ModelError(f"the sentence encoder in {folder} cannot be loaded: {error}") from error
    tokenizer.enable_truncation(min(max_tokens, int(config["max_position_embeddings"])))
    padding = int(config.get("pad_token_id", 0))
    tokenizer.enable_padding(pad_id=padding, pad_token=tokenizer.id_to_token(padding))
    network = BertLayers(
        {name: tensor for name, tensor in weights.items() if tensor.is_floating_point()},
        lambda ids: functional.embedding(ids, table),
        heads=int(config["num_attention_heads"]),
        device=device.torch,
    )
    return SentenceEncoder(network, tokenizer, device, int(config["hidden_size"]), prefix)
