"""What people decide becomes tests and labels: accepted disputes, reviewed calls, and back again."""

from pathlib import Path

import workplace
from opening import person
from typer.testing import CliRunner

from database.engine import reading
from database.store import save_processed
from pipelines.cli import build
from qa_app.actions import disputing, reviewing
from recordings import Conversation, Event
from recordings.dialogue import parse_dialogue
from recordings.dialogue_of import dialogue_of
from recordings.testing import agent, conversation, customer
from scorecards.acts.reader import read_phrases
from scorecards.cardtests import read_tests
from scorecards.engine import score
from scorecards.gold import conversation_of, read_gold
from scorecards.loading import load_card


def run(*words: str) -> str:
    result = CliRunner().invoke(build(), list(words))
    assert result.exit_code in (0, 1), result.output
    return result.output


def a_call(place: workplace.Workplace) -> int:
    talk = workplace.talk("rude-call", "f", "ana", "north")
    talk = talk.with_acts(read_phrases(talk, "en"))
    judged = score(talk, load_card("customer-care", "en"))
    return save_processed(place.engine, Path("rude.flac"), talk.recording, talk, judged)


def settle(
    place: workplace.Workplace, call: int, criterion: str, verdict: str, decision: str = "accepted"
) -> None:
    ana, tom = person(place, "ana"), person(place, "tom")
    disputing.dispute(
        place.engine, ana, call, criterion, verdict, "I meant it as help, and helped right after"
    )
    with reading(place.engine) as session:
        from database.disputes import disputes

        number = disputes(session, ana.viewer, "open")[0].dispute.id or 0
    disputing.decide(
        place.engine, tom, number, decision, "heard it", verdict=verdict if decision == "partly" else None
    )


def test_an_accepted_dispute_is_a_test_of_the_scorer(place: workplace.Workplace, tmp_path: Path) -> None:
    call = a_call(place)
    assert "no accepted disputes" in run("export", "disputes", "--out", str(tmp_path))
    settle(place, call, "forbidden_phrase_used", "no")
    settle(place, call, "closing_courteous", "na", "partly")
    settle(place, call, "empathy_shown", "yes", "rejected")
    assert "2 tests" in run("export", "disputes", "--out", str(tmp_path))
    file = tmp_path / "customer-care.en.tests.yaml"
    first, second = read_tests(file)
    assert {c: label.verdict for c, label in first.expect.items()} == {"forbidden_phrase_used": "no"}
    assert {c: label.verdict for c, label in second.expect.items()} == {"closing_courteous": "na"}
    assert {"agent": workplace.SCRIPT[2][3]} in [
        {k: v for k, v in line.items() if k == "agent"} for line in first.dialogue
    ]
    assert len(first.dialogue) < len(workplace.SCRIPT)  # the lines around the evidence do
    said = run("scorecard", "test", "customer-care.en", "--tests", str(file))
    assert "2 tests, 2 failed" in said  # the scorer has not learned it yet, and the test says so
    assert "forbidden_phrase_used: yes, expected no" in said


def test_a_dispute_about_a_persons_verdict_is_no_test(place: workplace.Workplace, tmp_path: Path) -> None:
    call, tess = a_call(place), person(place, "tess")
    reviewing.override(place.engine, tess, call, "closing_courteous", "no", "mumbled")
    with reading(place.engine) as session:
        from database.listing import open_call

        judged = open_call(session, tess.viewer, call).assessment
        assert judged is not None
    for result in judged.criteria:
        if result.verdict == "review":
            reviewing.override(place.engine, tess, call, result.id, "na", "")
    reviewing.finish(place.engine, tess, call)
    settle(place, call, "closing_courteous", judged.criterion("closing_courteous").verdict)
    assert "no accepted disputes" in run("export", "disputes", "--out", str(tmp_path))


def test_reviewed_calls_are_gold_labels(place: workplace.Workplace, tmp_path: Path) -> None:
    call, tess = a_call(place), person(place, "tess")
    assert "0 calls" in run("export", "labels", "--out", str(tmp_path))
    reviewing.override(place.engine, tess, call, "closing_courteous", "no", "mumbled: größer")
    reviewing.override(place.engine, tess, call, "contact_reason", "yes", "the bill", value="billing")
    with reading(place.engine) as session:
        from database.listing import open_call

        judged = open_call(session, tess.viewer, call).assessment
        assert judged is not None
    for result in judged.criteria:
        if result.verdict == "review":
            reviewing.override(place.engine, tess, call, result.id, "na", "")
    reviewing.finish(place.engine, tess, call)
    assert "1 call " in run("export", "labels", "--out", str(tmp_path))
    [path] = tmp_path.glob("*.yaml")
    gold = read_gold(path)
    assert gold is not None
    assert (gold.gold["closing_courteous"].verdict, gold.gold["closing_courteous"].why) == (
        "no",
        "mumbled: größer",
    )
    assert gold.gold["forbidden_phrase_used"].evidence == (2,)
    assert "hold_count" not in gold.gold
    assert (gold.gold["contact_reason"].value, gold.gold["contact_reason"].verdict) == ("billing", None)
    heard = conversation_of(gold, path)
    assert heard is not None
    assert heard.acts is None
    figures = run("evaluate", str(tmp_path), "--rules-only", "--errors")
    assert "closing_courteous" in figures


def test_lines_written_down_read_back_as_the_same_talk() -> None:
    talk = conversation(
        agent("Could you hold for a minute?", start=0.0, end=3.0),
        customer("Yes.", start=3.4, end=4.0),
        agent("Thanks for waiting.", start=40.0, end=42.0),
        customer("And now", start=42.5, end=45.0),
        agent("But first", start=44.0, end=47.0),
        agent("Second line here.", start=60.0, end=62.0, speaker="S2"),
        events=(
            Event(kind="hold", start=5.0, end=39.0, music=True),
            Event(kind="silence", start=47.5, end=59.5),
        ),
    )
    lines, places = dialogue_of(talk)
    assert lines == [
        {"agent": "Could you hold for a minute?"},
        {"customer": "Yes."},
        {"hold": {"seconds": 34.0, "music": True}},
        {"agent": "Thanks for waiting."},
        {"customer": "And now"},
        {"agent": "But first", "cuts_in": True},
        {"silence": 12.0},
        {"agent2": "Second line here."},
    ]
    assert places == {i: i for i in range(6)}
    again: Conversation = parse_dialogue(lines, name="x", language="en")
    assert [(t.role, t.text) for t in again.turns] == [(t.role, t.text) for t in talk.turns]
    assert dialogue_of(again)[0] == lines
    assert dialogue_of(talk, {2, 3})[0] == [{"agent": "Thanks for waiting."}, {"customer": "And now"}]
