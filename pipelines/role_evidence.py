"""How much somebody's words speak for an agent, a customer or a machine (role_phrases.yaml). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import regex
import yaml

PHRASES = Path(__file__).with_name("role_phrases.yaml")
TIMEOUT_S = 0.5


@dataclass(frozen=True)
class Evidence:
    """Summed weights of what one speaker says: for an agent, a customer and a machine."""

    agent: float = 0.0
    customer: float = 0.0
    machine: float = 0.0

    def __add__(self, other: "Evidence") -> "Evidence":
        return Evidence(
            self.agent + other.agent, self.customer + other.customer, self.machine + other.machine
        )


def plain_text(text: str) -> str:
    """Small letters, digits and apostrophes, single spaces."""
    low = text.lower().replace("’", "'").replace("-", " ")
    return " ".join("".join(c if c.isalnum() or c == "'" else " " for c in low).split())


def evidence(texts: Sequence[str], languages: Sequence[str]) -> Evidence:
    """What the plain texts of one speaker say about the role; a pattern that hits several texts counts
    half as much again, however many they are."""

    def total(role: str) -> float:
        found = 0.0
        for language in languages:
            for weight, pattern in _weighted(role, language):
                hits = sum(1 for text in texts if pattern.search(text, timeout=TIMEOUT_S))
                found += weight * (0.0, 1.0, 1.5)[min(hits, 2)]
        return found

    return Evidence(total("agent"), total("customer"), total("machine"))


def transfers(text: str, languages: Sequence[str]) -> bool:
    """Whether somebody says that the caller will be, or was, put through."""
    return _any("transfer", text, languages)


def personal(text: str, languages: Sequence[str]) -> bool:
    """Whether a turn answers or introduces somebody, as no announcement does."""
    return _any("personal", text, languages) or introduced(text, languages) is not None


def introduced(text: str, languages: Sequence[str]) -> str | None:
    """The name by which somebody introduces themselves."""
    for language in languages:
        for pattern in _plain("introduction", language):
            found = pattern.search(text, timeout=TIMEOUT_S)
            if found and found.group(1) not in _not_names():
                return str(found.group(1))
    return None


def _any(kind: str, text: str, languages: Sequence[str]) -> bool:
    return any(
        pattern.search(text, timeout=TIMEOUT_S)
        for language in languages
        for pattern in _plain(kind, language)
    )


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    return tables


@lru_cache(maxsize=1)
def _not_names() -> frozenset[str]:
    return frozenset(_tables()["not_names"])


@lru_cache(maxsize=16)
def _weighted(role: str, language: str) -> tuple[tuple[float, "regex.Pattern[str]"], ...]:
    return tuple(
        (float(weight), regex.compile(rf"\b(?:{pattern})")) for weight, pattern in _tables()[role][language]
    )


@lru_cache(maxsize=16)
def _plain(kind: str, language: str) -> tuple["regex.Pattern[str]", ...]:
    return tuple(regex.compile(rf"\b(?:{pattern})") for pattern in _tables()[kind][language])
