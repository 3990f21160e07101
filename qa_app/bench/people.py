"""Twenty trainers at once: each opens, decides and releases calls that a colleague has open too.

Afterwards the database is asked whether every decision that was acknowledged to a person is there once, and
whether any call was released over another's release without a word.
"""

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from database.engine import reading
from database.errors import DatabaseError
from database.listing import open_call
from database.people import Person, person_of
from database.reviews import ReviewConflictError
from database.tables import AppUser, Call, Review, ReviewItem
from database.types import utc_now
from database.worklist import worklist
from qa_app.actions import reviewing

REASON = "Heard otherwise."


@dataclass
class Worked:
    """What one person was told: decisions by call, calls released, calls that a colleague had first."""

    person: Person
    decided: Counter[int] = field(default_factory=Counter)
    released: dict[int, datetime] = field(default_factory=dict)
    """Calls released, with the moment at which they were opened."""
    conflicts: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class AtOnce:
    """The outcome of people working at once; ``lost`` and ``doubled`` have to be 0."""

    people: int
    seconds: float
    actions: int
    p50_ms: float
    p95_ms: float
    released: int
    told_of_a_colleague: int
    refused: int
    lost: int
    doubled: int

    def to_dict(self) -> dict[str, object]:
        """As plain values."""
        return asdict(self)

    def told(self) -> str:
        """A line for people."""
        pace = f"{self.actions} actions in {self.seconds} s (p50 {self.p50_ms}, p95 {self.p95_ms} ms)"
        met = f"{self.released} calls released, {self.told_of_a_colleague} times told of a colleague"
        kept = f"{self.refused} refused, {self.lost} decisions lost, {self.doubled} doubled"
        return f"{self.people} people, {pace}: {met}, {kept}"


def work_at_once(engine: Engine, people: int = 20, calls_each: int = 5) -> AtOnce:
    """Let people review calls at the same time; every call lies on two people's desks."""
    with reading(engine) as session:
        some = [person_of(user) for user in _trainers(session, people)]
        waiting = [
            task.line.call.id or 0 for task in worklist(session, some[0].viewer, limit=people * calls_each)
        ]
        before = _rows(session)
    desks = [
        [waiting[(desk // 2 * calls_each * 2 + n) % len(waiting)] for n in range(calls_each)]
        for desk in range(len(some))
    ]
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(some)) as pool:
        worked = list(pool.map(lambda one: _work(engine, *one), zip(some, desks, strict=True)))
    seconds = time.perf_counter() - begun
    with reading(engine) as session:
        lost, doubled = _compare(session, worked, before)
    times = sorted(t for one in worked for t in one.times_ms)
    return AtOnce(
        people=len(some),
        seconds=round(seconds, 2),
        actions=len(times),
        p50_ms=round(times[len(times) // 2], 1),
        p95_ms=round(times[int(len(times) * 0.95)], 1),
        released=sum(len(one.released) for one in worked),
        told_of_a_colleague=sum(len(one.conflicts) for one in worked),
        refused=sum(len(one.refused) for one in worked),
        lost=lost,
        doubled=doubled,
    )


def _trainers(session: Session, count: int) -> Sequence[AppUser]:
    """Trainers of the crowd, lent every team, so that they can meet on one call."""
    found = session.exec(
        select(AppUser).where(AppUser.role == "trainer").order_by(col(AppUser.id)).limit(count)
    ).all()
    for user in found:
        user.team_id = None
    return found


def _rows(session: Session) -> int:
    newest = session.exec(select(ReviewItem.id).order_by(col(ReviewItem.id).desc()).limit(1)).first()
    return newest or 0


def _work(engine: Engine, person: Person, desk: list[int]) -> Worked:
    worked = Worked(person)
    for call_id in desk:
        came = utc_now()
        with reading(engine) as session:
            opened = open_call(session, person.viewer, call_id)
        seen = opened.call.assessment_number
        doubtful = (
            [r for r in opened.assessment.criteria if r.verdict == "review"] if opened.assessment else []
        )
        for result in doubtful:
            begun = time.perf_counter()
            reviewing.override(engine, person, call_id, result.id, "yes", REASON, seen=seen)
            worked.times_ms.append((time.perf_counter() - begun) * 1000)
            worked.decided[call_id] += 1
        _finish(engine, worked, call_id, seen, came)
    return worked


def _finish(engine: Engine, worked: Worked, call_id: int, seen: int | None, came: datetime) -> None:
    begun = time.perf_counter()
    try:
        reviewing.finish(engine, worked.person, call_id, seconds=40.0, seen=seen, since=came)
        worked.released[call_id] = came
    except ReviewConflictError:
        worked.conflicts.append(call_id)
    except DatabaseError as error:
        worked.refused.append(str(error))
    worked.times_ms.append((time.perf_counter() - begun) * 1000)


def _compare(session: Session, worked: Sequence[Worked], before: int) -> tuple[int, int]:
    """Decisions told but not kept, and kept twice; calls released by two people count as doubled too."""
    lost = doubled = 0
    for one in worked:
        rows = session.exec(
            select(Review.call_id, ReviewItem.criterion_id)
            .join(Review, col(Review.id) == ReviewItem.review_id)
            .where(ReviewItem.by == one.person.id, col(ReviewItem.id) > before)
            .where(ReviewItem.reason == REASON)
        ).all()
        kept = Counter(call for call, _ in rows)
        for call_id, told in one.decided.items():
            lost += max(0, told - kept[call_id])
        doubled += len(rows) - len(set(rows))
    by_call = Counter(call for one in worked for call in one.released)
    doubled += sum(
        _over_another(session, one, call, came) for one in worked for call, came in one.released.items()
    )
    states = session.exec(select(Call.id, Call.review_state).where(col(Call.id).in_(list(by_call)))).all()
    lost += sum(state not in ("released", "acknowledged") for _, state in states)
    return lost, doubled


def _over_another(session: Session, one: Worked, call_id: int, came: datetime) -> bool:
    """Whether somebody else's review was released while this person, who then released theirs, had the
    call open and was told nothing."""
    own: list[datetime] = []
    others: list[datetime] = []
    for review in session.exec(select(Review).where(Review.call_id == call_id)):
        if review.released_at is not None and review.released_at >= came:
            (own if review.reviewer_id == one.person.id else others).append(review.released_at)
    return any(other <= mine for other in others for mine in own)
