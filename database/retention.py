"""Retention by rule: stored sound goes sooner than text, protected calls stay, everything is logged.

The rules are a TOML file::

    [audio]
    after_days = 90          # the playback copies in the home
    [text]
    after_days = 365         # the call with every version, decision and comment
    [protect]
    calls = ["A-17"]         # call ids or file names that stay
    teams = ["legal"]        # teams whose calls stay

A call whose review is under way, or that has an open dispute, stays as well. The age counts from the call's
start. The source recordings outside the home are never touched.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import Engine, or_
from sqlmodel import Session, col, select

from database.audit import record
from database.engine import reading, writing
from database.erase import Erased, delete_copies, erase_calls
from database.errors import DatabaseError
from database.tables import Call, Team
from database.types import utc_now
from database.viewers import Viewer

UNDER_REVIEW = ("draft", "submitted", "released")
AT_ONCE = 200
"""Calls erased in one transaction."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Age(_Strict):
    """After how many days since the call's start."""

    after_days: int = Field(ge=1, le=36500)


class Protect(_Strict):
    """What stays whatever its age."""

    calls: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


class Rules(_Strict):
    """The rules; a part that is missing never runs out."""

    audio: Age | None = None
    text: Age | None = None
    protect: Protect = Protect()

    @model_validator(mode="after")
    def _audio_first(self) -> Self:
        if self.audio and self.text and self.audio.after_days > self.text.after_days:
            raise ValueError("audio must not be kept longer than text")
        return self


@dataclass(frozen=True)
class Due:
    """What has run out: call ids by what is to go, and how many old calls stay because they are protected."""

    audio: tuple[int, ...]
    text: tuple[int, ...]
    protected: int


def read_rules(path: Path) -> Rules:
    """The rules of a file; raises DatabaseError that names the file and the field."""
    try:
        return Rules.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DatabaseError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DatabaseError(f"{path}: is not TOML ({error})") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the rules"
        raise DatabaseError(f"{path}: {where}: {problem['msg']}") from error


def due(engine: Engine, rules: Rules, now: datetime | None = None) -> Due:
    """What has run out by now; changes nothing."""
    now = now or utc_now()
    with reading(engine) as session:
        audio = _older(session, rules.audio, now, with_audio=True)
        text = _older(session, rules.text, now, with_audio=False)
        kept = _protected(session, rules.protect, {*audio, *text})
    gone = set(text) - kept
    return Due(tuple(sorted(set(audio) - kept - gone)), tuple(sorted(gone)), len(kept))


def _older(session: Session, age: Age | None, now: datetime, *, with_audio: bool) -> list[int]:
    if age is None:
        return []
    query = select(Call.id).where(col(Call.started_at) < now - timedelta(days=age.after_days))
    query = query.where(col(Call.state).not_in(("waiting", "running")))
    if with_audio:
        query = query.where(col(Call.playback).is_not(None))
    return [i for i in session.exec(query) if i is not None]


def _protected(session: Session, protect: Protect, ids: set[int]) -> set[int]:
    query = (
        select(Call.id)
        .outerjoin(Team, col(Team.id) == Call.team_id)
        .where(
            or_(
                col(Call.review_state).in_(UNDER_REVIEW),
                col(Call.open_disputes) > 0,
                col(Call.call_key).in_(protect.calls),
                col(Call.file_name).in_(protect.calls),
                col(Team.name).in_(protect.teams),
            )
        )
    )
    return {number for number in session.exec(query) if number in ids}


def apply(engine: Engine, rules: Rules, viewer: Viewer, audio_path: Path, now: datetime | None = None) -> Due:
    """Erase what has run out, and log each call; returns what was due when it began.

    Every batch looks again at what is protected, in the same transaction. Files go after the transaction that
    says so; one that could not be deleted is named in a DatabaseError.
    """
    found = due(engine, rules, now)
    for at in range(0, len(found.text), AT_ONCE):
        with writing(engine) as session:
            ids = _still(session, rules, found.text[at : at + AT_ONCE])
            reason = f"retention: older than {rules.text.after_days} days" if rules.text else "retention"
            erased = erase_calls(session, viewer, ids, reason)
        _delete(erased, audio_path)
    for at in range(0, len(found.audio), AT_ONCE):
        with writing(engine) as session:
            ids = _still(session, rules, found.audio[at : at + AT_ONCE])
            calls = session.exec(select(Call).where(col(Call.id).in_(ids))).all()
            erased = Erased(tuple(ids), tuple(c.playback for c in calls if c.playback), ())
            for call in calls:
                call.playback, call.changed_at = None, utc_now()
                days = rules.audio.after_days if rules.audio else None
                record(session, viewer, "audio erased", "call", call.id, {"older_than_days": days})
        _delete(erased, audio_path)
    return found


def _still(session: Session, rules: Rules, ids: tuple[int, ...]) -> list[int]:
    there = {i for i in session.exec(select(Call.id).where(col(Call.id).in_(ids))) if i is not None}
    return sorted(there - _protected(session, rules.protect, there))


def _delete(erased: Erased, audio_path: Path) -> None:
    try:
        delete_copies(erased, audio_path)
    except OSError as error:
        raise DatabaseError(
            f"{error.filename}: the stored sound could not be deleted ({error.strerror}); delete it by hand"
        ) from error
