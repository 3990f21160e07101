"""What a list of calls can be narrowed to, as a value that can be kept and as conditions of a query."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func
from sqlmodel import Session, col, select

from database.searching import says
from database.tables import Call, CriterionRow, SignalRow
from database.viewers import Viewer, visible


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
        found.append(col(Call.id).in_(_with_verdict(filters.criterion, filters.verdict)))
    if filters.signal:
        found.append(col(Call.id).in_(_with_signal(filters)))
    if filters.words.strip():
        found.append(says(session, filters.words))
    return found


def _midnight(day: str, zone: str, days: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), ZoneInfo(zone))


def _with_verdict(criterion: str, verdict: str | None) -> Select[Any]:
    """Off an index that holds the verdict in force."""
    query = select(CriterionRow.call_id).where(CriterionRow.criterion_id == criterion)
    return (
        query.where(func.coalesce(CriterionRow.human, CriterionRow.verdict) == verdict) if verdict else query
    )


def _with_signal(filters: Filters) -> Select[Any]:
    query = select(SignalRow.call_id).where(SignalRow.name == filters.signal)
    if filters.signal_from is not None:
        query = query.where(col(SignalRow.number) >= filters.signal_from)
    if filters.signal_to is not None:
        query = query.where(col(SignalRow.number) <= filters.signal_to)
    return query
