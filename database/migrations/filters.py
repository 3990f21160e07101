"""What migrations leave alone."""

from typing import Any


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, _compared: Any) -> bool:
    """Leave the full-text search alone: its shadow tables and its column are no model."""
    del thing, reflected
    return not (
        (kind == "table" and (name or "").startswith("turn_fts"))
        or (kind == "column" and name == "words")
        or (kind == "index" and name == "ix_turn_words")
    )
