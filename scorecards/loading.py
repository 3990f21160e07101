"""From a card's id or file to a ``Card``, with errors that name file, line, path, value and what is
allowed."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scorecards.card import Card
from scorecards.errors import ScorecardError
from scorecards.yaml_text import Located, read_yaml

LIBRARY = Path(__file__).parent / "library"
PUBLISHED = LIBRARY / "published.yaml"


def card_from_text(text: str, where: str = "the card") -> Card:
    """A card of its YAML text; raises ScorecardError with every problem, one a line."""
    located = read_yaml(text, where)
    if not isinstance(located.value, dict):
        raise ScorecardError(f"{where}: a card is a mapping with id, version, language, sections, criteria")
    try:
        return Card.model_validate(located.value)
    except ValidationError as error:
        raise ScorecardError("\n".join(_problems(error, located, where))) from error
    except RecursionError as error:
        raise ScorecardError(f"{where}: nested too deeply; name parts under define") from error


def load_card(source: str | Path, language: str | None = None) -> Card:
    """A card by file, or by id from the library (``customer-care``, ``customer-care.de``).

    ``language`` chooses among the library's languages of an id; without it English is taken first. Raises
    ScorecardError where nothing is found (naming the choices), where the file is wrong, or where a published
    version was changed.
    """
    path = Path(source)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return _read_card(path)
    name, _, suffix = str(source).partition(".")
    wanted = suffix or language
    choices = library()
    found = {lang: file for (card_id, lang), file in choices.items() if card_id == name}
    if not found or (suffix and suffix not in found):
        known = ", ".join(f"{i}.{lang}" for i, lang in sorted(choices))
        raise ScorecardError(f"no scorecard {str(source)!r}; give a YAML file or one of: {known}")
    short = (wanted or "en").split("-")[0].lower()
    return _read_card(found.get(short) or found.get("en") or next(iter(found.values())))


@lru_cache(maxsize=1)
def library() -> dict[tuple[str, str], Path]:
    """The ready cards: (id, language) and file."""
    files = (p for p in sorted(LIBRARY.glob("*.yaml")) if not p.name.endswith(".tests.yaml"))
    return {(p.name.split(".")[0], p.name.split(".")[1]): p for p in files if p.name.count(".") == 2}


def fingerprint(card: Card) -> str:
    """The sha256 of a card's canonical form: comments, order of keys and spelled-out defaults do not
    change it."""
    form = json.dumps(card.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(form.encode()).hexdigest()


def _read_card(path: Path) -> Card:
    try:
        state = path.stat()
    except OSError as error:
        raise ScorecardError(f"{path}: cannot be read ({error.strerror or error})") from error
    return _cached_card(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _cached_card(path: Path, changed: int, size: int) -> Card:  # noqa: ARG001
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    card = card_from_text(text, str(path))
    refuse_changed(card, str(path))
    return card


@lru_cache(maxsize=1)
def published() -> dict[str, str]:
    """The fingerprints of all published versions: "id.language version" and sha256."""
    if not PUBLISHED.is_file():
        return {}
    value = read_yaml(PUBLISHED.read_text(encoding="utf-8"), str(PUBLISHED)).value
    return {str(k): str(v) for k, v in (value or {}).items()}


def refuse_changed(card: Card, where: str) -> None:
    """Raise ScorecardError where a published version no longer is what was published."""
    known = published().get(release_name(card))
    if known is not None and known != fingerprint(card):
        raise ScorecardError(
            f"{where}: version {card.version} of {card.id}.{card.language} is published and frozen, "
            f"but this text differs; "
            f"raise version to {card.version + 1}"
        )


def release_name(card: Card) -> str:
    """The key of a published version."""
    return f"{card.id}.{card.language} {card.version}"


def _problems(error: ValidationError, located: Located, where: str) -> list[str]:
    lines: list[str] = []
    for problem in error.errors(include_url=False):
        path = tuple(p for p in problem["loc"])
        line = located.line(path)
        place = ".".join(map(str, path)) or "card"
        at = f"{where}:{line}" if line is not None else where
        lines.append(f"{at}: {place}: {_told(problem)}")
    return lines


def _told(problem: Any) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    kind = problem["type"]
    if kind == "missing":
        return "this key is missing"
    shown = repr(problem.get("input"))
    if kind == "extra_forbidden":
        return f"unknown key (value {shown[:60]})"
    return f"{message} (here: {shown[:80]})" if not isinstance(problem.get("input"), dict | list) else message
