"""What was refused, in the person's language. Refusals are written in English where they are raised;
``i18n/refusals.de.yaml`` says each in German, with the same gaps in the same order."""

import re
from functools import cache
from pathlib import Path

import yaml

from database.errors import DatabaseError
from qa_app.i18n import Translator

GAP = "{}"


@cache
def sayings(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of the English refusals with the same in another language."""
    file = Path(__file__).parent / "i18n" / f"refusals.{language}.yaml"
    if not file.exists():
        return ()
    said: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return tuple(
        (re.compile("(.+?)".join(re.escape(part) for part in english.split(GAP)), re.DOTALL), other)
        for english, other in said.items()
    )


def told(error: DatabaseError, t: Translator) -> str:
    """The refusal in the person's language, beginning with a capital; unknown ones stay as they are."""
    text = str(error)
    for pattern, other in sayings(t.language):
        if found := pattern.fullmatch(text):
            return other.format(*found.groups())
    return text[:1].upper() + text[1:]
