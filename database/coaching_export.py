"""Coaching plans as plain values: for the command line, and for the agent whom they are about."""

from typing import Any

from sqlmodel import Session

from database.coaching import entries, plans
from database.coaching_clips import clips
from database.viewers import Viewer


def export_plans(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    """Every plan within reach with its entries and clips, as plain values."""
    return [
        {
            "id": line.id,
            "agent": line.agent.key,
            "criterion": line.plan.criterion_id,
            "aim": line.plan.aim,
            "state": line.plan.state,
            "due": line.plan.due.isoformat() if line.plan.due else None,
            "opened_at": line.plan.opened_at.isoformat(),
            "opened_by": line.opened_by,
            "basis": line.plan.basis,
            "entries": [
                {
                    "id": e.entry.id,
                    "kind": e.entry.kind,
                    "by": e.writer,
                    "at": e.entry.at.isoformat(),
                    "text": e.entry.text,
                    "about": e.entry.about,
                }
                for e in entries(session, line)
            ],
            "clips": [
                {
                    "call": c.call.id,
                    "start": c.clip.start,
                    "end": c.clip.end,
                    "by": c.writer,
                    "at": c.clip.at.isoformat(),
                    "comment": c.clip.comment,
                }
                for c in clips(session, viewer, line)
            ],
        }
        for line in plans(session, viewer, limit=100_000)
    ]
