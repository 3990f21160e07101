"""What a small recogniser makes of talk over the telephone: sounds written as other letters, words cut in two
or run together, umlauts lost, small words mistaken. Examples are learned from in this form, too."""

import random
import re
from collections.abc import Mapping

_SOUNDS_DE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("sch", ("sh", "sch", "ch")),
    ("ch", ("g", "k", "sch", "h")),
    ("ck", ("g", "k")),
    ("ei", ("ai", "e", "ie")),
    ("eu", ("oi", "ei")),
    ("ie", ("i", "e", "ih")),
    ("tz", ("z", "ts")),
    ("pf", ("f",)),
    ("ä", ("a", "e")),
    ("ö", ("o", "e")),
    ("ü", ("u", "i")),
    ("ß", ("s",)),
    ("v", ("f", "w")),
    ("w", ("v",)),
    ("d", ("t",)),
    ("t", ("d",)),
    ("b", ("p",)),
    ("p", ("b",)),
    ("g", ("k",)),
    ("k", ("g",)),
    ("z", ("s",)),
    ("m", ("n",)),
    ("n", ("m",)),
    ("h", ("",)),
    ("r", ("",)),
)
_WORDS_DE = {
    "ihnen": ("ihn", "in", "innen"),
    "ihn": ("in",),
    "sie": ("si", "die", "sich"),
    "nicht": ("nich", "nischt", "mich"),
    "ist": ("is", "isst"),
    "für": ("vor", "fur", "führ"),
    "ich": ("isch", "ig", "ick"),
    "das": ("dass", "was", "des"),
    "und": ("un", "und"),
    "einen": ("ein", "ein'n"),
    "bitte": ("bitter", "bitt"),
    "mal": ("ma", "mahl"),
    "wir": ("wie", "wer"),
    "leid": ("leit", "lied", "weit"),
    "zu": ("so", "zur"),
    "mein": ("meine", "man"),
}
_SOUNDS_EN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ght", ("t", "te")),
    ("th", ("f", "d", "t")),
    ("ing", ("in", "en")),
    ("ed", ("", "t")),
    ("sh", ("ch", "s")),
    ("ch", ("sh", "j")),
    ("ee", ("ea", "i")),
    ("ea", ("e", "ee")),
    ("ou", ("o", "ow")),
    ("ck", ("k", "ke")),
    ("ph", ("f",)),
    ("v", ("b", "f")),
    ("s", ("z", "")),
    ("d", ("t", "")),
    ("t", ("d", "")),
    ("m", ("n",)),
    ("n", ("m",)),
    ("r", ("", "w")),
    ("l", ("r", "w")),
)
_WORDS_EN = {
    "i'll": ("all", "i", "i'd"),
    "i'm": ("am", "i"),
    "you're": ("your", "you"),
    "your": ("you're", "you"),
    "that's": ("that", "as"),
    "it's": ("is", "its"),
    "we've": ("we", "we have"),
    "hold": ("old", "hall", "holed"),
    "wait": ("weight", "way"),
    "refund": ("we fund", "re fund", "fund"),
    "sorry": ("sorry", "story", "sore"),
    "for": ("four", "from", "or"),
    "two": ("to", "too"),
    "to": ("too", "the"),
    "can't": ("can", "count", "cant"),
    "can": ("can't", "come"),
    "there": ("their", "the"),
    "hear": ("here", "her"),
    "know": ("no", "now"),
    "bear": ("bare", "be"),
    "line": ("lying", "lion"),
    "while": ("well", "wall"),
    "through": ("true", "threw"),
    "them": ("him", "and"),
    "the": ("a", "that", ""),
    "a": ("the", "her"),
    "of": ("have", "a"),
    "and": ("in", "an"),
    "call": ("cool", "car"),
    "put": ("but", "pull"),
    "order": ("odour", "other"),
    "leave": ("live", "leaf"),
    "help": ("hell", "held"),
    "else": ("less", "health"),
    "bye": ("by", "buy"),
}
_BY_LANGUAGE = {"de": (_SOUNDS_DE, _WORDS_DE), "en": (_SOUNDS_EN, _WORDS_EN)}
_DOUBLE = re.compile(r"([a-zäöü])\1")
_LONG = 9


def misheard(text: str, chance: random.Random, language: str = "de", *, share: float = 0.22) -> str:
    """The text with about ``share`` of its words written wrong, as they sound."""
    sounds, known = _BY_LANGUAGE[language]
    words: list[str] = []
    for word in text.split():
        if chance.random() >= share:
            words.append(word)
            continue
        words.extend(_wrong(word.lower(), chance, sounds, known).split())
    if len(words) > 3 and chance.random() < 0.3:
        at = chance.randrange(len(words) - 1)
        if len(words[at]) + len(words[at + 1]) < _LONG:
            words[at : at + 2] = [words[at] + words[at + 1]]
    return " ".join(words) or text


def _wrong(
    word: str,
    chance: random.Random,
    sounds: tuple[tuple[str, tuple[str, ...]], ...],
    known: Mapping[str, tuple[str, ...]],
) -> str:
    bare = word.strip(".,?!")
    if bare in known:
        return chance.choice(known[bare])
    if len(bare) >= _LONG and chance.random() < 0.5:
        cut = chance.randrange(4, len(bare) - 3)
        return f"{bare[:cut]} {bare[cut:]}"
    if _DOUBLE.search(bare) and chance.random() < 0.3:
        return _DOUBLE.sub(r"\1", bare, count=1)
    present = [(sound, forms) for sound, forms in sounds if sound in bare]
    if not present or len(bare) < 3:
        return bare
    for sound, forms in chance.sample(present, 2 if len(bare) > 6 and len(present) > 1 else 1):
        bare = bare.replace(sound, chance.choice(forms), 1)
    return bare
