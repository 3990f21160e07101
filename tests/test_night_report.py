"""The morning report says what happened, marks what changed, and escapes what comes from outside."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.night.report import (
    Night,
    Slow,
    Trouble,
    as_html,
    as_text,
    compare_means,
    compare_shares,
    slowest,
    write_report,
)

START = datetime(2026, 1, 1, 22, 0, tzinfo=UTC)
NIGHT = Night(
    started=START,
    ended=START + timedelta(hours=2),
    done=812,
    already_done=3,
    audio_s=72_000,
    waiting=0,
    troubles=(
        Trouble("<script>alert(1)</script>.wav", "no sound in it", 3, quarantined=True),
        Trouble("b.wav", "the disk is full", 1, quarantined=False),
    ),
    slow=(Slow("c.wav", 60.0, 900.0),),
    to_review=17,
    twice=(("K-9", ("d.wav", "e.wav")),),
    conceded={"memory was short: batches of a quarter": 4},
    moved=809,
    not_moved=(("/in/f.wav", "its name is taken"),),
)


def test_both_forms_tell_the_same() -> None:
    html, text = as_html(NIGHT), as_text(NIGHT)
    for said in (
        *("812", "20.0", "10.0", "no sound in it", "the disk is full", "c.wav", "17", "K-9", "d.wav, e.wav"),
        *("memory was short: batches of a quarter", "4", "809", "/in/f.wav", "its name is taken"),
    ):
        assert said in html
        assert said in text


def test_a_file_name_is_no_script() -> None:
    assert "<script>" not in as_html(NIGHT)
    assert "&lt;script&gt;" in as_html(NIGHT)


def test_the_page_asks_nobody_for_anything() -> None:
    assert "http" not in as_html(NIGHT)


@pytest.mark.parametrize(
    ("tonight", "month", "notable"),
    [
        ((50, 100), (500, 1000), False),
        ((80, 100), (500, 1000), True),
        ((1, 1), (500, 1000), False),  # one call is no news
        ((0, 0), (500, 1000), False),
        ((5, 10), (0, 0), False),
    ],
)
def test_a_share_is_news_only_beyond_chance(
    tonight: tuple[int, int], month: tuple[int, int], notable: bool
) -> None:
    assert compare_shares("calls in German", tonight, month).notable is notable


@pytest.mark.parametrize(
    ("scores", "notable"), [([80.0] * 100, False), ([60.0] * 100, True), ([60.0], False), ([], False)]
)
def test_a_mean_is_news_only_beyond_chance(scores: list[float], notable: bool) -> None:
    assert compare_means("score", scores, {"mean": 80.0, "sd": 12.0, "n": 900}).notable is notable


@pytest.mark.parametrize(
    ("hours", "waiting", "late"), [(1, 0, True), (3, 0, False), (3, 5, True), (None, 5, False)]
)
def test_a_missed_deadline_is_said(hours: int | None, waiting: int, late: bool) -> None:
    deadline = START + timedelta(hours=hours) if hours else None
    night = Night(START, START + timedelta(hours=2), 1, 0, 60.0, waiting, deadline=deadline)
    assert night.late is late
    assert ("DEADLINE MISSED" in as_text(night)) is late


def test_a_night_without_calls_has_no_speed() -> None:
    night = Night(START, START, 0, 0, 0.0, 0)
    assert night.speed is None
    assert "–" in as_html(night)


def test_reports_are_kept_and_the_latest_is_found(tmp_path: Path) -> None:
    page, text = write_report(NIGHT, tmp_path)
    assert page.read_text() == (tmp_path / "latest.html").read_text()
    assert {p.name for p in tmp_path.iterdir()} == {page.name, text.name, "latest.html"}


@pytest.mark.parametrize(
    ("seconds", "slow"),
    [
        ({"a": 40.0, "b": 42.0, "c": 400.0}, ["c"]),
        ({"a": 40.0, "b": 42.0, "c": 119.0}, []),  # not three times the usual
        ({"a": 4.0, "b": 4.2, "c": 59.0}, []),  # under a minute is nobody's trouble
        ({"a": 40.0, "b": 42.0, "c": 43.0, "d": 300.0, "e": 400.0}, ["e", "d"]),
        ({}, []),
    ],
)
def test_slow_calls_are_those_far_beyond_the_usual(seconds: dict[str, float], slow: list[str]) -> None:
    taken = [(name, 300.0, took) for name, took in seconds.items()]
    assert [one.file_name for one in slowest(taken)] == slow


def test_figures_for_prometheus_count_what_the_report_tells(tmp_path: Path) -> None:
    from database.backlog import Counts
    from pipelines.night.metrics import write_metrics

    drift = compare_shares("calls in German", (80, 100), (500, 1000))
    night = replace(NIGHT, drifts=(drift, compare_shares("calls in English", (50, 100), (500, 1000))))
    text = write_metrics(night, Counts(done=812, quarantined=1), tmp_path / "rapport.prom").read_text()
    for line in (
        "rapport_night_done 812.0",
        "rapport_night_slow 1.0",
        "rapport_night_drifted 1.0",
        "rapport_night_conceded 4.0",
        'rapport_calls{state="quarantined"} 1.0',
    ):
        assert line in text.splitlines(), text
