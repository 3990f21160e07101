"""The words of the interface, in English and German: one YAML file a language, the same keys in both."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("en", "de")
NAMES = {"en": "English", "de": "Deutsch"}


@cache
def words(language: str) -> dict[str, str]:
    """All texts of a language by their dotted keys."""
    with (Path(__file__).parent / f"{language}.yaml").open(encoding="utf-8") as file:
        return _flat(yaml.safe_load(file))


def _flat(tree: dict[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat


@dataclass(frozen=True)
class Translator:
    """Says things in one language: ``t("calls.count", n=3)``."""

    language: str

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key with its values put in; raises KeyError for a key that nobody wrote."""
        text = words(self.language)[key]
        return text.format(**values) if values else text

    def get(self, key: str, default: str) -> str:
        """The text of a key, or the default where there is none (names that come from data)."""
        return words(self.language).get(key, default)

    def part(self, prefix: str) -> dict[str, str]:
        """All texts below a prefix, without it: what a component needs."""
        return {k.removeprefix(prefix): v for k, v in words(self.language).items() if k.startswith(prefix)}


def translator(language: str) -> Translator:
    """A translator; an unknown language falls back on English."""
    return Translator(language if language in LANGUAGES else "en")


def best_language(accepted: str) -> str:
    """The first language of an Accept-Language header that we have."""
    for part in accepted.split(","):
        language = part.split(";")[0].strip().lower()[:2]
        if language in LANGUAGES:
            return language
    return "en"
