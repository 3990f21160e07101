"""German phonemes in the letters that the Kokoro model was trained on.

espeak-ng writes German with symbols that the model has never met (a tap for every r, ``ɜ`` for -er). They are
brought to the nearest sounds of its French, English and Italian material. Measured through G.711 with Whisper
base: docs of this folder (README.md).
"""

import re
import unicodedata

_WHOLE = (
    ("ɔø", "ɔɪ"),
    ("ɔʏ", "ɔɪ"),
    ("ts", "ʦ"),
    ("tʃ", "ʧ"),
    ("dʒ", "ʤ"),
    ("ɜ", "ɐ"),
    ("ʏ", "y"),
)
_BEFORE_VOWEL = re.compile(r"[ɾr](?=[aeiouyøœɛɔɪʊəɑɐˈˌ])")
_ELSEWHERE = re.compile(r"[ɾr]")
_UNKNOWN = str.maketrans("", "", "̩̃̆ʲ")


def german(ipa: str) -> str:
    """espeak-ng's IPA for German text as the model's phonemes; r is uvular before vowels, else vocalised."""
    text = unicodedata.normalize("NFC", ipa)
    for old, new in _WHOLE:
        text = text.replace(old, new)
    text = _ELSEWHERE.sub("ɐ", _BEFORE_VOWEL.sub("ʁ", text))
    return text.replace("ɑː", "aː").translate(_UNKNOWN)
