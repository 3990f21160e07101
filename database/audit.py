"""The audit log: appended in the same transaction as what it tells of, each entry chained to the last."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from database.tables import AuditEntry
from database.types import utc_now
from database.viewers import Viewer

FIRST = "0" * 64
LOCK = 726_170_072


def record(
    session: Session,
    viewer: Viewer,
    action: str,
    subject: str,
    subject_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append an entry; the session must be one of ``engine.writing`` (it holds the write lock)."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    last = session.exec(select(AuditEntry.hash).order_by(col(AuditEntry.id).desc()).limit(1)).first()
    entry = AuditEntry(
        at=utc_now().replace(microsecond=0),
        actor_id=viewer.user_id,
        actor=viewer.name,
        action=action,
        subject=subject,
        subject_id=subject_id,
        detail=dict(detail or {}),
        previous=last or FIRST,
        hash="",
    )
    entry.hash = _hash(entry)
    session.add(entry)
    session.flush()


def _hash(entry: AuditEntry) -> str:
    facts = [
        entry.at.isoformat(),
        entry.actor_id,
        entry.actor,
        entry.action,
        entry.subject,
        entry.subject_id,
        entry.detail,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def verify(session: Session) -> list[str]:
    """What is wrong with the chain: one sentence for each entry that was changed or whose
    predecessor is missing; empty when all is well. Cutting off the newest entries cannot show here:
    keep the newest hash elsewhere (``rapport db check`` prints it) to notice that too."""
    problems: list[str] = []
    previous = FIRST
    for entry in session.exec(select(AuditEntry).order_by(col(AuditEntry.id))):
        if entry.previous != previous:
            problems.append(f"before entry {entry.id} something was removed or put in")
        if entry.hash != _hash(entry):
            problems.append(f"entry {entry.id} was changed after it was written")
        previous = entry.hash
    return problems


def newest_hash(session: Session) -> str:
    """The head of the chain."""
    return session.exec(select(AuditEntry.hash).order_by(col(AuditEntry.id).desc()).limit(1)).first() or FIRST


def entries(
    session: Session,
    *,
    subject: str | None = None,
    subject_ids: tuple[int, ...] | None = None,
    actor_id: int | None = None,
    actions: tuple[str, ...] = (),
    since: datetime | None = None,
    limit: int = 200,
    offset: int = 0,
) -> list[AuditEntry]:
    """Entries, newest first."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit).offset(offset)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if subject_ids is not None:
        query = query.where(col(AuditEntry.subject_id).in_(subject_ids))
    if actor_id is not None:
        query = query.where(AuditEntry.actor_id == actor_id)
    if actions:
        query = query.where(col(AuditEntry.action).in_(actions))
    if since is not None:
        query = query.where(col(AuditEntry.at) >= since)
    return list(session.exec(query))
