"""The tables, by subject. Importing this package declares them all."""

from sqlmodel import SQLModel

from database.types import name_constraints

name_constraints(SQLModel.metadata)

from database.tables.calibration import (  # noqa: E402
    AgreedAnswer,
    CalibrationParticipant,
    CalibrationSession,
)
from database.tables.calls import (  # noqa: E402
    AssessmentVersion,
    Call,
    CallName,
    ConversationVersion,
    CorrectionRow,
    CriterionRow,
    SignalRow,
    TurnRow,
)
from database.tables.cards import BackTestRow, CardDraft, CardRetirement, CardVersion  # noqa: E402
from database.tables.coaching import (  # noqa: E402
    CoachingClip,
    CoachingEntry,
    CoachingPlan,
    ExampleStep,
    GoodExample,
)
from database.tables.people import Agent, AppUser, SignIn, Team  # noqa: E402
from database.tables.reviews import (  # noqa: E402
    Acknowledgement,
    Comment,
    Dispute,
    DisputeDecision,
    Review,
    ReviewItem,
    ReviewStep,
)
from database.tables.totals import MonthTotal  # noqa: E402
from database.tables.work import AuditEntry, Job, SavedView  # noqa: E402

__all__ = [
    "Acknowledgement",
    "Agent",
    "AgreedAnswer",
    "AppUser",
    "AssessmentVersion",
    "AuditEntry",
    "BackTestRow",
    "CalibrationParticipant",
    "CalibrationSession",
    "Call",
    "CallName",
    "CardDraft",
    "CardRetirement",
    "CardVersion",
    "CoachingClip",
    "CoachingEntry",
    "CoachingPlan",
    "Comment",
    "ConversationVersion",
    "CorrectionRow",
    "CriterionRow",
    "Dispute",
    "DisputeDecision",
    "ExampleStep",
    "GoodExample",
    "Job",
    "MonthTotal",
    "Review",
    "ReviewItem",
    "ReviewStep",
    "SQLModel",
    "SavedView",
    "SignIn",
    "SignalRow",
    "Team",
    "TurnRow",
]
