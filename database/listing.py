"""Lists of calls for people, and one call with its documents."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from database.errors import DatabaseError
from database.filters import Filters, conditions
from database.searching import common, says
from database.tables import Agent, AppUser, AssessmentVersion, Call, ConversationVersion, Team
from database.viewers import Viewer, visible
from recordings import Conversation
from scorecards import Assessment


@dataclass(frozen=True)
class CallLine:
    """One line of a list."""

    call: Call
    agent: str | None
    team: str | None
    reviewer: str | None


@dataclass(frozen=True)
class Found:
    """A list's first lines and how many calls there are: at least so many where not ``exact``."""

    lines: tuple[CallLine, ...]
    count: int
    exact: bool


@dataclass(frozen=True)
class OpenCall:
    """One call with its current documents; they are None while the call is not processed."""

    line: CallLine
    conversation: Conversation | None
    assessment: Assessment | None

    @property
    def call(self) -> Call:
        """The call's row."""
        return self.line.call

    @property
    def id(self) -> int:
        """The call's id."""
        if self.line.call.id is None:
            raise DatabaseError("the call was not stored")
        return self.line.call.id


ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "newest": (col(Call.started_at).desc(), col(Call.id).desc()),
    "oldest": (col(Call.started_at).asc(), col(Call.id).asc()),
    "lowest": (col(Call.score).asc().nulls_last(), col(Call.id).desc()),
    "highest": (col(Call.score).desc().nulls_last(), col(Call.id).desc()),
    "doubt": (col(Call.doubts).desc(), col(Call.started_at).desc(), col(Call.id).desc()),
}

STRIDE, FARTHEST = 1_000, 10_000
"""Calls that a search by common words goes through in one go, and at most."""


def list_calls(
    session: Session,
    viewer: Viewer,
    filters: Filters = Filters(),
    *,
    order: str = "newest",
    limit: int = 50,
    zone: str = "UTC",
) -> list[CallLine]:
    """The first calls in an order that this viewer may see and that the filters leave."""
    where = conditions(session, viewer, filters, zone)
    query = with_names().where(*where).order_by(*ORDERS[order]).limit(limit)
    return [CallLine(*row) for row in session.execute(query)]


def with_names() -> Select[Call, str, str, str]:
    """The query for calls with the names that a line shows."""
    return (
        sa_select(Call, col(Agent.name), col(Team.name), col(AppUser.name))
        .outerjoin(Agent, col(Agent.id) == Call.agent_id)
        .outerjoin(Team, col(Team.id) == Call.team_id)
        .outerjoin(AppUser, col(AppUser.id) == Call.reviewer_id)
    )


def find_calls(
    session: Session,
    viewer: Viewer,
    filters: Filters = Filters(),
    *,
    order: str = "newest",
    limit: int = 50,
    zone: str = "UTC",
) -> Found:
    """The first calls and how many there are. Common words would have to be looked up in a hundred thousand
    turns and more: for them the calls are gone through in order, and only so far as the list needs."""
    if filters.words.strip() and common(session, filters.words):
        narrowed = conditions(session, viewer, replace(filters, words=""), zone)
        walked = _walk(session, narrowed, filters.words, order, limit)
        if walked is not None:
            ids, count, exact = walked
            query = with_names().where(col(Call.id).in_(ids)).order_by(*ORDERS[order])
            return Found(tuple(CallLine(*row) for row in session.execute(query)), count, exact)
    lines = tuple(list_calls(session, viewer, filters, order=order, limit=limit, zone=zone))
    if len(lines) < limit:
        return Found(lines, len(lines), exact=True)
    return Found(lines, count_calls(session, viewer, filters, zone=zone), exact=True)


def _walk(
    session: Session, narrowed: list[ColumnElement[bool]], words: str, order: str, limit: int
) -> tuple[list[int], int, bool] | None:
    """The first ``limit`` calls that say the words, how many do among those gone through, and whether these
    were all. None where so many calls went by that asking for all at once is cheaper."""
    hits: list[int] = []
    for seen in range(0, FARTHEST, STRIDE):
        query = select(Call.id).where(*narrowed).order_by(*ORDERS[order]).offset(seen).limit(STRIDE)
        some = [call for call in session.exec(query) if call is not None]
        say = set(session.exec(select(Call.id).where(col(Call.id).in_(some), says(session, words, some))))
        hits += [call for call in some if call in say]
        if len(some) < STRIDE:
            return hits[:limit], len(hits), True
        if len(hits) >= limit:
            return hits[:limit], len(hits), False
    return None


def any_calls(session: Session, viewer: Viewer) -> bool:
    """Whether any call is within reach."""
    return session.exec(select(Call.id).where(visible(viewer)).limit(1)).first() is not None


def count_calls(session: Session, viewer: Viewer, filters: Filters = Filters(), *, zone: str = "UTC") -> int:
    """How many calls the filters leave."""
    query = select(func.count()).select_from(Call).where(*conditions(session, viewer, filters, zone))
    return session.exec(query).one()


def open_call(
    session: Session, viewer: Viewer, call_id: int, *, within: ColumnElement[bool] | None = None
) -> OpenCall:
    """One call with its current documents; raises DatabaseError when there is none or it is out of
    reach: the two are told apart by nobody. ``within`` stands in for ``visible`` where somebody scores
    a call that is sealed for them (database/calibrations.py)."""
    row = session.execute(
        with_names().where(col(Call.id) == call_id, visible(viewer) if within is None else within)
    ).first()
    if row is None:
        raise DatabaseError(f"there is no call {call_id} that you may open")
    call: Call = row[0]
    conversation = session.exec(
        select(ConversationVersion.document).where(
            ConversationVersion.call_id == call_id, ConversationVersion.number == call.conversation_number
        )
    ).first()
    return OpenCall(
        CallLine(*row),
        Conversation.from_json(conversation) if conversation else None,
        assessment_of(session, call_id, call.assessment_number),
    )


def assessment_of(session: Session, call_id: int, number: int | None) -> Assessment | None:
    """One version of a call's assessment; the caller has checked the right to see the call."""
    if number is None:
        return None
    document = session.exec(
        select(AssessmentVersion.document).where(
            AssessmentVersion.call_id == call_id, AssessmentVersion.number == number
        )
    ).first()
    return Assessment.from_json(document) if document else None
