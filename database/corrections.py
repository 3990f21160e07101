"""Corrections by people: a new version of the conversation each, with who, when, old and new kept.

A corrected conversation has no acts until they are read anew: for as long as that takes, the call keeps the
scores it has, and ``pending`` says that they are older than its transcript.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Engine, or_
from sqlmodel import Session, col, select

from database.audit import record
from database.carried import READ, RESCORE, TAKEN, newer, root
from database.engine import writing
from database.errors import DatabaseError
from database.tables import AppUser, AssessmentVersion, Call, ConversationVersion, CorrectionRow, Job
from database.types import utc_now
from database.versions import add_assessment, add_conversation
from database.viewers import Viewer
from recordings import Conversation, RecordingError
from recordings.corrections import Correction, corrected
from scorecards import Assessment

WHY = "after a correction"
STALE = "this transcript was corrected by somebody else while it was open; look at it and try again"
PATIENCE = timedelta(seconds=60)
"""A worker that is there takes a correction up within seconds."""


@dataclass(frozen=True)
class CorrectionLine:
    """A correction with the name of whoever made it; ``here`` says whether its line number is one of the
    current transcript's."""

    row: CorrectionRow
    writer: str
    here: bool


@dataclass(frozen=True)
class Move:
    """What the assessment after one or more corrections says otherwise: criterion, before, after."""

    number: int
    at: datetime
    score: tuple[float | None, float | None]
    verdicts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Pending:
    """The transcript is newer than the scores; ``cause`` says why the last try to read it failed, ``idle``
    that no worker has taken it up for a while."""

    since: datetime
    cause: str | None
    idle: bool


def correct(
    session: Session, call: Call, viewer: Viewer, changes: Sequence[Correction], *, seen: int | None
) -> Conversation:
    """Apply corrections to the conversation that the person saw (``seen``) and ask a worker to read it anew.

    Raises DatabaseError where somebody else corrected it in the meantime, or for a change that is none.
    """
    if call.id is None or call.conversation_number is None or viewer.user_id is None:
        raise DatabaseError("this call has no transcript yet, so there is nothing to correct")
    if seen is not None and seen != call.conversation_number:
        raise DatabaseError(STALE)
    conversation = version_of(session, call.id, call.conversation_number)
    rows: list[CorrectionRow] = []
    for change in changes:
        try:
            after = corrected(conversation, change)
        except RecordingError as error:
            raise DatabaseError(str(error)) from error
        before, now = conversation.turns[change.turn], after.turns[change.turn]
        texts = (before.text, now.text) if change.kind == "text" else (before.role or "", now.role or "")
        rows.append(
            CorrectionRow(
                call_id=call.id,
                number=0,
                kind=change.kind,
                turn=change.turn,
                everywhere=change.everywhere,
                old=texts[0],
                new=texts[1],
                by=viewer.user_id,
            )
        )
        conversation = after
    number, _ = add_conversation(session, call, conversation, why="corrected", made_by=viewer.user_id)
    for row in rows:
        row.number = number
        session.add(row)
    told = {
        "version": number,
        "lines": sorted({row.turn for row in rows}),
        "kinds": [row.kind for row in rows],
    }
    record(session, viewer, "corrected", "call", call.id, told)
    session.flush()
    return conversation


def take_newer(session: Session, call: Call, viewer: Viewer, *, seen: int | None) -> Conversation:
    """Go on from the machine's newest transcript with the corrections that fit it; the others stay in the
    history. Raises DatabaseError where there is none, or the transcript went on meanwhile."""
    if viewer.user_id is None or (seen is not None and seen != call.conversation_number):
        raise DatabaseError(STALE)
    found = newer(session, call)
    if found is None:
        raise DatabaseError("there is no newer transcript of this call")
    left = len(found.carried.left)
    conversation = found.carried.conversation
    why = f"{TAKEN}; {left} left out" if left else TAKEN
    number, _ = add_conversation(
        session, call, conversation, why=why, made_by=viewer.user_id, base=found.number
    )
    record(session, viewer, "newer transcript taken over", "call", call.id, {"version": number, "left": left})
    session.flush()
    return conversation


def version_of(session: Session, call_id: int, number: int) -> Conversation:
    """One version of a call's conversation; the caller has checked the right to see the call."""
    document = session.exec(
        select(ConversationVersion.document).where(
            ConversationVersion.call_id == call_id, ConversationVersion.number == number
        )
    ).first()
    if document is None:
        raise DatabaseError(f"call {call_id} has no conversation {number}")
    return Conversation.from_json(document, where=f"conversation {number} of call {call_id}")


def last_read(session: Session, call_id: int, before: int) -> Conversation | None:
    """The newest earlier version whose acts are known, on the way that led to version ``before``; None
    where nobody ever read this call."""
    base = root(session, call_id, before)
    numbers = session.exec(
        select(ConversationVersion.number)
        .where(
            ConversationVersion.call_id == call_id,
            col(ConversationVersion.number) < before,
            or_(col(ConversationVersion.number) == base, col(ConversationVersion.base) == base),
        )
        .order_by(col(ConversationVersion.number).desc())
    ).all()
    for number in numbers:
        found = version_of(session, call_id, number)
        if found.acts is not None:
            return found
    return None


def add_reading(
    engine: Engine, call_id: int, number: int, conversation: Conversation, assessment: Assessment
) -> bool:
    """Keep what was read of corrected version ``number`` and what it scores; False, and nothing kept, where
    the conversation was corrected again in the meantime."""
    with writing(engine) as session:
        call = session.get(Call, call_id)
        if call is None:
            raise DatabaseError(f"there is no call {call_id}")
        return keep_reading(session, call, number, conversation, assessment)


def keep_reading(
    session: Session, call: Call, number: int, conversation: Conversation, assessment: Assessment
) -> bool:
    """``add_reading`` within a transaction."""
    if call.conversation_number != number:
        return False
    maker = session.exec(
        select(ConversationVersion.made_by).where(
            ConversationVersion.call_id == call.id, ConversationVersion.number == number
        )
    ).one()
    read, _ = add_conversation(session, call, conversation, why="acts read " + WHY, made_by=maker)
    add_assessment(session, call, assessment, read, why=WHY)
    return True


def history(session: Session, call: Call) -> list[CorrectionLine]:
    """All corrections of a call, the newest first."""
    base = root(session, call.id or 0, call.conversation_number or 0)
    query = (
        select(CorrectionRow, AppUser.name, ConversationVersion.base)
        .join(AppUser, col(AppUser.id) == CorrectionRow.by)
        .join(
            ConversationVersion,
            (col(ConversationVersion.call_id) == CorrectionRow.call_id)
            & (col(ConversationVersion.number) == CorrectionRow.number),
        )
        .where(CorrectionRow.call_id == call.id)
        .order_by(col(CorrectionRow.id).desc())
    )
    return [CorrectionLine(row, writer, of == base) for row, writer, of in session.exec(query)]


def moves(session: Session, call_id: int) -> list[Move]:
    """What each scoring after a correction changed, the newest first."""
    versions = session.exec(
        select(AssessmentVersion)
        .where(AssessmentVersion.call_id == call_id)
        .order_by(col(AssessmentVersion.number))
    ).all()
    found: list[Move] = []
    for old, new in pairwise(versions):
        if new.why != WHY:
            continue
        before, after = (Assessment.from_json(version.document) for version in (old, new))
        was = {result.id: result for result in before.criteria}
        moved = tuple(
            (r.id, was[r.id].verdict, r.verdict)
            for r in after.criteria
            if r.id in was and was[r.id].verdict != r.verdict
        )
        found.append(Move(new.number, new.made_at, (before.score, after.score), moved))
    return found[::-1]


def pending(session: Session, call: Call) -> Pending | None:
    """Whether the call's scores are older than its transcript."""
    if call.assessment_number is None or call.conversation_number is None:
        return None
    judged = session.exec(
        select(AssessmentVersion.conversation_number).where(
            AssessmentVersion.call_id == call.id, AssessmentVersion.number == call.assessment_number
        )
    ).first()
    if judged is None or judged >= call.conversation_number:
        return None
    since = session.exec(
        select(ConversationVersion.made_at).where(
            ConversationVersion.call_id == call.id, ConversationVersion.number == call.conversation_number
        )
    ).one()
    job = session.exec(
        select(Job)
        .where(Job.call_id == call.id, col(Job.kind).in_((READ, RESCORE)))
        .order_by(col(Job.id).desc())
        .limit(1)
    ).first()
    failed = job is not None and job.state == "failed"
    idle = job is not None and job.state == "waiting" and utc_now() - job.made_at > PATIENCE
    return Pending(since, job.cause if job is not None and failed else None, idle)
