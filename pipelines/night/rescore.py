"""Judging stored calls with another card: no audio, no speech model, and the old result stays."""

from typing import TYPE_CHECKING

from pipelines.process import Processor

if TYPE_CHECKING:
    from sqlalchemy import Engine


def rescore(engine: "Engine", processor: Processor, call_id: int, *, card: str | None = None) -> None:
    """Add an assessment of the call's current conversation, by the processor's card or another.

    Raises DatabaseError for a call without a conversation, ScorecardError for an unknown card.
    """
    from database.cards import finder
    from pipelines.rescoring import judge_again
    from pipelines.scoring import Scoring

    same = card is None or card == processor.card_id
    judge = processor.judge if same else Scoring(str(card), find=finder(engine)).score
    judge_again(engine, call_id, judge, why="scored again")


def ask_to_rescore(engine: "Engine", card: str) -> int:
    """Ask for every stored call to be judged again by a card; returns how many were asked for."""
    from database.engine import writing
    from database.jobs import ask
    from database.stored import call_ids

    ids = call_ids(engine)
    with writing(engine) as session:
        for call_id in ids:
            ask(session, "rescore", {"card": card}, call_id=call_id, dedupe=f"rescore:{card}:{call_id}")
    return len(ids)
