"""Stored calls judged again: no audio, no speech model, the old results kept."""

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Engine

from database.stored import add_rescored, call_ids, current_conversation, stored_calls
from recordings import Conversation, RecordingError
from scorecards import Assessment
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
    return (conversation for _, conversation in stored_calls(engine) if _fits(conversation, language))


def judge_again(
    engine: Engine, call_id: int, judge: Callable[[Conversation], Assessment | None], *, why: str
) -> bool:
    """Judge a stored call's current conversation; True when that gave a new result (the old one stays).

    A ``judge`` that returns None leaves the call as it is. One transaction a call, so a stopped run goes on.
    Raises DatabaseError for a call without a conversation.
    """
    conversation, number = current_conversation(engine, call_id)
    assessment = judge(conversation)
    return assessment is not None and add_rescored(engine, call_id, assessment, number, why=why)


def rescore(engine: Engine, card: Card, *, version: str | None = None) -> int:
    """Judge every stored call of the card's language by the card; returns how many have a new result.

    The new result becomes the current one, the old one stays; what people confirmed or overrode is kept. A
    call with the same conversation and card is left as it is.
    """

    def judge(conversation: Conversation) -> Assessment | None:
        return score(conversation, card, version=version) if _fits(conversation, card.language) else None

    why = f"{card.id} version {card.version}"
    return sum(judge_again(engine, call_id, judge, why=why) for call_id in call_ids(engine))


def _fits(conversation: Conversation, language: str) -> bool:
    spoken = (conversation.recording.language or language).split("-")[0].lower()
    return conversation.acts is not None and spoken == language
