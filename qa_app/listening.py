"""Noting who listened: one entry a person, call and half hour, since a browser asks for many ranges of one
listening."""

from datetime import timedelta

from sqlalchemy import Engine

from database import audit
from database.engine import reading, writing
from database.people import Person
from database.types import utc_now

AGAIN = timedelta(minutes=30)


def note_listening(
    engine: Engine, person: Person, call_id: int, detail: dict[str, int] | None = None
) -> None:
    """Add the entry unless there is a fresh one; ``detail`` says which part of the call was heard."""
    with reading(engine) as session:
        recent = audit.entries(
            session,
            subject="call",
            subject_ids=(call_id,),
            actor_id=person.id,
            actions=("listened",),
            since=utc_now() - AGAIN,
            limit=20,
        )
    if not any((entry.detail or {}) == (detail or {}) for entry in recent):
        with writing(engine) as session:
            audit.record(session, person.viewer, "listened", "call", call_id, detail)
