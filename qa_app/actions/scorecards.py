"""Scorecards: begin a version, save it, try it, publish it, retire one. Nothing here needs a model."""

import re
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session

from database import back_tests, card_drafts, cards, jobs, samples
from database.engine import reading, writing
from database.errors import DatabaseError
from database.people import Person
from database.stored import call_ids
from database.tables import CardDraft
from qa_app.policies import authorise
from scorecards import Assessment
from scorecards.card import Card
from scorecards.cardtests import TestOutcome
from scorecards.checking import Checked, check_text, run_text_tests
from scorecards.engine import score
from scorecards.errors import ScorecardError
from scorecards.loading import LIBRARY, library

SAMPLES = (50, 200, 1000, 5000)
"""How many calls a back-test may take."""
NEW = """id: {id}
version: 1
language: {language}
title: A new scorecard
pass_mark: 70
sections:
  - {{id: manners, title: Human manners, weight: 100}}
criteria:
  - id: goodbye
    section: manners
    question: Does the agent say goodbye?
    weight: 1
    check:
      act.v1: {{any_of: [goodbye]}}
    smallest_change: a goodbye
"""


@dataclass(frozen=True)
class Source:
    """A card's text with its own tests."""

    text: str
    tests: str


def names(session: Session) -> list[str]:
    """All scorecards by name: ready ones, the house's own, and drafts."""
    ready = {f"{card_id}.{language}" for card_id, language in library()}
    own = {card.name for card in cards.house_cards(session)}
    return sorted(ready | own | {draft.name for draft in card_drafts.drafts(session)})


def source_of(session: Session, name: str) -> Source | None:
    """The text of the version that judges now, with its tests; the newest retired one where all are; None
    where there is only a draft."""
    card_id, language = name.split(".")
    own = [card for card in cards.house_cards(session) if card.name == name]
    try:
        found = cards.find_card(session, name)
    except ScorecardError:
        return Source(own[0].row.text, own[0].row.tests) if own else None
    for card in own:
        if card.row.version == found.version:
            return Source(card.row.text, card.row.tests)
    beside = LIBRARY / f"{card_id}.{language}.tests.yaml"
    return Source(
        library()[card_id, language].read_text(encoding="utf-8"),
        beside.read_text(encoding="utf-8") if beside.is_file() else "",
    )


def begin(engine: Engine, person: Person, name: str) -> None:
    """A draft of the next version, or of a new card; one that is there stays as it is."""
    authorise(person, "edit_scorecards")
    with writing(engine) as session:
        if card_drafts.draft(session, name) is not None:
            return
        card_id, _, language = name.partition(".")
        found = source_of(session, name) if language else None
        text = found.text if found else NEW.format(id=card_id, language=language)
        number = cards.next_version(session, card_id, language)
        text = re.sub(r"(?m)^version:.*$", f"version: {number}", text, count=1)
        card_drafts.save_draft(session, person.viewer, name, text, found.tests if found else "")


def save(engine: Engine, person: Person, name: str, text: str, tests: str, seen: int) -> int:
    """Keep a draft as it stands, right or wrong; returns its new number."""
    authorise(person, "edit_scorecards")
    with writing(engine) as session:
        return card_drafts.save_draft(session, person.viewer, name, text, tests, seen=seen)


def drop(engine: Engine, person: Person, name: str) -> None:
    """Throw a draft away."""
    authorise(person, "edit_scorecards")
    with writing(engine) as session:
        card_drafts.drop_draft(session, name)


def check(session: Session, name: str, text: str) -> Checked:
    """What is wrong with a text, its other language considered."""
    card_id, _, language = name.partition(".")
    other = {"en": "de", "de": "en"}.get(language, "en")
    try:
        found: dict[str, Card] = {other: cards.find_card(session, f"{card_id}.{other}")}
    except ScorecardError:
        found = {}
    return check_text(text, found)


def run_tests(card: Card, tests: str) -> tuple[tuple[TestOutcome, ...], str]:
    """The outcomes of a card's own tests, and what makes them unreadable."""
    try:
        return run_text_tests(card, tests), ""
    except ScorecardError as error:
        return (), str(error)


def preview(engine: Engine, person: Person, card: Card, call_id: int) -> tuple[Assessment | None, Assessment]:
    """What stands for a call, and what the card would say of it."""
    authorise(person, "see_scorecards")
    with reading(engine) as session:
        talk = samples.talk_of(session, person.viewer, call_id)
        if talk is None:
            raise DatabaseError("nobody has read what is done in this call yet; choose another one")
        return samples.stands(session, person.viewer, call_id), score(talk, card)


def ask_back_test(engine: Engine, person: Person, name: str, text: str, wanted: int) -> int:
    """Ask a worker to compare a draft's text with the version that judges now, on the newest calls within
    reach; returns the back-test's id. Raises DatabaseError for a text with errors, and for a card that has no
    version yet: there is nothing to compare with."""
    authorise(person, "edit_scorecards")
    if wanted not in SAMPLES:
        raise DatabaseError(f"a back-test takes {', '.join(map(str, SAMPLES))} calls")
    with writing(engine) as session:
        found = check(session, name, text)
        if found.card is None or found.errors:
            raise DatabaseError("this draft has errors; mend them first")
        try:
            cards.find_card(session, name)
        except ScorecardError as error:
            raise DatabaseError(
                "this card has no version yet, so there is nothing to compare with"
            ) from error
        return back_tests.ask(session, person.viewer, name, text, wanted)


def publish(engine: Engine, person: Person, name: str, seen: int, note: str) -> int:
    """Freeze the saved draft as a version and throw the draft away; returns the version number.

    Raises DatabaseError for a draft that went on, that has errors, or whose tests fail.
    """
    authorise(person, "publish_scorecards")
    with writing(engine) as session:
        draft: CardDraft | None = card_drafts.draft(session, name)
        if draft is None or draft.number != seen:
            raise card_drafts.DraftMovedOnError(name)
        found = check(session, name, draft.text)
        if found.card is None or found.errors:
            raise DatabaseError("this draft has errors; mend them first")
        if f"{found.card.id}.{found.card.language}" != name:
            raise DatabaseError(f"id and language of the text must stay {name}; begin another card instead")
        outcomes, unreadable = run_tests(found.card, draft.tests)
        if unreadable or any(outcome.problems for outcome in outcomes):
            raise DatabaseError("the card's own tests fail; mend the card or the tests first")
        row = cards.publish(session, person.viewer, draft.text, draft.tests, note=note)
        card_drafts.drop_draft(session, name)
        return row.version


def retire(engine: Engine, person: Person, version_id: int, why: str) -> None:
    """Take a version out of use for new scores."""
    authorise(person, "publish_scorecards")
    with writing(engine) as session:
        cards.retire(session, person.viewer, version_id, why=why)


def score_again(engine: Engine, person: Person, card_id: str) -> int:
    """Ask workers to judge the stored calls by a card again; returns how many calls were asked for."""
    authorise(person, "publish_scorecards")
    numbers = call_ids(engine)
    with writing(engine) as session:
        for number in numbers:
            jobs.ask(
                session,
                "rescore",
                {"card": card_id},
                call_id=number,
                dedupe=f"rescore:{card_id}:{number}",
                made_by=person.id,
            )
    return len(numbers)
