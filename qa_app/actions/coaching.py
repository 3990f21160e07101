"""Coaching: plans and what is said in them, clips, the library of good examples."""

from dataclasses import asdict
from datetime import date, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col

from database import coaching, coaching_clips, examples
from database.engine import writing
from database.errors import DatabaseError
from database.figures import Share, by_criterion, scored
from database.listing import open_call
from database.people import Person
from database.tables import Call
from database.types import utc_now
from qa_app.actions.done import Done
from qa_app.focus import focus_of
from qa_app.policies import NotAllowedError, authorise

LOOK_BACK = timedelta(days=90)
AGENT_SAYS, TRAINER_SAYS = ("signed", "action_done", "remark"), ("note", "action", "action_done", "remark")


def shares_of(session: Session, person: Person, agent_id: int, now: datetime) -> list[Share]:
    """How often an agent within reach met each criterion in the last 90 days."""
    where = [*scored(person.viewer, now - LOOK_BACK), col(Call.agent_id) == agent_id]
    return by_criterion(session, where)


def begin(
    engine: Engine,
    person: Person,
    agent_id: int,
    criterion: str,
    *,
    aim: str = "",
    due: date | None = None,
) -> int:
    """Begin a plan; the figures of its criterion are kept with it. Returns the plan's id."""
    authorise(person, "coach")
    now = utc_now()
    if due is not None and due < now.date():
        raise DatabaseError("the day lies in the past; choose a later one")
    with writing(engine) as session:
        found = focus_of(shares_of(session, person, agent_id, now), criterion)
        basis = {**asdict(found), "days": LOOK_BACK.days} if found else None
        plan = coaching.begin_plan(session, person.viewer, agent_id, criterion, aim=aim, due=due, basis=basis)
        if plan.id is None:
            raise DatabaseError("the plan was not stored")
        return plan.id


def say(engine: Engine, person: Person, plan_id: int, kind: str, text: str, about: int | None = None) -> Done:
    """Add a note, an agreed action, a remark; sign a note; tick an action. Trainers write notes and
    agree actions, the agent signs; both may tick and remark."""
    authorise(person, "see_coaching")
    if kind not in (AGENT_SAYS if person.role == "agent" else TRAINER_SAYS):
        raise NotAllowedError(f"coaching {kind}")
    with writing(engine) as session:
        line = coaching.one_plan(session, person.viewer, plan_id)
        coaching.add_entry(session, line, person.viewer, kind, text, about=about)
    return Done(f"coaching.saved_{kind}")


def move(engine: Engine, person: Person, plan_id: int, state: str, reason: str) -> Done:
    """Finish, drop or open a plan again."""
    authorise(person, "coach")
    with writing(engine) as session:
        line = coaching.one_plan(session, person.viewer, plan_id)
        coaching.set_state(session, line, person.viewer, state, reason)
    return Done("coaching.saved_state")


def postpone(engine: Engine, person: Person, plan_id: int, due: date) -> Done:
    """Agree on another day."""
    authorise(person, "coach")
    with writing(engine) as session:
        line = coaching.one_plan(session, person.viewer, plan_id)
        coaching.set_due(session, line, person.viewer, due)
    return Done("coaching.saved_due")


def link(
    engine: Engine,
    person: Person,
    plan_id: int,
    call_id: int,
    start: float,
    end: float,
    *,
    turn: int | None = None,
    comment: str = "",
) -> Done:
    """Link a clip of one of the agent's calls to their plan; agents may link their own."""
    authorise(person, "see_coaching")
    with writing(engine) as session:
        line = coaching.one_plan(session, person.viewer, plan_id)
        call = open_call(session, person.viewer, call_id).call
        coaching_clips.link_clip(session, line, person.viewer, call, start, end, turn=turn, comment=comment)
    return Done("coaching.saved_clip")


def keep_example(
    engine: Engine,
    person: Person,
    call_id: int,
    title: str,
    start: float,
    end: float,
    *,
    criterion: str | None = None,
    turn: int | None = None,
    comment: str = "",
) -> Done:
    """Put a clip into the library of good examples; colleagues hear it only once its agent consents."""
    with writing(engine) as session:
        call = open_call(session, person.viewer, call_id).call
        authorise(person, "add_example", call)
        examples.add_example(
            session,
            person.viewer,
            call,
            title,
            start,
            end,
            criterion_id=criterion,
            turn=turn,
            comment=comment,
        )
    return Done("examples.saved_own" if person.role == "agent" else "examples.saved")


def share(engine: Engine, person: Person, example_id: int, given: bool) -> Done:
    """The agent lets colleagues hear an example of theirs, or no longer."""
    authorise(person, "consent_example")
    with writing(engine) as session:
        line = examples.one_example(session, person.viewer, example_id)
        examples.consent(session, line, person.viewer, given)
    return Done("examples.shared" if given else "examples.unshared")


def take_out(engine: Engine, person: Person, example_id: int) -> Done:
    """Take an example out of the library."""
    authorise(person, "add_example")
    with writing(engine) as session:
        line = examples.one_example(session, person.viewer, example_id)
        examples.remove(session, line, person.viewer)
    return Done("examples.removed")
