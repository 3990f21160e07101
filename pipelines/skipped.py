"""Talk that the recogniser passed over: somebody speaks there, and no word was written.

Where two sentences of a chunk begin alike, Whisper may go on after the second of them. Read by itself, what
lies between is heard. Pure.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.chunks import Chunk

if TYPE_CHECKING:
    from pipelines.recogniser import ChunkText, ChunkWord

SKIPPED_S = 3.0
"""So long nobody talks without a word that can be written."""
WORDLESS_S = 1.8
"""A piece so long, with its padding, is more than a breath or a knock."""
Span = tuple[float, float]


def skipped(text: "ChunkText", chunk: Chunk) -> list[Span]:
    """The spans of a chunk to be read again, in seconds from its start: pieces without any word and pieces in
    which 3 s or more of talk have none, with the shorter wordless pieces beside them. None where the whole
    chunk has no word or is one piece: read again it would be the same."""
    if not text.words or len(chunk.pieces) < 2:
        return []
    spans: list[Span] = []
    wordless: list[bool] = []
    wanted: list[bool] = []
    begin = 0.0
    for piece in chunk.pieces:
        end = begin + piece.length
        inside = [word for word in text.words if begin <= _middle(word) < end]
        edges = [begin, *(time for word in inside for time in (word.start, word.end)), end]
        gaps = [after - before for before, after in zip(edges[::2], edges[1::2], strict=True)]
        spans.append((begin, end))
        wordless.append(not inside)
        wanted.append(max(gaps) >= SKIPPED_S or (not inside and end - begin >= WORDLESS_S))
        begin = end
    for order in (range(1, len(spans)), range(len(spans) - 2, -1, -1)):
        step = -1 if order.step > 0 else 1
        for at in order:
            wanted[at] = wanted[at] or (wordless[at] and wanted[at + step])
    found: list[Span] = []
    for span, again in zip(spans, wanted, strict=True):
        if again and found and found[-1][1] == span[0]:
            found[-1] = (found[-1][0], span[1])
        elif again:
            found.append(span)
    return found


def filled(text: "ChunkText", again: "ChunkText", span: Span) -> "ChunkText":
    """The text of a chunk with a span of it as read again, where that has more words and can be believed."""
    begin, end = span
    inside = [word for word in text.words if begin <= _middle(word) < end]
    if again.heard.invented or len(again.words) <= len(inside):
        return text
    moved = [replace(word, start=begin + word.start, end=begin + word.end) for word in again.words]
    before = [word for word in text.words if _middle(word) < begin]
    after = [word for word in text.words if _middle(word) >= end]
    return replace(text, words=(*before, *moved, *after))


def _middle(word: "ChunkWord") -> float:
    return (word.start + word.end) / 2
