"""Why people called, period by period: counts of contact reasons over all processed calls within reach."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from database.tables import Call
from database.viewers import Viewer, visible

Span = tuple[datetime, datetime]
"""From the first moment on, up to the second without it."""
Reasons = Counter[str | None]
"""Calls by contact reason; None counts those whose reason nobody knows."""


def over_time(
    session: Session,
    viewer: Viewer,
    spans: Sequence[Span],
    *,
    team_id: int | None = None,
    queue: str | None = None,
) -> list[Reasons]:
    """The reasons in each of some spans, which follow one another without a gap; one query for all."""
    found: list[Reasons] = [Counter() for _ in spans]
    if not spans:
        return found
    number = case(
        *((col(Call.started_at) < end, i) for i, (_, end) in enumerate(spans[:-1])), else_=len(spans) - 1
    )
    where = [
        visible(viewer),
        col(Call.started_at) >= spans[0][0],
        col(Call.started_at) < spans[-1][1],
        col(Call.assessment_number).is_not(None),
    ]
    if team_id is not None:
        where.append(col(Call.team_id) == team_id)
    if queue is not None:
        where.append(col(Call.queue) == queue)
    at = number.label("at")
    rows = session.execute(
        sa_select(at, col(Call.contact_reason), func.count())
        .where(*where)
        .group_by(at, col(Call.contact_reason))
    )
    for which, reason, calls in rows:
        found[int(which)][reason] = int(calls)
    return found
