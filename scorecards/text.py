"""Words as the checks see them: tokens with their place in the turn, lemmas, and times of a stretch of text.

One form for English and German: lower case, straight apostrophes, contractions opened ("that's" is "that is",
„geht's“ is „geht es“), ä written as "ae" and ß as "ss", so that a transcript without umlauts reads the same.
"""

from dataclasses import dataclass
from functools import lru_cache

import regex

from recordings import Turn

_TOKEN = regex.compile(r"\d+(?:[.,:/]\d+)+|[\p{L}\p{M}\d]+(?:['’`´][\p{L}\p{M}]+)*['’]?|%|€|£|\$")
_STOP = regex.compile(r"[.!?…]+")
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "à": "a", "’": "'"})
FILLERS = frozenset({"um", "uh", "uhm", "erm", "er", "hm", "hmm", "mm", "aeh", "aehm", "oeh", "tja", "eh"})
NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "none",
        "nothing",
        "cannot",
        "without",
        "nobody",
        "neither",
        "nor",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "nie",
        "niemals",
        "nichts",
        "ohne",
        "niemand",
        "weder",
    ]
)
_OPENED = {
    "en": {
        "can't": "can not",
        "cannot": "can not",
        "won't": "will not",
        "shan't": "shall not",
        "ain't": "is not",
        "let's": "let us",
        "y'all": "you all",
        "gonna": "going to",
        "wanna": "want to",
        "gotta": "got to",
        "lemme": "let me",
        "gimme": "give me",
        "dunno": "do not know",
        "kinda": "kind of",
        "cos": "because",
        "'cause": "because",
        "ok": "okay",
        "cant": "can not",
        "dont": "do not",
        "wont": "will not",
        "doesnt": "does not",
        "didnt": "did not",
        "isnt": "is not",
        "thats": "that is",
        "im": "i am",
        "ive": "i have",
        "youre": "you are",
    },
    "de": {
        "ok": "okay",
        "ne": "eine",
        "nen": "einen",
        "nem": "einem",
        "ner": "einer",
        "nix": "nichts",
        "is": "ist",
        "hab": "habe",
        "wär": "waere",
        "beim": "bei dem",
        "mal'n": "mal ein",
        "so'n": "so ein",
        "nich": "nicht",
        "net": "nicht",
        "grad": "gerade",
        "isses": "ist es",
        "hamse": "haben sie",
        "könnse": "koennen sie",
    },
}
_ENDINGS = {
    "en": (
        ("n't", " not"),
        ("'ll", " will"),
        ("'re", " are"),
        ("'ve", " have"),
        ("'m", " am"),
        ("'d", " would"),
    ),
    "de": (("'s", " es"), ("'n", " ein"), ("'ne", " eine"), ("'nen", " einen"), ("'nem", " einem")),
}
_IS = frozenset(
    ["that", "it", "what", "here", "there", "he", "she", "who", "where", "how", "when", "this", "everything"]
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word in its plain form; ``start`` and ``end`` are character offsets in the turn's text. A
    contraction gives several tokens over the same characters. ``sentence`` counts from 0."""

    text: str
    lemma: str
    start: int
    end: int
    sentence: int


def fold(text: str) -> str:
    """Lower case with ä as ae, ß as ss and straight apostrophes."""
    return text.lower().translate(_FOLD)


@lru_cache(maxsize=50_000)
def lemma(word: str, language: str) -> str:
    """The dictionary form of one word, folded; the word itself where the language is not known."""
    if language not in ("en", "de") or word[:1].isdigit():
        return fold(word)
    from scorecards.lemmas import dictionary_form

    lowered = word.lower()
    found = dictionary_form(lowered, language)
    if language == "de" and found == lowered:
        found = dictionary_form(lowered.capitalize(), language)
    return fold(found)


@lru_cache(maxsize=50_000)
def opened(word: str, language: str) -> tuple[str, ...]:
    """The words that a contraction stands for, lower case and unfolded."""
    lowered = word.lower().replace("’", "'").replace("`", "'").replace("´", "'").strip("'")
    known = _OPENED.get(language, {}).get(lowered)
    if known is not None:
        return tuple(known.split())
    if "'" not in lowered:
        return (lowered,)
    for ending, meaning in _ENDINGS.get(language, ()):
        if lowered.endswith(ending) and len(lowered) > len(ending):
            return (*opened(lowered[: -len(ending)], language), *meaning.split())
    if language == "en" and lowered.endswith("'s"):
        stem = lowered[:-2]
        return (stem, "is") if stem in _IS else (stem,)
    return (lowered.replace("'", ""),)


@lru_cache(maxsize=4_096)
def tokens(text: str, language: str) -> tuple[Token, ...]:
    """The words of a text without fillers ("um", „äh“)."""
    found: list[Token] = []
    sentence, previous = 0, 0
    for match in _TOKEN.finditer(text):
        if found and _STOP.search(text, previous, match.start()):
            sentence += 1
        previous = match.end()
        for word in opened(match.group(), language):
            plain = fold(word)
            if plain and plain not in FILLERS:
                found.append(Token(plain, lemma(word, language), match.start(), match.end(), sentence))
    return tuple(found)


@lru_cache(maxsize=4_096)
def plain(text: str) -> tuple[str, tuple[int, ...]]:
    """The form that patterns read, with the offset in the original of each of its characters.

    Lower case, straight apostrophes, one space between words; commas, dashes, brackets and quotes are left
    out; ``.``, ``!`` and ``?`` stay, attached to the word before them. Contractions and umlauts stay.
    """
    characters: list[str] = []
    offsets: list[int] = []
    for position, character in enumerate(text):
        if character.isalnum() or character in "%€$£":
            kept = character.lower()
        elif character in "'’`´" and _inside_word(text, position):
            kept = "'"
        elif character in ".:/," and _between_digits(text, position):
            kept = character
        elif character in ".!?…":
            while characters and characters[-1] == " ":
                characters.pop()
                offsets.pop()
            kept = "." if character == "…" else character
        else:
            kept = " " if characters and characters[-1] != " " else ""
        if character in ".!?" and kept and not _between_digits(text, position):
            kept += " "
        for one in kept:
            characters.append(one)
            offsets.append(position)
    return "".join(characters), tuple(offsets)


def _inside_word(text: str, position: int) -> bool:
    return 0 < position < len(text) - 1 and text[position - 1].isalnum() and text[position + 1].isalnum()


def _between_digits(text: str, position: int) -> bool:
    return 0 < position < len(text) - 1 and text[position - 1].isdigit() and text[position + 1].isdigit()


def times_of(turn: Turn, start: int, end: int) -> tuple[float | None, float | None]:
    """The times (seconds) of a stretch of a turn's text, from its words where it has them.

    Without word times the turn's own times are spread over its characters; without any, (None, None).
    """
    timed = _words_between(turn, start, end)
    if timed:
        return timed[0], timed[1]
    if turn.start is None or turn.end is None or not turn.text:
        return turn.start, turn.end
    length = turn.end - turn.start
    return (
        round(turn.start + length * start / len(turn.text), 3),
        round(turn.start + length * min(end, len(turn.text)) / len(turn.text), 3),
    )


def _words_between(turn: Turn, start: int, end: int) -> tuple[float, float] | None:
    position, first, last = 0, None, None
    for word in turn.words:
        text = word.text.strip()
        at = turn.text.find(text, position)
        if at < 0:
            continue
        position = at + len(text)
        if position > start and at < end and word.start is not None and word.end is not None:
            first = word.start if first is None else first
            last = word.end
    return None if first is None or last is None else (first, last)
