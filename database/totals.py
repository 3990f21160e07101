"""Monthly totals: counting those that are missing.

Totals are never adjusted, only taken away and counted again from the rows. What they do not cover is counted
from the rows by whoever asks (``database.overview``, ``database.reliability``), so figures are the same with
them and without.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, String, case, cast, func, insert, literal, text
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import col

from database.choices import criteria_known
from database.engine import reading, writing
from database.extent import Span, bounds, kept_months, month_of, within
from database.tables import Call, CriterionRow, MonthTotal, Review, ReviewItem, SignalRow

KINDS: dict[str, Any] = {"agent": Call.agent_id, "queue": Call.queue, "reason": Call.contact_reason}
"""What calls are summed up by."""
SUMS: tuple[ColumnElement[Any], ...] = (
    func.count().label("n"),
    func.sum(Call.score).label("total"),
    func.sum(col(Call.score) * col(Call.score)).label("squares"),
    func.sum(case((col(Call.score_by) == "human", 1), else_=0)).label("human"),
    func.sum(case((col(Call.doubts) > 0, 1), else_=0)).label("doubt"),
)
SURE = (
    sa_select(col(SignalRow.number))
    .where(col(SignalRow.call_id) == Call.id, col(SignalRow.name) == "agent_word_confidence")
    .scalar_subquery()
)
"""How sure the recogniser was of the agent's words: looked up call by call, never the other way round."""
SURENESS = func.count(SURE).label("n"), func.sum(SURE).label("total")


def key_of(kind: str) -> tuple[ColumnElement[str], list[ColumnElement[bool]]]:
    """A kind's key as text, and the condition for calls that have one; those without an agent make a group of
    their own. The key is an expression, which keeps SQLite from walking all calls by the column's index
    instead of the chosen days."""
    column = col(KINDS[kind])
    return func.coalesce(cast(column, String), ""), [] if kind == "agent" else [column.is_not(None)]


def answered(spans: Sequence[Span]) -> Select[str, int]:
    """Keys of kind ``answer`` with their counts, of reviews submitted in the spans; of an item the newest."""
    newer = aliased(ReviewItem)
    replaced = sa_select(col(newer.id)).where(
        col(newer.review_id) == ReviewItem.review_id,
        col(newer.criterion_id) == ReviewItem.criterion_id,
        col(newer.id) > ReviewItem.id,
    )
    sight = case((col(Review.blind).is_(True), "|blind"), else_="|seen")
    item = (
        col(ReviewItem.criterion_id) + "|" + col(ReviewItem.machine_verdict) + "|" + col(ReviewItem.verdict)
    )
    key = item + sight
    return (
        sa_select(key.label("key"), func.count().label("n"))
        .select_from(Review)
        .join(ReviewItem, col(ReviewItem.review_id) == Review.id)
        .join(Call, col(Call.id) == Review.call_id)
        .where(
            within(col(Review.submitted_at), spans),
            col(Review.kind) == "trainer",
            col(ReviewItem.action) != "cleared",
            ~replaced.exists(),
        )
        .group_by(key)
    )


def count_missing(engine: Engine) -> list[str]:
    """Count the totals of every month that has none, one month a transaction; returns those months."""
    with reading(engine) as session:
        first, last = session.execute(
            sa_select(func.min(col(Call.started_at)), func.max(col(Call.started_at)))
        ).one()
        reviewed = session.execute(sa_select(func.max(col(Review.submitted_at)))).scalar_one()
        kept = kept_months(session)
    return [
        month
        for month in _months(first, max(last, reviewed or last) if last else None)
        if month not in kept and _count(engine, month)
    ]


def _months(first: datetime | None, last: datetime | None) -> Iterator[str]:
    while first is not None and last is not None and first <= last:
        yield month_of(first)
        first = bounds(month_of(first))[1]


def _count(engine: Engine, month: str) -> bool:
    """Count one month; False where it has nothing to count. On PostgreSQL whoever changes something counted
    here waits until this is kept, and then takes it away."""
    with writing(engine) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("LOCK TABLE month_total IN SHARE ROW EXCLUSIVE MODE"))
        if month in kept_months(session):
            return True
        for kind, query in _queries(month, criteria_known(session)):
            whole = query.add_columns(literal(month).label("month"), literal(kind).label("kind"))
            into = insert(MonthTotal).from_select([column.name for column in whole.selected_columns], whole)
            session.execute(into)
        return month in kept_months(session)


def _queries(month: str, criteria: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """What to keep, by kind: key, team_id, n and further sums."""
    spans, n = [bounds(month)], func.count().label("n")
    scored = within(col(Call.started_at), spans), col(Call.score).is_not(None)
    team = func.coalesce(col(Call.team_id), 0)
    for kind in KINDS:
        key, has_one = key_of(kind)
        sums = sa_select(key.label("key"), team.label("team_id"), *SUMS)
        yield kind, sums.where(*scored, *has_one).group_by(key, team)
    key, _ = key_of("agent")
    sure = sa_select(key.label("key"), team.label("team_id"), *SURENESS)
    yield "sure", sure.where(*scored).group_by(key, team).having(func.count(SURE) > 0)
    yield "answer", answered(spans).add_columns(team.label("team_id")).group_by(team)
    name, own = col(CriterionRow.criterion_id), func.coalesce(col(CriterionRow.team_id), 0)
    yes = func.sum(case((col(CriterionRow.met).is_(True), 1), else_=0)).label("total")
    met: tuple[ColumnElement[Any], ...] = (name.label("key"), own.label("team_id"), n, yes)
    yield "criterion", sa_select(*met).where(*said(criteria, spans)).group_by(name, own)


def said(criteria: Sequence[str], spans: Sequence[Span]) -> list[ColumnElement[bool]]:
    """The condition for criteria answered yes or no in the spans. Naming what the first two columns of an
    index may hold opens its third, the time."""
    column = col(CriterionRow.criterion_id)
    moment = within(col(CriterionRow.started_at), spans)
    return [column.in_(criteria), col(CriterionRow.met).in_((True, False)), moment]
