"""The house's own scorecards by command line: what ``rapport scorecard`` does with the database."""

from pathlib import Path

from pipelines.cli.common import DONE, SOME_FAILED, out, say
from scorecards.card import Card
from scorecards.errors import ScorecardError
from scorecards.loading import library, load_card


def read_text(path: Path) -> str:
    """A file's text; raises ScorecardError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError(f"{path}: cannot be read as UTF-8 text ({error})") from error


def find(source: str) -> Card:
    """A card by file or id: files and ready cards need no database, the house's own come out of it."""
    from database.cards import finder
    from database.engine import open_database
    from database.settings import settings

    if Path(source).suffix in (".yaml", ".yml") or Path(source).is_file():
        return load_card(source)
    return finder(open_database(settings()))(source, None)


def text_of(source: str) -> str:
    """A card's text: of a file, of the house's newest version, of a ready card."""
    from database.cards import house_cards
    from database.engine import open_database, reading
    from database.settings import settings

    if Path(source).suffix in (".yaml", ".yml"):
        return read_text(Path(source))
    card = find(source)
    with reading(open_database(settings())) as session:
        for own in house_cards(session):
            if own.name == f"{card.id}.{card.language}" and own.row.version == card.version:
                return own.row.text
    return read_text(library()[card.id, card.language])


def list_own() -> None:
    """The house's published versions, a line each."""
    from database.cards import house_cards
    from database.engine import open_database, reading
    from database.settings import settings

    with reading(open_database(settings())) as session:
        for card in house_cards(session):
            state = "retired" if card.retired else "published"
            when = f"{card.row.at:%Y-%m-%d}"
            note = f"  ({card.row.note})" if card.row.note else ""
            out(f"{card.name}  v{card.row.version}  own, {state} {when}  {card.row.title}{note}")


def publish(source: str, note: str) -> int:
    """Check, test and freeze a card's file; 1 where a check or a test stands against it."""
    from database import cards
    from database.engine import open_database, writing
    from database.settings import settings
    from database.viewers import OPERATOR
    from scorecards.cardtests import file_of_tests
    from scorecards.checking import check_text, run_text_tests

    path = Path(source)
    if path.suffix not in (".yaml", ".yml"):
        raise ScorecardError(f"{source}: give the card's YAML file (--library freezes a ready card)")
    text, beside = read_text(path), file_of_tests(path)
    tests = read_text(beside) if beside.is_file() else ""
    found = check_text(text)
    against = [f"{path}:{p.line or 1}: {p.text}" for p in found.errors]
    if found.card is not None:
        for outcome in run_text_tests(found.card, tests):
            against += [f"{beside.name}: {outcome.name}: {problem}" for problem in outcome.problems]
    if found.card is None or against:
        for line in against:
            out(line)
        say("not published")
        return SOME_FAILED
    with writing(open_database(settings())) as session:
        row = cards.publish(session, OPERATOR, text, tests, note=note)
    out(f"{row.card_id}.{row.language} version {row.version} is published: {row.sha256}")
    return DONE


def retire(name: str, version: int, why: str) -> None:
    """Take a version out of use for new scores."""
    from database import cards
    from database.engine import open_database, writing
    from database.settings import settings
    from database.viewers import OPERATOR

    with writing(open_database(settings())) as session:
        cards.retire(session, OPERATOR, cards.house_card(session, name, version).row.id or 0, why=why)
    out(f"{name} version {version} is retired; what it judged keeps its results")
