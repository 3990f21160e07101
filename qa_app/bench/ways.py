"""The ways through the app that are timed: every page of every role, the call list's filters one by one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from database.engine import reading
from database.people import Person, person_of, user_by_login
from database.tables import Call
from database.viewers import visible
from qa_app.navigation import pages_for

PREFIX = "calls.filter."
"""Before the keys of the call list's filters."""
LOGINS = ("trainer-001", "trainer-002", "agent-001", "manager-001", "admin-001")
"""Trainer 001 sees every team, trainer 002 one."""


@dataclass(frozen=True)
class Way:
    """One page as one person opens it; ``state`` is what they chose there before."""

    name: str
    login: str
    view: str | None
    state: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


def ways(engine: Engine) -> Iterator[Way]:
    """All of them, for the database of ``database.crowd``."""
    with reading(engine) as session:
        for login in LOGINS:
            person = person_of(user_by_login(session, login))
            some = _calls(session, person)
            seen = set()
            for page in pages_for(person):
                if page.file in seen:
                    continue
                seen.add(page.file)
                if page.file == "call":
                    yield from (Way("call", login, "call", query={"id": str(call)}) for call in some)
                else:
                    yield Way(page.file, login, page.file)
        newest = session.exec(select(func.max(Call.started_at))).one()
    for name, state in _searches(newest):
        for login in ("trainer-001", "trainer-002"):
            yield Way(f"calls: {name}", login, "calls", state)
    for days in (30, 365, 3650):
        for login in ("manager-001", "admin-001", "trainer-002"):
            yield Way(f"dashboard: {days} days", login, "dashboard", {"dashboard.days": days})
    yield Way("reliability: 3650 days", "manager-001", "reliability", {"reliability.days": 3650})


def _calls(session: Session, person: Person, count: int = 5) -> list[int]:
    """Some calls within reach, spread over the years."""
    within = select(col(Call.id)).where(visible(person.viewer))
    total = session.exec(select(func.count()).select_from(within.subquery())).one()
    step = max(1, total // count)
    found = [
        session.exec(within.order_by(col(Call.id)).offset(n * step).limit(1)).first() for n in range(count)
    ]
    return [call for call in found if call is not None]


def _searches(newest: Any) -> list[tuple[str, dict[str, Any]]]:
    words = PREFIX + "words"
    return [
        ("a word in most calls", {words: "thank"}),
        ("two words", {words: "router Leeds"}),
        ("a phrase", {words: '"how can I help"'}),
        ("a rare word", {words: "4711"}),
        ("a word and a team", {words: "refund", PREFIX + "teams": ["3"]}),
        ("criterion not met", {PREFIX + "criterion": "empathy_shown", PREFIX + "verdict": "no"}),
        ("an agent", {PREFIX + "agents": ["17"]}),
        ("low scores", {PREFIX + "score": (0, 40)}),
        ("in doubt", {PREFIX + "only": "doubt", "calls.order": "doubt"}),
        ("lowest first", {"calls.order": "lowest"}),
        ("a month", {PREFIX + "days": (newest.date().replace(day=1), newest.date())}),
    ]
