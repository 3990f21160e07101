"""Gold labels against verdicts, and the commands score, scorecard and evaluate."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli import build
from recordings import Act, Conversation
from recordings.testing import agent, conversation, customer
from scorecards.backtest import back_test
from scorecards.errors import ScorecardError
from scorecards.evaluation import Part, report
from scorecards.gold import conversation_of, gold_files, read_gold
from scorecards.loading import load_card
from scorecards.results import Assessment, CardRef, CriterionResult, Evidence, RecordingRef

GOLD = """\
id: one
language: en
dialogue:
  - agent: "Hello, Elm Bank, Jo speaking."
  - customer: "Hi."
gold:
  forbidden_phrase_used: {verdict: "yes", evidence: [2]}
  empathy_shown: "na"
  hold_count: 2
  hold_total_seconds: {value: 60}
  contact_reason: {value: billing}
  closing_courteous: {verdict: "no", ambiguous: true}
"""


def gold_file(folder: Path, text: str = GOLD, name: str = "one.yaml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def assessed(*results: CriterionResult) -> Assessment:
    card = CardRef(id="c", version=1, language="en", sha256="0")
    return Assessment(recording=RecordingRef(id="one"), scorecard=card, criteria=results)


def result(name: str, verdict: str, **fields: Any) -> CriterionResult:
    return CriterionResult.model_validate({"id": name, "verdict": verdict, "confidence": 0.9, **fields})


def figures(tmp_path: Path, *results: CriterionResult) -> dict[str, Any]:
    gold = read_gold(gold_file(tmp_path))
    assert gold is not None
    part = Part("tuning")
    part.add(gold, assessed(*results))
    made: dict[str, Any] = report([part])["parts"][0]
    return made


RIGHT = (
    result("forbidden_phrase_used", "yes", evidence=(Evidence(turn=2),)),
    result("empathy_shown", "na"),
    result("hold_count", "yes", value=2),
    result("hold_total_seconds", "yes", value=61.9),
    result("contact_reason", "yes", value="billing"),
    result("closing_courteous", "yes"),
)


def test_all_right(tmp_path: Path) -> None:
    made = figures(tmp_path, *RIGHT)
    assert made["accuracy"] == 1
    assert made["evidence_right"] == 1
    assert made["cases"] == 2
    assert all(c["accuracy"] == 1 for c in made["criteria"].values())
    assert made["ambiguous"] == {"cases": 1, "accuracy": 0.0}
    assert "closing_courteous" not in made["criteria"]
    assert made["forbidden"] == {"turns": 1, "precision": 1.0, "recall": 1.0}


WRONG = [
    ("hold_count", result("hold_count", "yes", value=1)),
    ("hold_total_seconds", result("hold_total_seconds", "yes", value=64.0)),
    ("hold_total_seconds", result("hold_total_seconds", "unscored")),
    ("contact_reason", result("contact_reason", "yes", value="delivery")),
    ("empathy_shown", result("empathy_shown", "unscored")),
    ("empathy_shown", result("empathy_shown", "review", suggestion="no")),
]


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_one_wrong(tmp_path: Path, name: str, wrong: CriterionResult) -> None:
    made = figures(tmp_path, *(wrong if r.id == name else r for r in RIGHT))
    assert made["criteria"][name]["accuracy"] == 0
    assert made["criteria"][name]["wrong"][0]["call"] == "one"


def test_a_criterion_that_is_missing_is_wrong(tmp_path: Path) -> None:
    assert figures(tmp_path, *RIGHT[1:])["criteria"]["forbidden_phrase_used"]["accuracy"] == 0


def test_review_counts_with_its_suggestion_and_as_review(tmp_path: Path) -> None:
    unsure = result("empathy_shown", "review", suggestion="na")
    made = figures(tmp_path, *(unsure if r.id == "empathy_shown" else r for r in RIGHT))
    assert made["accuracy"] == 1
    assert made["review_share"] == 0.5
    assert made["error_rate_in_review"] == 0


def test_evidence_in_another_turn_is_counted(tmp_path: Path) -> None:
    elsewhere = result("forbidden_phrase_used", "yes", evidence=(Evidence(turn=4),))
    made = figures(tmp_path, elsewhere, *RIGHT[1:])
    assert made["evidence_right"] == 0
    assert made["forbidden"] == {"turns": 1, "precision": 0.0, "recall": 0.0}


def test_gold_files_by_part_and_other_yaml_left_alone(tmp_path: Path) -> None:
    gold_file(tmp_path / "tuning")
    gold_file(tmp_path / "heldout" / "deeper")
    other = gold_file(tmp_path / "tuning", "notes: nothing\n", "notes.yaml")
    assert {name: len(paths) for name, paths in gold_files(tmp_path).items()} == {"heldout": 1, "tuning": 2}
    assert read_gold(other) is None


def test_a_broken_gold_file_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(ScorecardError, match=r"bad\.yaml:7: .*ambiguous"):
        read_gold(gold_file(tmp_path, GOLD.replace("evidence: [2]", "ambiguous: perhaps"), "bad.yaml"))


def test_the_conversation_may_lie_in_its_own_file(tmp_path: Path) -> None:
    conversation(agent("Hello."), customer("Hi."), language="en").write(tmp_path / "c.json")
    text = GOLD[: GOLD.index("dialogue")] + "conversation: c.json\n" + GOLD[GOLD.index("gold:") :]
    path = gold_file(tmp_path, text)
    gold = read_gold(path)
    assert gold is not None
    read = conversation_of(gold, path)
    assert read is not None
    assert [t.text for t in read.turns] == ["Hello.", "Hi."]


# --- back-test


def with_acts(name: str, *acts: tuple[int, str]) -> Conversation:
    made = conversation(agent("Hello."), customer("I want to cancel."), agent("No."), name=name)
    made = made.with_acts(Act(turn=t, act=a, probability=0.95, text="x") for t, a in acts)
    recording = made.recording.model_copy(update={"agent": "Jo"})
    return made.model_copy(update={"recording": recording})


def test_a_back_test_names_items_agents_and_calls() -> None:
    card = load_card("five-items")
    greeting = card.criteria[0]
    looser = greeting.model_copy(update={"check": card.criterion("forbidden_phrase_used").check})
    draft = card.model_copy(update={"criteria": (looser, *card.criteria[1:])})
    calls = [with_acts("a", (0, "give_name"), (0, "name_company")), with_acts("b")]
    made = back_test(calls, card, draft)
    assert made.by_criterion() == (("greeting_with_name_and_company", len(made.changes)),)
    assert made.by_agent() == (("Jo", len(made.changes)),)
    assert "a" in made.to_hear
    assert made.share == len(made.changes) / 10
    assert back_test(calls, card, card).changes == ()


# --- commands


def command(*arguments: str) -> Any:
    return CliRunner().invoke(build(), list(arguments))


def stored(folder: Path, name: str = "call.conversation.json", **fields: Any) -> Path:
    made = with_acts("a", (0, "give_name"), (0, "name_company"), (2, "refuse")).model_copy(update=fields)
    return made.write(folder / name)


def test_score_writes_an_assessment_for_each_conversation(tmp_path: Path) -> None:
    ran = command(
        "score", str(stored(tmp_path)), "--scorecard", "customer-care", "--out", str(tmp_path / "out")
    )
    assert ran.exit_code == 0, ran.output
    made = Assessment.read(tmp_path / "out" / "call.assessment.json")
    assert made.criterion("forbidden_phrase_used").verdict == "yes"
    assert made.scorecard.version == load_card("customer-care").version


def test_score_goes_on_after_a_bad_file_and_says_so(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    ran = command("score", str(bad), str(stored(tmp_path)), "--out", str(tmp_path / "out"))
    assert ran.exit_code == 1
    assert (tmp_path / "out" / "call.assessment.json").is_file()
    assert "bad.json" in ran.output


def test_another_language_is_unscored_with_a_reason(tmp_path: Path) -> None:
    made = conversation(agent("Bonjour"), customer("Oui"), language="fr", acts=())
    made.write(tmp_path / "fr.json")
    ran = command("score", str(tmp_path / "fr.json"), "--json")
    assert ran.exit_code == 0, ran.output
    assessment = json.loads(ran.stdout)
    assert assessment["score"] is None
    assert {c["verdict"] for c in assessment["criteria"]} == {"unscored"}
    assert "fr" in assessment["criteria"][0]["reason"]


def test_the_german_card_is_taken_for_a_german_call(tmp_path: Path) -> None:
    conversation(agent("Guten Tag"), customer("Ja"), language="de", acts=()).write(tmp_path / "de.json")
    assessment = json.loads(command("score", str(tmp_path / "de.json"), "--json").stdout)
    assert assessment["scorecard"]["language"] == "de"
    assert assessment["score"] is not None


def test_evaluate_prints_and_writes_each_part(tmp_path: Path) -> None:
    gold_file(tmp_path / "gold" / "tuning")
    gold_file(tmp_path / "gold" / "heldout")
    target = tmp_path / "figures.json"
    ran = command("evaluate", str(tmp_path / "gold"), "--json", str(target), "--rules-only", "--errors")
    assert ran.exit_code == 0, ran.output
    assert "tuning: 1 calls" in ran.stdout
    assert [p["part"] for p in json.loads(target.read_text())["parts"]] == ["heldout", "tuning"]


def test_evaluate_without_gold_is_an_error(tmp_path: Path) -> None:
    ran = command("evaluate", str(tmp_path))
    assert isinstance(ran.exception, ScorecardError)
    assert "no YAML file" in str(ran.exception)


def test_scorecard_commands(tmp_path: Path) -> None:
    listed = command("scorecard", "list")
    assert "customer-care.de" in listed.stdout
    assert "draft" not in listed.stdout
    assert command("scorecard", "test").exit_code == 0
    assert command("scorecard", "check").exit_code == 0
    assert "Transparenz" in command("scorecard", "show", "customer-care.de").stdout
    broken = tmp_path / "mine.yaml"
    broken.write_text("id: mine\n", encoding="utf-8")
    checked = command("scorecard", "check", str(broken))
    assert checked.exit_code == 1
    assert "mine.yaml" in checked.stdout
    stored(tmp_path / "calls")
    ran = command("scorecard", "diff", "five-items", "--calls", str(tmp_path / "calls"))
    assert "1 calls: 0.0 % of 5 answers change" in ran.stdout


def test_stored_calls_are_judged_again_and_old_results_stay(home: Path, tmp_path: Path) -> None:
    from sqlmodel import select

    from database.engine import open_database, reading
    from database.settings import settings
    from database.store import save_processed
    from database.tables import AssessmentVersion
    from pipelines.rescoring import in_database, rescore
    from scorecards.engine import score

    engine = open_database(settings())
    made = with_acts("a", (0, "give_name"), (2, "refuse"))
    recording = made.recording.model_copy(update={"sha256": "a" * 64, "duration": 3.0})
    made = made.model_copy(update={"recording": recording})
    card = load_card("five-items")
    save_processed(engine, tmp_path / "a.wav", recording, made, score(made, card))
    draft = card.model_copy(update={"version": 2, "pass_mark": 1})
    assert [c.recording.sha256 for c in in_database(engine, "en")] == ["a" * 64]
    assert list(in_database(engine, "de")) == []
    assert rescore(engine, draft) == 1
    assert rescore(engine, draft) == 0
    with reading(engine) as session:
        versions = session.exec(select(AssessmentVersion.card_version)).all()
    assert sorted(versions) == [1, 2]
    ran = command("scorecard", "diff", "five-items.en")
    assert "1 calls: 0.0 % of 5 answers change" in ran.stdout


def test_roles_and_acts_are_worked_out_where_they_are_missing_and_it_is_said() -> None:
    from pipelines.scoring import Scoring

    spoken = [
        ("S0", "Good morning, Elm Bank, my name is Ida, how can I help you?"),
        ("S1", "Hi, I've been charged twice for the same thing."),
        ("S0", "That's not my department."),
        ("S1", "Oh. Okay then."),
    ]
    turns = [{"speaker": speaker, "text": text} for speaker, text in spoken]
    bare = Conversation.model_validate({"recording": {"id": "bare", "language": "en"}, "turns": turns})
    made = Scoring("customer-care", learned=False).score(bare)
    assert made.criterion("forbidden_phrase_used").evidence[0].turn == 2
    assert made.made_by is not None
    assert any("phrase rules alone" in note for note in made.made_by.notes)
    assert made.criterion("interruptions_by_agent").verdict == "unscored"


def test_evidence_from_audio_is_told_in_the_true_turns() -> None:
    from pipelines.heard import in_true_turns
    from recordings.testing import agent, conversation, customer
    from scorecards.engine import score

    true = conversation(agent("Hello.", start=0.0, end=1.0), customer("Hi.", start=1.2, end=2.0),
                        agent("Kim speaking.", start=2.1, end=4.0))  # fmt: skip
    made = conversation(agent("Hello hi kim speaking.", start=0.9, end=4.0))
    made = made.with_acts([Act(turn=0, act="give_name", probability=0.9, source="head")])
    assessment = score(made, load_card("five-items"))
    before = [e.turn for c in assessment.criteria for e in c.evidence if e.turn is not None]
    after = [
        e.turn
        for c in in_true_turns(assessment, made, true).criteria
        for e in c.evidence
        if e.turn is not None
    ]
    assert before
    assert set(before) == {0}
    assert set(after) == {2}
