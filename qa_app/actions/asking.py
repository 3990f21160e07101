"""What the call page's component asks for, carried to the action; anything odd is refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from database.errors import DatabaseError
from database.people import Person
from qa_app.actions import correcting, disputing, reviewing
from qa_app.actions.done import Done
from qa_app.measured import MOST

ON_A_DRAFT = ("confirm", "confirm_clear", "override", "undo", "finish")


def handle(
    engine: Engine,
    person: Person,
    call_id: int,
    event: Mapping[str, Any],
    *,
    since: datetime | None = None,
) -> Done:
    """Do what the event asks: ``do`` names it, ``seen`` and ``draft`` say which scores and which draft the
    person had in front of them. ``since`` is when they opened the call."""
    wish = event.get("do")
    seen, draft = _number(event.get("seen")), _number(event.get("draft"))
    if wish in ON_A_DRAFT and draft is not None:
        reviewing.same_draft(engine, person, call_id, draft)
    criterion, reason = str(event.get("criterion", "")), str(event.get("reason", ""))
    match wish:
        case "confirm":
            return reviewing.confirm(engine, person, call_id, [criterion], seen=seen)
        case "confirm_clear":
            return reviewing.confirm_clear(engine, person, call_id, seen=seen)
        case "override":
            return reviewing.override(
                engine,
                person,
                call_id,
                criterion,
                str(event.get("verdict", "")),
                reason,
                value=_value(event),
                root_cause=str(event.get("root_cause", "")),
                seen=seen,
            )
        case "undo":
            return reviewing.undo(engine, person, call_id, criterion, seen=seen)
        case "blind":
            return reviewing.start_blind(engine, person, call_id, seen=seen)
        case "release":
            return reviewing.release_own(engine, person, call_id)
        case "comment":
            at = event.get("moment")
            return reviewing.add_comment(
                engine,
                person,
                call_id,
                str(event.get("text", "")),
                moment=float(at) if isinstance(at, int | float) else None,
                kind="praise" if event.get("kind") == "praise" else "remark",
            )
        case "finish":
            return reviewing.finish(
                engine,
                person,
                call_id,
                seconds=_seconds(event.get("seconds")),
                anyway=event.get("anyway") is True,
                seen=seen,
                since=since,
            )
        case "acknowledge":
            return reviewing.acknowledge(engine, person, call_id, str(event.get("text", "")))
        case "dispute":
            verdict = str(event.get("verdict", ""))
            return disputing.dispute(engine, person, call_id, criterion, verdict, reason, value=_value(event))
        case "correct":
            changes = correcting.changes_in(event)
            return correcting.correct(engine, person, call_id, changes, seen=_number(event.get("version")))
        case "take_newer":
            return correcting.take_newer(engine, person, call_id, seen=_number(event.get("version")))
        case "read_again":
            return correcting.read_again(engine, person, call_id)
    raise DatabaseError("the page asked for something unknown; reload it")


def _value(event: Mapping[str, Any]) -> Any:
    """A value that was entered; what is no number reaches us as null, and must not count as none at all."""
    if "value" in event and event["value"] is None:
        raise DatabaseError(f"a number from 0 to {MOST:,} is wanted here")
    return event.get("value")


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _seconds(value: object) -> float:
    return min(float(value), 24 * 3600.0) if isinstance(value, int | float) and value >= 0 else 0.0
