"""The top box: how many calls pass, apart from the average that hides them."""

from datetime import datetime

from sqlalchemy import case, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from database.figures import Share
from database.tables import Call
from database.viewers import Viewer, visible


def passing(session: Session, viewer: Viewer, since: datetime, team_id: int | None = None) -> Share:
    """Calls at or above their card's pass mark without a critical failure, among those within reach since a
    moment of which that can be told."""
    where = [visible(viewer), col(Call.started_at) >= since, col(Call.passed).is_not(None)]
    if team_id is not None:
        where.append(col(Call.team_id) == team_id)
    hits = func.sum(case((col(Call.passed).is_(True), 1), else_=0))
    row = session.execute(sa_select(hits, func.count()).where(*where)).one()
    return Share("passed", int(row[0] or 0), int(row[1]))
