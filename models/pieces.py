"""A unigram tokenizer (Kudo 2018) that is quick to set up for the words of one call.

To set up all 250,000 pieces of a multilingual vocabulary takes half a second. A piece that stands in no word
of a text cannot be in its best cut, so for the first texts only the pieces inside their words are set up;
other words bring all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_SPACE = "▁"
"""What stands for the space before a word."""


@dataclass(frozen=True)
class Pieces:
    """A vocabulary: pieces one after another in ``text`` (UTF-8), cut at ``offsets`` (pieces + 1), each with
    its log probability in ``scores`` (pieces,)."""

    text: bytes
    offsets: Sequence[int]
    scores: npt.NDArray[np.float32]

    def scored(self, numbers: Iterable[int] | None = None) -> list[tuple[str, float]]:
        """These pieces, or all, as text with their scores; raises ValueError where one is no UTF-8."""
        chosen = range(len(self.scores)) if numbers is None else numbers
        scores = self.scores.tolist()
        return [(self.text[self.offsets[i] : self.offsets[i + 1]].decode(), scores[i]) for i in chosen]

    def within(self, words: Iterable[str]) -> set[int]:
        """The numbers of the pieces that stand in one of the words with a space before it."""
        longest = max(map(int, np.diff(self.offsets)))
        parts = set()
        for word in words:
            spaced = _SPACE + word
            for start in range(len(spaced)):
                for end in range(start + 1, min(len(spaced), start + longest) + 1):
                    parts.add(spaced[start:end].encode())
        text = self.text
        spans = zip(self.offsets, self.offsets[1:], strict=False)
        return {number for number, (start, end) in enumerate(spans) if text[start:end] in parts}


@dataclass(frozen=True)
class Encoded:
    """Token numbers of one text with both end marks, and where each stands in it; end marks have (0, 0)."""

    ids: list[int]
    offsets: list[tuple[int, int]]


class PieceTokenizer:
    """Texts to the numbers of their pieces; ``special`` numbers ``<s>``, ``</s>``, ``<pad>``, ``<unk>``."""

    def __init__(self, pieces: Pieces, special: dict[str, int], most: int) -> None:
        self._pieces = pieces
        self._special = special
        self._most = most
        self._words: set[str] = set()
        self._numbers: list[int] | None = []
        self._tokenizer: Tokenizer | None = None

    def enable_truncation(self, most: int) -> None:
        """Cut texts at so many tokens, end marks included."""
        self._most = most
        if self._tokenizer is not None:
            self._tokenizer.enable_truncation(most)

    def no_padding(self) -> None:
        """Texts keep their lengths; they always do."""

    def encode(self, text: str) -> Encoded:
        """One text."""
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[Encoded]:
        """Several texts in their order."""
        found = self._for(texts).encode_batch(list(texts))
        numbers = self._numbers
        if numbers is None:
            return [Encoded(one.ids, one.offsets) for one in found]
        return [Encoded([numbers[i] for i in one.ids], one.offsets) for one in found]

    def _for(self, texts: Sequence[str]) -> "Tokenizer":
        if self._tokenizer is not None and self._numbers is None:
            return self._tokenizer
        words = {word for text in texts for word in text.split(" ")}
        if self._tokenizer is None:
            self._words = words
            # The least likely piece too: what an unknown character costs is measured by it.
            least = int(self._pieces.scores.argmin())
            self._numbers = sorted(self._pieces.within(words) | {least, *self._special.values()})
            self._tokenizer = self._made(self._numbers)
        elif not words <= self._words:
            self._numbers = None
            self._tokenizer = self._made(None)
        return self._tokenizer

    def _made(self, numbers: list[int] | None) -> "Tokenizer":
        from tokenizers import Tokenizer, models, pre_tokenizers, processors

        special = self._special
        if numbers is not None:
            special = {name: numbers.index(number) for name, number in special.items()}
        tokenizer = Tokenizer(models.Unigram(self._pieces.scored(numbers), unk_id=special["<unk>"]))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", special_tokens=[("<s>", special["<s>"]), ("</s>", special["</s>"])]
        )
        tokenizer.enable_truncation(self._most)
        return tokenizer
