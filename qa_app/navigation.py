"""Which pages there are and who has them. The first one is where a person starts."""

from dataclasses import dataclass, replace

from database.people import Person
from qa_app.policies import PAGES


@dataclass(frozen=True)
class PageInfo:
    """A page: its policy's name, its file in views, its address, and title key."""

    name: str
    file: str
    path: str
    title: str
    default: bool = False
    listed: bool = True


CALL = PageInfo("call", "call", "call", "nav.call", listed=False)
COACHING = (
    PageInfo("coaching", "coaching", "coaching", "nav.coaching"),
    PageInfo("plan", "plan", "plan", "nav.plan", listed=False),
    PageInfo("examples", "examples", "examples", "nav.examples"),
    PageInfo("self_review", "self_review", "self-review", "nav.self_review", listed=False),
)
CALIBRATION = (
    PageInfo("calibrations", "calibrations", "calibrations", "nav.calibrations"),
    PageInfo("calibration", "calibration", "calibration", "nav.calibration", listed=False),
)
COMMON = (
    PageInfo("calls", "calls", "calls", "nav.calls"),
    CALL,
    PageInfo("disputes", "disputes", "disputes", "nav.disputes"),
)
ACCOUNT = PageInfo("account", "account", "account", "nav.account")
SCORECARDS = PageInfo("scorecards", "scorecards", "scorecards", "nav.scorecards")
BACK_TEST = PageInfo("back_test", "back_test", "back-test", "nav.back_test", listed=False)
RELIABILITY = PageInfo("reliability", "reliability", "reliability", "nav.reliability")
DASHBOARD = PageInfo("dashboard", "dashboard", "overview", "nav.dashboard")
BY_ROLE: dict[str, tuple[PageInfo, ...]] = {
    "trainer": (
        PageInfo("home", "worklist", "worklist", "nav.home_trainer", default=True),
        *COMMON,
        *COACHING,
        *CALIBRATION,
        DASHBOARD,
        RELIABILITY,
        SCORECARDS,
        ACCOUNT,
    ),
    "agent": (
        PageInfo("home", "my_page", "my", "nav.home_agent", default=True),
        replace(COMMON[0], title="nav.my_calls"),
        *COMMON[1:],
        *COACHING,
        PageInfo("progress", "progress", "progress", "nav.progress"),
        PageInfo("my_data", "my_data", "my-data", "nav.my_data"),
        ACCOUNT,
    ),
    "manager": (
        replace(DASHBOARD, name="home", title="nav.home_manager", default=True),
        PageInfo("home", "worklist", "worklist", "nav.home_trainer"),
        *COMMON,
        *COACHING,
        *CALIBRATION,
        RELIABILITY,
        SCORECARDS,
        BACK_TEST,
        PageInfo("runs", "runs", "runs", "nav.runs"),
        PageInfo("people", "people", "people", "nav.people"),
        ACCOUNT,
    ),
    "admin": (
        replace(DASHBOARD, name="home", title="nav.home_manager", default=True),
        *COMMON,
        RELIABILITY,
        SCORECARDS,
        BACK_TEST,
        PageInfo("runs", "runs", "runs", "nav.runs"),
        PageInfo("people", "people", "people", "nav.people"),
        PageInfo("audit", "audit", "audit", "nav.audit"),
        ACCOUNT,
    ),
}


def pages_for(person: Person) -> list[PageInfo]:
    """The pages of a person's role; whoever must choose a password first finds their account at each of
    their addresses."""
    pages = [page for page in BY_ROLE[person.role] if PAGES[page.name](person)]
    if person.must_change_password:
        others = (replace(ACCOUNT, path=page.path, listed=False) for page in pages if page != ACCOUNT)
        return [replace(ACCOUNT, default=True), *others]
    return pages
