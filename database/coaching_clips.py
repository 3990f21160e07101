"""Stretches of an agent's own calls, linked to a coaching plan with a comment."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from database.audit import record
from database.coaching import PlanLine, shortened, somebody
from database.errors import DatabaseError
from database.tables import AppUser, Call, CoachingClip
from database.viewers import Viewer, visible

LONGEST_CLIP_S = 300.0


@dataclass(frozen=True)
class ClipLine:
    """A clip with its call and who linked it."""

    clip: CoachingClip
    call: Call
    writer: str


def checked_span(call: Call, start: float, end: float) -> tuple[float, float]:
    """A stretch within a call, to the millisecond; raises DatabaseError for one that is none."""
    length = call.duration
    if not (0 <= start < end) or (length is not None and end > length + 1.0):
        raise DatabaseError("a clip begins before it ends and lies within the call")
    if end - start > LONGEST_CLIP_S:
        raise DatabaseError(f"a clip lasts at most {LONGEST_CLIP_S:g} s; choose a shorter stretch")
    return round(start, 3), round(end, 3)


def link_clip(
    session: Session,
    line: PlanLine,
    viewer: Viewer,
    call: Call,
    start: float,
    end: float,
    *,
    turn: int | None = None,
    comment: str = "",
) -> CoachingClip:
    """Link a stretch of one of the agent's own calls, with a comment."""
    if line.plan.state != "open":
        raise DatabaseError(f"this plan is {line.plan.state}; open it again to go on with it")
    if call.agent_id != line.plan.agent_id or call.id is None:
        raise DatabaseError("a plan shows only calls of the agent it is for")
    start, end = checked_span(call, start, end)
    clip = CoachingClip(
        plan_id=line.id,
        call_id=call.id,
        turn=turn,
        start=start,
        end=end,
        comment=shortened(comment, 4000),
        by=somebody(viewer),
    )
    session.add(clip)
    session.flush()
    record(session, viewer, "coaching clip", "call", call.id, {"plan": line.id, "clip": clip.id})
    return clip


def clips(session: Session, viewer: Viewer, line: PlanLine) -> list[ClipLine]:
    """A plan's clips whose calls are within reach, oldest first."""
    query = (
        select(CoachingClip, Call, AppUser.name)
        .join(Call, col(Call.id) == CoachingClip.call_id)
        .join(AppUser, col(AppUser.id) == CoachingClip.by)
        .where(CoachingClip.plan_id == line.id, visible(viewer))
        .order_by(col(CoachingClip.id))
    )
    return [ClipLine(*row) for row in session.exec(query)]
