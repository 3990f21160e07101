"""``rapport scorecard``: list, check, test, show, diff and publish scorecards."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import DONE, SOME_FAILED, out, say
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
        """The ready scorecards. Example: rapport scorecard list"""
        for (card_id, language), path in library().items():
            card = load_card(path)
            state = "published" if release_name(card) in published() else "draft"
            out(
                f"{card_id}.{language}  v{card.version}  {len(card.criteria)} criteria  {state}  {card.title}"
            )

    @group.command()
    def check(cards: CardsArgument = None) -> None:
        """Find what is wrong, vague, unreachable or missing. Example: rapport scorecard check mine.yaml"""
        raise typer.Exit(_check(cards))

    @group.command()
    def test(cards: CardsArgument = None) -> None:
        """Run the test dialogues beside the cards. Example: rapport scorecard test hold-etiquette"""
        raise typer.Exit(_test(cards))

    @group.command()
    def show(card: CardArgument) -> None:
        """The card as people read it. Example: rapport scorecard show customer-care.de"""
        _show(load_card(card))

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
        _rescore(load_card(card))

    @group.command()
    def publish(card: CardArgument) -> None:
        """Freeze the card's version in the library. Example: rapport scorecard publish customer-care.en"""
        _publish(load_card(card))


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
    from scorecards.linter import lint

    bad = 0
    for path in _paths(cards):
        try:
            card = load_card(path)
        except ScorecardError as error:
            out(str(error))
            bad += 1
            continue
        others: dict[str, Card] = {c.language: c for c in _siblings(path, card)}
        remarks = lint(card, others)
        bad += any(r.level == "error" for r in remarks)
        for remark in remarks:
            out(f"{path.name}: {remark}")
        if not remarks:
            out(f"{path.name}: fine ({len(card.criteria)} criteria)")
    return SOME_FAILED if bad else DONE


def _siblings(path: Path, card: Card) -> Iterable[Card]:
    for other in sorted(path.parent.glob(f"{card.id}.*.yaml")):
        if other != path and not other.name.endswith(".tests.yaml"):
            yield load_card(other)


def _test(cards: list[str] | None) -> int:
    from pipelines.scoring import Scoring
    from scorecards.cardtests import file_of_tests, read_tests, run_tests

    failed, ran = 0, 0
    for path in _paths(cards):
        card = load_card(path)
        beside = file_of_tests(path)
        if not beside.is_file():
            say(f"{path.name}: no tests beside it ({beside.name})")
            failed += 1
            continue
        scoring = Scoring(str(path), learned=False)

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

    new = load_card(draft)
    old = load_card(against or f"{new.id}.{new.language}")
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
