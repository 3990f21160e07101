"""Reliability: machine against people, blind reviews apart, disputes, and what a works council forbids."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import workplace
from opening import Open, person

from database.engine import reading
from database.extent import extent
from database.reliability import answers, disputes_by_item, disputes_by_reviewer, heard
from qa_app import context
from qa_app.actions import disputing, reviewing
from qa_app.widgets import components

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_counts_over_reviews_and_disputes(tmp_path: Path) -> None:
    place = workplace.make(tmp_path / "home")
    engine, (first, second, _) = place.engine, place.calls
    tess, tom, nora, ana, ben = (person(place, name) for name in ("tess", "tom", "nora", "ana", "ben"))
    for criterion in ("empathy_shown", "resolution_confirmed"):
        reviewing.override(engine, tess, first, criterion, "no", "not shown")
    reviewing.override(engine, tess, first, "apology_when_due", "no", "mind changed below")
    reviewing.override(engine, tess, first, "apology_when_due", "yes", "heard it again")
    reviewing.override(engine, tess, first, "closing_courteous", "no", "cut short")
    reviewing.finish(engine, tess, first)
    disputing.dispute(engine, ana, first, "closing_courteous", "yes", "I wished her a good day")
    disputing.decide(engine, tom, 1, "accepted", "heard it", "yes")
    reviewing.override(engine, tess, second, "closing_courteous", "no", "a draft is not counted")
    with reading(engine) as session:
        found = answers(session, extent(session, tess.viewer, LONG_AGO), blind_only=False)
        assert found["closing_courteous"] == {("yes", "no"): 1}
        assert found["apology_when_due"] == {("yes", "yes"): 1}
        assert "empathy_shown" not in found  # the machine was in doubt: it had no answer to agree with
        assert answers(session, extent(session, tess.viewer, LONG_AGO), blind_only=True) == {}
        assert answers(session, extent(session, nora.viewer, datetime.now(UTC)), blind_only=False) == {}
        [item] = disputes_by_item(session, tess.viewer, LONG_AGO)
        assert (item.name, item.opened, item.decided, item.agent_right) == ("closing_courteous", 1, 1, 1)
        [reviewer] = disputes_by_reviewer(session, tess.viewer, LONG_AGO)
        assert (reviewer.name, reviewer.opened) == ("Tess Trainer", 1)
        assert disputes_by_item(session, ben.viewer, LONG_AGO) == []
        assert heard(session, extent(session, tess.viewer, LONG_AGO)) != []
    engine.dispose()


@pytest.mark.parametrize(("averages", "shown"), [(True, True), (False, False)])
def test_a_works_council_may_forbid_averages_by_agent(
    home: Path, monkeypatch: pytest.MonkeyPatch, averages: bool, shown: bool
) -> None:
    monkeypatch.setenv("RAPPORT_COUNCIL__AGENT_AVERAGES", str(averages).lower())
    monkeypatch.setenv("RAPPORT_COUNCIL__SMALLEST_GROUP", "2")
    place = workplace.make(home)
    context.forget()
    components._component.cache_clear()
    opens = Open(place, monkeypatch)
    told = [subheader.value for subheader in opens("ada", "reliability").subheader]
    assert ("The recogniser beside the scores" in told) is shown
    told = [subheader.value for subheader in opens("ada", "dashboard").subheader]
    assert ("Average score per agent" in told) is shown
    context.forget()
    place.engine.dispose()
