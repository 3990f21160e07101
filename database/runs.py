"""Processing as operators see it: how many calls are in which state, and trying failed ones again."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from database.audit import record
from database.tables import Call
from database.types import utc_now
from database.viewers import Viewer


def counts_by_state(session: Session) -> dict[str, int]:
    """How many calls are waiting, running, done, failed, quarantined."""
    rows = session.execute(select(Call.state, func.count()).group_by(Call.state))
    return {state: int(count) for state, count in rows}


def stuck(session: Session, limit: int = 500) -> list[Call]:
    """Calls that failed or were set aside, newest first."""
    return list(
        session.exec(
            select(Call)
            .where(col(Call.state).in_(("failed", "quarantined")))
            .order_by(col(Call.changed_at).desc())
            .limit(limit)
        )
    )


def retry(session: Session, viewer: Viewer, call_ids: list[int]) -> int:
    """Let failed or quarantined calls wait for the next run; returns how many."""
    found = session.exec(
        select(Call).where(col(Call.id).in_(call_ids), col(Call.state).in_(("failed", "quarantined")))
    ).all()
    for call in found:
        call.state, call.changed_at = "waiting", utc_now()
        record(session, viewer, "asked to try again", "call", call.id)
    return len(found)
