"""Calibration sessions: several people score the same call blind, then see where they differ.

A session is sealed until everybody asked has submitted or its owner has closed it. While it is sealed,
``viewers.visible`` leaves its call out for those asked, so that no list, page or sum tells them anything.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from database.audit import record
from database.errors import DatabaseError
from database.listing import OpenCall, assessment_of, open_call
from database.tables import (
    AppUser,
    CalibrationParticipant,
    CalibrationSession,
    Call,
    Review,
    ReviewStep,
)
from database.types import utc_now
from database.viewers import Viewer, asked_calls, reach, visible
from scorecards import Assessment

FEWEST, MOST = 2, 12


@dataclass(frozen=True)
class Participant:
    """Somebody asked, and whether they have submitted."""

    user_id: int
    name: str
    submitted: bool


@dataclass(frozen=True)
class SessionLine:
    """A session with its call, its owner and those asked."""

    session: CalibrationSession
    call: Call
    owner: str
    people: tuple[Participant, ...]

    @property
    def id(self) -> int:
        """The session's id."""
        if self.session.id is None:
            raise DatabaseError("the session was not stored")
        return self.session.id

    @property
    def sealed(self) -> bool:
        """Whether answers are still hidden from everybody."""
        return self.session.state == "open" and not all(person.submitted for person in self.people)

    def asks(self, viewer: Viewer) -> Participant | None:
        """The viewer among those asked."""
        return next((p for p in self.people if p.user_id == viewer.user_id), None)


def candidates(session: Session, viewer: Viewer, call: Call) -> dict[int, str]:
    """Who can be asked about a call: trainers and managers with reach over it who have not reviewed it."""
    reviewed = select(Review.reviewer_id).where(Review.call_id == call.id, Review.state != "dropped")
    within: ColumnElement[bool] = or_(col(AppUser.team_id).is_(None), col(AppUser.team_id) == call.team_id)
    if viewer.team_id is not None and call.team_id != viewer.team_id:
        return {}
    rows = session.exec(
        select(AppUser.id, AppUser.name)
        .where(
            col(AppUser.role).in_(("trainer", "manager")),
            col(AppUser.active),
            within,
            col(AppUser.id).not_in(reviewed),
        )
        .order_by(AppUser.name)
    )
    return {user_id: name for user_id, name in rows if user_id is not None}


def begin_session(
    session: Session, viewer: Viewer, call: Call, title: str, user_ids: list[int]
) -> CalibrationSession:
    """Ask several people to score a call within the viewer's reach. Refuses people who cannot see it or
    have reviewed it (they would not be blind), and a second open session on the call."""
    title = title.strip()
    if not 3 <= len(title) <= 200:
        raise DatabaseError("give the session a title of 3 to 200 characters")
    if call.id is None or call.assessment_number is None:
        raise DatabaseError("this call has no scores yet, so there is nothing to review")
    if viewer.user_id is None:
        raise DatabaseError("a session needs a signed-in person")
    asked = sorted(set(user_ids))
    if not FEWEST <= len(asked) <= MOST:
        raise DatabaseError(f"a calibration takes {FEWEST} to {MOST} people")
    if not set(asked) <= set(candidates(session, viewer, call)):
        raise DatabaseError("somebody chosen has reviewed this call or may not see it; choose others")
    busy = session.exec(
        select(CalibrationSession.id).where(
            CalibrationSession.call_id == call.id, CalibrationSession.state == "open"
        )
    ).first()
    if busy is not None:
        raise DatabaseError("there is an open session on this call; close it first")
    made = CalibrationSession(
        title=title, call_id=call.id, assessment_number=call.assessment_number, owner_id=viewer.user_id
    )
    session.add(made)
    session.flush()
    if made.id is None:
        raise DatabaseError("the session was not stored")
    for user_id in asked:
        session.add(CalibrationParticipant(session_id=made.id, user_id=user_id))
    session.flush()
    record(session, viewer, "calibration opened", "call", call.id, {"session": made.id, "people": asked})
    return made


def sessions(session: Session, viewer: Viewer, *, limit: int = 100) -> list[SessionLine]:
    """Sessions on calls within reach, open ones first, then the newest. Agents have none."""
    if viewer.role not in ("trainer", "manager", "operator"):
        return []
    return _lines(session, reach(viewer), limit)


def awaited(session: Session, viewer: Viewer) -> list[int]:
    """The open sessions that wait for this viewer's answers, the oldest first."""
    submitted = select(Review.session_id).where(
        Review.kind == "calibration",
        Review.reviewer_id == viewer.user_id,
        Review.state == "submitted",
        col(Review.session_id).is_not(None),
    )
    rows = session.exec(
        select(CalibrationSession.id)
        .join(CalibrationParticipant, col(CalibrationParticipant.session_id) == CalibrationSession.id)
        .where(
            CalibrationParticipant.user_id == viewer.user_id,
            CalibrationSession.state == "open",
            col(CalibrationSession.id).not_in(submitted),
        )
        .order_by(col(CalibrationSession.id))
    )
    return [session_id for session_id in rows if session_id is not None]


def one_session(session: Session, viewer: Viewer, session_id: int) -> SessionLine:
    """One session within reach; raises DatabaseError when there is none."""
    found = (
        _lines(session, reach(viewer) & (col(CalibrationSession.id) == session_id), 1)
        if viewer.role in ("trainer", "manager", "operator")
        else []
    )
    if not found:
        raise DatabaseError(f"there is no calibration session {session_id} that you may see")
    return found[0]


def _lines(session: Session, where: ColumnElement[bool], limit: int) -> list[SessionLine]:
    rows = session.exec(
        select(CalibrationSession, Call, AppUser.name)
        .join(Call, col(Call.id) == CalibrationSession.call_id)
        .join(AppUser, col(AppUser.id) == CalibrationSession.owner_id)
        .where(where)
        .order_by((col(CalibrationSession.state) == "open").desc(), col(CalibrationSession.id).desc())
        .limit(limit)
    ).all()
    people = _people(session, [made.id for made, *_ in rows if made.id is not None])
    return [SessionLine(made, call, owner, people.get(made.id or 0, ())) for made, call, owner in rows]


def _people(session: Session, ids: list[int]) -> dict[int, tuple[Participant, ...]]:
    done = set(
        session.exec(
            select(Review.session_id, Review.reviewer_id).where(
                Review.kind == "calibration", Review.state == "submitted", col(Review.session_id).in_(ids)
            )
        )
    )
    found: dict[int, tuple[Participant, ...]] = {}
    for session_id, user_id, name in session.exec(
        select(CalibrationParticipant.session_id, AppUser.id, AppUser.name)
        .join(AppUser, col(AppUser.id) == CalibrationParticipant.user_id)
        .where(col(CalibrationParticipant.session_id).in_(ids))
        .order_by(AppUser.name)
    ):
        one = Participant(user_id or 0, name, (session_id, user_id) in done)
        found[session_id] = (*found.get(session_id, ()), one)
    return found


def sealed_call(session: Session, viewer: Viewer, line: SessionLine) -> OpenCall:
    """The call of a session for somebody asked, with the assessment whose criteria are asked. The caller
    shows none of its answers."""
    if line.asks(viewer) is None or line.session.state != "open":
        raise DatabaseError("you are not asked in this session, or it is closed")
    opened = open_call(session, viewer, line.session.call_id, within=reach(viewer))
    return OpenCall(opened.line, opened.conversation, asked_card(session, line))


def may_hear(session: Session, viewer: Viewer, call_id: int) -> Call:
    """A call whose sound this viewer may hear: one within reach, or one that they are asked to score."""
    asked = reach(viewer) & col(Call.id).in_(asked_calls(viewer, sealed=False))
    return open_call(session, viewer, call_id, within=or_(visible(viewer), asked)).call


def asked_card(session: Session, line: SessionLine) -> Assessment:
    """The assessment whose criteria a session asks."""
    found = assessment_of(session, line.session.call_id, line.session.assessment_number)
    if found is None:
        raise DatabaseError("the scores of this session's call are gone")
    return found


def draft(session: Session, viewer: Viewer, line: SessionLine) -> Review | None:
    """The viewer's review in a session, whatever its state."""
    return session.exec(
        select(Review).where(
            Review.kind == "calibration",
            Review.session_id == line.id,
            Review.reviewer_id == viewer.user_id,
            Review.state != "dropped",
        )
    ).first()


def begin_review(session: Session, viewer: Viewer, line: SessionLine) -> Review:
    """The viewer's draft in a session, begun when there is none; refuses who is not asked or is done."""
    if line.asks(viewer) is None or viewer.user_id is None or line.session.state != "open":
        raise DatabaseError("you are not asked in this session, or it is closed")
    found = draft(session, viewer, line)
    if found is None:
        found = Review(
            call_id=line.session.call_id,
            assessment_number=line.session.assessment_number,
            reviewer_id=viewer.user_id,
            kind="calibration",
            session_id=line.id,
        )
        session.add(found)
        session.flush()
        session.add(ReviewStep(review_id=found.id or 0, state="draft", by=viewer.user_id))
    return found


def close_session(session: Session, viewer: Viewer, line: SessionLine) -> None:
    """The owner ends the session; drafts that nobody submitted are dropped."""
    if line.session.owner_id != viewer.user_id:
        raise DatabaseError("only whoever opened the session can close it")
    if line.session.state != "open":
        raise DatabaseError("this session is closed already")
    for left in session.exec(
        select(Review).where(
            Review.kind == "calibration", Review.session_id == line.id, Review.state == "draft"
        )
    ):
        left.state = "dropped"
        session.add(ReviewStep(review_id=left.id or 0, state="dropped", by=viewer.user_id))
    line.session.state, line.session.closed_at = "closed", utc_now()
    session.add(line.session)
    session.flush()
    record(session, viewer, "calibration closed", "call", line.call.id, {"session": line.id})
