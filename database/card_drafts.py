"""Scorecards in the making: saved at each step, so that nothing entered is lost."""

import re

from sqlmodel import Session, col, select

from database.errors import DatabaseError
from database.tables import CardDraft
from database.types import utc_now
from database.viewers import Viewer

MOST = 1_000_000
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}\.(en|de)")


class DraftMovedOnError(DatabaseError):
    """Somebody else saved the draft meanwhile."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"somebody else saved {name!r} meanwhile; copy what you wrote, load theirs and put it in"
        )


def drafts(session: Session) -> list[CardDraft]:
    """All drafts, by name."""
    return list(session.exec(select(CardDraft).order_by(col(CardDraft.name))))


def draft(session: Session, name: str) -> CardDraft | None:
    """A draft by name."""
    return session.exec(select(CardDraft).where(CardDraft.name == name)).first()


def save_draft(
    session: Session, viewer: Viewer, name: str, text: str, tests: str = "", *, seen: int | None = None
) -> int:
    """Keep a draft; returns its new number. ``seen`` is the number that the writer began from, None for a
    new draft. Raises DraftMovedOnError when the draft went on meanwhile."""
    if not _NAME.fullmatch(name):
        raise DatabaseError(f"scorecard name {name!r}: use a-z, 0-9, - and _, then .en or .de")
    if len(text) > MOST or len(tests) > MOST:
        raise DatabaseError(
            f"the text has {max(len(text), len(tests))} characters; at most {MOST} can be kept"
        )
    found = session.exec(select(CardDraft).where(CardDraft.name == name).with_for_update()).first()
    if found is None:
        session.add(CardDraft(name=name, text=text, tests=tests, by=viewer.user_id))
        return 1
    if seen != found.number:
        raise DraftMovedOnError(name)
    found.text, found.tests, found.number = text, tests, found.number + 1
    found.at, found.by = utc_now(), viewer.user_id
    return found.number


def drop_draft(session: Session, name: str) -> None:
    """Forget a draft; one that is not there is no mistake."""
    found = draft(session, name)
    if found is not None:
        session.delete(found)
