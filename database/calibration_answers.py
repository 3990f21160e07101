"""What everybody answered in a calibration session once its seal is off, and what was agreed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from database import reviews
from database.audit import record
from database.calibrations import SessionLine, asked_card, sessions
from database.errors import DatabaseError
from database.tables import AgreedAnswer, AppUser, Review, ReviewItem
from database.viewers import Viewer

VERDICTS = ("yes", "no", "na")


@dataclass(frozen=True)
class Answers:
    """What everybody answered per criterion, once the seal is off."""

    machine: Mapping[str, str]
    names: Mapping[int, str]
    """Those who submitted, by account."""
    people: Mapping[int, Mapping[str, ReviewItem]]
    """By account, then by criterion."""
    agreed: Mapping[str, AgreedAnswer]

    def given(self, criterion: str) -> dict[int, str]:
        """The verdicts on one criterion by account."""
        return {user: items[criterion].verdict for user, items in self.people.items() if criterion in items}


def answers(session: Session, viewer: Viewer, line: SessionLine) -> Answers:
    """Everybody's answers; refused while the session is sealed, whoever asks."""
    if line.sealed:
        raise DatabaseError("answers stay hidden until everybody has submitted or the session is closed")
    del viewer  # one_session has checked the reach
    rows = session.exec(
        select(Review.id, AppUser.id, AppUser.name)
        .join(AppUser, col(AppUser.id) == Review.reviewer_id)
        .where(Review.kind == "calibration", Review.session_id == line.id, Review.state == "submitted")
        .order_by(AppUser.name)
    ).all()
    return Answers(
        {r.id: r.verdict for r in asked_card(session, line).criteria},
        {user or 0: name for _, user, name in rows},
        {user or 0: reviews.items(session, review or 0) for review, user, _ in rows},
        agreed(session, line),
    )


def agreed(session: Session, line: SessionLine) -> dict[str, AgreedAnswer]:
    """The newest agreed answer per criterion."""
    rows = session.exec(
        select(AgreedAnswer).where(AgreedAnswer.session_id == line.id).order_by(col(AgreedAnswer.id))
    )
    return {row.criterion_id: row for row in rows}


def agree(
    session: Session, viewer: Viewer, line: SessionLine, criterion_id: str, verdict: str, reason: str
) -> None:
    """Record what was agreed on one criterion; an earlier answer stays as history. The owner or somebody
    asked may, once the seal is off."""
    if line.sealed:
        raise DatabaseError("answers stay hidden until everybody has submitted or the session is closed")
    if line.asks(viewer) is None and line.session.owner_id != viewer.user_id:
        raise DatabaseError("only those who took part can record what was agreed")
    if verdict not in VERDICTS:
        raise DatabaseError(f"verdict {verdict!r} is not known; there are {', '.join(VERDICTS)}")
    if criterion_id not in {r.id for r in asked_card(session, line).criteria}:
        raise DatabaseError(f"this card has no criterion {criterion_id!r}")
    if len(reason) > 4000:
        raise DatabaseError(f"the text has {len(reason):,} characters; at most 4,000 can be kept")
    session.add(
        AgreedAnswer(
            session_id=line.id,
            criterion_id=criterion_id,
            verdict=verdict,
            reason=reason.strip(),
            by=viewer.user_id or 0,
        )
    )
    session.flush()
    record(
        session, viewer, "calibration agreed", "call", line.call.id,
        {"session": line.id, "criterion": criterion_id, "verdict": verdict},
    )  # fmt: skip


def export_sessions(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    """Every session within reach as plain values; answers only of those whose seal is off."""
    found = []
    for line in sessions(session, viewer, limit=100_000):
        open_ = None if line.sealed else answers(session, viewer, line)
        found.append(
            {
                "id": line.id,
                "title": line.session.title,
                "call": line.call.id,
                "state": line.session.state,
                "owner": line.owner,
                "opened_at": line.session.opened_at.isoformat(),
                "people": [{"name": one.name, "submitted": one.submitted} for one in line.people],
                "answers": None
                if open_ is None
                else {
                    criterion: {
                        "people": [
                            {"name": open_.names[user], "verdict": verdict}
                            for user, verdict in open_.given(criterion).items()
                        ],
                        "machine": machine,
                        "agreed": open_.agreed[criterion].verdict if criterion in open_.agreed else None,
                        "reason": open_.agreed[criterion].reason if criterion in open_.agreed else None,
                    }
                    for criterion, machine in open_.machine.items()
                    if open_.given(criterion)
                },
            }
        )
    return found
