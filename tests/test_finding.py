"""Calls found by words and verdicts, and the share that passes: on both databases, within rights."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from database import Settings, listing, searching
from database.engine import open_database, reading, writing
from database.filters import Filters
from database.listing import find_calls
from database.passing import passing
from database.tables import Call, CriterionRow, Team, TurnRow
from database.viewers import OPERATOR, Viewer

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
CALLS = 60


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """Sixty calls, an hour apart: every one says "hello", every third "refund", one "kettle"; the even ones
    are the north's. A person has turned the verdict of every fifth."""
    made = open_database(Settings(home=tmp_path, database_url=database_url))
    with writing(made) as session:
        north, south = Team(name="north"), Team(name="south")
        session.add_all((north, south))
        session.flush()
        for number in range(CALLS):
            call = Call(
                sha256=f"{number}",
                file_name=f"call-{number}.wav",
                started_at=FIRST + timedelta(hours=number),
                team_id=(north, south)[number % 2].id,
                passed=(True, False, None)[number % 3],
            )
            session.add(call)
            session.flush()
            assert call.id is not None
            said = ["hello there", "about a refund" if number % 3 == 0 else "about a parcel"]
            said += ["my kettle is broken"] if number == 7 else []
            for position, text in enumerate(said):
                session.add(TurnRow(call_id=call.id, position=position, text=text))
            turned = "no" if number % 5 == 0 else None
            session.add(
                CriterionRow(call_id=call.id, criterion_id="empathy_shown", verdict="yes", human=turned)
            )
    yield made
    made.dispose()


@pytest.fixture(params=[False, True], ids=["asked at once", "gone through"])
def walked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether words count as common, with a list that is gone through in small steps."""
    if request.param:
        monkeypatch.setattr(searching, "COMMON", 0)
        monkeypatch.setattr(listing, "STRIDE", 16)
    return bool(request.param)


def numbers(
    engine: Engine, filters: Filters, viewer: Viewer = OPERATOR, *, order: str = "newest", limit: int = 4
):
    with reading(engine) as session:
        found = find_calls(session, viewer, filters, order=order, limit=limit)
    return [int(line.call.sha256) for line in found.lines], found.count, found.exact


@pytest.mark.parametrize(
    ("filters", "order", "first", "count"),
    [
        (Filters(words="refund"), "newest", [57, 54, 51, 48], 20),
        (Filters(words="refund"), "oldest", [0, 3, 6, 9], 20),
        (Filters(words='"a refund"', verdict="no", criterion="empathy_shown"), "newest", [45, 30, 15, 0], 4),
        (Filters(words="kettle"), "newest", [7], 1),
        (Filters(words="refund kettle"), "newest", [], 0),
        (Filters(words="call-59"), "newest", [59], 1),
    ],
)
def test_common_words_find_what_rare_ones_find(
    engine: Engine, walked: bool, filters: Filters, order: str, first: list[int], count: int
) -> None:
    found, number, exact = numbers(engine, filters, order=order)
    assert found == first
    assert number == count if exact else len(first) <= number < count
    assert exact or walked


def test_a_count_of_common_words_is_told_as_at_least(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "COMMON", 10)
    assert numbers(engine, Filters(words="hello")) == ([59, 58, 57, 56], CALLS, True)
    monkeypatch.setattr(listing, "STRIDE", 16)
    assert numbers(engine, Filters(words="hello")) == ([59, 58, 57, 56], 16, False)
    assert numbers(engine, Filters(words="kettle")) == ([7], 1, True)


def test_words_far_down_the_list_are_asked_for_at_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "COMMON", 0)
    monkeypatch.setattr(listing, "STRIDE", 16)
    monkeypatch.setattr(listing, "FARTHEST", 32)
    assert numbers(engine, Filters(words="kettle")) == ([7], 1, True)


def test_rights_hold_for_common_words(engine: Engine, walked: bool) -> None:
    del walked
    with reading(engine) as session:
        south = session.get(Call, 2)
        assert south is not None
        nora = Viewer(user_id=None, name="n", role="manager", team_id=south.team_id)
    found, _, _ = numbers(engine, Filters(words="hello"), nora, limit=100)
    assert found == list(range(59, 0, -2))
    agent = Viewer(user_id=None, name="a", role="agent", agent_id=None)
    assert numbers(engine, Filters(words="hello"), agent) == ([], 0, True)


@pytest.mark.parametrize(("verdict", "count"), [("no", 12), ("yes", 48), ("na", 0), (None, 60)])
def test_a_verdict_is_the_one_in_force(engine: Engine, verdict: str | None, count: int) -> None:
    found, number, _ = numbers(engine, Filters(criterion="empathy_shown", verdict=verdict), limit=100)
    assert len(found) == number == count


def test_the_share_that_passes_is_of_calls_that_can_tell(engine: Engine) -> None:
    with reading(engine) as session:
        every = passing(session, OPERATOR, FIRST)
        assert (every.hits, every.of) == (20, 40)
        later = passing(session, OPERATOR, FIRST + timedelta(hours=30))
        assert (later.hits, later.of) == (10, 20)
        north = session.get(Call, 1)
        assert north is not None
        some = passing(session, OPERATOR, FIRST, north.team_id)
        assert (some.hits, some.of) == (10, 20)
        nora = Viewer(user_id=None, name="n", role="trainer", team_id=north.team_id)
        own = passing(session, nora, FIRST)
        assert (own.hits, own.of) == (10, 20)
        agent = Viewer(user_id=None, name="a", role="agent", agent_id=None)
        none = passing(session, agent, FIRST)
        assert (none.hits, none.of) == (0, 0)
