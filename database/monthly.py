"""Why people had to call in a month: contact reasons against the month before, causes, promises, quotes.

Everything is counted over all processed calls within reach, whatever their score.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from database.errors import DatabaseError
from database.redact import redact
from database.tables import Agent, AssessmentVersion, Call
from database.viewers import Viewer, visible
from scorecards import Assessment
from scorecards.agreement import Interval, newcombe, wilson

UNCATEGORISED = (None, "other")
MOST_UNCATEGORISED = 0.10
QUOTES = 3
PROMISES = ("callback_specific", "callback_vague", "goodwill")


@dataclass(frozen=True)
class Line:
    """A reason or cause: how many calls, its share, and the change of the share since the month before (in
    shares, with the 95 % interval by Newcombe); ``quotes`` are redacted."""

    name: str
    calls: int
    share: Interval
    change: Interval
    quotes: tuple[str, ...] = ()

    @property
    def told(self) -> bool:
        """Whether the change is more than chance would explain."""
        low, high = self.change.low, self.change.high
        return low is not None and high is not None and (low > 0 or high < 0)


@dataclass(frozen=True)
class Promise:
    """A kind of promise: how often made, and how often with a day or time named."""

    kind: str
    made: int
    with_time: int
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Month:
    """The report of a month."""

    begins: datetime
    calls: int
    calls_before: int
    reasons: tuple[Line, ...]
    uncategorised: Interval
    causes: tuple[Line, ...]
    repeats: Line
    promises: tuple[Promise, ...]
    praise: tuple[str, ...]

    @property
    def too_many_uncategorised(self) -> bool:
        """Whether the reasons leave more calls unexplained than a report may."""
        return self.uncategorised.value is not None and self.uncategorised.value > MOST_UNCATEGORISED


@dataclass
class _Facts:
    """What the facts of a month's assessments say; a call counts once per cause."""

    judged: int = 0
    repeats: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    quotes: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    promises: defaultdict[str, list[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(list))
    praise: list[str] = field(default_factory=list)


def span(month: str, zone: str = "UTC") -> tuple[datetime, datetime, datetime]:
    """Begin of the month before, of the month, and of the month after: ``2026-10``. Raises DatabaseError."""
    try:
        begins = datetime.strptime(month, "%Y-%m").replace(tzinfo=ZoneInfo(zone))
    except (ValueError, KeyError) as error:
        raise DatabaseError(f"month {month!r}: write it as 2026-10") from error

    def moved(months: int) -> datetime:
        count = begins.year * 12 + begins.month - 1 + months
        return begins.replace(year=count // 12, month=count % 12 + 1).astimezone(UTC)

    return moved(-1), moved(0), moved(1)


def month_of(session: Session, viewer: Viewer, month: str, *, zone: str = "UTC") -> Month:
    """Count a month. Raises DatabaseError where it has no processed calls."""
    before, begins, ends = span(month, zone)
    this, last = _within(viewer, begins, ends), _within(viewer, before, begins)
    now, then = _reasons(session, this), _reasons(session, last)
    calls, calls_before = sum(now.values()), sum(then.values())
    if not calls:
        raise DatabaseError(f"no processed calls in {month}; rapport export calls shows which there are")
    names = [name for (name,) in session.execute(select(Agent.name))] + [
        key for (key,) in session.execute(select(Agent.key))
    ]
    facts, facts_before = _facts(session, this, names), _facts(session, last, names)
    unknown = sum(now[name] for name in UNCATEGORISED)
    return Month(
        begins,
        calls,
        calls_before,
        tuple(
            _line(str(name), n, calls, then[name], calls_before)
            for name, n in now.most_common()
            if name not in UNCATEGORISED
        ),
        wilson(unknown, calls),
        tuple(
            _line(name, n, facts.judged, facts_before.causes[name], facts_before.judged, facts.quotes[name])
            for name, n in facts.causes.most_common()
            if name != "none"
        ),
        _line("repeat_contact", facts.repeats, facts.judged, facts_before.repeats, facts_before.judged),
        tuple(
            Promise(kind, len(made), sum(timed for _, timed in made), tuple(q for q, _ in made[:QUOTES]))
            for kind in PROMISES
            if (made := facts.promises[kind])
        ),
        tuple(facts.praise[:QUOTES]),
    )


def _within(viewer: Viewer, begins: datetime, ends: datetime) -> list[ColumnElement[bool]]:
    return [
        visible(viewer),
        col(Call.started_at) >= begins,
        col(Call.started_at) < ends,
        col(Call.assessment_number).is_not(None),
    ]


def _reasons(session: Session, where: list[ColumnElement[bool]]) -> Counter[str | None]:
    rows = session.execute(
        select(Call.contact_reason, func.count()).where(*where).group_by(col(Call.contact_reason))
    )
    return Counter({name: int(n) for name, n in rows})


def _line(name: str, calls: int, of: int, before: int, of_before: int, quotes: Sequence[str] = ()) -> Line:
    return Line(name, calls, wilson(calls, of), newcombe(calls, of, before, of_before), tuple(quotes))


def _assessments(session: Session, where: list[ColumnElement[bool]]) -> Iterator[Assessment]:
    rows = session.execute(
        select(AssessmentVersion.document)
        .join(Call, col(Call.id) == AssessmentVersion.call_id)
        .where(*where, AssessmentVersion.number == Call.assessment_number)
        .order_by(col(Call.started_at).desc(), col(Call.id)),
        execution_options={"yield_per": 200},
    )
    for (document,) in rows:
        yield Assessment.from_json(document, where="a stored assessment")


def _facts(session: Session, where: list[ColumnElement[bool]], names: list[str]) -> _Facts:
    found = _Facts()
    for assessment in _assessments(session, where):
        facts = {fact.id: fact for fact in assessment.facts}
        found.judged += 1
        cause = facts.get("failure_cause")
        if cause is not None and cause.value is not None:
            found.causes[str(cause.value)] += 1
            said = next((e.text for e in cause.evidence if len(e.text.split()) > 3), None)
            if said and len(found.quotes[str(cause.value)]) < QUOTES:
                found.quotes[str(cause.value)].append(redact(said, names))
        for evidence in facts["promises"].evidence if "promises" in facts else ():
            timed = evidence.why.startswith("due:") and not evidence.why.endswith("?")
            found.promises[evidence.category or "other"].append((redact(evidence.text, names), timed))
        found.praise += [
            redact(e.text, names) for e in (facts["praise"].evidence if "praise" in facts else ())
        ]
        repeat = facts.get("repeat_contact")
        found.repeats += bool(repeat is not None and repeat.value)
    return found
