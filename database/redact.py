"""Quotes for readers outside: numbers, addresses and names masked. Cautious rather than complete."""

import re
from collections.abc import Iterable

MASK = "▮▮▮"
_NUMBER_WORDS = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|double|triple|twenty|thirty|forty|"
    "fifty|sixty|seventy|eighty|ninety|null|eins|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|"
    "(?:[a-zäöü]+und)?(?:zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)"
)
_RULES = (
    re.compile(r"\S+@\S+|\b\S+ (?:at|ät) \S+ (?:dot|punkt) \w+", re.IGNORECASE),
    re.compile(r"\b(?=\w*\d)[\w./-]*\d[\w./-]*(?:[ -]?\d[\w./-]*)*"),
    re.compile(rf"\b(?:{_NUMBER_WORDS})(?:[ ,-]+(?:{_NUMBER_WORDS}))+\b", re.IGNORECASE),
)
_CALLED = re.compile(
    r"\b((?:my name is|this is|i am called|mein name ist|ich heiße|ich bin|hier ist|hier spricht|"
    r"mr\.?|mrs\.?|ms\.?|miss|herrn?|frau)\s+)((?:[A-ZÄÖÜ][\w'’-]+\s?){1,3})",
    re.IGNORECASE,
)


def redact(text: str, names: Iterable[str] = ()) -> str:
    """The text with e-mail addresses, numbers (digits, and two or more spoken in a row), names after "my name
    is", "Frau" and the like, and the given names masked. Words of one number ("two days") stay."""
    for rule in _RULES:
        text = rule.sub(MASK, text)
    text = _CALLED.sub(lambda m: m[1] + MASK + " " if m[2][:1].isupper() else m[0], text)
    for name in names:
        for part in re.split(r"[\s._-]+", name):
            if len(part) > 2:
                text = re.sub(rf"\b{re.escape(part)}\b", MASK, text, flags=re.IGNORECASE)
    return re.sub(r"\s+([.,!?])", r"\1", text).strip()
