"""How far the machine, the reviewers and the recogniser can be relied on: counts for the page Reliability."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from database.figures import Spread
from database.tables import Agent, AppUser, Call, Dispute, Review, ReviewItem, SignalRow
from database.viewers import Viewer, visible

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


def answers(session: Session, viewer: Viewer, since: datetime, *, blind_only: bool) -> dict[str, Answers]:
    """Per criterion the machine's answers against those of finished reviews; ``blind_only`` counts only
    reviews whose reviewer had not seen the machine's."""
    newest = (
        select(func.max(ReviewItem.id))
        .join(Review, col(Review.id) == ReviewItem.review_id)
        .where(Review.kind == "trainer", col(Review.submitted_at) >= since)
        .group_by(col(ReviewItem.review_id), col(ReviewItem.criterion_id))
    )
    where: list[ColumnElement[bool]] = [
        visible(viewer),
        col(ReviewItem.id).in_(newest),
        col(ReviewItem.action) != "cleared",
        col(ReviewItem.machine_verdict).in_(("yes", "no", "na")),
        col(ReviewItem.verdict).in_(("yes", "no", "na")),
    ]
    if blind_only:
        where.append(col(Review.blind).is_(True))
    rows = session.execute(
        select(ReviewItem.criterion_id, ReviewItem.machine_verdict, ReviewItem.verdict, func.count())
        .join(Review, col(Review.id) == ReviewItem.review_id)
        .join(Call, col(Call.id) == Review.call_id)
        .where(*where)
        .group_by(ReviewItem.criterion_id, ReviewItem.machine_verdict, ReviewItem.verdict)
    )
    found: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for criterion, machine, human, count in rows:
        found[criterion][machine, human] += int(count)
    return dict(sorted(found.items()))


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


def heard(session: Session, where: list[ColumnElement[bool]]) -> list[Heard]:
    """Per agent, by name: scores beside the recogniser's confidence, over the calls of ``figures.scored``."""
    rows = session.execute(
        sa_select(
            col(Agent.name),
            func.count(),
            func.sum(Call.score),
            func.sum(col(Call.score) * col(Call.score)),
            func.avg(SignalRow.number),
        )
        .join(Call, col(Call.agent_id) == Agent.id)
        .outerjoin(
            SignalRow, (col(SignalRow.call_id) == Call.id) & (col(SignalRow.name) == "agent_word_confidence")
        )
        .where(*where)
        .group_by(col(Agent.id), col(Agent.name))
        .order_by(Agent.name)
    )
    return [
        Heard(Spread(name, int(n), float(s), float(q)), None if sure is None else float(sure))
        for name, n, s, q, sure in rows
    ]


def by_queue(session: Session, where: list[ColumnElement[bool]]) -> list[Spread]:
    """Scores per queue, by name."""
    queue = func.coalesce(Call.queue, "")  # not the bare column: see figures.by_reason
    rows = session.execute(
        select(queue, func.count(), func.sum(Call.score), func.sum(col(Call.score) * col(Call.score)))
        .where(*where, col(Call.queue).is_not(None))
        .group_by(queue)
        .order_by(queue)
    )
    return [Spread(str(name), int(n), float(s), float(q)) for name, n, s, q in rows]
