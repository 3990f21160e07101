"""Dictionary forms of words: simplemma's rules over its dictionaries, looked up where a word stands.

simplemma decodes a whole dictionary before its first answer: 1.1 million German words, 0.7 s, of which one
call asks for a few hundred. The words stand in order, each told by what differs from the one before, so here
``places/<language>.places`` names every 128th: a search begins at the nearest one. The places belong to one
exact dictionary; with another one, and for whoever asks for very many words, it is decoded whole.

``python -m scorecards.lemmas`` writes the places of the installed dictionaries.
"""

import lzma
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from simplemma import Lemmatizer
from simplemma.strategies import DefaultStrategy
from simplemma.strategies.dictionaries import DEFAULT_DICTIONARY_FACTORY, DictionaryFactory

LANGUAGES = ("en", "de")
PLACES = Path(__file__).parent / "places"
EVERY = 128
MANY = 5_000
"""After so many words a dictionary decoded whole is faster."""
_MAGIC = b"SMFC1\x00"  # the last byte: words are written forwards
_AS_BEFORE, _WHOLE = 254, 255


class Words(Mapping[str, str]):
    """A dictionary read in place: from words to their dictionary forms.

    Raises ValueError where the dictionary is not the one whose places are known.
    """

    def __init__(self, language: str) -> None:
        packed = _packed(language)
        head, _, rest = (PLACES / f"{language}.places").read_bytes().partition(b"\n")
        checksum, count = map(int, head.split())
        if checksum != zlib.crc32(packed):
            raise ValueError(f"the places of {language!r} belong to another dictionary")
        self._data = lzma.decompress(packed)
        self._starts = struct.unpack_from(f"<{count}I", rest)
        self._before = rest[4 * count :].split(b"\n")
        self._language = language
        self._asked = 0
        self._whole: Mapping[str, str] | None = None

    def __getitem__(self, word: str) -> str:
        if self._whole is None and self._asked < MANY:
            self._asked += 1
            return self._search(word.encode()).decode()
        if self._whole is None:
            self._whole = DEFAULT_DICTIONARY_FACTORY.get_dictionary(self._language)
            self._data = b""
        return self._whole[word]

    def _search(self, wanted: bytes) -> bytes:
        place = bisect_left(self._before, wanted) - 1
        if place >= 0:
            for _, _, word, form in _records(self._data, self._starts[place], self._before[place]):
                if word == wanted:
                    return form
                if word > wanted:
                    break
        raise KeyError(wanted.decode())

    def __iter__(self) -> Iterator[str]:
        return iter(DEFAULT_DICTIONARY_FACTORY.get_dictionary(self._language))

    def __len__(self) -> int:
        return len(DEFAULT_DICTIONARY_FACTORY.get_dictionary(self._language))


class _InPlace(DictionaryFactory):
    """Gives simplemma the dictionaries; whole where they are not those whose places are known."""

    @lru_cache(maxsize=len(LANGUAGES))  # noqa: B019 - there is one factory
    def get_dictionary(self, lang: str) -> Mapping[str, str]:
        try:
            return Words(lang)
        except (OSError, ValueError, lzma.LZMAError):
            return DEFAULT_DICTIONARY_FACTORY.get_dictionary(lang)


_lemmatizer = Lemmatizer(lemmatization_strategy=DefaultStrategy(dictionary_factory=_InPlace()))


def dictionary_form(word: str, language: str) -> str:
    """The dictionary form of a word in "en" or "de", as simplemma tells it."""
    return _lemmatizer.lemmatize(word, lang=language)


def _packed(language: str) -> bytes:
    return files("simplemma.strategies.dictionaries").joinpath("data", f"{language}.plzma").read_bytes()


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _records(data: bytes, at: int, word: bytes) -> Iterator[tuple[int, bool, bytes, bytes]]:
    """From a place on, whose word before is ``word``: where each record starts, whether its form is that of
    the one before, word and form. A form is told by how much of the word's end is taken off and what comes
    there."""
    form = b""
    while at < len(data):
        start = at
        shared, at = _number(data, at)
        length, at = _number(data, at)
        word = word[:shared] + data[at : at + length]
        at += length
        off = data[at]
        at += 1
        if off != _AS_BEFORE:
            length, at = _number(data, at)
            kept = b"" if off == _WHOLE else word[: len(word) - off]
            form = kept + data[at : at + length]
            at += length
        yield start, off == _AS_BEFORE, word, form


def _write_places(language: str) -> None:
    """Note where every so manieth record starts that needs no form before it, and the word before it."""
    packed = _packed(language)
    data = lzma.decompress(packed)
    if not data.startswith(_MAGIC):
        raise ValueError(f"the dictionary of {language!r} is of an unknown make")
    _, first = _number(data, len(_MAGIC))
    starts: list[int] = []
    before: list[bytes] = []
    last, since = b"", EVERY
    for start, as_before, word, _ in _records(data, first, b""):
        if since >= EVERY and not as_before:
            starts.append(start)
            before.append(last)
            since = 0
        last, since = word, since + 1
    head = f"{zlib.crc32(packed)} {len(starts)}\n".encode()
    PLACES.mkdir(exist_ok=True)
    (PLACES / f"{language}.places").write_bytes(
        head + struct.pack(f"<{len(starts)}I", *starts) + b"\n".join(before)
    )


if __name__ == "__main__":
    for one in LANGUAGES:
        _write_places(one)
