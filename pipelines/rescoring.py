"""Stored calls judged again: no audio, no speech model, the old results kept."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, select

from database.engine import reading, writing
from database.store import add_assessment
from database.tables import Call, ConversationVersion
from recordings import Conversation, RecordingError
from scorecards.card import Card
from scorecards.engine import score


def in_folder(folder: Path, language: str, left_out: list[str]) -> Iterator[Conversation]:
    """The conversations with acts in a language below a folder; what cannot be read is named in
    ``left_out``."""
    for path in sorted(folder.rglob("*.json")):
        if path.name.endswith(".assessment.json"):
            continue
        try:
            conversation = Conversation.read(path)
        except RecordingError as error:
            left_out.append(str(error))
            continue
        if _fits(conversation, language):
            yield conversation


def in_database(engine: Engine, language: str) -> Iterator[Conversation]:
    """The current conversations with acts in a language, one at a time."""
    for call_id in _call_ids(engine):
        found = _current(engine, call_id)
        if found is not None and _fits(found[1], language):
            yield found[1]


def rescore(engine: Engine, card: Card, *, version: str | None = None) -> int:
    """Judge every stored call of the card's language by the card; returns how many have a new result.

    The new result becomes the current one, the old one stays; what people confirmed or overrode is kept. A
    call
    with the same conversation and card is left as it is. Each call is its own transaction: a stopped
    run goes on.
    """
    changed = 0
    for call_id in _call_ids(engine):
        found = _current(engine, call_id)
        if found is None or not _fits(found[1], card.language):
            continue
        number, conversation = found
        assessment = score(conversation, card, version=version)
        with writing(engine) as session:
            call = session.get(Call, call_id)
            if call is None or call.conversation_number != number:
                continue
            before = call.assessment_number
            after = add_assessment(session, call, assessment, number, why=f"{card.id} version {card.version}")
            changed += before != after
    return changed


def _call_ids(engine: Engine) -> list[int]:
    with reading(engine) as session:
        return [i for i in session.exec(select(Call.id).order_by(col(Call.id))) if i is not None]


def _current(engine: Engine, call_id: int) -> tuple[int, Conversation] | None:
    with reading(engine) as session:
        row = session.exec(
            select(ConversationVersion.number, ConversationVersion.document, Call.file_name)
            .join(Call, col(Call.id) == ConversationVersion.call_id)
            .where(Call.id == call_id, ConversationVersion.number == Call.conversation_number)
        ).first()
    return None if row is None else (row[0], Conversation.from_json(row[1], where=row[2]))


def _fits(conversation: Conversation, language: str) -> bool:
    spoken = (conversation.recording.language or language).split("-")[0].lower()
    return conversation.acts is not None and spoken == language
