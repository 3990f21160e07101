"""Erasing: a call, or everything held on one agent, with the stored sound. Irreversible and logged.

The source recording outside the home is never touched. The audit log keeps that something was erased,
and by whom, but nothing of what it was.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, update
from sqlmodel import Session, SQLModel, col, select

from database.audit import record
from database.errors import DatabaseError
from database.tables import (
    Acknowledgement,
    Agent,
    AgreedAnswer,
    AppUser,
    AssessmentVersion,
    CalibrationParticipant,
    CalibrationSession,
    Call,
    CallName,
    CoachingClip,
    CoachingEntry,
    CoachingPlan,
    Comment,
    ConversationVersion,
    CorrectionRow,
    CriterionRow,
    Dispute,
    DisputeDecision,
    ExampleStep,
    GoodExample,
    Job,
    Review,
    ReviewItem,
    ReviewStep,
    SignalRow,
    TurnRow,
)
from database.viewers import Viewer

BY_CALL: tuple[type[SQLModel], ...] = (
    Acknowledgement,
    Dispute,
    Review,
    CoachingClip,
    GoodExample,
    CalibrationSession,
    CriterionRow,
    TurnRow,
    SignalRow,
    CorrectionRow,
    AssessmentVersion,
    ConversationVersion,
    CallName,
)


@dataclass(frozen=True)
class Erased:
    """What was erased; ``playback`` names the copies in the audio folder that are to be deleted now."""

    calls: tuple[int, ...]
    playback: tuple[str, ...]
    sha256: tuple[str, ...]


def erase_calls(session: Session, viewer: Viewer, call_ids: list[int], reason: str) -> Erased:
    """Erase calls with every version, decision and comment; raises DatabaseError without right or reason."""
    if viewer.role not in ("admin", "operator"):
        raise DatabaseError("only an admin may erase")
    if not reason.strip():
        raise DatabaseError("erasing needs a reason; it is kept in the log")
    found = session.exec(select(Call).where(col(Call.id).in_(call_ids))).all()
    missing = sorted(set(call_ids) - {call.id for call in found})
    if missing:
        raise DatabaseError(f"there is no call {', '.join(map(str, missing))}; nothing was erased")
    erased = Erased(
        tuple(sorted(call_ids)),
        tuple(call.playback for call in found if call.playback),
        tuple(call.sha256 for call in found),
    )
    _delete(session, call_ids)
    for call_id in erased.calls:
        record(session, viewer, "erased", "call", call_id, {"reason": reason.strip()})
    return erased


def _delete(session: Session, ids: list[int]) -> None:
    reviews = select(Review.id).where(col(Review.call_id).in_(ids))
    disputed = select(Dispute.id).where(col(Dispute.call_id).in_(ids))
    session.execute(update(Comment).where(col(Comment.call_id).in_(ids)).values(supersedes=None))
    session.execute(delete(Comment).where(col(Comment.call_id).in_(ids)))
    session.execute(delete(ReviewItem).where(col(ReviewItem.review_id).in_(reviews)))
    session.execute(delete(ReviewStep).where(col(ReviewStep.review_id).in_(reviews)))
    session.execute(delete(DisputeDecision).where(col(DisputeDecision.dispute_id).in_(disputed)))
    held = select(CalibrationSession.id).where(col(CalibrationSession.call_id).in_(ids))
    session.execute(delete(AgreedAnswer).where(col(AgreedAnswer.session_id).in_(held)))
    session.execute(delete(CalibrationParticipant).where(col(CalibrationParticipant.session_id).in_(held)))
    shown = select(GoodExample.id).where(col(GoodExample.call_id).in_(ids))
    session.execute(delete(ExampleStep).where(col(ExampleStep.example_id).in_(shown)))
    session.execute(delete(Job).where(col(Job.call_id).in_(ids)))
    for table in BY_CALL:
        session.execute(delete(table).where(table.__table__.c.call_id.in_(ids)))  # type: ignore[attr-defined]
    session.execute(delete(Call).where(col(Call.id).in_(ids)))
    session.flush()
    session.expire_all()


def erase_agent(session: Session, viewer: Viewer, key: str, reason: str) -> Erased:
    """Erase everything held on one agent: their calls and coaching, and their name in accounts and lists."""
    agent = session.exec(select(Agent).where(Agent.key == key)).first()
    if agent is None:
        raise DatabaseError(f"there is no agent {key!r}")
    ids = [i for i in session.exec(select(Call.id).where(Call.agent_id == agent.id)) if i is not None]
    erased = erase_calls(session, viewer, ids, reason)
    _delete_coaching(session, agent.id)
    agent.key, agent.name, agent.active = f"erased-{agent.id}", f"erased {agent.id}", False
    for user in session.exec(select(AppUser).where(AppUser.agent_id == agent.id)):
        user.login, user.name, user.active = f"erased-{user.id}", f"erased {user.id}", False
        user.password_hash = "-"
    record(session, viewer, "erased", "agent", agent.id, {"reason": reason.strip(), "calls": len(ids)})
    return erased


def _delete_coaching(session: Session, agent_id: int | None) -> None:
    held = select(CoachingPlan.id).where(CoachingPlan.agent_id == agent_id)
    session.execute(update(CoachingEntry).where(col(CoachingEntry.plan_id).in_(held)).values(about=None))
    session.execute(delete(CoachingEntry).where(col(CoachingEntry.plan_id).in_(held)))
    session.execute(delete(CoachingClip).where(col(CoachingClip.plan_id).in_(held)))
    session.execute(delete(CoachingPlan).where(col(CoachingPlan.agent_id) == agent_id))
    session.flush()


def delete_copies(erased: Erased, audio_path: Path) -> int:
    """Delete the erased calls' copies from the audio folder; returns how many there were."""
    gone = 0
    for name in erased.playback:
        copy = audio_path / Path(name).name
        if copy.is_file():
            copy.unlink()
            gone += 1
    return gone
