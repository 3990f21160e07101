"""Lists of calls for people: filters, search by words, and one call with its documents."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, text
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from database.errors import DatabaseError
from database.tables import (
    Agent,
    AppUser,
    AssessmentVersion,
    Call,
    ConversationVersion,
    CriterionRow,
    Dispute,
    SignalRow,
    Team,
    TurnRow,
)
from database.viewers import Viewer, visible
from recordings import Conversation
from scorecards import Assessment


@dataclass(frozen=True)
class Filters:
    """What a list of calls is narrowed to; None or empty means all. ``day_from`` and ``day_to`` are days
    in the viewer's zone, both included; ``verdict`` counts what people decided before the machine."""

    words: str = ""
    team_ids: tuple[int, ...] = ()
    agent_ids: tuple[int, ...] = ()
    queues: tuple[str, ...] = ()
    card_ids: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    review_states: tuple[str, ...] = ()
    criterion: str | None = None
    verdict: str | None = None
    score_from: float | None = None
    score_to: float | None = None
    day_from: str | None = None
    day_to: str | None = None
    only: str | None = None
    """doubt, critical or dispute."""
    signal: str | None = None
    """A measured number (database/signals.py), at least ``signal_from`` and at most ``signal_to``."""
    signal_from: float | None = None
    signal_to: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """What differs from no filter at all, as plain values."""
        empty = Filters()
        return {k: v for k, v in asdict(self).items() if v != getattr(empty, k)}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Read back what ``to_dict`` gave; unknown names are left out."""
        known = {field.name for field in fields(cls)}
        chosen: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known
        }
        return cls(**chosen)


@dataclass(frozen=True)
class CallLine:
    """One line of a list."""

    call: Call
    agent: str | None
    team: str | None
    reviewer: str | None


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
    "lowest": (col(Call.score).is_(None), col(Call.score).asc(), col(Call.id).desc()),
    "highest": (col(Call.score).is_(None), col(Call.score).desc(), col(Call.id).desc()),
    "doubt": (col(Call.doubts).desc(), col(Call.started_at).desc(), col(Call.id).desc()),
}


def list_calls(
    session: Session,
    viewer: Viewer,
    filters: Filters = Filters(),
    *,
    order: str = "newest",
    limit: int = 50,
    offset: int = 0,
    zone: str = "UTC",
) -> list[CallLine]:
    """The calls that this viewer may see and that the filters leave, a page at a time."""
    query = (
        select(Call, Agent.name, Team.name, AppUser.name)
        .outerjoin(Agent, col(Agent.id) == Call.agent_id)
        .outerjoin(Team, col(Team.id) == Call.team_id)
        .outerjoin(AppUser, col(AppUser.id) == Call.reviewer_id)
        .where(*conditions(session, viewer, filters, zone))
        .order_by(*ORDERS[order])
        .limit(limit)
        .offset(offset)
    )
    return [CallLine(*row) for row in session.exec(query)]


def count_calls(session: Session, viewer: Viewer, filters: Filters = Filters(), *, zone: str = "UTC") -> int:
    """How many calls the filters leave."""
    query = select(func.count()).select_from(Call).where(*conditions(session, viewer, filters, zone))
    return session.exec(query).one()


def conditions(session: Session, viewer: Viewer, filters: Filters, zone: str) -> list[ColumnElement[bool]]:
    """The viewer's rights and the filters as conditions on ``Call``."""
    found: list[ColumnElement[bool]] = [visible(viewer)]
    for column, chosen in (
        (Call.team_id, filters.team_ids),
        (Call.agent_id, filters.agent_ids),
        (Call.queue, filters.queues),
        (Call.card_id, filters.card_ids),
        (Call.language, filters.languages),
        (Call.state, filters.states),
        (Call.review_state, filters.review_states),
    ):
        if chosen:
            found.append(col(column).in_(chosen))
    if filters.score_from is not None:
        found.append(col(Call.score) >= filters.score_from)
    if filters.score_to is not None:
        found.append(col(Call.score) <= filters.score_to)
    if filters.day_from:
        found.append(col(Call.started_at) >= _midnight(filters.day_from, zone))
    if filters.day_to:
        found.append(col(Call.started_at) < _midnight(filters.day_to, zone, days=1))
    if filters.only == "doubt":
        found.append(col(Call.doubts) > 0)
    elif filters.only == "critical":
        found.append(col(Call.critical_fails) > 0)
    elif filters.only == "dispute":
        found.append(col(Call.open_disputes) > 0)
    if filters.criterion:
        found.append(_with_verdict(filters.criterion, filters.verdict))
    if filters.signal:
        found.append(col(Call.id).in_(_with_signal(filters)))
    if filters.words.strip():
        found.append(_says(session, filters.words))
    return found


def _midnight(day: str, zone: str, days: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), ZoneInfo(zone))


def _with_verdict(criterion: str, verdict: str | None) -> ColumnElement[bool]:
    """Asked call by call through the index, so that a page of newest calls ends at its last line."""
    query = sa_select(col(CriterionRow.id)).where(
        col(CriterionRow.call_id) == Call.id, col(CriterionRow.criterion_id) == criterion
    )
    if verdict:
        query = query.where(func.coalesce(CriterionRow.human, CriterionRow.verdict) == verdict)
    return query.exists()


def _with_signal(filters: Filters) -> Select[Any]:
    query = select(SignalRow.call_id).where(SignalRow.name == filters.signal)
    if filters.signal_from is not None:
        query = query.where(col(SignalRow.number) >= filters.signal_from)
    if filters.signal_to is not None:
        query = query.where(col(SignalRow.number) <= filters.signal_to)
    return query


def _says(session: Session, words: str) -> ColumnElement[bool]:
    """Calls in which a turn holds the words, or whose file or call number does."""
    like = "%" + words.strip().strip('"').replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    named = or_(col(Call.file_name).ilike(like, escape="\\"), col(Call.call_key).ilike(like, escape="\\"))
    matching = matching_turns(session, words)
    return named if matching is None else or_(named, col(Call.id).in_(matching))


def matching_turns(session: Session, words: str) -> Select[Any] | None:
    """The ids of calls where one turn holds all the words (a phrase where in quotation marks)."""
    if session.get_bind().dialect.name == "postgresql":
        hit = text(
            "turn.words @@ websearch_to_tsquery('english', :words) "
            "OR turn.words @@ websearch_to_tsquery('german', :words)"
        ).bindparams(words=words)
        return select(TurnRow.call_id).where(hit)
    query = fts_query(words)
    if query is None:
        return None
    hit = text("turn.id IN (SELECT rowid FROM turn_fts WHERE turn_fts MATCH :words)").bindparams(words=query)
    return select(TurnRow.call_id).where(hit)


def fts_query(words: str) -> str | None:
    """What a person typed as an FTS5 query: each word quoted, so that no operator can slip in; text in
    quotation marks is a phrase. None where no word is left."""
    parts: list[str] = []
    for position, piece in enumerate(words.split('"')):
        bare = "".join(c if c.isalnum() else " " for c in piece).split()
        if not bare:
            continue
        parts += [f'"{" ".join(bare)}"'] if position % 2 else [f'"{word}"' for word in bare]
    return " ".join(parts) or None


def open_call(
    session: Session, viewer: Viewer, call_id: int, *, within: ColumnElement[bool] | None = None
) -> OpenCall:
    """One call with its current documents; raises DatabaseError when there is none or it is out of
    reach: the two are told apart by nobody. ``within`` stands in for ``visible`` where somebody scores
    a call that is sealed for them (database/calibrations.py)."""
    row = session.exec(
        select(Call, Agent.name, Team.name, AppUser.name)
        .outerjoin(Agent, col(Agent.id) == Call.agent_id)
        .outerjoin(Team, col(Team.id) == Call.team_id)
        .outerjoin(AppUser, col(AppUser.id) == Call.reviewer_id)
        .where(Call.id == call_id, visible(viewer) if within is None else within)
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


@dataclass(frozen=True)
class Choices:
    """What a viewer can filter by: only what occurs in calls within reach."""

    teams: dict[int, str]
    agents: dict[int, str]
    queues: tuple[str, ...]
    cards: tuple[str, ...]
    languages: tuple[str, ...]
    criteria: tuple[str, ...]


def choices(session: Session, viewer: Viewer) -> Choices:
    """The values to offer in filters."""
    seen = visible(viewer)
    teams = session.exec(
        select(Team.id, Team.name)
        .where(col(Team.id).in_(select(Call.team_id).where(seen)))
        .order_by(Team.name)
    ).all()
    agents = session.exec(
        select(Agent.id, Agent.name)
        .where(col(Agent.id).in_(select(Call.agent_id).where(seen)))
        .order_by(Agent.name)
    ).all()

    def values(column: Any) -> tuple[str, ...]:
        return tuple(
            str(v)
            for v in session.exec(
                select(column).where(seen, col(column).is_not(None)).distinct().order_by(column)
            )
        )

    return Choices(
        {i: n for i, n in teams if i is not None},
        {i: n for i, n in agents if i is not None},
        values(Call.queue),
        values(Call.card_id),
        values(Call.language),
        tuple(criteria_known(session)),
    )


def criteria_known(session: Session) -> list[str]:
    """Every criterion id that occurs, in the order of the cards, by hops through the index."""
    least = sa_select(func.min(CriterionRow.criterion_id).label("id")).cte("known", recursive=True)
    after = sa_select(func.min(CriterionRow.criterion_id)).where(col(CriterionRow.criterion_id) > least.c.id)
    known = least.union_all(sa_select(after.scalar_subquery()).where(least.c.id.is_not(None)))
    place = (
        sa_select(col(CriterionRow.position)).where(col(CriterionRow.criterion_id) == known.c.id).limit(1)
    ).scalar_subquery()
    rows = session.execute(
        sa_select(known.c.id, place).where(known.c.id.is_not(None)).order_by(place, known.c.id)
    )
    return [str(name) for name, _ in rows]


def has_open_dispute(session: Session, call_id: int) -> int:
    """How many disputes of a call are not decided."""
    return session.exec(
        select(func.count())
        .select_from(Dispute)
        .where(and_(col(Dispute.call_id) == call_id, col(Dispute.state).in_(("open", "escalated"))))
    ).one()
