"""Disputes: an agent holds one item to be wrong; somebody who did not make it decides."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from database.audit import record
from database.errors import DatabaseError
from database.reviews import apply_verdicts, released_review
from database.tables import Agent, AppUser, Call, Dispute, DisputeDecision
from database.viewers import Viewer, visible

UNDECIDED = ("open", "escalated")
DECISIONS = ("accepted", "partly", "rejected")


@dataclass(frozen=True)
class DisputeLine:
    """A dispute with what a list shows of it; ``decision`` is the newest one."""

    dispute: Dispute
    call: Call
    opened_by: str
    agent: str | None
    decision: DisputeDecision | None
    decided_by: str | None


def open_dispute(
    session: Session,
    call: Call,
    viewer: Viewer,
    criterion_id: str,
    *,
    disputed_verdict: str,
    own_verdict: str,
    reason: str,
    disputed_value: Any = None,
    own_value: Any = None,
) -> Dispute:
    """Dispute one item of a call, by its verdict or by the value that was measured; one open dispute an item
    at most."""
    reason = reason.strip()
    if len(reason) < 10:
        raise DatabaseError("say in a sentence why: whoever decides was not there")
    if len(reason) > 4000:
        raise DatabaseError(f"the reason has {len(reason):,} characters; at most 4,000 can be kept")
    if own_value is not None and own_value == disputed_value:
        raise DatabaseError("that is the value which stands; enter the one that you hold to be right")
    if own_value is None and own_verdict == disputed_verdict:
        raise DatabaseError("that is the verdict which stands; choose the one that you hold to be right")
    if call.id is None or call.assessment_number is None or viewer.user_id is None:
        raise DatabaseError("there is no score to dispute")
    same = session.exec(
        select(Dispute.id).where(
            Dispute.call_id == call.id,
            Dispute.criterion_id == criterion_id,
            col(Dispute.state).in_(UNDECIDED),
        )
    ).first()
    if same is not None:
        raise DatabaseError("this item is disputed already; the decision will show here")
    review = released_review(session, call.id)
    dispute = Dispute(
        call_id=call.id,
        review_id=review.id if review else None,
        assessment_number=call.assessment_number,
        criterion_id=criterion_id,
        disputed_verdict=disputed_verdict,
        own_verdict=own_verdict,
        disputed_value=disputed_value,
        own_value=own_value,
        reason=reason,
        opened_by=viewer.user_id,
    )
    session.add(dispute)
    session.flush()
    call.open_disputes = count_undecided(session, call.id)
    record(
        session, viewer, "dispute opened", "call", call.id, {"dispute": dispute.id, "criterion": criterion_id}
    )
    return dispute


def decide_dispute(
    session: Session,
    line: DisputeLine,
    viewer: Viewer,
    state: str,
    reason: str,
    *,
    verdict: str | None = None,
    value: Any = None,
) -> None:
    """Accept (wholly or partly) or reject. An accepted item takes the agent's verdict and value, a partly
    accepted one those given; the score follows in the caller's hands."""
    dispute = line.dispute
    if state not in DECISIONS:
        raise DatabaseError(f"decision {state!r} is not known; there are {', '.join(DECISIONS)}")
    if dispute.state not in UNDECIDED:
        raise DatabaseError(f"this dispute is {dispute.state} already")
    if not reason.strip():
        raise DatabaseError("give the agent a reason for the decision")
    if state == "partly" and verdict is None:
        raise DatabaseError("a partly accepted dispute needs the verdict that now stands")
    if state == "partly" and dispute.own_value is not None and value is None and verdict != "na":
        raise DatabaseError("a partly accepted dispute needs the value that now stands")
    decided = {"accepted": (dispute.own_verdict, dispute.own_value), "partly": (verdict, value)}
    stands, counted = decided.get(state, (None, None))
    _close(session, dispute, viewer, state, reason, stands, counted)
    if stands is not None:
        item = dispute.criterion_id
        apply_verdicts(session, dispute.call_id, {item: stands}, {item: counted})


def _close(
    session: Session,
    dispute: Dispute,
    viewer: Viewer,
    state: str,
    reason: str,
    verdict: str | None = None,
    value: Any = None,
) -> None:
    if dispute.id is None or viewer.user_id is None:
        raise DatabaseError("a decision needs a stored dispute and a signed-in person")
    session.add(
        DisputeDecision(
            dispute_id=dispute.id,
            state=state,
            verdict=verdict,
            value=value,
            reason=reason.strip()[:4000],
            by=viewer.user_id,
        )
    )
    dispute.state = state
    session.flush()
    call = session.get(Call, dispute.call_id)
    if call is not None and call.id is not None:
        call.open_disputes = count_undecided(session, call.id)
    record(session, viewer, f"dispute {state}", "call", dispute.call_id, {"dispute": dispute.id})


def withdraw(session: Session, line: DisputeLine, viewer: Viewer) -> None:
    """The agent takes the dispute back."""
    if line.dispute.state not in UNDECIDED:
        raise DatabaseError(f"this dispute is {line.dispute.state} already")
    _close(session, line.dispute, viewer, "withdrawn", "")


def escalate(session: Session, line: DisputeLine, viewer: Viewer, reason: str) -> None:
    """A rejected or partly accepted dispute goes to a manager, once."""
    if line.dispute.state not in ("rejected", "partly"):
        raise DatabaseError("only a decision against you can be taken to a manager")
    if not reason.strip():
        raise DatabaseError("say why the decision should be looked at again")
    earlier = session.exec(
        select(DisputeDecision.id).where(
            DisputeDecision.dispute_id == line.dispute.id, DisputeDecision.state == "escalated"
        )
    ).first()
    if earlier is not None:
        raise DatabaseError("a manager has decided this dispute; that decision is final")
    _close(session, line.dispute, viewer, "escalated", reason)


def disputes(
    session: Session, viewer: Viewer, *states: str, call_id: int | None = None, limit: int = 200
) -> list[DisputeLine]:
    """Disputes about calls within reach, those undecided first, then the newest."""
    query = (
        select(Dispute, Call, AppUser.name, Agent.name)
        .join(Call, col(Call.id) == Dispute.call_id)
        .join(AppUser, col(AppUser.id) == Dispute.opened_by)
        .outerjoin(Agent, col(Agent.id) == Call.agent_id)
        .where(visible(viewer))
        .order_by(col(Dispute.state).in_(UNDECIDED).desc(), col(Dispute.id).desc())
        .limit(limit)
    )
    if states:
        query = query.where(col(Dispute.state).in_(states))
    if call_id is not None:
        query = query.where(Dispute.call_id == call_id)
    rows = session.exec(query).all()
    newest = _decisions(session, [dispute.id for dispute, *_ in rows if dispute.id is not None])
    return [
        DisputeLine(dispute, call, opener, agent, *newest.get(dispute.id or 0, (None, None)))
        for dispute, call, opener, agent in rows
    ]


def _decisions(session: Session, ids: list[int]) -> dict[int, tuple[DisputeDecision, str]]:
    query = (
        select(DisputeDecision, AppUser.name)
        .join(AppUser, col(AppUser.id) == DisputeDecision.by)
        .where(col(DisputeDecision.dispute_id).in_(ids))
        .order_by(col(DisputeDecision.id))
    )
    return {decision.dispute_id: (decision, name) for decision, name in session.exec(query)}


def one_dispute(session: Session, viewer: Viewer, dispute_id: int) -> DisputeLine:
    """One dispute within reach; raises DatabaseError when there is none."""
    row = session.exec(
        select(Dispute.call_id)
        .join(Call, col(Call.id) == Dispute.call_id)
        .where(Dispute.id == dispute_id, visible(viewer))
    ).first()
    for line in disputes(session, viewer, call_id=row) if row is not None else []:
        if line.dispute.id == dispute_id:
            return line
    raise DatabaseError(f"there is no dispute {dispute_id} that you may see")


def decided_by(session: Session, dispute_id: int) -> set[int]:
    """Who has decided on a dispute so far."""
    return set(
        session.exec(
            select(DisputeDecision.by).where(
                DisputeDecision.dispute_id == dispute_id, col(DisputeDecision.state).in_(DECISIONS)
            )
        )
    )


def count_undecided(session: Session, call_id: int) -> int:
    """How many disputes of a call are not decided."""
    return session.exec(
        select(func.count())
        .select_from(Dispute)
        .where(Dispute.call_id == call_id, col(Dispute.state).in_(UNDECIDED))
    ).one()
