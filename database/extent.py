"""Which calls figures are about, and which months have totals that can be read instead of their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from database.choices import known
from database.tables import Call, MonthTotal, Review
from database.viewers import Viewer, asked_calls, visible

Span = tuple[datetime, datetime | None]
"""From a moment up to another, or on."""


@dataclass(frozen=True)
class Extent:
    """What a viewer may see since a moment, of one team or of all within reach. ``months`` are read from
    their totals, ``rest`` is counted from the rows; months with a call that is ``sealed`` for the viewer
    belong to the rest."""

    viewer: Viewer
    team_id: int | None
    months: tuple[str, ...]
    rest: tuple[Span, ...]
    sealed: tuple[int, ...] = ()

    def totals(self, kind: str) -> list[ColumnElement[bool]]:
        """The condition for the totals to read."""
        found = [col(MonthTotal.kind) == kind, col(MonthTotal.month).in_(self.months)]
        return [*found, col(MonthTotal.team_id) == self.team_id] if self.team_id is not None else found

    def calls(self) -> list[ColumnElement[bool]]:
        """The condition for calls within reach and of the team, at whatever time."""
        found = [visible(self.viewer)]
        return [*found, col(Call.team_id) == self.team_id] if self.team_id is not None else found

    def scored(self) -> list[ColumnElement[bool]]:
        """The condition for the scored calls that no total covers."""
        return [*self.calls(), within(col(Call.started_at), self.rest), col(Call.score).is_not(None)]


def within(moment: Any, spans: Sequence[Span]) -> ColumnElement[bool]:
    """Whether a moment lies in one of the spans."""
    parts = [and_(moment >= begins, true() if ends is None else moment < ends) for begins, ends in spans]
    return or_(false(), *parts)


def extent(session: Session, viewer: Viewer, since: datetime, team_id: int | None = None) -> Extent:
    """What to read where. An agent's few calls are all counted from the rows."""
    team = team_id if viewer.team_id is None else viewer.team_id
    if team_id not in (None, team):
        return Extent(viewer, team, (), ())
    if not viewer.sees_others:
        return Extent(viewer, team, (), ((since, None),))
    sealed: Sequence[int] = ()
    if viewer.role in ("trainer", "manager") and viewer.user_id is not None:
        sealed = session.execute(asked_calls(viewer, sealed=True)).scalars().all()
    covered = sorted(
        month for month in kept_months(session) - _months_of(session, sealed) if bounds(month)[0] >= since
    )
    return Extent(viewer, team, tuple(covered), _between(since, covered), tuple(sealed))


def _months_of(session: Session, call_ids: Sequence[int]) -> set[str]:
    """The months into which these calls and their reviews count."""
    if not call_ids:
        return set()
    moments = sa_select(col(Call.started_at)).where(col(Call.id).in_(call_ids))
    reviewed = sa_select(col(Review.submitted_at)).where(
        col(Review.call_id).in_(call_ids), col(Review.submitted_at).is_not(None)
    )
    return {month_of(moment) for moment in session.execute(moments.union_all(reviewed)).scalars()}


def _between(since: datetime, months: Sequence[str]) -> tuple[Span, ...]:
    """What the months, in their order, leave of the time since a moment."""
    rest: list[Span] = []
    for month in months:
        begins, ends = bounds(month)
        if begins > since:
            rest.append((since, begins))
        since = ends
    return (*rest, (since, None))


def month_of(moment: datetime) -> str:
    """2026-10."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def bounds(month: str) -> tuple[datetime, datetime]:
    """A month's first moment, and the next month's."""
    year, number = map(int, month.split("-"))
    begins = datetime(year, number, 1, tzinfo=UTC)
    return begins, datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def kept_months(session: Session) -> set[str]:
    """The months whose totals are there."""
    found = known(col(MonthTotal.month))
    return {month for month in session.execute(sa_select(found.c.value)).scalars() if month is not None}
