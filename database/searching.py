"""The search by words: SQLite's FTS5, PostgreSQL's tsvector, each with its index over the turns."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, text
from sqlmodel import Session, col, select

from database.tables import Call, TurnRow

COMMON = 5_000
"""Turns that hold the words: with more, they are common."""


def common(session: Session, words: str) -> bool:
    """Whether many turns hold the words."""
    hits: Any = matching_turns(session, words)
    if hits is None:
        return False
    if session.get_bind().dialect.name == "sqlite":  # without a look at the turns themselves it stops early
        match = text("turn_fts MATCH :words").bindparams(words=fts_query(words))
        hits = select(text("rowid")).select_from(text("turn_fts")).where(match)
    return session.exec(select(func.count()).select_from(hits.limit(COMMON + 1).subquery())).one() > COMMON


def says(session: Session, words: str, within: Sequence[int] = ()) -> ColumnElement[bool]:
    """Calls in which a turn holds the words, or whose file or call number does; where it is known ``within``
    which calls to look, their turns are asked one by one."""
    like = "%" + words.strip().strip('"').replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    named = or_(col(Call.file_name).ilike(like, escape="\\"), col(Call.call_key).ilike(like, escape="\\"))
    matching = matching_turns(session, words, within)
    return named if matching is None else or_(named, col(Call.id).in_(matching))


def matching_turns(session: Session, words: str, within: Sequence[int] = ()) -> Select[Any] | None:
    """The ids of calls where one turn holds all the words (a phrase where in quotation marks)."""
    turns = select(TurnRow.call_id)
    if within:
        turns = turns.where(col(TurnRow.call_id).in_(within))
    if session.get_bind().dialect.name == "postgresql":
        hit = text(
            "(turn.words @@ websearch_to_tsquery('english', :words) "
            "OR turn.words @@ websearch_to_tsquery('german', :words))"
        ).bindparams(words=words)
        return turns.where(hit)
    query = fts_query(words)
    if query is None:
        return None
    # With the plus SQLite looks a turn up among the hits; without, it goes through the hits.
    turn = "+turn.id" if within else "turn.id"
    hit = text(f"{turn} IN (SELECT rowid FROM turn_fts WHERE turn_fts MATCH :words)").bindparams(words=query)
    return turns.where(hit)


def fts_query(words: str) -> str | None:
    """What a person typed as an FTS5 query: each word quoted, so that no operator can slip in; text in
    quotation marks is a phrase. None where no word is left."""
    parts: list[str] = []
    for position, piece in enumerate(words.split('"')):
        bare = "".join(c if c.isalnum() else " " for c in piece).split()
        if not bare:
            continue
        parts += [f'"{" ".join(bare)}"'] if position % 2 else [f'"{word}"' for word in bare]
    return " ".join(parts) or None
