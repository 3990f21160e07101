"""How far the machine, the reviewers and the recogniser can be relied on: counts for the page Reliability."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from database.extent import Extent
from database.figures import Share, Spread
from database.overview import by_agent
from database.tables import AppUser, Call, Dispute, MonthTotal, Review
from database.totals import SURENESS, answered, key_of
from database.viewers import Viewer, visible

ANSWERS = ("yes", "no", "na")
Answers = Mapping[tuple[str, str], int]
"""How often the machine answered one thing and a person another: (machine, person) to count."""


@dataclass(frozen=True)
class Disputed:
    """Disputes of one item, or of one reviewer's verdicts: opened, decided, and in how many of those the
    agent was right (accepted in whole or in part)."""

    name: str
    opened: int
    decided: int
    agent_right: int


@dataclass(frozen=True)
class Heard:
    """An agent's calls: scores as sums, and how sure the recogniser was of the agent's words (0..1)."""

    scores: Spread
    confidence: float | None


def answers(session: Session, extent: Extent, *, blind_only: bool) -> dict[str, Answers]:
    """Per criterion the machine's answers against those of finished reviews; ``blind_only`` counts only
    reviews whose reviewer had not seen the machine's."""
    found: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for criterion, machine, person, blind, n in _answers(session, extent):
        if person in ANSWERS and (blind or not blind_only):
            found[criterion][machine, person] += n
    return dict(sorted(found.items()))


def agreement(session: Session, extent: Extent) -> list[Share]:
    """Per criterion: how often a finished review left the machine's verdict, where the machine had one."""
    found: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for criterion, machine, person, _, n in _answers(session, extent):
        found[criterion][machine == person] += n
    return [Share(name, counts[True], counts.total()) for name, counts in sorted(found.items())]


def _answers(session: Session, extent: Extent) -> Iterator[tuple[str, str, str, bool, int]]:
    """Criterion, the machine's answer, the person's, whether given blind, how often."""
    kept: Select[str, int] = sa_select(col(MonthTotal.key).label("key"), col(MonthTotal.n).label("n"))
    counted = answered(extent.rest).where(*extent.calls())
    found = kept.where(*extent.totals("answer")).union_all(counted).subquery().c
    for key, n in session.execute(sa_select(found.key, func.sum(found.n)).group_by(found.key)):
        criterion, machine, person, sight = key.rsplit("|", 3)
        if machine in ANSWERS:
            yield criterion, machine, person, sight == "blind", int(n)


def disputes_by_item(session: Session, viewer: Viewer, since: datetime) -> list[Disputed]:
    """Disputes per criterion, the most frequent first."""
    return _disputes(session, viewer, since, Dispute.criterion_id)


def disputes_by_reviewer(session: Session, viewer: Viewer, since: datetime) -> list[Disputed]:
    """Disputes per reviewer whose verdict was disputed, by name; ``""`` for verdicts of the machine."""
    return sorted(_disputes(session, viewer, since, AppUser.name), key=lambda line: line.name)


def _disputes(session: Session, viewer: Viewer, since: datetime, name: Any) -> list[Disputed]:
    right, over = ("accepted", "partly"), ("accepted", "partly", "rejected")
    rows = session.execute(
        sa_select(
            name,
            func.count(),
            func.sum(case((col(Dispute.state).in_(over), 1), else_=0)),
            func.sum(case((col(Dispute.state).in_(right), 1), else_=0)),
        )
        .select_from(Dispute)
        .join(Call, col(Call.id) == Dispute.call_id)
        .outerjoin(Review, col(Review.id) == Dispute.review_id)
        .outerjoin(AppUser, col(AppUser.id) == Review.reviewer_id)
        .where(visible(viewer), col(Dispute.opened_at) >= since, col(Dispute.state) != "withdrawn")
        .group_by(name)
        .order_by(func.count().desc())
    )
    return [
        Disputed(found or "", int(n), int(decided or 0), int(yes or 0)) for found, n, decided, yes in rows
    ]


def heard(session: Session, extent: Extent) -> list[Heard]:
    """Per agent, by name: scores beside the recogniser's confidence."""
    key, _ = key_of("agent")
    kept: Select[str, int, float] = sa_select(
        col(MonthTotal.key).label("key"), col(MonthTotal.n).label("n"), col(MonthTotal.total).label("total")
    ).where(*extent.totals("sure"))
    counted = sa_select(key.label("key"), *SURENESS).where(*extent.scored()).group_by(key)
    found = kept.union_all(counted).subquery().c
    rows = session.execute(sa_select(found.key, func.sum(found.total), func.sum(found.n)).group_by(found.key))
    sure = {name: float(total) / int(n) for name, total, n in rows if n}
    return [Heard(scores, sure.get(str(number))) for number, scores in by_agent(session, extent).items()]
