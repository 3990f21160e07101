"""Lengths of time in spoken words: "two or three minutes", „eine halbe Minute“."""

import regex

from scorecards.patterns import lazily

_NUMBERS = {
    "half a": 0.5, "a couple of": 2, "a couple": 2, "couple of": 2, "couple": 2, "a few": 3, "one": 1,
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50,
    "sixty": 60, "ninety": 90, "another": 1, "about a": 1, "under a": 1, "eine halbe": 0.5, "halbe": 0.5,
    "ein paar": 3, "paar": 3, "anderthalb": 1.5, "eineinhalb": 1.5, "ein": 1, "eine": 1, "zwei": 2,
    "zwo": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
    "zwölf": 12, "fünfzehn": 15, "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40,
    "fünfundvierzig": 45, "fünfzig": 50, "sechzig": 60, "neunzig": 90,
}  # fmt: skip
_OR = r"(?:or|to|bis|oder|and|und|maybe|perhaps|vielleicht)(?:\s+maybe)?"
_NUMBER = "|".join(sorted(map(regex.escape, _NUMBERS), key=len, reverse=True)) + r"|\d+(?:[.,]\d+)?"
_LENGTH = lazily(
    rf"(?<![\p{{L}}\d])(?P<n>{_NUMBER})"
    rf"(?:(?:\s*[,/–-]\s*(?:maybe\s+)?|\s+{_OR}\s+)(?P<upto>{_NUMBER}))?\s+"
    r"(?:(?:more|further|short|full|good|weitere|kurze|gute|knappe|ganze|volle)\s+)?"
    r"(?P<unit>minutes?|mins?|minuten?|seconds?|secs?|sekunden?)\b",
    regex.IGNORECASE,
)
_SET = {
    120.0: lazily(r"\ba (?:minute|min) or (?:two|so)\b|\beine Minute oder zwei\b", regex.IGNORECASE),
    900.0: lazily(r"\ba quarter of an hour\b|\b(?:eine )?Viertelstunde\b", regex.IGNORECASE),
}
"""Lengths that no number tells, seconds."""
TIMEOUT_S = 0.25


def longest_s(text: str) -> float | None:
    """The longest length of time that a text names, seconds; of "two or three minutes" the three. None where
    it names none; "a minute", „einen Moment“ are none."""
    try:
        found = [_seconds(match) for match in _LENGTH.finditer(text, timeout=TIMEOUT_S)]
        found += [seconds for seconds, words in _SET.items() if words.search(text, timeout=TIMEOUT_S)]
    except TimeoutError:  # a text that no expression can be held against names nothing
        return None
    return max(found, default=None)


def _seconds(match: "regex.Match[str]") -> float:
    value = _value(match.group("upto") or match.group("n"))
    return value * (60.0 if match.group("unit").lower().startswith("m") else 1.0)


def _value(word: str) -> float:
    plain = " ".join(word.lower().split())
    return float(_NUMBERS[plain]) if plain in _NUMBERS else float(plain.replace(",", "."))
