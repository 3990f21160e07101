"""The library of good examples: stretches of calls worth hearing. Colleagues meet one only while the
consent of the agent in it stands; the agent gives and withdraws it at any time."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from database.audit import record
from database.coaching_clips import checked_span
from database.errors import DatabaseError
from database.tables import Agent, AppUser, Call, ConversationVersion, ExampleStep, GoodExample
from database.viewers import Viewer, visible
from recordings import Conversation


@dataclass(frozen=True)
class ExampleLine:
    """An example with its call, its agent and who put it in. ``shared``: consent stands; ``own``: the
    viewer is the agent in it; ``reach``: the whole call is within the viewer's reach."""

    example: GoodExample
    call: Call
    agent: str
    writer: str
    shared: bool
    own: bool
    reach: bool

    @property
    def id(self) -> int:
        """The example's id."""
        if self.example.id is None:
            raise DatabaseError("the example was not stored")
        return self.example.id


def add_example(
    session: Session,
    viewer: Viewer,
    call: Call,
    title: str,
    start: float,
    end: float,
    *,
    criterion_id: str | None = None,
    turn: int | None = None,
    comment: str = "",
) -> GoodExample:
    """Put a stretch of a call within reach into the library, unshared. An agent's own is shared at once
    only by their own consent, which is a step of its own."""
    title = title.strip()
    if not 3 <= len(title) <= 200:
        raise DatabaseError("give the example a title of 3 to 200 characters")
    if len(comment) > 4000:
        raise DatabaseError(f"the text has {len(comment):,} characters; at most 4,000 can be kept")
    if call.id is None or call.agent_id is None:
        raise DatabaseError("nobody knows whose call this is, so nobody could consent")
    if viewer.user_id is None:
        raise DatabaseError("coaching needs a signed-in person")
    start, end = checked_span(call, start, end)
    example = GoodExample(
        call_id=call.id,
        agent_id=call.agent_id,
        criterion_id=criterion_id or None,
        title=title,
        comment=comment.strip(),
        turn=turn,
        start=start,
        end=end,
        by=viewer.user_id,
    )
    session.add(example)
    session.flush()
    record(session, viewer, "example added", "call", call.id, {"example": example.id})
    return example


def _newest() -> ColumnElement[str | None]:
    """The kind of an example's newest step."""
    last = (
        select(func.max(ExampleStep.id))
        .where(col(ExampleStep.example_id) == GoodExample.id)
        .correlate(GoodExample)
        .scalar_subquery()
    )
    return (
        select(ExampleStep.kind).where(col(ExampleStep.id) == last).correlate(GoodExample).scalar_subquery()
    )


def _seen(viewer: Viewer) -> ColumnElement[bool]:
    """The condition for examples that this viewer may meet: those of calls within reach (an agent's own,
    a trainer's team), and for the people of the floor those that are shared."""
    removed = func.coalesce(_newest(), "none") == "removed"
    if viewer.role not in ("agent", "trainer", "manager", "operator"):
        return false()
    return and_(~removed, or_(visible(viewer), _newest() == "consented"))


def _reach(viewer: Viewer) -> ColumnElement[int]:
    return case((visible(viewer), 1), else_=0)


def _selected(viewer: Viewer) -> Select[GoodExample, Call, str, str, str | None, int]:
    """Example, call, agent, writer, newest step, and whether the call is within reach."""
    return (
        sa_select(GoodExample, Call, col(Agent.name), col(AppUser.name), _newest(), _reach(viewer))
        .join(Call, col(Call.id) == GoodExample.call_id)
        .join(Agent, col(Agent.id) == GoodExample.agent_id)
        .join(AppUser, col(AppUser.id) == GoodExample.by)
    )


def examples(session: Session, viewer: Viewer, *, limit: int = 100) -> list[ExampleLine]:
    """The examples that this viewer may meet, newest first."""
    query = _selected(viewer).where(_seen(viewer)).order_by(col(GoodExample.id).desc()).limit(limit)
    return [_line(viewer, *row) for row in session.execute(query)]


def _line(
    viewer: Viewer,
    example: GoodExample,
    call: Call,
    agent: str,
    writer: str,
    step: str | None,
    reach: int,
) -> ExampleLine:
    own = viewer.role == "agent" and viewer.agent_id == example.agent_id
    return ExampleLine(example, call, agent, writer, step == "consented", own, bool(reach))


def conversation_of(session: Session, line: ExampleLine) -> Conversation | None:
    """The conversation behind an example that the viewer may meet; show no more of it than the stretch."""
    document = session.exec(
        select(ConversationVersion.document).where(
            ConversationVersion.call_id == line.call.id,
            ConversationVersion.number == line.call.conversation_number,
        )
    ).first()
    return Conversation.from_json(document) if document else None


def one_example(session: Session, viewer: Viewer, example_id: int) -> ExampleLine:
    """One example that this viewer may meet; raises DatabaseError when there is none."""
    row = session.execute(_selected(viewer).where(col(GoodExample.id) == example_id, _seen(viewer))).first()
    if row is None:
        raise DatabaseError(f"there is no example {example_id} that you may hear")
    return _line(viewer, *row)


def consent(session: Session, line: ExampleLine, viewer: Viewer, given: bool) -> None:
    """The agent in the example shares it with colleagues, or no longer."""
    if not line.own:
        raise DatabaseError("only the agent in the example can share it or take that back")
    if given != line.shared:
        _step(session, line, viewer, "consented" if given else "withdrawn")


def remove(session: Session, line: ExampleLine, viewer: Viewer) -> None:
    """Take an example out of the library: its agent, or a trainer with reach over the call."""
    if not line.reach:
        raise DatabaseError("this example is not yours to take out")
    _step(session, line, viewer, "removed")


def _step(session: Session, line: ExampleLine, viewer: Viewer, kind: str) -> None:
    if viewer.user_id is None:
        raise DatabaseError("coaching needs a signed-in person")
    session.add(ExampleStep(example_id=line.id, kind=kind, by=viewer.user_id))
    session.flush()
    record(session, viewer, f"example {kind}", "call", line.call.id, {"example": line.id})
