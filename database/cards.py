"""The house's own scorecards beside the ready ones: finding, publishing, retiring.

Published versions lie in the database, so that every worker on every machine finds the same ones. The newest
version that is not retired judges new calls; a version that judged is found by its hash for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from database.audit import record
from database.engine import reading
from database.errors import DatabaseError
from database.tables import CardRetirement, CardVersion
from database.viewers import Viewer
from scorecards.card import Card
from scorecards.errors import ScorecardError
from scorecards.loading import card_from_text, fingerprint, library, load_card
from scorecards.results import CardRef

Finder = Callable[[str, str | None], Card]
"""From a card's id or file and a wanted language to the card; raises ScorecardError."""


@dataclass(frozen=True)
class HouseCard:
    """A published version and whether it is retired."""

    row: CardVersion
    retired: CardRetirement | None

    @property
    def name(self) -> str:
        """``returns.en``."""
        return f"{self.row.card_id}.{self.row.language}"


def house_cards(session: Session) -> list[HouseCard]:
    """All published versions of the house's own cards, by name, the newest first."""
    rows = session.exec(
        select(CardVersion, CardRetirement)
        .outerjoin(CardRetirement, col(CardRetirement.version_id) == CardVersion.id)
        .order_by(CardVersion.card_id, CardVersion.language, col(CardVersion.version).desc())
    )
    return [HouseCard(row, retired) for row, retired in rows]


def house_card(session: Session, name: str, version: int | None = None) -> HouseCard:
    """One published version by name (``returns.en``), the newest without a number; raises DatabaseError."""
    found = [c for c in house_cards(session) if c.name == name and version in (None, c.row.version)]
    if not found:
        known = sorted({f"{c.name} {c.row.version}" for c in house_cards(session)})
        asked = name if version is None else f"{name} {version}"
        raise DatabaseError(f"the house has no scorecard {asked!r}; it has {', '.join(known) or 'none yet'}")
    return found[0]


def card_of(row: CardVersion) -> Card:
    """The card of a published row."""
    return _parsed(row.text, f"{row.card_id}.{row.language} version {row.version}")


@lru_cache(maxsize=64)
def _parsed(text: str, where: str) -> Card:
    return card_from_text(text, where)


def find_card(session: Session, source: str, language: str | None = None) -> Card:
    """As ``scorecards.loading.load_card``, with the house's own cards: of an id and language the newest
    version that is not retired counts, whether it is ready-made or the house's own."""
    if Path(source).suffix in (".yaml", ".yml") or Path(source).is_file():
        return load_card(source)
    name, _, suffix = source.partition(".")
    own: dict[str, CardVersion] = {}
    for card in house_cards(session):
        if card.row.card_id == name and card.retired is None:
            own.setdefault(card.row.language, card.row)
    ready = {lang for card_id, lang in library() if card_id == name}
    short = (suffix or language or "en").split("-")[0].lower()
    if not (own.keys() | ready) or (suffix and short not in own.keys() | ready):
        known = sorted({f"{c.name}" for c in house_cards(session) if c.retired is None})
        try:
            return load_card(source, language)
        except ScorecardError as error:
            raise ScorecardError(f"{error}; the house's own: {', '.join(known) or 'none'}") from error
    spoken = next(lang for lang in (short, "en", *sorted(own.keys() | ready)) if lang in own.keys() | ready)
    row = own.get(spoken)
    if row is None:
        return load_card(f"{name}.{spoken}")
    if spoken in ready and (newer := load_card(f"{name}.{spoken}")).version > row.version:
        return newer
    return card_of(row)


def finder(engine: Engine) -> Finder:
    """``find_card`` with the database as it is at each call: a version published meanwhile is found."""

    def find(source: str, language: str | None = None) -> Card:
        with reading(engine) as session:
            return find_card(session, source, language)

    return find


def exact_card(session: Session, wanted: CardRef) -> Card | None:
    """The very card that judged, retired or not; None where this house no longer has it."""
    row = session.exec(select(CardVersion).where(CardVersion.sha256 == wanted.sha256)).first()
    if row is not None:
        return card_of(row)
    try:
        card = load_card(wanted.id, language=wanted.language)
    except ScorecardError:
        return None
    return card if fingerprint(card) == wanted.sha256 else None


def next_version(session: Session, card_id: str, language: str) -> int:
    """The lowest number that a new version of a card may carry."""
    known = [c.row.version for c in house_cards(session) if c.name == f"{card_id}.{language}"]
    if (card_id, language) in library():
        known.append(load_card(f"{card_id}.{language}").version)
    return max(known, default=0) + 1


def publish(session: Session, viewer: Viewer, text: str, tests: str = "", *, note: str = "") -> CardVersion:
    """Freeze a card's text as a version of the house; whoever publishes has checked and tested it before.

    Raises ScorecardError for a text that is no card, DatabaseError for a version number that is taken or
    lower than one that is.
    """
    card = card_from_text(text, "the draft")
    least = next_version(session, card.id, card.language)
    if card.version < least:
        raise DatabaseError(
            f"version {card.version} of {card.id}.{card.language} is taken; raise version to {least}"
        )
    row = CardVersion(
        card_id=card.id,
        language=card.language,
        version=card.version,
        title=card.title,
        text=text,
        tests=tests,
        sha256=fingerprint(card),
        note=note.strip()[:2000],
        by=viewer.user_id,
    )
    session.add(row)
    session.flush()
    told = {"card": f"{card.id}.{card.language}", "version": card.version, "sha256": row.sha256}
    record(session, viewer, "scorecard published", "scorecard", row.id, told)
    return row


def retire(session: Session, viewer: Viewer, version_id: int, *, why: str = "") -> None:
    """Take a version out of use for new scores; what it judged keeps its results."""
    row = session.get(CardVersion, version_id)
    if row is None:
        raise DatabaseError("there is no such version of a scorecard")
    known = select(CardRetirement.id).where(CardRetirement.version_id == version_id)
    if session.exec(known).first() is not None:
        raise DatabaseError(f"version {row.version} of {row.card_id}.{row.language} is retired already")
    session.add(CardRetirement(version_id=version_id, why=why.strip()[:2000], by=viewer.user_id))
    told = {"card": f"{row.card_id}.{row.language}", "version": row.version}
    record(session, viewer, "scorecard retired", "scorecard", version_id, told)
