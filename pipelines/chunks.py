"""Packing speech into chunks for a recogniser that always reads 30 seconds at once.

Every chunk costs the recogniser the same, however much speech is in it, so spans of one channel are packed
tightly; times inside a chunk are led back to the recording afterwards. Pure: no audio, no models.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

RATE = 16000
CHUNK_S = 30.0


@dataclass(frozen=True)
class Piece:
    """A stretch of one channel, in seconds of the recording; ``pause`` is the silence before its speech."""

    start: float
    end: float
    pause: float = 0.0

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start


@dataclass(frozen=True)
class Chunk:
    """Pieces of one channel, read one after the other, together at most 30 s long."""

    channel: int
    pieces: tuple[Piece, ...]

    @property
    def length(self) -> float:
        """Seconds of audio in it."""
        return sum(piece.length for piece in self.pieces)

    @property
    def start(self) -> float:
        """Where it begins in the recording."""
        return self.pieces[0].start

    def piece_at(self, inside_s: float) -> tuple[int, float]:
        """The piece that holds a time inside the chunk, and where in the chunk that piece begins."""
        begins = [0.0]
        for piece in self.pieces[:-1]:
            begins.append(begins[-1] + piece.length)
        index = max(0, bisect_right(begins, inside_s) - 1)
        return index, begins[index]

    def restore(self, start_s: float, end_s: float) -> tuple[float, float, int]:
        """A word's times in the chunk as times of the recording, and the number of its piece.

        A recogniser counts the silence before a word as its beginning, so the word belongs to the piece
        that holds its end; what sticks out at either side is cut off.
        """
        index, begin = self.piece_at(end_s - min(0.1, (end_s - start_s) / 3))
        piece = self.pieces[index]
        start = min(max(piece.start + start_s - begin, piece.start), piece.end)
        end = min(max(piece.start + end_s - begin, start), piece.end)
        return start, end, index


def pad(spans: Iterable[tuple[float, float]], duration_s: float, pad_s: float) -> list[Piece]:
    """Speech spans with a margin on either side; two that would overlap meet in the middle of their pause,
    so that read one after the other they sound as they did."""
    ordered = sorted((start, end) for start, end in spans if end > start)
    pieces: list[Piece] = []
    for index, (start, end) in enumerate(ordered):
        before = ordered[index - 1][1] if index else 0.0
        after = ordered[index + 1][0] if index + 1 < len(ordered) else duration_s
        left = max(start - pad_s, (before + start) / 2 if index else 0.0)
        last = index + 1 == len(ordered)
        right = min(end + pad_s, duration_s if last else (end + after) / 2)
        pieces.append(Piece(left, max(right, left), max(0.0, start - before)))
    return [piece for piece in pieces if piece.length > 0]


def split_long(piece: Piece, quietest: Callable[[float, float], float]) -> list[Piece]:
    """A piece of more than 30 s, cut at the quietest moment of its last third, as ``quietest(start, end)``
    finds it, until all parts fit."""
    parts: list[Piece] = []
    while piece.length > CHUNK_S:
        cut = quietest(piece.start + CHUNK_S * 2 / 3, piece.start + CHUNK_S - 0.1)
        parts.append(Piece(piece.start, cut, piece.pause))
        piece = Piece(cut, piece.end)
    return [*parts, piece]


def pack(pieces: Sequence[Piece], channel: int, limit_s: float = CHUNK_S) -> list[Chunk]:
    """Pieces of one channel in order, as few chunks as a single pass can make.

    Where a chunk is nearly full it ends at the widest gap of its last quarter, so that sentences stay whole,
    as long as that costs no chunk more.
    """
    chunks: list[Chunk] = []
    waiting = list(pieces)
    fewest = _count(waiting, limit_s)
    while waiting:
        held, length = 0, 0.0
        while held < len(waiting) and length + waiting[held].length <= limit_s + 1e-6:
            length += waiting[held].length
            held += 1
        held = max(held, 1)
        if held < len(waiting):
            held = _better_end(waiting, held, limit_s, fewest - len(chunks))
        chunks.append(Chunk(channel, tuple(waiting[:held])))
        waiting = waiting[held:]
    return chunks


def _better_end(pieces: list[Piece], most: int, limit_s: float, allowed: int) -> int:
    """Where to end a chunk of at most ``most`` pieces when ``allowed`` chunks are left for all of them."""
    best, widest = most, pieces[most].pause
    length = sum(piece.length for piece in pieces[:most])
    for end in range(most - 1, 0, -1):
        length -= pieces[end].length
        gap = pieces[end].pause
        if length < limit_s * 0.75:
            break
        if gap > widest and 1 + _count(pieces[end:], limit_s) <= allowed:
            best, widest = end, gap
    return best


def _count(pieces: Sequence[Piece], limit_s: float) -> int:
    chunks, length = 0, limit_s + 1
    for piece in pieces:
        if length + piece.length > limit_s + 1e-6:
            chunks, length = chunks + 1, 0.0
        length += piece.length
    return chunks
