"""Figures over years are the same with monthly totals and without, whatever changes and whoever looks."""

import math
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import workplace
from sqlalchemy import Engine, func, text, update
from sqlmodel import Session, col, select

from database import Settings, overview, reliability, totals
from database.crowd.fill import Size, fill
from database.engine import open_database, reading, writing
from database.erase import erase_calls
from database.extent import bounds, extent, kept_months, month_of
from database.people import Person, person_of, user_by_login
from database.reviews import apply_verdicts
from database.signals import keep_signals
from database.store import register, save_processed
from database.stored import add_rescored
from database.tables import Agent, Call, CriterionRow, Review, ReviewItem, SignalRow
from database.totals import count_missing
from database.types import utc_now
from database.viewers import OPERATOR, Viewer, asked_calls
from qa_app.actions import blind_scoring, disputing, reviewing

SIZE = Size(calls=150, agents=9, teams=3, trainers=5, patterns=12, days=400)
EVER = datetime(2000, 1, 1, tzinfo=UTC)
Figures = dict[str, Any]


@pytest.fixture
def crowd(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(Settings(home=tmp_path, database_url=database_url))
    fill(engine, SIZE, "a long test password")
    yield engine
    engine.dispose()


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[workplace.Workplace]:
    made = workplace.make(tmp_path / "home", database_url)
    count_missing(made.engine)
    yield made
    made.engine.dispose()


def given(session: Session, viewer: Viewer, since: datetime, team: int | None = None) -> Figures:
    """What the overview says."""
    found = extent(session, viewer, since, team)
    spread, human, doubt = overview.total(session, found)
    return {
        "all": (spread.count, spread.total, spread.squares, human, doubt),
        "agents": [(s.name, s.count, s.total, s.squares) for s in overview.by_agent(session, found).values()],
        "queues": [(s.name, s.count, s.total, s.squares) for s in overview.by_queue(session, found)],
        "months": [(s.name, s.count, s.total, s.squares) for s in overview.by_month(session, found)],
        "reasons": {s.name: (s.hits, s.of) for s in overview.by_reason(session, found)},
        "criteria": {s.name: (s.hits, s.of) for s in overview.by_criterion(session, found)},
        "agreed": {s.name: (s.hits, s.of) for s in reliability.agreement(session, found)},
        "answers": reliability.answers(session, found, blind_only=False),
        "blind": reliability.answers(session, found, blind_only=True),
        "sure": {line.scores.name: line.confidence for line in reliability.heard(session, found)},
    }


@dataclass(frozen=True)
class Rows:
    """Everything in the tables, to be counted one by one."""

    calls: list[Call]
    verdicts: list[tuple[int, str, str, float | None]]
    names: dict[int | None, str]
    answers: list[tuple[Review, ReviewItem]]
    sure: dict[int, float]

    @classmethod
    def read(cls, session: Session) -> "Rows":
        said = func.coalesce(CriterionRow.human, CriterionRow.verdict)
        verdicts = select(CriterionRow.call_id, CriterionRow.criterion_id, said, CriterionRow.max_points)
        names = {agent.id: agent.name for agent in session.exec(select(Agent))}
        answers = select(Review, ReviewItem).join(ReviewItem).order_by(col(ReviewItem.id))
        newest = {(review.id, item.criterion_id): (review, item) for review, item in session.exec(answers)}
        sure = select(SignalRow.call_id, SignalRow.number).where(SignalRow.name == "agent_word_confidence")
        calls, said = list(session.exec(select(Call))), list(session.exec(verdicts))
        return cls(calls, said, names, list(newest.values()), dict(session.exec(sure).all()))


def plain(
    session: Session, viewer: Viewer, since: datetime, team: int | None = None, rows: Rows | None = None
) -> Figures:
    """The same from every row, one by one."""
    rows = rows or Rows.read(session)
    sealed = set(session.execute(asked_calls(viewer, sealed=True)).scalars()) if viewer.user_id else set()
    reached = [
        call
        for call in rows.calls
        if call.id not in sealed
        and team in (None, call.team_id)
        and viewer.team_id in (None, call.team_id)
        and (viewer.role != "agent" or call.agent_id == viewer.agent_id)
    ]
    calls = [call for call in reached if call.score is not None and call.started_at >= since]
    groups: dict[str, dict[Any, list[Call]]] = {kind: defaultdict(list) for kind in ("a", "q", "m", "r")}
    for call in calls:
        for kind, key in (
            ("a", rows.names.get(call.agent_id)),
            ("q", call.queue),
            ("m", month_of(call.started_at)),
            ("r", call.contact_reason),
        ):
            if key is not None:
                groups[kind][key].append(call)
    counted: dict[str, list[bool]] = defaultdict(list)
    within = {call.id for call in calls}
    for call_id, criterion, said, points in rows.verdicts:
        if call_id in within and points and said in ("yes", "no"):
            counted[criterion].append(said == "yes")
    seen: dict[bool, dict[str, Counter[tuple[str, str]]]] = {True: {}, False: {}}
    agreed: dict[str, list[bool]] = defaultdict(list)
    everywhere = {call.id for call in reached}
    for review, item in rows.answers:
        if (
            review.kind == "trainer" and review.call_id in everywhere and item.action != "cleared"
            and review.submitted_at is not None and review.submitted_at >= since
            and item.machine_verdict in ("yes", "no", "na")
        ):  # fmt: skip
            agreed[item.criterion_id].append(item.machine_verdict == item.verdict)
            for blind in {False, review.blind} if item.verdict in ("yes", "no", "na") else ():
                counts = seen[blind].setdefault(item.criterion_id, Counter())
                counts[item.machine_verdict, item.verdict] += 1
    sure = {
        name: [rows.sure[call.id] for call in some if call.id in rows.sure]
        for name, some in groups["a"].items()
    }
    reasoned = sum(map(len, groups["r"].values()))
    return {
        "all": (*sums(calls), sum(c.score_by == "human" for c in calls), sum(c.doubts > 0 for c in calls)),
        "agents": [(name, *sums(some)) for name, some in sorted(groups["a"].items())],
        "queues": [(name, *sums(some)) for name, some in sorted(groups["q"].items())],
        "months": [(name, *sums(some)) for name, some in sorted(groups["m"].items())],
        "reasons": {name: (len(some), reasoned) for name, some in groups["r"].items()},
        "criteria": {name: (sum(met), len(met)) for name, met in counted.items()},
        "agreed": {name: (sum(same), len(same)) for name, same in agreed.items()},
        "answers": seen[False],
        "blind": seen[True],
        "sure": {name: math.fsum(all_) / len(all_) if all_ else None for name, all_ in sure.items()},
    }


def sums(calls: list[Call]) -> tuple[int, float, float]:
    scores = [call.score or 0.0 for call in calls]
    return len(scores), math.fsum(scores), math.fsum(score * score for score in scores)


def same(
    session: Session, viewer: Viewer, since: datetime, team: int | None = None, rows: Rows | None = None
) -> None:
    """Counts are exact; sums of scores agree to the last bits."""
    assert given(session, viewer, since, team) == near(plain(session, viewer, since, team, rows))


def near(figures: Any) -> Any:
    if isinstance(figures, float):
        return pytest.approx(figures, rel=1e-12)
    if isinstance(figures, dict):
        return {name: near(value) for name, value in figures.items()}
    if isinstance(figures, list | tuple):
        return type(figures)(near(value) for value in figures)
    return figures


LOGINS = ("trainer-001", "trainer-002", "agent-001", "manager-001", "admin-001")
MANAGER = ("manager-001",)


def all_the_same(engine: Engine, logins: Sequence[str] = LOGINS) -> None:
    with reading(engine) as session:
        rows = Rows.read(session)
        for login in logins:
            viewer = person_of(user_by_login(session, login)).viewer
            for since in (EVER, utc_now() - timedelta(days=100), bounds(month_of(utc_now()))[0]):
                for team in (None, 2):
                    same(session, viewer, since, team, rows)


def kept(engine: Engine) -> set[str]:
    with reading(engine) as session:
        return kept_months(session)


def test_totals_are_counted_once_and_cover_whole_months(crowd: Engine) -> None:
    assert len(kept(crowd)) >= 12
    assert count_missing(crowd) == []
    with reading(crowd) as session:
        found = extent(session, OPERATOR, EVER)
        assert set(found.months) == kept_months(session)
        since = bounds(found.months[3])[0] + timedelta(days=5)
        later = extent(session, OPERATOR, since)
        assert later.months == found.months[4:]
        assert later.rest[0] == (since, bounds(found.months[4])[0])
        assert later.rest[-1][1] is None
    all_the_same(crowd)


Act = Callable[[Session, random.Random, Call], None]


def _scored(session: Session, chance: random.Random, call: Call) -> None:
    call.score, call.score_by = round(chance.uniform(0, 100), 2), chance.choice(["machine", "human"])


def _unscored(session: Session, chance: random.Random, call: Call) -> None:
    call.score = None
    nothing = {"verdict": "unscored", "human": None, "met": None}
    session.execute(update(CriterionRow).where(col(CriterionRow.call_id) == call.id).values(**nothing))


def _described(session: Session, chance: random.Random, call: Call) -> None:
    call.queue = chance.choice([None, "orders", "a queue's name"])
    call.contact_reason = chance.choice([None, "billing", "delivery"])
    call.agent_id, call.doubts = chance.choice([None, 1, 2]), chance.randrange(3)


def _moved(session: Session, chance: random.Random, call: Call) -> None:
    moved = {
        "started_at": call.started_at + timedelta(days=chance.randrange(-60, 60)),
        "team_id": chance.choice([None, 1, 2, 3]),
    }
    session.execute(update(Call).where(col(Call.id) == call.id).values(**moved))
    session.execute(update(CriterionRow).where(col(CriterionRow.call_id) == call.id).values(**moved))


def _decided(session: Session, chance: random.Random, call: Call) -> None:
    rows = session.exec(select(CriterionRow.criterion_id).where(CriterionRow.call_id == call.id)).all()
    reason = {"contact_reason": chance.choice(["billing", "delivery"])}
    apply_verdicts(session, call.id or 0, {name: chance.choice(["yes", "no", "na"]) for name in rows}, reason)


def _reviewed(session: Session, chance: random.Random, call: Call) -> None:
    at = call.started_at + timedelta(days=chance.randrange(40))
    kind = chance.choice(["trainer", "trainer", "self"])
    review = Review(call_id=call.id, assessment_number=1, reviewer_id=10, kind=kind, state="submitted")
    review.submitted_at, review.blind = chance.choice([None, at, at]), chance.random() < 0.5
    session.add(review)
    session.flush()
    for _ in range(6):
        said = {name: chance.choice(["yes", "no", "na", "review"]) for name in ("machine_verdict", "verdict")}
        session.add(
            ReviewItem(
                review_id=review.id, criterion_id=chance.choice(["empathy_shown", "closing_courteous"]),
                action=chance.choice(["confirmed", "overridden", "cleared"]), by=10, **said,
            )
        )  # fmt: skip
        session.flush()


def _submitted(session: Session, chance: random.Random, call: Call) -> None:
    for review in session.exec(select(Review)).all()[:5]:
        review.submitted_at = (review.submitted_at or call.started_at) + timedelta(days=20)
        review.blind = not review.blind


def _heard_anew(session: Session, chance: random.Random, call: Call) -> None:
    keep_signals(session, call.id or 0, {"agent_word_confidence": chance.random(), "silence_share": 0.2})


def _all_of_a_team(session: Session, chance: random.Random, call: Call) -> None:
    session.execute(update(Call).where(col(Call.team_id) == call.team_id).values(score=50.25, doubts=0))


def _erased(session: Session, chance: random.Random, call: Call) -> None:
    erase_calls(session, OPERATOR, [call.id or 0], "asked for")


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_written_figures_stay_those_of_the_rows(crowd: Engine, seed: int) -> None:
    chance = random.Random(seed)
    acts: tuple[Act, ...] = (
        *(_scored, _unscored, _described, _moved, _decided, _reviewed, _reviewed, _submitted),
        *(_heard_anew, _all_of_a_team, _erased),
    )
    for _ in range(18):
        with writing(crowd) as session:
            call = chance.choice(session.exec(select(Call)).all())
            chance.choice(acts)(session, chance, call)
        if chance.random() < 0.5:
            count_missing(crowd)
    all_the_same(crowd)
    count_missing(crowd)
    all_the_same(crowd, MANAGER)


def test_what_sums_nothing_up_takes_no_total_away(crowd: Engine) -> None:
    before = kept(crowd)
    with writing(crowd) as session:
        for call in session.exec(select(Call)):
            call.review_state, call.playback, call.state = "draft", None, "done"
        session.execute(update(CriterionRow).values(started_at=col(CriterionRow.started_at), confidence=0.5))
    assert kept(crowd) == before


def test_erased_calls_leave_no_trace_in_totals(crowd: Engine) -> None:
    with reading(crowd) as session:
        held = session.exec(select(Call).where(Call.agent_id == 1)).all()
    with writing(crowd) as session:
        erase_calls(session, OPERATOR, [call.id or 0 for call in held], "asked for")
    for _ in range(2):
        with crowd.connect() as connection:
            rows = connection.execute(text("SELECT 1 FROM month_total WHERE kind = 'agent' AND key = '1'"))
            assert rows.all() == []
        count_missing(crowd)


def person(place: workplace.Workplace, login: str) -> Person:
    with reading(place.engine) as session:
        return person_of(user_by_login(session, login))


def _released(place: workplace.Workplace) -> None:
    tess, call = person(place, "tess"), place.calls[0]
    for item in ("empathy_shown", "resolution_confirmed"):
        reviewing.override(place.engine, tess, call, item, "no", "Heard otherwise.")
    reviewing.finish(place.engine, tess, call, seconds=40.0)


def _disputed(place: workplace.Workplace) -> None:
    _released(place)
    ana, call = person(place, "ana"), place.calls[0]
    disputing.dispute(place.engine, ana, call, "empathy_shown", "yes", "I did take it up, twice.")
    with reading(place.engine) as session:
        [number] = session.execute(text("SELECT id FROM dispute")).scalars()
    count_missing(place.engine)
    disputing.decide(place.engine, person(place, "tom"), number, "accepted", "Right, at 0:19.")


def _rescored(place: workplace.Workplace) -> None:
    talk = workplace.talk("late-parcel", "a", "ana", "north")
    again = workplace.assessment(talk, score=12.5, version=2)
    judged = again.model_copy(update={"criteria": again.criteria[:5]})
    assert add_rescored(place.engine, place.calls[0], judged, 1, why="another card")


def _came_in(place: workplace.Workplace) -> None:
    talk = workplace.talk("another", "9", "ben", "south", day=9)
    save_processed(place.engine, Path("another.flac"), talk.recording, talk, workplace.assessment(talk))


def _known_better(place: workplace.Workplace) -> None:
    talk = workplace.talk("late-parcel", "a", "ben", "south", day=28)
    moved = talk.recording.model_copy(update={"started_at": "2026-09-02T10:00:00+00:00"})
    assert register(place.engine, Path("late-parcel.flac"), moved) == place.calls[0]


@pytest.mark.parametrize("act", [_released, _disputed, _rescored, _came_in, _known_better])
def test_what_people_and_workers_do_shows_at_once(
    place: workplace.Workplace, act: Callable[[workplace.Workplace], None]
) -> None:
    logins = ("tess", "nora", "ana", "mia", "ada")
    before = kept(place.engine)
    assert before == {"2026-11"}
    with reading(place.engine) as session:
        seen = plain(session, person(place, "ada").viewer, EVER)
    act(place)
    assert kept(place.engine) < before
    for _ in range(2):
        with reading(place.engine) as session:
            for login in logins:
                same(session, person(place, login).viewer, EVER)
            assert plain(session, person(place, "ada").viewer, EVER) != seen
        assert count_missing(place.engine) is not None


def test_a_sealed_call_is_in_nobodys_sums_who_is_asked(place: workplace.Workplace) -> None:
    asked = [person(place, login).id for login in ("tess", "tom")]
    blind_scoring.open_session(place.engine, person(place, "mia"), place.calls[0], "Empathy", asked)
    assert kept(place.engine)
    with reading(place.engine) as session:
        for login in ("tess", "tom", "nora", "mia", "ada"):
            same(session, person(place, login).viewer, EVER)
        open_to_all = given(session, person(place, "ada").viewer, EVER)
        assert given(session, person(place, "tess").viewer, EVER)["all"][0] == open_to_all["all"][0] - 1


def test_whoever_writes_while_totals_are_counted_is_not_lost(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = workplace.make(tmp_path / "home", postgres_url)
    counting, go_on = threading.Event(), threading.Event()
    queries = totals._queries

    def slow(month: str, criteria: Sequence[str]) -> Iterator[Any]:
        counting.set()
        assert go_on.wait(60)
        return queries(month, criteria)

    def rewrite() -> None:
        with writing(place.engine) as session:
            session.execute(update(Call).values(score=1.5))

    monkeypatch.setattr(totals, "_queries", slow)
    counter = threading.Thread(target=count_missing, args=(place.engine,))
    writer = threading.Thread(target=rewrite)
    counter.start()
    assert counting.wait(60)
    writer.start()
    writer.join(0.5)
    assert writer.is_alive(), "the writer has to wait for the count"
    go_on.set()
    counter.join(60)
    writer.join(60)
    with reading(place.engine) as session:
        same(session, OPERATOR, EVER)
    place.engine.dispose()


def test_totals_wait_for_whoever_is_writing(postgres_url: str, tmp_path: Path) -> None:
    place = workplace.make(tmp_path / "home", postgres_url)
    counter = threading.Thread(target=count_missing, args=(place.engine,))
    with writing(place.engine) as session:
        session.execute(update(Call).values(score=1.5))
        counter.start()
        counter.join(0.5)
        assert counter.is_alive(), "the count has to wait for the writer"
    counter.join(60)
    assert kept(place.engine)
    with reading(place.engine) as session:
        same(session, OPERATOR, EVER)
    place.engine.dispose()
