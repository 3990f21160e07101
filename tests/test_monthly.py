"""The monthly report: counts by month and reach, changes with intervals, redacted quotes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import workplace
from sqlalchemy import Engine
from typer.testing import CliRunner

from database import Settings
from database.engine import open_database, reading
from database.errors import DatabaseError
from database.monthly import month_of, span
from database.redact import redact
from database.store import save_processed
from database.viewers import OPERATOR, Viewer
from pipelines.cli import build
from pipelines.monthly import as_html
from scorecards import CriterionResult, Evidence
from scorecards.agreement import newcombe
from scorecards.results import FactResult


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("my account is 4711-0815", "my account is ▮▮▮"),
        ("it is four seven one one", "it is ▮▮▮"),
        ("vier sieben einundzwanzig", "▮▮▮"),
        ("write to kim.lee@example.org please", "write to ▮▮▮ please"),
        ("kim at example dot org", "▮▮▮"),
        ("My name is Kim Lee.", "My name is ▮▮▮."),
        ("Hier spricht Frau Müller, guten Tag", "Hier spricht ▮▮▮, guten Tag"),
        ("call Ana back on the 3rd", "call ▮▮▮ back on the ▮▮▮"),
        # near misses: what makes a quote worth reading stays
        ("two days late", "two days late"),
        ("this is the third time", "this is the third time"),
        ("this is ridiculous", "this is ridiculous"),
        ("ich bin sehr enttäuscht", "ich bin sehr enttäuscht"),
        ("analysis of the banana", "analysis of the banana"),
    ],
)
def test_quotes_are_redacted(text: str, shown: str) -> None:
    assert redact(text, ["ana"]) == shown


def test_the_interval_of_a_difference() -> None:
    found = newcombe(56, 70, 48, 80)  # Newcombe 1998, table II, example (a), method 10
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=5e-4), pytest.approx(0.3339, abs=5e-4))
    assert newcombe(1, 2, 0, 0).value is None


def test_months_across_the_year_and_the_clock() -> None:
    before, begins, ends = span("2026-01", "Europe/Berlin")
    assert [at.isoformat()[:16] for at in (before, begins, ends)] == [
        "2025-11-30T23:00",
        "2025-12-31T23:00",
        "2026-01-31T23:00",
    ]
    for wrong in ("2026-13", "October", "", "2026-10-01"):
        with pytest.raises(DatabaseError, match="2026-10"):
            span(wrong)


def keep(engine: Engine, number: int, day: str, reason: str | None, team: str, cause: str = "none") -> None:
    """One call: reason and cause, a promise, and praise."""
    talk = workplace.talk(f"c{number}", "a", "ana", team)
    recording = talk.recording.model_copy(
        update={"sha256": f"{number:064}", "started_at": f"{day}T10:00:00+00:00"}
    )
    talk = talk.model_copy(update={"recording": recording})
    judged = workplace.assessment(talk)
    criteria = [r for r in judged.criteria if r.id != "contact_reason"]
    if reason:
        criteria.append(CriterionResult(id="contact_reason", verdict="yes", value=reason))
    said = Evidence(text="This is Kim Lee, I wrote on 12.10. and nobody answered me", why="speaks for it")
    due = Evidence(text="Ana calls you on Friday", category="callback_specific", why="due: on Friday")
    facts = (
        FactResult(id="failure_cause", value=cause, evidence=(said,)),
        FactResult(id="promises", value=1, evidence=(due,)),
        FactResult(id="praise", value=0),
        FactResult(id="repeat_contact", value=int(cause == "earlier_contact")),
    )
    judged = judged.model_copy(update={"criteria": tuple(criteria), "facts": facts})
    save_processed(engine, Path(f"c{number}.wav"), recording, talk, judged)


@pytest.fixture
def filled(home: Path) -> Iterator[Engine]:
    engine = open_database(Settings(home=home))
    number = 0
    for day, reason, cause, count in (
        ("2026-09-30", "billing", "billing", 20),
        ("2026-10-01", "billing", "billing", 4),
        ("2026-10-31", "delivery", "earlier_contact", 12),
        ("2026-10-15", "other", "none", 2),
        ("2026-10-16", None, "none", 2),
        ("2026-11-01", "claim", "product", 3),
    ):
        for _ in range(count):
            number += 1
            keep(engine, number, day, reason, "north" if number % 2 else "south", cause)
    yield engine
    engine.dispose()


def test_a_month_beside_the_one_before(filled: Engine) -> None:
    with reading(filled) as session:
        month = month_of(session, OPERATOR, "2026-10")
        north = month_of(session, Viewer(1, "N", "manager", team_id=1), "2026-10")
        with pytest.raises(DatabaseError, match="no processed calls in 2026-08"):
            month_of(session, OPERATOR, "2026-08")
    assert (month.calls, month.calls_before, north.calls) == (20, 20, 10)
    assert [(line.name, line.calls, line.told) for line in month.reasons] == [
        ("delivery", 12, True),
        ("billing", 4, True),
    ]
    assert month.uncategorised.value == pytest.approx(0.2)
    assert month.too_many_uncategorised
    assert [(line.name, line.calls) for line in month.causes] == [("earlier_contact", 12), ("billing", 4)]
    assert (month.repeats.calls, month.repeats.told) == (12, True)
    assert [(p.kind, p.made, p.with_time) for p in month.promises] == [("callback_specific", 20, 20)]
    page = as_html(month)
    assert "▮▮▮ and nobody answered me" in page
    assert "Kim" not in page
    assert "Ana" not in page
    assert "http" not in page


def test_the_command_writes_a_page_and_figures(filled: Engine, tmp_path: Path) -> None:
    page, figures = tmp_path / "october.html", tmp_path / "october.json"
    words = ["report", "--month", "2026-10", "--html", str(page), "--json", str(figures)]
    done = CliRunner().invoke(build(), words)
    assert done.exit_code == 0, done.output
    assert "Why people called, October 2026" in page.read_text()
    assert json.loads(figures.read_text())["calls"] == 20
    told = CliRunner().invoke(build(), ["report", "--month", "2026-10"]).output
    assert "Delivery" in told
    assert "more than 10%" in told
