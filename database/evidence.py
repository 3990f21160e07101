"""Moments of calls that decided a criterion: what to hear together when somebody is coached on it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from database.listing import assessment_of
from database.tables import Call, CriterionRow
from database.viewers import Viewer, visible

SHORTEST_S = 3.0
AROUND_S = 0.8


@dataclass(frozen=True)
class Moment:
    """A stretch of a call that decided a criterion, and whether it went well there. Times are seconds."""

    call_id: int
    call: str
    at: datetime
    turn: int | None
    start: float
    end: float
    good: bool


def moments(
    session: Session, viewer: Viewer, agent_id: int, criterion: str, *, bad_first: str = "no", limit: int = 6
) -> list[Moment]:
    """The newest calls of an agent, within the viewer's reach, that were decided on a criterion: those that
    went badly (verdict ``bad_first``) before those that went well. One moment a call, where the machine's
    evidence has times."""
    verdict = func.coalesce(CriterionRow.human, CriterionRow.verdict)
    rows = session.execute(
        select(Call, verdict)
        .join(CriterionRow, col(CriterionRow.call_id) == Call.id)
        .where(
            visible(viewer),
            Call.agent_id == agent_id,
            CriterionRow.criterion_id == criterion,
            verdict.in_(("yes", "no")),
        )
        .order_by((verdict == bad_first).desc(), col(Call.started_at).desc(), col(Call.id).desc())
        .limit(2 * limit)
    ).all()
    found: list[Moment] = []
    for call, stands in rows:
        judged = assessment_of(session, call.id or 0, call.assessment_number)
        results = [r for r in judged.criteria if r.id == criterion] if judged else []
        spans = [e for r in results for e in r.evidence if e.start is not None]
        if not spans or len(found) == limit:
            continue
        first = spans[0]
        start = max(0.0, (first.start or 0.0) - AROUND_S)
        end = max((first.end or first.start or 0.0) + AROUND_S, start + SHORTEST_S)
        if call.duration is not None:
            end = min(end, call.duration)
        name = call.call_key or call.file_name
        found.append(
            Moment(
                call.id or 0,
                name,
                call.started_at,
                first.turn,
                round(start, 2),
                round(end, 2),
                stands != bad_first,
            )
        )
    return found
