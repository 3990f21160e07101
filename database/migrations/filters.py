"""What migrations leave alone."""

from typing import Any


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, _compared: Any) -> bool:
    """Leave the full-text search and indexes over expressions alone: they are no model."""
    del thing, reflected
    return not (
        (kind == "table" and (name or "").startswith("turn_fts"))
        or (kind == "column" and name == "words")
        or (kind == "index" and name in ("ix_turn_words", "ix_call_worth", "ix_criterion_result_in_force"))
    )
