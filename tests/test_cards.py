# ruff: noqa: E501 (tables)
"""Cards: the YAML form, its errors with file and line, hostile files, publishing, the library, the linter."""

from pathlib import Path

import pytest

from scorecards.card import Card
from scorecards.cardtests import file_of_tests, read_tests, run_tests
from scorecards.errors import ScorecardError
from scorecards.linter import lint
from scorecards.loading import card_from_text, fingerprint, library, load_card, published, refuse_changed
from scorecards.yaml_text import DEEPEST, read_yaml

CARD = """\
id: small
version: 1
language: en
title: Small
pass_mark: 50
define:
  matter:
    act.v1: {any_of: [complain]}
sections:
  - {id: all, title: All, weight: 1}
criteria:
  - id: greeted
    section: all
    question: Does the agent say hello?
    weight: 1
    only_if: {use: matter}
    check:
      act.v1: {any_of: [greet]}
    smallest_change: hello
"""


def changed(old: str, new: str) -> str:
    assert old in CARD
    return CARD.replace(old, new)


BROKEN = [
    # fault, text, what the message names
    (
        "unknown key",
        changed("    weight: 1\n", "    wieght: 1\n"),
        ("small.yaml:15", "wieght", "unknown key"),
    ),
    (
        "unknown check",
        changed("act.v1: {any_of: [greet]}", "act.v9: {any_of: [greet]}"),
        ("act.v9", "act.v1"),
    ),
    ("unknown act", changed("[greet]", "[greeet]"), ("small.yaml:18", "greeet", "greet")),
    ("unknown language", changed("language: en", "language: fr"), ("small.yaml:3", "'en'", "fr")),
    ("missing key", changed("pass_mark: 50\n", ""), ("pass_mark", "missing")),
    ("weights sum to zero", changed("    weight: 1\n", "    weight: 0\n"), ("weights sum to zero",)),
    ("section weight zero", changed("title: All, weight: 1", "title: All, weight: 0"), ("sum to zero",)),
    ("negative weight", changed("    weight: 1\n", "    weight: -3\n"), ("small.yaml:15", "-3")),
    ("unknown section", changed("section: all", "section: none"), ("'none'", "allowed: all")),
    ("unknown reference", changed("{use: matter}", "{use: mater}"), ("mater", "allowed: matter")),
    ("two checks in one", changed("{use: matter}", "{use: matter, act.v1: {any_of: [greet]}}"), ("one key",)),
    ("empty check", changed("act.v1: {any_of: [greet]}", "act.v1:"), ("no parameters",)),
    ("no acts", changed("[greet]", "[]"), ("at least 1 item",)),
    ("repeated key", changed("version: 1\n", "version: 1\nversion: 2\n"), ("small.yaml:3", "twice")),
    ("anchors", changed("{use: matter}", "&a {use: matter}"), ("small.yaml:16", "anchors")),
    ("tags", changed("title: Small", "title: !!python/name:os.system x"), ("small.yaml:4", "tag")),
    ("empty phrases", changed("act.v1: {any_of: [greet]}", "phrase.v1: {role: agent}"), ("no phrases",)),
    ("no YAML", "id: [", ("small.yaml", "not valid YAML")),
    ("no mapping", "- 1\n- 2\n", ("mapping",)),
]


@pytest.mark.parametrize(("fault", "text", "named"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_broken_card_is_refused_with_place_and_choices(
    fault: str, text: str, named: tuple[str, ...]
) -> None:
    with pytest.raises(ScorecardError) as raised:
        card_from_text(text, "small.yaml")
    for part in named:
        assert part in str(raised.value), fault


def test_the_small_card_itself_is_sound() -> None:
    assert card_from_text(CARD, "small.yaml").criterion("greeted").weight == 1


def test_duplicate_ids_are_refused() -> None:
    second = CARD[CARD.index("  - id: greeted") :]
    with pytest.raises(ScorecardError, match="'greeted' occurs twice"):
        card_from_text(CARD + second, "small.yaml")


def test_a_cycle_of_references_is_named() -> None:
    text = changed(
        "  matter:\n    act.v1: {any_of: [complain]}\n",
        "  matter: {use: other}\n  other: {not: {use: matter}}\n",
    )
    with pytest.raises(ScorecardError, match=r"cyclic reference: .*matter → other → matter"):
        card_from_text(text, "small.yaml")


def test_deep_nesting_is_refused_quickly() -> None:
    text = changed("{use: matter}", "{not: " * 5_000 + "{use: matter}" + "}" * 5_000)
    with pytest.raises(ScorecardError, match=f"deeper than {DEEPEST}"):
        card_from_text(text, "small.yaml")


def test_a_huge_card_and_a_huge_pattern_are_refused() -> None:
    with pytest.raises(ScorecardError, match="larger than"):
        card_from_text("# " + "x" * 1_100_000, "small.yaml")
    pattern = "phrase.v1: {patterns: ['" + "a" * 2_000 + "']}"
    with pytest.raises(ScorecardError, match="at most 1000 characters"):
        card_from_text(changed("act.v1: {any_of: [greet]}", pattern), "small.yaml")


def test_yes_and_no_stay_text() -> None:
    assert read_yaml("a: no\nb: true\nc: yes\n", "x").value == {"a": "no", "b": True, "c": "yes"}


def test_the_fingerprint_ignores_form_and_sees_content() -> None:
    card = card_from_text(CARD, "a")
    commented = card_from_text("# a comment\n" + CARD + "format: rapport/scorecard/1\n", "b")
    heavier = card_from_text(changed("    weight: 1\n", "    weight: 2\n"), "c")
    assert fingerprint(card) == fingerprint(commented)
    assert fingerprint(card) != fingerprint(heavier)


def test_a_published_version_cannot_change(monkeypatch: pytest.MonkeyPatch) -> None:
    card = card_from_text(CARD, "a")
    monkeypatch.setattr("scorecards.loading.published", lambda: {"small.en 1": fingerprint(card)})
    refuse_changed(card, "a")
    with pytest.raises(ScorecardError, match=r"published and frozen.*raise version to 2"):
        refuse_changed(card_from_text(changed("pass_mark: 50", "pass_mark: 60"), "a"), "a")


def test_the_library_is_published_complete_and_in_two_languages() -> None:
    cards = [load_card(path) for path in library().values()]
    ids = {c.id for c in cards}
    assert {"customer-care", "hold-etiquette", "complaint-recovery", "cancellation", "five-items"} <= ids
    for card in cards:
        assert {(card.id, "en"), (card.id, "de")} <= set(library())
        assert published().get(f"{card.id}.{card.language} {card.version}") == fingerprint(card)


def test_an_unknown_card_names_the_choices() -> None:
    with pytest.raises(ScorecardError, match=r"customer-care\.en"):
        load_card("customer-cara")


@pytest.mark.parametrize("path", library().values(), ids=lambda p: p.name)
def test_library_cards_have_no_remarks_and_pass_their_own_tests(path: Path) -> None:
    card = load_card(path)
    others: dict[str, Card] = {
        lang: load_card(p) for (i, lang), p in library().items() if i == card.id and p != path
    }
    assert [str(r) for r in lint(card, others)] == []
    outcomes = run_tests(card, read_tests(file_of_tests(path)), lambda conversation: conversation)
    assert len(outcomes) >= 3
    assert {o.name: o.problems for o in outcomes if o.problems} == {}


def test_a_failing_card_test_says_what_was_expected() -> None:
    card = load_card("hold-etiquette")
    tests = read_tests(file_of_tests(library()["hold-etiquette", "en"]))
    wrong = tests[0].model_copy(update={"expect": tests[1].expect})
    problems = run_tests(card, (wrong,), lambda c: c)[0].problems
    assert any("expected no" in p for p in problems)


LINTED = [
    ("vague", changed("say hello?", "greet in an appropriate way?"), "vague"),
    ("unused", changed("    only_if: {use: matter}\n", ""), "never used"),
    ("same gates", changed("    only_if: {use: matter}\n", "    only_if: {use: matter}\n    not_if: {use: matter}\n"), "never apply"),
    ("opposites", changed("{use: matter}", "{all: [{use: matter}, {not: {use: matter}}]}"), "opposite"),
    ("limits", changed("act.v1: {any_of: [greet]}", "measure.v1: {signal: pace, at_least: 3, at_most: 2}"),
    "never met"),
    ("no help", changed("    smallest_change: hello\n", ""), "smallest_change"),
    ("untranslated", CARD, "no de card"),
    (
        "cancelled phrase",
        changed("act.v1: {any_of: [greet]}", "phrase.v1: {phrases: [hello there], allow: [hello]}"),
        "allow-list",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "text", "told"), LINTED, ids=[x[0] for x in LINTED])
def test_the_linter_finds(fault: str, text: str, told: str) -> None:
    assert any(told in str(r) for r in lint(card_from_text(text, "small.yaml"))), fault


def test_the_linter_finds_contradictions_and_double_counting() -> None:
    second = CARD[CARD.index("  - id: greeted") :].replace("id: greeted", "id: again")
    twice = lint(card_from_text(CARD + second, "x"))
    assert any("counts twice" in str(r) for r in twice)
    opposite = lint(
        card_from_text(CARD + second.replace("    weight: 1\n", "    weight: 1\n    good: no\n"), "x")
    )
    assert any(r.level == "error" and "contradicts" in r.text for r in opposite)


def test_the_linter_compares_languages() -> None:
    card = card_from_text(CARD, "x")
    heavier = card_from_text(changed("    weight: 1\n", "    weight: 3\n"), "y")
    assert any("differ" in str(r) for r in lint(card, {"de": heavier}))
    assert not lint(card, {"de": card})
