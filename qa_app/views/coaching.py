"""Coaching plans: those who are coached, on what, until when; and beginning another one."""

from datetime import timedelta

import streamlit as st

from database.coaching import PlanLine, coachable, plans, unsigned_counts
from database.engine import reading
from database.errors import DatabaseError
from database.people import Person
from database.types import utc_now
from qa_app import identity
from qa_app.actions import coaching
from qa_app.actions.coaching import LOOK_BACK, shares_of
from qa_app.context import shared_engine
from qa_app.focus import Focus, met, suggest
from qa_app.i18n import Translator
from qa_app.policies import allowed, authorise
from qa_app.presenting import EMPTY, criterion_title, day, percent
from qa_app.refusals import told as refusal
from qa_app.widgets import blocks, intervals
from qa_app.widgets.components import Cell, Line, open_list

WEEKS = 4


def line_of(line: PlanLine, waiting: int, person: Person, t: Translator) -> Line:
    """One plan as a line of the list."""
    plan = line.plan
    title = criterion_title(plan.criterion_id, t)
    late = plan.state == "open" and plan.due is not None and plan.due < utc_now().date()
    who, what = (title, line.opened_by) if person.role == "agent" else (line.agent.name, title)
    cells = (
        Cell(who, sub=what),
        Cell(
            t(f"coaching.state_{plan.state}"),
            tone="human" if plan.state == "open" else "plain",
            sub=t("coaching.to_sign", n=waiting) if waiting else None,
        ),
        Cell(
            day(plan.due, t) if plan.due else EMPTY,
            tone="bad" if late else "plain",
            sub=t("coaching.late") if late else None,
        ),
        Cell(day(plan.opened_at.date(), t), sub=line.opened_by),
    )
    return Line(line.id, t("coaching.open_plan", name=f"{line.agent.name}: {title}"), cells)


def listed(lines: list[PlanLine], waiting: dict[int, int], person: Person, t: Translator) -> None:
    """The plans; opening one goes to its page."""
    columns = [
        (t("coaching.col_focus" if person.role == "agent" else "coaching.col_agent"), "text"),
        (t("coaching.col_state"), "text"),
        (t("coaching.due"), "text"),
        (t("coaching.col_since"), "extra"),
    ]
    rows = [line_of(line, waiting.get(line.id, 0), person, t) for line in lines]
    opened = open_list(t("coaching.title"), columns, rows, key="coaching.list")
    if opened is not None:
        st.switch_page("views/plan.py", query_params={"id": str(opened)})


def suggestion(found: Focus | None, t: Translator) -> None:
    """What the figures suggest, with what they rest on."""
    if found is None:
        st.caption(t("coaching.no_suggestion"))
        return
    title = criterion_title(found.name, t)
    low, high = percent(found.low, t), percent(found.high, t)
    st.write(t("coaching.suggested", title=title, met=found.met, of=found.of, low=low, high=high))


def begin(taken: set[int], person: Person, t: Translator) -> None:
    """Choose an agent, those without an open plan first, see what the data suggest, begin."""
    with reading(shared_engine()) as session:
        people = coachable(session, person.viewer)
    if not people:
        st.caption(t("coaching.nobody"))
        return
    free = next((i for i, one in enumerate(people) if one not in taken), 0)
    agent = st.selectbox(
        t("coaching.col_agent"),
        list(people),
        index=free,
        format_func=lambda i: people[i],
        key="coaching.agent",
    )
    with reading(shared_engine()) as session:
        shares = shares_of(session, person, agent, utc_now())
        busy = plans(session, person.viewer, "open", agent_id=agent, limit=1)
    if busy:
        st.info(t("coaching.busy", title=criterion_title(busy[0].plan.criterion_id, t)))
        if st.button(t("coaching.go_on"), key="coaching.go_on"):
            st.switch_page("views/plan.py", query_params={"id": str(busy[0].id)})
        return
    if not shares:
        st.caption(t("coaching.no_figures", days=LOOK_BACK.days))
        return
    found = suggest(shares)
    suggestion(found, t)
    names = [share.name for share in shares]
    by_name = {share.name: share for share in shares}
    criterion = st.selectbox(
        t("coaching.goal"),
        names,
        index=names.index(found.name) if found else 0,
        format_func=lambda name: criterion_title(name, t),
        key=f"coaching.goal.{agent}",
    )
    share = by_name[criterion]
    intervals.shares([(t("coaching.last_days", days=LOOK_BACK.days), met(share), share.of, False)], t)
    with st.form("coaching.begin", border=False):
        aim = st.text_area(
            t("coaching.aim"),
            key="coaching.aim",
            max_chars=4000,
            height=90,
            placeholder=t("coaching.aim_example"),
        )
        due = st.date_input(
            t("coaching.due"),
            value=(utc_now() + timedelta(weeks=WEEKS)).date(),
            min_value=utc_now().date(),
            key="coaching.due",
        )
        if not st.form_submit_button(t("coaching.begin"), key="coaching.submit", type="primary"):
            return
    try:
        made = coaching.begin(shared_engine(), person, agent, criterion, aim=aim, due=due)
    except DatabaseError as error:
        st.error(refusal(error, t))
        return
    st.switch_page("views/plan.py", query_params={"id": str(made)})


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_coaching")
    own = person.role == "agent"
    blocks.heading(t("coaching.title"), t("coaching.lead_agent" if own else "coaching.lead"))
    with reading(shared_engine()) as session:
        lines = plans(session, person.viewer)
        waiting = unsigned_counts(session, person.viewer)
    if allowed(person, "coach"):
        left, right = st.columns([3, 2], gap="large")
    else:
        left, right = st.container(), None
    with left:
        if lines:
            listed(lines, waiting, person, t)
        else:
            blocks.empty(
                t("coaching.empty"), t("coaching.empty_agent_help" if own else "coaching.empty_help")
            )
    if right is not None:
        with right.container(border=True):
            st.markdown(f"**{t('coaching.begin')}**")
            begin({x.plan.agent_id for x in lines if x.plan.state == "open"}, person, t)


page()
