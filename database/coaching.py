"""Coaching plans: who works on what, with which clips, what was said, agreed and signed. Entries are added,
never changed; the plan's state and day repeat the newest of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, false, func, true
from sqlmodel import Session, col, select

from database.audit import record
from database.errors import DatabaseError
from database.tables import (
    Agent,
    AppUser,
    CoachingEntry,
    CoachingPlan,
    CriterionRow,
)
from database.viewers import Viewer

STATES = ("open", "done", "dropped")
MAX_TEXT = 10_000


@dataclass(frozen=True)
class PlanLine:
    """A plan with the names of its agent and of whoever began it."""

    plan: CoachingPlan
    agent: Agent
    opened_by: str

    @property
    def id(self) -> int:
        """The plan's id."""
        if self.plan.id is None:
            raise DatabaseError("the plan was not stored")
        return self.plan.id


@dataclass(frozen=True)
class EntryLine:
    """An entry with its writer."""

    entry: CoachingEntry
    writer: str
    role: str


def coached(viewer: Viewer) -> ColumnElement[bool]:
    """The condition for agents whose coaching this viewer may see: themselves, their team, or all."""
    if viewer.role == "agent":
        return false() if viewer.agent_id is None else col(Agent.id) == viewer.agent_id
    if viewer.role in ("trainer", "manager"):
        return true() if viewer.team_id is None else col(Agent.team_id) == viewer.team_id
    return true() if viewer.role == "operator" else false()


def coachable(session: Session, viewer: Viewer) -> dict[int, str]:
    """The agents within reach who are still there, by name."""
    rows = session.exec(
        select(Agent.id, Agent.name).where(coached(viewer), col(Agent.active)).order_by(Agent.name)
    )
    return {agent_id: name for agent_id, name in rows if agent_id is not None}


def plans(
    session: Session, viewer: Viewer, *states: str, agent_id: int | None = None, limit: int = 200
) -> list[PlanLine]:
    """Plans within reach: open ones first, by their day; then the newest."""
    query = (
        select(CoachingPlan, Agent, AppUser.name)
        .join(Agent, col(Agent.id) == CoachingPlan.agent_id)
        .join(AppUser, col(AppUser.id) == CoachingPlan.opened_by)
        .where(coached(viewer))
        .order_by(
            (col(CoachingPlan.state) == "open").desc(),
            col(CoachingPlan.due).is_(None),
            col(CoachingPlan.due),
            col(CoachingPlan.id).desc(),
        )
        .limit(limit)
    )
    if states:
        query = query.where(col(CoachingPlan.state).in_(states))
    if agent_id is not None:
        query = query.where(CoachingPlan.agent_id == agent_id)
    return [PlanLine(*row) for row in session.exec(query)]


def one_plan(session: Session, viewer: Viewer, plan_id: int) -> PlanLine:
    """One plan within reach; raises DatabaseError when there is none."""
    row = session.exec(
        select(CoachingPlan, Agent, AppUser.name)
        .join(Agent, col(Agent.id) == CoachingPlan.agent_id)
        .join(AppUser, col(AppUser.id) == CoachingPlan.opened_by)
        .where(CoachingPlan.id == plan_id, coached(viewer))
    ).first()
    if row is None:
        raise DatabaseError(f"there is no coaching plan {plan_id} that you may see")
    return PlanLine(*row)


def begin_plan(
    session: Session,
    viewer: Viewer,
    agent_id: int,
    criterion_id: str,
    *,
    aim: str = "",
    due: date | None = None,
    basis: dict[str, Any] | None = None,
) -> CoachingPlan:
    """Begin a plan for an agent within reach. One focus at a time: refuses a second open plan."""
    if agent_id not in coachable(session, viewer):
        raise DatabaseError(f"there is no agent {agent_id} whom you coach")
    if not session.exec(select(CriterionRow.id).where(CriterionRow.criterion_id == criterion_id)).first():
        raise DatabaseError(f"no call was scored on {criterion_id!r}; choose a criterion of the card")
    if plans(session, viewer, "open", agent_id=agent_id, limit=1):
        raise DatabaseError("this agent has an open plan; finish or drop it first: one focus at a time")
    plan = CoachingPlan(
        agent_id=agent_id,
        criterion_id=criterion_id,
        aim=shortened(aim, 4000),
        due=due,
        basis=basis,
        opened_by=somebody(viewer),
    )
    session.add(plan)
    session.flush()
    record(
        session,
        viewer,
        "coaching begun",
        "coaching",
        plan.id,
        {"agent": agent_id, "criterion": criterion_id},
    )
    return plan


def somebody(viewer: Viewer) -> int:
    """The account behind a viewer; commands have none and cannot coach."""
    if viewer.user_id is None:
        raise DatabaseError("coaching needs a signed-in person")
    return viewer.user_id


def shortened(text: str, limit: int = MAX_TEXT) -> str:
    """The text without blanks around it; raises DatabaseError for one that is too long to keep."""
    if len(text) > limit:
        raise DatabaseError(f"the text has {len(text):,} characters; at most {limit:,} can be kept")
    return text.strip()


def add_entry(
    session: Session, line: PlanLine, viewer: Viewer, kind: str, text: str, *, about: int | None = None
) -> CoachingEntry:
    """Add something said or agreed. Notes, actions and remarks need words; a signature needs a note that
    nobody has signed, a tick an action that is not done."""
    text = shortened(text)
    if kind in ("note", "action", "remark") and not text:
        raise DatabaseError("an empty entry says nothing; write something first")
    if line.plan.state != "open" and kind not in ("signed", "remark", "state"):
        raise DatabaseError(f"this plan is {line.plan.state}; open it again to go on with it")
    answers = {"signed": "note", "action_done": "action"}.get(kind)
    if answers is not None:
        _refuse_unless_open(session, line.id, kind, answers, about)
    entry = CoachingEntry(plan_id=line.id, kind=kind, text=text, about=about, by=somebody(viewer))
    session.add(entry)
    session.flush()
    record(session, viewer, f"coaching {kind}", "coaching", line.id, {"entry": entry.id})
    return entry


def _refuse_unless_open(session: Session, plan_id: int, kind: str, answers: str, about: int | None) -> None:
    found = session.get(CoachingEntry, about) if about is not None else None
    if found is None or found.plan_id != plan_id or found.kind != answers:
        raise DatabaseError("there is no such entry in this plan")
    done = session.exec(
        select(CoachingEntry.id).where(CoachingEntry.about == about, CoachingEntry.kind == kind)
    ).first()
    if done is not None:
        raise DatabaseError("this is signed or done already")


def set_state(session: Session, line: PlanLine, viewer: Viewer, state: str, reason: str) -> None:
    """Finish, drop or open a plan again, with a reason; the step is kept."""
    if state not in STATES:
        raise DatabaseError(f"state {state!r} is not known; there are {', '.join(STATES)}")
    if line.plan.state == state:
        raise DatabaseError(f"this plan is {state} already")
    if not reason.strip():
        raise DatabaseError("say in a few words why: both of you will read it")
    if state == "open" and plans(session, viewer, "open", agent_id=line.plan.agent_id, limit=1):
        raise DatabaseError("this agent has an open plan; finish or drop it first: one focus at a time")
    add_entry(session, line, viewer, "state", f"{state}: {reason}")
    line.plan.state = state
    session.add(line.plan)
    session.flush()


def set_due(session: Session, line: PlanLine, viewer: Viewer, due: date) -> None:
    """Agree on another day; the step is kept."""
    if due == line.plan.due:
        raise DatabaseError("that is the day which stands")
    add_entry(session, line, viewer, "due", due.isoformat())
    line.plan.due = due
    session.add(line.plan)
    session.flush()


def entries(session: Session, line: PlanLine) -> list[EntryLine]:
    """A plan's entries, oldest first; ``one_plan`` has checked the right to see them."""
    query = (
        select(CoachingEntry, AppUser.name, AppUser.role)
        .join(AppUser, col(AppUser.id) == CoachingEntry.by)
        .where(CoachingEntry.plan_id == line.id)
        .order_by(col(CoachingEntry.id))
    )
    return [EntryLine(*row) for row in session.exec(query)]


def unsigned_counts(session: Session, viewer: Viewer) -> dict[int, int]:
    """How many notes wait for the agent's signature, by plan within reach; plans with none are left out."""
    signed = select(CoachingEntry.about).where(
        CoachingEntry.kind == "signed", col(CoachingEntry.about).is_not(None)
    )
    rows = session.exec(
        select(CoachingEntry.plan_id, func.count())
        .join(CoachingPlan, col(CoachingPlan.id) == CoachingEntry.plan_id)
        .join(Agent, col(Agent.id) == CoachingPlan.agent_id)
        .where(coached(viewer), CoachingEntry.kind == "note", col(CoachingEntry.id).not_in(signed))
        .group_by(col(CoachingEntry.plan_id))
    )
    return {plan_id: int(count) for plan_id, count in rows}
