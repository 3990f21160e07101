"""Who may do what. Queries already leave out what is out of reach; these rules say what may be changed.

A rule answers for a person and, where it matters, the thing itself. Nothing here knows of Streamlit.
"""

from collections.abc import Callable
from dataclasses import dataclass

from database.errors import DatabaseError
from database.people import Person
from database.tables import Call, Dispute, Review


class NotAllowedError(DatabaseError):
    """The person has no right to do this."""

    def __init__(self, action: str) -> None:
        self.action = action
        super().__init__(f"your account may not do this ({action})")


ROLES_BY_ACTION: dict[str, frozenset[str]] = {
    action: frozenset(roles.split())
    for action, roles in {
        "see_calls": "trainer agent manager admin",
        "see_worklist": "trainer manager",
        "see_dashboard": "trainer manager admin",
        "see_reliability": "trainer manager admin",
        "see_own_page": "agent",
        "see_disputes": "trainer agent manager admin",
        "review": "trainer manager",
        "release": "trainer manager",
        "comment": "trainer agent manager",
        "praise": "trainer manager",
        "dispute": "agent",
        "acknowledge": "agent",
        "decide_dispute": "trainer manager",
        "correct": "trainer manager",
        "export": "manager admin",
        "see_scorecards": "trainer manager admin",
        "edit_scorecards": "manager admin",
        "publish_scorecards": "manager admin",
        "see_people": "manager admin",
        "manage_people": "admin",
        "see_audit": "admin",
        "see_runs": "manager admin",
        "erase": "admin",
        "see_coaching": "trainer agent manager",
        "coach": "trainer manager",
        "add_example": "trainer agent manager",
        "consent_example": "agent",
        "calibrate": "trainer manager",
        "self_review": "agent",
        "see_self_review": "trainer agent manager",
        "own_account": "trainer agent manager admin",
    }.items()
}


@dataclass(frozen=True)
class CallPolicy:
    """What a person may do with one call, which a query has already found to be within reach."""

    person: Person
    call: Call

    def may(self, action: str) -> bool:
        """Whether the role allows it, and for agents whether the call is their own."""
        if not allowed(self.person, action):
            return False
        own = self.person.role != "agent" or (
            self.person.viewer.agent_id is not None and self.call.agent_id == self.person.viewer.agent_id
        )
        scored = ("dispute", "review", "self_review")
        return own and (action not in scored or self.call.assessment_number is not None)


def allowed(person: Person, action: str) -> bool:
    """Whether the person's role has an action at all."""
    return person.role in ROLES_BY_ACTION[action]


def authorise(person: Person, action: str, call: Call | None = None) -> None:
    """Raise NotAllowedError unless the person may."""
    if not (allowed(person, action) if call is None else CallPolicy(person, call).may(action)):
        raise NotAllowedError(action)


def may_decide(person: Person, dispute: Dispute, review: Review | None, deciders: set[int]) -> bool:
    """A dispute is decided by somebody who neither opened it nor made the verdict nor decided it
    before; an escalated one by a manager."""
    if not allowed(person, "decide_dispute") or person.id == dispute.opened_by or person.id in deciders:
        return False
    if dispute.state == "escalated" and person.role != "manager":
        return False
    return dispute.state in ("open", "escalated") and (review is None or review.reviewer_id != person.id)


def may_edit(person: Person, review: Review) -> bool:
    """A draft belongs to whoever began it."""
    return allowed(person, "review") and review.reviewer_id == person.id and review.state == "draft"


PAGES: dict[str, Callable[[Person], bool]] = {
    "home": lambda person: allowed(person, "own_account"),
    "calls": lambda person: allowed(person, "see_calls"),
    "call": lambda person: allowed(person, "see_calls"),
    "disputes": lambda person: allowed(person, "see_disputes"),
    "coaching": lambda person: allowed(person, "see_coaching"),
    "plan": lambda person: allowed(person, "see_coaching"),
    "examples": lambda person: allowed(person, "see_coaching"),
    "calibrations": lambda person: allowed(person, "calibrate"),
    "calibration": lambda person: allowed(person, "calibrate"),
    "self_review": lambda person: allowed(person, "see_self_review"),
    "progress": lambda person: allowed(person, "see_own_page"),
    "my_data": lambda person: allowed(person, "see_own_page"),
    "dashboard": lambda person: allowed(person, "see_dashboard"),
    "reliability": lambda person: allowed(person, "see_reliability"),
    "scorecards": lambda person: allowed(person, "see_scorecards"),
    "back_test": lambda person: allowed(person, "edit_scorecards"),
    "people": lambda person: allowed(person, "see_people"),
    "runs": lambda person: allowed(person, "see_runs"),
    "audit": lambda person: allowed(person, "see_audit"),
    "account": lambda person: allowed(person, "own_account"),
}
"""Which page a person finds in the navigation; the page checks again."""
