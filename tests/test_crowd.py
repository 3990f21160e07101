"""A crowd of calls fits the tables, and what reports count in one index is what counting one by one gives."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from database import Settings, audit, overview
from database.choices import criteria_known
from database.crowd.fill import Size, fill
from database.engine import open_database, reading
from database.errors import DatabaseError
from database.extent import extent
from database.figures import by_criterion, scored
from database.filters import Filters
from database.listing import list_calls, open_call
from database.people import check_password, person_of, user_by_login
from database.tables import Call, CriterionRow, Review
from database.types import utc_now
from database.viewers import OPERATOR, Viewer
from database.worklist import worklist
from qa_app.bench.people import work_at_once

SIZE = Size(calls=240, agents=12, teams=3, trainers=6, patterns=16)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    made = open_database(Settings(home=tmp_path_factory.mktemp("crowd")))
    fill(made, SIZE, "a long test password")
    return made


def test_a_crowd_can_be_listed_searched_and_opened(engine: Engine) -> None:
    with reading(engine) as session:
        lines = list_calls(session, OPERATOR, limit=500)
        assert len(lines) == SIZE.calls
        assert list_calls(session, OPERATOR, Filters(words="thank"))
        opened = open_call(session, OPERATOR, lines[0].call.id or 0)
        assert opened.conversation is not None
        assert opened.assessment is not None
        assert worklist(session, OPERATOR)
        assert audit.verify(session) == []
        assert not isinstance(check_password(session, "trainer-001", "a long test password"), Exception)


def test_a_crowd_never_mixes_with_other_calls(engine: Engine) -> None:
    with pytest.raises(DatabaseError, match="holds calls already"):
        fill(engine, SIZE, "another long password")


@pytest.mark.parametrize("login", ["trainer-001", "trainer-002", "agent-001", "manager-001"])
@pytest.mark.parametrize("days", [30, 400, 4000])
@pytest.mark.parametrize("team", [None, 1, 2])
def test_one_index_counts_what_the_rows_say(engine: Engine, login: str, days: int, team: int | None) -> None:
    since = utc_now() - timedelta(days=days)
    with reading(engine) as session:
        viewer = person_of(user_by_login(session, login)).viewer
        one_by_one = by_criterion(session, scored(viewer, since, team))
        assert overview.by_criterion(session, extent(session, viewer, since, team)) == one_by_one
        assert bool(one_by_one) or days == 30 or team is not None


def test_criteria_come_in_the_order_of_the_card(engine: Engine) -> None:
    with reading(engine) as session:
        rows = session.exec(select(CriterionRow).where(CriterionRow.call_id == 1)).all()
        in_order = [
            row.criterion_id for row in sorted(rows, key=lambda row: (row.position, row.criterion_id))
        ]
        assert criteria_known(session) == in_order


def test_what_a_person_decides_counts_before_the_machine(tmp_path: Path) -> None:
    engine = open_database(Settings(home=tmp_path))
    fill(engine, SIZE, "a long test password")
    result = work_at_once(engine, people=4, calls_each=3)
    assert (result.lost, result.doubled) == (0, 0)
    assert result.released > 0
    with reading(engine) as session:
        assert all(row.met == expected(row) for row in session.exec(select(CriterionRow)))
        viewer = Viewer(None, "all", "manager")
        early = datetime.min.replace(tzinfo=utc_now().tzinfo)
        assert overview.by_criterion(session, extent(session, viewer, early)) == by_criterion(
            session, scored(viewer, early)
        )
        assert _reviewed(session) > SIZE.calls * 0.05


def expected(row: CriterionRow) -> bool | None:
    said = row.human or row.verdict
    return said == "yes" if row.max_points and said in ("yes", "no") else None


def _reviewed(session: Session) -> int:
    return len(
        session.exec(select(Call.id).join(Review).where(col(Call.score_by) == "human").distinct()).all()
    )
