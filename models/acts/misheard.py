"""What a small recogniser makes of German over the telephone: sounds written as other letters, words cut in
two or run together, umlauts lost. Examples are learned from in this form, too."""

import random
import re

_SOUNDS: tuple[tuple[str, tuple[str, ...]], ...] = (
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
_WORDS = {
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
_DOUBLE = re.compile(r"([a-zäöü])\1")
_LONG = 9


def misheard(text: str, chance: random.Random, *, share: float = 0.22) -> str:
    """The text with about ``share`` of its words written wrong, as they sound."""
    words: list[str] = []
    for word in text.split():
        if chance.random() >= share:
            words.append(word)
            continue
        words.extend(_wrong(word.lower(), chance).split())
    if len(words) > 3 and chance.random() < 0.3:
        at = chance.randrange(len(words) - 1)
        if len(words[at]) + len(words[at + 1]) < _LONG:
            words[at : at + 2] = [words[at] + words[at + 1]]
    return " ".join(words)


def _wrong(word: str, chance: random.Random) -> str:
    bare = word.strip(".,?!")
    if bare in _WORDS:
        return chance.choice(_WORDS[bare])
    if len(bare) >= _LONG and chance.random() < 0.5:
        cut = chance.randrange(4, len(bare) - 3)
        return f"{bare[:cut]} {bare[cut:]}"
    if _DOUBLE.search(bare) and chance.random() < 0.3:
        return _DOUBLE.sub(r"\1", bare, count=1)
    present = [(sound, forms) for sound, forms in _SOUNDS if sound in bare]
    if not present or len(bare) < 3:
        return bare
    for sound, forms in chance.sample(present, 2 if len(bare) > 6 and len(present) > 1 else 1):
        bare = bare.replace(sound, chance.choice(forms), 1)
    return bare
