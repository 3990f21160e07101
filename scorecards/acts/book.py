"""The catalogue of acts and the phrase rules of a language, read once."""

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from scorecards.errors import ScorecardError
from scorecards.phrases import PhraseBook, PhraseEntry, search

LANGUAGES = ("en", "de")


class ActInfo(BaseModel):
    """One act of the catalogue: who can do it, what it is, and how it is told to people by language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Literal["agent", "customer"]
    about: str
    says: dict[Literal["en", "de"], str]


@lru_cache(maxsize=1)
def catalogue() -> dict[str, ActInfo]:
    """Every act by its id, in the order of the file."""
    raw = yaml.load(_text("catalogue.yaml"), Loader=yaml.CSafeLoader)
    return {name: ActInfo.model_validate(info) for name, info in raw["acts"].items()}


def told(acts: Iterable[str], language: str, *, most: int = 3) -> str:
    """Acts in words for people: "apologises", "asks whether the customer will wait or …"."""
    words = [catalogue()[act].says["de" if language == "de" else "en"] for act in dict.fromkeys(acts)]
    if len(words) > most:
        words = [*words[: most - 1], "…"]
    return (" oder " if language == "de" else " or ").join(words)


@lru_cache(maxsize=4)
def phrase_entries(language: str) -> tuple[PhraseEntry, ...]:
    """The phrase rules of a language; raises ScorecardError where there are none or one is wrong."""
    if language not in LANGUAGES:
        raise ScorecardError(f"no phrase rules for language {language!r}; there are {', '.join(LANGUAGES)}")
    name = f"phrases.{language}.yaml"
    known = catalogue()
    found = []
    for number, raw in enumerate(yaml.load(_text(name), Loader=yaml.CSafeLoader)["phrases"]):
        try:
            entry = PhraseEntry(**raw)
        except (TypeError, ValidationError) as error:
            raise ScorecardError(f"{name}, entry {number + 1}: {error}") from error
        if entry.act not in known:
            raise ScorecardError(f"{name}, entry {number + 1}: act {entry.act!r} is not in catalogue.yaml")
        role = known[entry.act].role
        found.append(entry if entry.role else entry.model_copy(update={"role": role}))
    return tuple(found)


@lru_cache(maxsize=4)
def phrase_book(language: str) -> PhraseBook:
    """The phrase rules of a language, ready to find."""
    return PhraseBook(phrase_entries(language), language)


def excused(act: str, text: str, language: str) -> bool:
    """Whether a pattern of the allow-lists of an act's rules stands in a text: what a rule may not hold
    against somebody, nothing else may."""
    return any(search(pattern, text) for pattern in _excuses(language).get(act, ()))


@lru_cache(maxsize=4)
def _excuses(language: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for entry in phrase_entries(language):
        patterns = [a[1:-1] for a in entry.allow if len(a) > 2 and a[0] == a[-1] == "/"]
        found.setdefault(entry.act, []).extend(patterns)
    return {act: tuple(patterns) for act, patterns in found.items()}


def _text(name: str) -> str:
    try:
        return files("scorecards.acts").joinpath(name).read_text(encoding="utf-8")
    except OSError as error:
        raise ScorecardError(f"scorecards/acts/{name} is missing") from error
