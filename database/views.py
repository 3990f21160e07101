"""Saved filters: each person keeps their own, by name."""

from sqlmodel import Session, col, select

from database.errors import DatabaseError
from database.filters import Filters
from database.tables import SavedView
from database.viewers import Viewer


def views_of(session: Session, viewer: Viewer) -> dict[str, Filters]:
    """A person's saved filters by name."""
    rows = session.exec(
        select(SavedView).where(SavedView.owner_id == viewer.user_id).order_by(col(SavedView.name))
    )
    return {row.name: Filters.of(row.filters or {}) for row in rows}


def save_view(session: Session, viewer: Viewer, name: str, filters: Filters) -> None:
    """Keep filters under a name; the same name is replaced."""
    name = name.strip()
    if not 0 < len(name) <= 120:
        raise DatabaseError("give the filters a name of at most 120 characters")
    if viewer.user_id is None:
        raise DatabaseError("saved filters belong to somebody who is signed in")
    found = _one(session, viewer, name)
    if found is None:
        session.add(SavedView(owner_id=viewer.user_id, name=name, filters=filters.to_dict()))
    else:
        found.filters = filters.to_dict()


def delete_view(session: Session, viewer: Viewer, name: str) -> None:
    """Forget saved filters; an unknown name is no mistake."""
    found = _one(session, viewer, name)
    if found is not None:
        session.delete(found)


def _one(session: Session, viewer: Viewer, name: str) -> SavedView | None:
    return session.exec(
        select(SavedView).where(SavedView.owner_id == viewer.user_id, SavedView.name == name)
    ).first()
