"""Why people called, period by period: counts of contact reasons over all processed calls within reach."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, union_all
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
    where = [visible(viewer), col(Call.assessment_number).is_not(None)]
    if team_id is not None:
        where.append(col(Call.team_id) == team_id)
    if queue is not None:
        where.append(col(Call.queue) == queue)
    # A range of the index for each span: to ask of each call in which of many spans it lies is dearer.
    parts = [
        sa_select(literal(at).label("at"), col(Call.contact_reason), func.count())
        .where(*where, col(Call.started_at) >= start, col(Call.started_at) < end)
        .group_by(col(Call.contact_reason))
        for at, (start, end) in enumerate(spans)
    ]
    rows = session.execute(union_all(*parts))
    for which, reason, calls in rows:
        found[int(which)][reason] = int(calls)
    return found
