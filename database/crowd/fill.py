"""Writing a crowd: agents with abilities of their own, three years of calls, reviews, disputes, comments."""

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, LargeBinary, column, func, insert, select, table, update
from sqlmodel import SQLModel

from database.counting import lost_points, met
from database.crowd.patterns import Pattern, patterns
from database.crowd.reviewed import SETTLED, Reviewed
from database.engine import writing
from database.errors import DatabaseError
from database.people import hash_password
from database.totals import count_missing
from database.types import utc_now

Row = dict[str, Any]
Chosen = tuple[int, int, Pattern, datetime]
"""A call's number, its agent's, how it goes, when."""
Told = Callable[[str, int, int], None]
"""Progress: what is written, how many rows are, how many there will be."""
BATCH = 2_000
REASONS = (
    "delivery",
    "billing",
    "technical_fault",
    "account_access",
    "cancellation",
    "booking_change",
    "other",
)
QUEUES = ("orders", "billing", "technical", "contracts", "complaints", "bookings")


@dataclass(frozen=True)
class Size:
    """How large a crowd is. Turns come to about twenty a call."""

    calls: int = 100_000
    agents: int = 500
    teams: int = 20
    trainers: int = 25
    days: int = 3 * 365
    patterns: int = 240
    seed: int = 0


REVIEWED, REMARKED, OVERRIDDEN = 0.10, 0.05, 0.06
"""Shares: calls that a trainer reviewed, calls with a comment, verdicts overridden."""


def fill(engine: Engine, size: Size, password: str, told: Told = lambda *_: None) -> None:
    """Write the crowd into an empty database, in one transaction, and count its monthly totals; every
    account has the same password.

    Raises DatabaseError when the database holds calls already: a crowd never mixes with real ones.
    """
    known = patterns(size.patterns, size.seed)
    with writing(engine) as session:
        connection = session.connection()
        if connection.execute(select(func.count()).select_from(_table("call"))).scalar_one():
            raise DatabaseError("this database holds calls already; a crowd wants an empty one of its own")
        crowd = _Crowd(connection, size, known, told)
        crowd.people(hash_password(password))
        crowd.calls()
    told("month_total", 0, 1)
    count_missing(engine)


class _Crowd:
    """Writes table after table; ids are given by us, so that rows can point at each other."""

    def __init__(self, connection: Connection, size: Size, known: Sequence[Pattern], told: Told) -> None:
        self.connection, self.size, self.known, self.told = connection, size, known, told
        self.chance = random.Random(size.seed)
        self.now = utc_now().replace(microsecond=0)
        self.next: dict[str, int] = {}

    def people(self, secret: str) -> None:
        size, chance = self.size, self.chance
        self._write(
            "team", ({"id": n + 1, "name": f"team-{n + 1:02}"} for n in range(size.teams)), size.teams
        )
        self.able = [chance.gauss(0, 0.16) for _ in range(size.agents)]
        agents = (
            {
                "id": n + 1,
                "key": f"agent-{n + 1:03}",
                "name": f"Agent {n + 1:03}",
                "team_id": n % size.teams + 1,
                "active": True,
            }
            for n in range(size.agents)
        )
        self._write("agent", agents, size.agents)
        roles = [("agent", n) for n in range(size.agents)] + [("trainer", n) for n in range(size.trainers)]
        roles += [("manager", 0), ("admin", 0)]
        self._write("app_user", (self._account(*who, secret) for who in roles), len(roles))

    def _account(self, role: str, number: int, secret: str) -> Row:
        team = number % self.size.teams + 1 if role == "agent" or (role == "trainer" and number % 5) else None
        return {
            "id": self._id("app_user"),
            "login": f"{role}-{number + 1:03}",
            "name": f"{role.title()} {number + 1:03}",
            "role": role,
            "password_hash": secret,
            "language": "en",
            "time_zone": "Europe/Berlin",
            "team_id": team,
            "agent_id": number + 1 if role == "agent" else None,
            "active": True,
            "must_change_password": False,
            "failed_sign_ins": 0,
            "made_at": self.now,
        }

    def calls(self) -> None:
        """Calls in the order of their time, as they would have come in."""
        count = self.size.calls
        moments = sorted(self._moment() for _ in range(count))
        chosen: list[Chosen] = []
        for number, moment in enumerate(moments):
            agent = self.chance.randrange(self.size.agents)
            at = 0.5 + self.able[agent] + self.chance.gauss(0, 0.22)
            pattern = self.known[min(max(int(at * len(self.known)), 0), len(self.known) - 1)]
            chosen.append((number + 1, agent, pattern, moment))
        reviewed = {number for number, *_ in chosen if self.chance.random() < REVIEWED}
        turns = sum(len(pattern.turns) for _, _, pattern, _ in chosen)
        rules = sum(len(pattern.judged.criteria) for _, _, pattern, _ in chosen)
        self._write("call", (self._call(*one, one[0] in reviewed) for one in chosen), count)
        self._write("call_name", (self._name(*one) for one in chosen), count)
        for kind in ("conversation", "assessment"):
            rows = (self._version(kind, *one) for one in chosen)
            self._write(f"{kind}_version", rows, count, document=LargeBinary())
        decided = {number: self._decided(pattern) for number, _, pattern, _ in chosen if number in reviewed}
        criteria = (row for one in chosen for row in self._criteria(*one, decided.get(one[0], {})))
        self._write("criterion_result", criteria, rules)
        self._write("turn", (row for one in chosen for row in self._turns(one[0], one[2])), turns)
        measured = sum(len(pattern.signals) for _, _, pattern, _ in chosen)
        self._write("signal", (row for one in chosen for row in self._signals(one[0], one[2])), measured)
        self._reviews([one for one in chosen if one[0] in reviewed], decided)
        some = [one for one in chosen if self.chance.random() < REMARKED]
        self._write("comment", (self._comment(*one) for one in some), len(some))

    def _moment(self) -> datetime:
        day = self.now - timedelta(days=self.chance.randrange(self.size.days) + 1)
        return day.replace(hour=8, minute=0, second=0) + timedelta(seconds=self.chance.randrange(36_000))

    def _trainer(self, agent: int) -> int:
        """The account of a trainer: one of the agent's team as often as not."""
        return self.size.agents + 1 + (agent * 7) % self.size.trainers

    def _call(self, number: int, agent: int, pattern: Pattern, moment: datetime, reviewed: bool) -> Row:
        judged = pattern.judged
        old = reviewed and moment < self.now - SETTLED
        return {
            "id": number,
            "sha256": hashlib.sha256(f"crowd/{self.size.seed}/{number}".encode()).hexdigest(),
            "file_name": f"call-{number:06}.flac",
            "state": "done",
            "call_key": f"C-{number:06}",
            "agent_id": agent + 1,
            "team_id": agent % self.size.teams + 1,
            "queue": QUEUES[number % len(QUEUES)],
            "direction": "inbound",
            "language": pattern.language,
            "duration": pattern.duration,
            "channels": 1,
            "sample_rate": 8000,
            "started_at": moment,
            "added_at": moment,
            "changed_at": moment,
            "conversation_number": 1,
            "assessment_number": 1,
            "score": judged.score,
            "score_by": "human" if reviewed else "machine",
            "passed": judged.passed,
            "card_id": judged.scorecard.id,
            "card_version": judged.scorecard.version,
            "doubts": 0 if reviewed else sum(result.verdict == "review" for result in judged.criteria),
            "fails": sum(lost_points(result.points, result.max_points) for result in judged.criteria),
            "critical_fails": len(judged.failed_by),
            "contact_reason": self.chance.choice(REASONS),
            "review_state": ("acknowledged" if old else "released") if reviewed else "none",
            "reviewer_id": self._trainer(agent) if reviewed else None,
            "open_disputes": 0,
        }

    def _name(self, number: int, _agent: int, _pattern: Pattern, moment: datetime) -> Row:
        return {"id": number, "call_id": number, "name": f"call-{number:06}.flac", "seen_at": moment}

    def _version(self, kind: str, number: int, _agent: int, pattern: Pattern, moment: datetime) -> Row:
        row: Row = {
            "id": number,
            "call_id": number,
            "number": 1,
            "recipe": f"{number:064}",
            "made_at": moment,
        }
        row["why"] = ""
        if kind == "conversation":
            return {**row, "document": pattern.conversation}
        card = pattern.judged.scorecard
        return {
            **row,
            "document": pattern.assessment,
            "conversation_number": 1,
            "card_id": card.id,
            "card_version": card.version,
            "card_language": card.language,
            "card_sha256": card.sha256,
            "score": pattern.judged.score,
            "passed": pattern.judged.passed,
        }

    def _decided(self, pattern: Pattern) -> dict[str, str]:
        """What a trainer made of every verdict."""
        made: dict[str, str] = {}
        for result in pattern.judged.criteria:
            said = result.verdict if result.verdict in ("yes", "no", "na") else "yes"
            other = self.chance.random() < OVERRIDDEN
            made[result.id] = ("no" if said == "yes" else "yes") if other else said
        return made

    def _criteria(
        self, number: int, agent: int, pattern: Pattern, moment: datetime, decided: Mapping[str, str]
    ) -> Iterator[Row]:
        for position, result in enumerate(pattern.judged.criteria):
            yield {
                "id": self._id("criterion_result"),
                "call_id": number,
                "criterion_id": result.id,
                "position": position,
                "verdict": result.verdict,
                "human": decided.get(result.id),
                "confidence": result.confidence,
                "value": result.value,
                "points": result.points,
                "max_points": result.max_points,
                "critical": result.critical,
                "met": met(decided.get(result.id, result.verdict), result.max_points),
                "started_at": moment,
                "team_id": agent % self.size.teams + 1,
            }

    def _turns(self, number: int, pattern: Pattern) -> Iterator[Row]:
        for turn in pattern.turns:
            yield {
                "id": self._id("turn"),
                "call_id": number,
                "position": turn.index,
                "role": turn.role,
                "start": turn.start,
                "language": pattern.language,
                "text": turn.text,
            }

    def _signals(self, number: int, pattern: Pattern) -> Iterator[Row]:
        for name, value in pattern.signals.items():
            yield {"id": self._id("signal"), "call_id": number, "name": name, "number": value}

    def _reviews(self, chosen: list[Chosen], decided: Mapping[int, Mapping[str, str]]) -> None:
        made = Reviewed(self.chance, self.now)
        for number, agent, pattern, moment in chosen:
            made.add(number, agent + 1, self._trainer(agent), pattern, moment, decided[number])
        for name, rows in made.tables.items():
            self._write(name, iter(rows), len(rows))
        call = _table("call")
        some = call.c.id.in_(made.undecided)
        self.connection.execute(update(call).where(some).values(open_disputes=1))

    def _comment(self, number: int, agent: int, pattern: Pattern, moment: datetime) -> Row:
        praise = self.chance.random() < 0.3
        return {
            "id": self._id("comment"),
            "call_id": number,
            "moment": round(self.chance.uniform(0, pattern.duration), 1),
            "kind": "praise" if praise else "remark",
            "text": "Well handled." if praise else "Listen to this again: the reason came late.",
            "at": moment,
            "by": self._trainer(agent),
        }

    def _id(self, name: str) -> int:
        self.next[name] = self.next.get(name, 0) + 1
        return self.next[name]

    def _write(self, name: str, rows: Iterator[Row], count: int, **types: Any) -> None:
        """Insert rows in batches; on PostgreSQL the next id given by the server follows on."""
        into, done = _table(name, **types), 0
        while some := list(islice(rows, BATCH)):
            self.connection.execute(insert(into), some)
            done += len(some)
            self.told(name, done, count)
        if self.connection.dialect.name == "postgresql" and done:
            sequence = func.pg_get_serial_sequence(name, "id")
            newest = select(func.max(into.c.id)).scalar_subquery()
            self.connection.execute(select(func.setval(sequence, newest)))


def _table(name: str, **types: Any) -> Any:
    """A table as its model declares it, with other types for some columns (documents come packed)."""
    whole = SQLModel.metadata.tables[name]
    return table(name, *(column(c.name, types.get(c.name, c.type)) for c in whole.columns))
