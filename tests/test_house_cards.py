"""The house's own scorecards: found by workers, frozen once published, kept by hash, checked with lines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from database import Settings
from database.card_drafts import DraftMovedOnError, draft, drafts, drop_draft, save_draft
from database.cards import exact_card, find_card, finder, next_version, publish, retire
from database.engine import open_database, reading, writing
from database.errors import DatabaseError
from database.tables import AuditEntry
from database.viewers import OPERATOR
from pipelines.cli import build
from pipelines.scoring import Scoring
from recordings.testing import agent, conversation, customer
from scorecards.checking import check_text, run_text_tests
from scorecards.errors import ScorecardError
from scorecards.loading import LIBRARY, load_card

CARD = """\
id: {id}
version: {version}
language: {language}
title: Parcels
pass_mark: 70
sections:
  - {{id: manners, title: Human manners, weight: 100}}
criteria:
  - id: goodbye
    section: manners
    question: Does the agent say goodbye?
    weight: 3
    check:
      act.v1: {{any_of: [{act}]}}
    smallest_change: a goodbye
"""
READY = load_card("customer-care", language="en").version
NEXT = READY + 1
TESTS = """\
tests:
  - name: said
    dialogue:
      - agent: "Good morning."
      - agent: "Have a nice day, goodbye."
    acts: {1: [goodbye]}
    expect: {goodbye: "yes"}
"""


def card(version: int = 1, *, id: str = "parcels", language: str = "en", act: str = "goodbye") -> str:
    return CARD.format(id=id, version=version, language=language, act=act)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(Settings(home=tmp_path / "home"))
    yield made
    made.dispose()


def freeze(engine: Engine, text: str, tests: str = "") -> int:
    with writing(engine) as session:
        return publish(session, OPERATOR, text, tests, note="first").id or 0


@pytest.mark.parametrize(
    ("published", "retired", "source", "language", "finds"),
    [
        ((), (), "customer-care", "en", ("customer-care", READY, "en")),
        ((("customer-care", NEXT, "en"),), (), "customer-care", "en", ("customer-care", NEXT, "en")),
        ((("customer-care", NEXT, "en"),), (), "customer-care", "de", ("customer-care", READY, "de")),
        ((("customer-care", NEXT, "en"),), (), "customer-care.en", "de", ("customer-care", NEXT, "en")),
        ((("customer-care", NEXT, "en"),), (0,), "customer-care", "en", ("customer-care", READY, "en")),
        ((("parcels", 1, "en"), ("parcels", 2, "en")), (), "parcels", None, ("parcels", 2, "en")),
        ((("parcels", 1, "en"), ("parcels", 2, "en")), (1,), "parcels", None, ("parcels", 1, "en")),
        ((("parcels", 1, "en"),), (), "parcels", "de", ("parcels", 1, "en")),
        ((("parcels", 1, "de"),), (), "parcels", "en-GB", ("parcels", 1, "de")),
    ],
)
def test_the_newest_version_in_use_is_found(
    engine: Engine,
    published: tuple[tuple[str, int, str], ...],
    retired: tuple[int, ...],
    source: str,
    language: str | None,
    finds: tuple[str, int, str],
) -> None:
    ids = [freeze(engine, card(number, id=name, language=lang)) for name, number, lang in published]
    with writing(engine) as session:
        for which in retired:
            retire(session, OPERATOR, ids[which], why="replaced")
    found = finder(engine)(source, language)
    assert (found.id, found.version, found.language) == finds


def test_an_unknown_or_retired_name_tells_the_choices(engine: Engine) -> None:
    only = freeze(engine, card())
    with reading(engine) as session, pytest.raises(ScorecardError, match=r"one of: .*own: parcels\.en"):
        find_card(session, "parcel")
    with writing(engine) as session:
        retire(session, OPERATOR, only)
    with reading(engine) as session, pytest.raises(ScorecardError, match="own: none"):
        find_card(session, "parcels")
    with writing(engine) as session, pytest.raises(DatabaseError, match="retired already"):
        retire(session, OPERATOR, only)


def test_a_published_version_is_frozen_and_audited(engine: Engine) -> None:
    freeze(engine, card(1))
    for text in (card(1), card(1, act="thank")):
        with pytest.raises(DatabaseError, match="raise version to 2"):
            freeze(engine, text)
    with pytest.raises(DatabaseError, match=rf"customer-care\.en is taken; raise version to {NEXT}"):
        freeze(engine, card(1, id="customer-care"))
    with reading(engine) as session:
        assert next_version(session, "parcels", "en") == 2
        assert next_version(session, "new", "en") == 1
        [entry] = session.query(AuditEntry).all()
        assert (entry.action, entry.detail["card"]) == ("scorecard published", "parcels.en")


def test_a_new_score_uses_what_was_published_meanwhile(engine: Engine) -> None:
    freeze(engine, card(1, act="greet"))
    talk = conversation(agent("Bye."), customer("Bye.")).with_acts(())
    scoring = Scoring("parcels", find=finder(engine))
    before = scoring.score(talk)
    last = freeze(engine, card(2))
    after = scoring.score(talk)
    assert (before.scorecard.version, after.scorecard.version) == (1, 2)
    with writing(engine) as session:
        retire(session, OPERATOR, last)
    assert scoring.score(talk).scorecard.version == 1
    with reading(engine) as session:  # what judged is found for ever, by its hash
        kept = exact_card(session, after.scorecard)
        assert kept is not None
        assert kept.version == 2
        assert exact_card(session, after.scorecard.model_copy(update={"sha256": "0" * 64})) is None


def test_two_people_do_not_overwrite_a_draft(engine: Engine) -> None:
    with writing(engine) as session:
        assert save_draft(session, OPERATOR, "parcels.en", "id: [") == 1
    with writing(engine) as session:
        assert save_draft(session, OPERATOR, "parcels.en", "id: x", seen=1) == 2
    for seen in (1, None):
        with writing(engine) as session, pytest.raises(DraftMovedOnError):
            save_draft(session, OPERATOR, "parcels.en", "lost", seen=seen)
    with writing(engine) as session:
        found = draft(session, "parcels.en")
        assert found is not None
        assert found.text == "id: x"
        drop_draft(session, "parcels.en")
        drop_draft(session, "parcels.en")
        assert drafts(session) == []
        for name in ("parcels", "Parcels.en", "../x.en", "parcels.fr"):
            with pytest.raises(DatabaseError, match="scorecard name"):
                save_draft(session, OPERATOR, name, "")
        with pytest.raises(DatabaseError, match="at most"):
            save_draft(session, OPERATOR, "long.en", "x" * 1_000_001)


@pytest.mark.parametrize(
    ("change", "level", "line", "says"),
    [
        (("weight: 3", "wieght: 3"), "error", 12, "unknown key"),
        (("language: en", "language: fr"), "error", 3, "language"),
        (("criteria:", "criteria: ["), "error", 9, "not valid YAML"),
        (("say goodbye?", "say goodbye properly?"), "warning", 9, "vague"),
        (("any_of: [goodbye]", "any_of: [godbye]"), "error", 14, "godbye"),
        (("id: parcels", "id: customer-care"), "error", None, "published and frozen"),
    ],
)
def test_problems_carry_their_line(change: tuple[str, str], level: str, line: int | None, says: str) -> None:
    found = check_text(card().replace(*change))
    assert [(p.level, p.line) for p in found.problems if says in p.text] == [(level, line)], found.problems


def test_the_ready_cards_pass_as_text_with_their_tests() -> None:
    for name in ("customer-care.en", "hold-etiquette.de"):
        text = (LIBRARY / f"{name}.yaml").read_text()
        found = check_text(text, {"xx": load_card(name)})
        assert found.card is not None
        assert found.errors == ()
        outcomes = run_text_tests(found.card, (LIBRARY / f"{name}.tests.yaml").read_text())
        assert outcomes
        assert [o for o in outcomes if o.problems] == []


def test_by_command_line(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "parcels.en.yaml"
    run = CliRunner()

    def command(*words: str, code: int = 0) -> str:
        done = run.invoke(build(), ["scorecard", *words])
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    file.write_text(card())
    beside = tmp_path / "parcels.en.tests.yaml"
    beside.write_text(TESTS.replace('"yes"', '"no"'))
    assert "said: goodbye: yes, expected no" in command("publish", str(file), code=1)
    beside.write_text(TESTS)
    command("publish", str(file), "--note", "the first")
    assert "parcels.en  v1  own, published" in command("list")
    assert "Does the agent say goodbye?" in command("show", "parcels")
    assert command("show", "parcels.en", "--yaml").strip() == card().strip()
    command("retire", "parcels.en", "1")
    assert "retired" in command("list")
    assert "parcels.en:12" not in command("check", str(file))
    file.write_text(card().replace("weight: 3", "wieght: 3"))
    assert "parcels.en.yaml:12: error" in command("check", str(file), code=1)
