"""Words around holds, searches and transfers: the small lexicon of cues.yaml, matched on normalised text."""

from functools import cache
from pathlib import Path

import regex
import yaml

LEXICON = Path(__file__).parent / "cues.yaml"
LANGUAGES = ("en", "de")
TIMEOUT_S = 0.25
_DROPPED = regex.compile(r"[^\w\s]|_")
_SPACES = regex.compile(r"\s+")


def normalised(text: str) -> str:
    """Lower case, punctuation as spaces ("I'll" is "i ll"), single spaces, umlauts kept."""
    return _SPACES.sub(" ", _DROPPED.sub(" ", text.lower())).strip()


def says(text: str, cue: str, language: str | None) -> bool:
    """Whether a turn holds a cue of cues.yaml (``hold``, ``search``, ``thanks``, ``transfer`` …). Looks in
    both languages where the language is neither en nor de."""
    plain = normalised(text)
    chosen = (language[:2],) if language and language[:2] in LANGUAGES else LANGUAGES
    try:
        return any(
            pattern.search(plain, timeout=TIMEOUT_S) for name in chosen for pattern in _patterns(name, cue)
        )
    except TimeoutError:  # a turn that no expression can be held against says nothing
        return False


def only_stays(text: str, language: str | None) -> bool:
    """Whether a turn only asks to stay on the line while its speaker looks something up: a search and
    no hold, unless the line tells otherwise."""
    if not says(text, "looks_up", language) or says(text, "asks_on", language):
        return False
    plain = normalised(text)
    chosen = (language[:2],) if language and language[:2] in LANGUAGES else LANGUAGES
    try:
        for pattern in (one for name in chosen for one in _patterns(name, "linger")):
            plain = pattern.sub(" ", plain, timeout=TIMEOUT_S)
    except TimeoutError:
        return False
    return not says(plain, "hold", language)


def is_backchannel(text: str, language: str | None = None) -> bool:
    """Whether a turn only signals listening ("mm-hm", „genau“): all of its words do."""
    plain = normalised(text)
    if not plain:
        return False
    chosen = (language[:2],) if language and language[:2] in LANGUAGES else LANGUAGES
    return any(_listening(name).fullmatch(plain) is not None for name in chosen)


@cache
def _lexicon() -> dict[str, dict[str, list[str]]]:
    read: dict[str, dict[str, list[str]]] = yaml.safe_load(LEXICON.read_text("utf-8"))
    return read


@cache
def _patterns(language: str, cue: str) -> tuple[regex.Pattern[str], ...]:
    return tuple(regex.compile(pattern) for pattern in _lexicon()[language][cue])


@cache
def _listening(language: str) -> regex.Pattern[str]:
    words = {normalised(str(word)) for word in _lexicon()["backchannels"][language]}
    choice = "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))
    return regex.compile(rf"(?:{choice})(?: (?:{choice})){{0,3}}")
