"""``rapport scorecard``: list, check, test, show, diff and publish scorecards."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import scorecard_house as house
from pipelines.cli.common import DONE, SOME_FAILED, out, say
from pipelines.cli.scorecard_house import read_text
from recordings import Conversation, write_atomically
from scorecards.card import Card
from scorecards.errors import ScorecardError
from scorecards.loading import LIBRARY, PUBLISHED, fingerprint, library, load_card, published, release_name

CardArgument = Annotated[str, typer.Argument(help="id (customer-care.de) or YAML file", metavar="CARD")]
CardsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="ids or YAML files; without any, the whole library", metavar="CARD…"),
]


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Scorecards: list, check, test, show, compare.", no_args_is_help=True)
    app.add_typer(group, name="scorecard")

    @group.command("list")
    def list_cards() -> None:
        """The ready scorecards and the house's own. Example: rapport scorecard list"""
        for (card_id, language), path in library().items():
            card = load_card(path)
            state = "published" if release_name(card) in published() else "draft"
            out(
                f"{card_id}.{language}  v{card.version}  {len(card.criteria)} criteria  {state}  {card.title}"
            )
        house.list_own()

    @group.command()
    def check(cards: CardsArgument = None) -> None:
        """Find what is wrong, vague, unreachable or missing. Example: rapport scorecard check mine.yaml"""
        raise typer.Exit(_check(cards))

    @group.command()
    def test(
        cards: CardsArgument = None,
        tests: Annotated[
            Path | None, typer.Option(help="another test file, as `rapport export disputes` writes it")
        ] = None,
        learned: Annotated[
            bool, typer.Option("--learned", help="read with the learned head too, not by phrase rules alone")
        ] = False,
    ) -> None:
        """Run the test dialogues beside the cards. Example: rapport scorecard test hold-etiquette"""
        raise typer.Exit(_test(cards, tests, learned))

    @group.command()
    def show(
        card: CardArgument,
        text: Annotated[bool, typer.Option("--yaml", help="the card's text, to edit")] = False,
    ) -> None:
        """The card as people read it. Example: rapport scorecard show customer-care.de"""
        if text:
            out(house.text_of(card).rstrip())
        else:
            _show(house.find(card))

    @group.command()
    def diff(
        draft: CardArgument,
        calls: Annotated[
            Path | None, typer.Option(help="folder with *.conversation.json; the database by default")
        ] = None,
        against: Annotated[
            str | None, typer.Option(help="card to compare with; the library's by default")
        ] = None,
    ) -> None:
        """Which answers a draft changes on stored calls. Example: rapport scorecard diff mine.yaml"""
        _diff(draft, calls, against)

    @group.command()
    def rescore(card: CardArgument) -> None:
        """Judge stored calls again; old results stay. Example: rapport scorecard rescore five-items"""
        _rescore(house.find(card))

    @group.command()
    def publish(
        card: CardArgument,
        note: Annotated[str, typer.Option(help="what is new, for people")] = "",
        ready: Annotated[
            bool, typer.Option("--library", help="freeze a ready card's version in this checkout instead")
        ] = False,
    ) -> None:
        """Check and test a card's file and freeze it as a version of the house, for new scores.

        Example: rapport scorecard publish returns.en.yaml --note "voucher item added"
        """
        if ready:
            _publish(load_card(card))
        else:
            raise typer.Exit(house.publish(card, note))

    @group.command()
    def retire(
        card: Annotated[str, typer.Argument(help="name of a house card, as in returns.en")],
        version: Annotated[int, typer.Argument(help="its version")],
        why: Annotated[str, typer.Option(help="the reason, for people")] = "",
    ) -> None:
        """Take a version out of use for new scores. Example: rapport scorecard retire returns.en 3"""
        house.retire(card, version, why)


def _paths(cards: list[str] | None) -> list[Path]:
    if not cards:
        return list(library().values())
    found: list[Path] = []
    for name in cards:
        if name.endswith((".yaml", ".yml")):
            found.append(Path(name))
            continue
        same = [p for (card_id, lang), p in library().items() if name in (card_id, f"{card_id}.{lang}")]
        if not same:
            load_card(name)
        found += same
    return found


def _check(cards: list[str] | None) -> int:
    from scorecards.checking import check_text

    bad = 0
    for path in _paths(cards):
        found = check_text(read_text(path), {c.language: c for c in _siblings(path)})
        bad += bool(found.errors)
        for problem in found.problems:
            at = f"{path.name}:{problem.line}" if problem.line else path.name
            out(f"{at}: {problem.level}: {problem.text}")
        if found.card is not None and not found.problems:
            out(f"{path.name}: fine ({len(found.card.criteria)} criteria)")
    return SOME_FAILED if bad else DONE


def _siblings(path: Path) -> Iterable[Card]:
    """The same card's other languages: the files beside it that share its name before the language."""
    for other in sorted(path.parent.glob(f"{path.name.split('.')[0]}.*.yaml")):
        if other != path and not other.name.endswith(".tests.yaml"):
            yield load_card(other)


def _test(cards: list[str] | None, tests: Path | None, learned: bool) -> int:
    from pipelines.scoring import Scoring
    from scorecards.cardtests import file_of_tests, read_tests, run_tests

    failed, ran = 0, 0
    paths = _paths(cards)
    if tests is not None and len(paths) != 1:
        raise ScorecardError(
            "--tests goes with one card: name it with its language, for example customer-care.en"
        )
    for path in paths:
        card = load_card(path)
        beside = tests or file_of_tests(path)
        if not beside.is_file():
            say(f"{path.name}: no tests beside it ({beside.name})")
            failed += 1
            continue
        scoring = Scoring(str(path), learned=learned)

        def read(
            conversation: Conversation, scoring: Scoring = scoring, language: str = card.language
        ) -> Conversation:
            return scoring.with_acts(conversation, language)

        for outcome in run_tests(card, read_tests(beside), read):
            ran += 1
            failed += bool(outcome.problems)
            if outcome.problems:
                out(f"{path.name}: {outcome.name}: FAILED")
                for problem in outcome.problems:
                    out(f"    {problem}")
    out(f"{ran} tests, {failed} failed")
    return SOME_FAILED if failed else DONE


def _show(card: Card) -> None:
    out(f"{card.title} ({card.id}, version {card.version}, {card.language}), pass mark {card.pass_mark:g}")
    if card.about:
        out(card.about)
    for section in card.sections:
        out(f"\n{section.title}  (weight {section.weight:g})")
        for criterion in (c for c in card.criteria if c.section == section.id):
            marks = [f"weight {criterion.weight:g}" if criterion.weight else "not counted", criterion.type]
            if criterion.critical:
                marks.append("critical")
            if criterion.good == "no":
                marks.append("good: no")
            out(f"  {criterion.id}  [{', '.join(marks)}]")
            out(f"    {criterion.question}")
            if criterion.help:
                out(f"    {criterion.help.strip()}")
    if card.facts:
        out("\nAlso noted: " + "; ".join(f.title for f in card.facts))
    out(f"\nsha256 {fingerprint(card)}")


def _diff(draft: str, folder: Path | None, against: str | None) -> None:
    from database.engine import open_database
    from database.settings import settings
    from pipelines import rescoring
    from scorecards.backtest import back_test

    new = house.find(draft)
    old = house.find(against or f"{new.id}.{new.language}")
    left_out: list[str] = []
    if folder is not None:
        stored = rescoring.in_folder(folder, new.language, left_out)
    else:
        stored = rescoring.in_database(open_database(settings()), new.language)
    result = back_test(stored, old, new)
    for reason in left_out:
        say(f"left out: {reason}")
    if not result.calls:
        place = folder or "the database"
        raise ScorecardError(
            f"{place}: no conversation with acts in {new.language}; let rapport process make some first"
        )
    share = f"{100 * result.share:.1f} %" if result.share is not None else "none"
    out(f"{result.calls} calls: {share} of {result.answers} answers change ({len(result.changes)})")
    for name, count in result.by_criterion():
        out(f"  {name}: {count}")
    out("by agent:")
    for agent, count in result.by_agent():
        out(f"  {agent or 'unknown'}: {count}")
    out("calls to hear:")
    for call in result.to_hear:
        out(f"  {call}")


def _rescore(card: Card) -> None:
    from database.engine import open_database
    from database.settings import settings
    from pipelines.rescoring import rescore
    from pipelines.scoring import code_version

    changed = rescore(open_database(settings()), card, version=code_version())
    out(f"{changed} calls have a new result by {card.id}.{card.language} version {card.version}")


def _publish(card: Card) -> None:
    name, known = release_name(card), dict(published())
    if known.get(name) == fingerprint(card):
        out(f"{name} is published already")
        return
    if library().get((card.id, card.language)) is None:
        raise ScorecardError(f"{name}: only cards in {LIBRARY} are published; put the file there first")
    known[name] = fingerprint(card)
    head = "# Published versions are frozen: the sha256 of each card's canonical form.\n"
    lines = "".join(f"{key}: {value}\n" for key, value in sorted(known.items()))
    write_atomically(PUBLISHED, (head + lines).encode())
    published.cache_clear()
    out(f"{name} is published: {known[name]}")
