"""Contact reasons over time: counted by SQL within rights, in weeks and months of a person's zone."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from database import Settings
from database.engine import open_database, reading, writing
from database.reasons import over_time
from database.tables import Call, Team
from database.viewers import OPERATOR, Viewer
from qa_app.i18n import translator
from qa_app.reasons import UNKNOWN, Size, courses, periods, top_of
from qa_app.widgets.reason_plots import _figure, table

EN, DE = translator("en"), translator("de")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = open_database(Settings(home=tmp_path, database_url=database_url))
    yield made
    made.dispose()


def call(
    session: Session, when: str, reason: str | None, *, team: int | None = None, queue: str = "post"
) -> None:
    number = len(session.new) + 1
    session.add(
        Call(
            sha256=f"{when}{reason}{team}{queue}{number}"[:64], file_name="a.wav", started_at=at(when),
            contact_reason=reason, team_id=team, queue=queue, assessment_number=1,
        )
    )  # fmt: skip


def test_counts_are_of_the_span_the_team_and_the_queue_within_rights(engine: Engine) -> None:
    with writing(engine) as session:
        north, south = Team(name="north"), Team(name="south")
        session.add_all((north, south))
        session.flush()
        one, two = north.id or 0, south.id or 0
        call(session, "2026-11-01T23:59:59", "delivery", team=one)  # before the first span
        call(session, "2026-11-02T00:00:00", "delivery", team=one)
        call(session, "2026-11-08T23:59:59", "billing", team=two, queue="shop")
        call(session, "2026-11-09T00:00:00", None, team=two)
        call(session, "2026-11-15T12:00:00", "billing", team=one, queue="shop")
        call(session, "2026-11-16T00:00:00", "billing", team=one)  # after the last span
        session.add(Call(sha256="0", file_name="b.wav", started_at=at("2026-11-10"), contact_reason="claim"))
    spans = [(at("2026-11-02"), at("2026-11-09")), (at("2026-11-09"), at("2026-11-16"))]
    nora = Viewer(user_id=None, name="n", role="manager", team_id=one)
    with reading(engine) as session:
        assert over_time(session, OPERATOR, spans) == [
            Counter({"delivery": 1, "billing": 1}), Counter({None: 1, "billing": 1})
        ]  # fmt: skip
        assert over_time(session, nora, spans) == [Counter({"delivery": 1}), Counter({"billing": 1})]
        assert over_time(session, nora, spans, team_id=two) == [Counter(), Counter()]
        assert over_time(session, OPERATOR, spans, team_id=two) == [
            Counter({"billing": 1}),
            Counter({None: 1}),
        ]
        assert over_time(session, OPERATOR, spans, queue="shop") == [Counter({"billing": 1})] * 2
        agent = Viewer(user_id=None, name="a", role="agent", agent_id=None)
        assert over_time(session, agent, spans) == [Counter(), Counter()]
        assert over_time(session, OPERATOR, []) == []


@pytest.mark.parametrize(
    ("size", "zone", "since", "now", "first", "hours"),
    [
        ("week", "UTC", "2026-10-21", "2026-11-03", "2026-10-19", [168, 168, 168]),
        ("week", "Europe/Berlin", "2026-10-21", "2026-11-03", "2026-10-19", [169, 168, 168]),
        ("week", "Europe/Berlin", "2026-03-29T22:30", "2026-03-30", "2026-03-30", [168]),
        ("week", "UTC", "2026-03-29T22:30", "2026-03-30", "2026-03-23", [168, 168]),
        ("month", "Europe/Berlin", "2026-02-28T23:30", "2026-04-01", "2026-03-01", [743, 720]),
        ("month", "America/New_York", "2026-11-30", "2027-01-31", "2026-11-01", [721, 744, 744]),
    ],
)
def test_periods_are_whole_in_the_persons_zone(
    size: Size, zone: str, since: str, now: str, first: str, hours: list[int]
) -> None:
    found = periods(at(since), at(now), zone, size)
    assert found[0].day.isoformat() == first
    assert [(p.end - p.start).total_seconds() / 3600 for p in found] == hours
    assert all(one.end == two.start for one, two in pairwise(found))


def test_no_more_than_a_year_of_weeks_or_three_of_months() -> None:
    assert len(periods(at("2000-01-01"), at("2026-11-03"), "UTC", "week")) == 53
    months = periods(at("2000-01-01"), at("2026-11-03"), "UTC", "month")
    assert (len(months), months[-1].day.isoformat()) == (36, "2026-11-01")


def test_shares_are_of_all_calls_and_only_full_periods_are_compared() -> None:
    spans = periods(at("2026-10-19"), at("2026-11-04"), "UTC", "week")
    counts = [
        Counter({"delivery": 300, "billing": 690, None: 5, "other": 5}),
        Counter({"delivery": 400, "billing": 600}),
        Counter({"delivery": 9, "billing": 1}),
    ]
    found = courses(spans, counts, at("2026-11-04"))
    assert [c.reason for c in found] == ["billing", "delivery", UNKNOWN]
    delivery = found[1]
    assert [(p.calls, p.of, p.over) for p in delivery.points] == [
        (300, 1000, True),
        (400, 1000, True),
        (9, 10, False),
    ]
    assert delivery.moved is not None
    assert (round(delivery.moved.value, 2), delivery.moved.told) == (0.1, "up")
    assert found[2].moved is not None
    assert found[2].points[0].calls == 10
    for course in found:
        for point in course.points:
            assert point.share is not None
            assert point.share[1] - 1e-9 <= point.share[0] <= point.share[2] + 1e-9
    assert top_of(found) == 1.0
    assert top_of(courses(spans[:2], counts[:2], at("2026-11-04"))) == 0.8


def test_a_week_without_calls_is_a_gap_and_no_zero() -> None:
    spans = periods(at("2026-10-19"), at("2026-11-04"), "UTC", "week")
    (course,) = courses(spans, [Counter({"claim": 4}), Counter(), Counter({"claim": 2})], at("2026-11-04"))
    assert [p.share is None for p in course.points] == [False, True, False]
    assert course.moved is None
    assert courses(spans, [Counter(), Counter(), Counter()], at("2026-11-04")) == []
    assert len(table([course], "week", EN)) == 2


def test_a_plot_says_in_words_what_it_shows_and_a_name_cannot_break_out() -> None:
    spans = periods(at("2026-10-19"), at("2026-11-04"), "UTC", "week")
    name = '"><script>alert(1)</script>'
    counts = [Counter({name: 20, "billing": 80}), Counter({name: 60, "billing": 40}), Counter({name: 1})]
    for t, says in (
        (EN, ("from 20 %", "Last full week 60 %", "more than chance")),
        (DE, ("von 20 %", "Letzte volle Woche")),
    ):
        found = courses(spans, counts, at("2026-11-04"))
        drawn = "".join(_figure(course, top_of(found), "week", t) for course in found)
        assert "<script" not in drawn
        assert all(text in drawn for text in says)
        # One mark a known period: a dot where it is over, a ring where it goes on.
        assert len(re.findall(r'class="dot"', drawn)) == 4
        assert len(re.findall(r'class="dot going"', drawn)) == 2
        assert len(re.findall(r'role="img" aria-label="[^"]{20,}"', drawn)) == 2
