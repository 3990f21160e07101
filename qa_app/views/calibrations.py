"""Calibration sessions: those that wait for an answer, the others, agreement over all; opening another."""

import streamlit as st

from database.calibration_answers import answers
from database.calibrations import SessionLine, candidates, sessions
from database.engine import reading
from database.errors import DatabaseError
from database.filters import Filters
from database.listing import list_calls, open_call
from database.people import Person
from qa_app import identity
from qa_app.actions import blind_scoring
from qa_app.calibrating import Together, together
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.presenting import EMPTY, clock, criterion_title, moment, number, percent
from qa_app.refusals import told as refusal
from qa_app.widgets import blocks, tables
from qa_app.widgets.components import Cell, Line, open_list
from scorecards.agreement import Interval

OFFERED = 40
FEWEST = 2
"""Sessions before agreement per criterion says anything."""


def state_of(line: SessionLine, person: Person, t: Translator) -> tuple[str, str]:
    """Where a session stands for this person, and how it looks."""
    me = line.asks(person.viewer)
    if line.session.state == "open" and me is not None and not me.submitted:
        return t("calibration.your_turn"), "review"
    if line.sealed:
        done = sum(one.submitted for one in line.people)
        return t("calibration.waiting", done=done, of=len(line.people)), "plain"
    return t("calibration.to_compare"), "human"


def listed(lines: list[SessionLine], person: Person, t: Translator) -> None:
    """The sessions; opening one goes to its page."""
    rows = []
    for line in lines:
        text, tone = state_of(line, person, t)
        call = line.call.call_key or line.call.file_name
        cells = (
            Cell(line.session.title, sub=call),
            Cell(text, tone=tone),
            Cell(", ".join(one.name for one in line.people)),
            Cell(moment(line.session.opened_at, person.time_zone, t, with_time=False), sub=line.owner),
        )
        rows.append(Line(line.id, t("calibration.open_one", name=line.session.title), cells))
    columns = [
        (t("calibration.col_session"), "text"),
        (t("coaching.col_state"), "text"),
        (t("calibration.col_people"), "extra"),
        (t("calibration.col_opened"), "extra"),
    ]
    opened = open_list(t("calibration.title"), columns, rows, key="calibration.list")
    if opened is not None:
        st.switch_page("views/calibration.py", query_params={"id": str(opened)})


def figure(found: Interval, t: Translator, *, share: bool = False) -> str:
    """A figure with its interval and how many cases it rests on."""
    if found.value is None:
        return EMPTY
    if share:
        text, low, high = (percent(v, t) for v in (found.value, found.low, found.high))
    else:
        text, low, high = (number(v, t, 2) for v in (found.value, found.low, found.high))
    between = f" ({low} – {high})" if found.low is not None else ""
    return f"{text}{between}"


def over_all(found: list[Together], t: Translator) -> None:
    """Agreement per criterion over all sessions that are open to see."""
    st.subheader(t("calibration.over_all"))
    st.caption(t("calibration.over_all_help"))
    tables.table(
        t("calibration.over_all"),
        [
            t("calls.criterion"),
            t("calibration.calls"),
            t("calibration.alpha"),
            t("calibration.agreed_n"),
            t("calibration.machine_right"),
        ],
        [
            [
                criterion_title(one.criterion, t),
                str(one.people.n),
                figure(one.people, t),
                str(one.machine.n),
                figure(one.machine, t, share=True),
            ]
            for one in found
        ],
        numbers=(1, 2, 3, 4),
    )


def begin(person: Person, t: Translator) -> None:
    """Choose a call and people."""
    wanted = st.query_params.get("call", "")
    with reading(shared_engine()) as session:
        offered = list_calls(
            session, person.viewer, Filters(states=("done",), review_states=("none",)), limit=OFFERED
        )
        if wanted.isdecimal() and len(wanted) < 10 and int(wanted) not in {x.call.id for x in offered}:
            try:
                offered.insert(0, open_call(session, person.viewer, int(wanted)).line)
            except DatabaseError:
                wanted = ""
    by_id = {line.call.id: line for line in offered}
    if not by_id:
        st.caption(t("calibration.no_calls"))
        return

    def text(call_id: int | None) -> str:
        call, agent = by_id[call_id].call, by_id[call_id].agent
        when = moment(call.started_at, person.time_zone, t, with_time=False)
        parts = (call.call_key or call.file_name, agent, when, clock(call.duration))
        return " · ".join(filter(None, parts))

    ids = list(by_id)
    at = ids.index(int(wanted)) if wanted.isdecimal() and int(wanted) in by_id else 0
    call_id = st.selectbox(t("calls.col_call"), ids, index=at, format_func=text, key="calibration.call")
    with reading(shared_engine()) as session:
        people = candidates(session, person.viewer, by_id[call_id].call)
    with st.form("calibration.begin", border=False):
        title = st.text_input(
            t("calibration.name"), key="calibration.name", max_chars=200, placeholder=t("calibration.example")
        )
        chosen = st.multiselect(
            t("calibration.col_people"),
            list(people),
            format_func=lambda i: people[i],
            key=f"calibration.people.{call_id}",
            help=t("calibration.people_help"),
            placeholder=t("calibration.choose"),
        )
        if not st.form_submit_button(t("calibration.begin"), key="calibration.submit", type="primary"):
            return
    try:
        made = blind_scoring.open_session(shared_engine(), person, call_id or 0, title, chosen)
    except DatabaseError as error:
        st.error(refusal(error, t))
        return
    st.switch_page("views/calibration.py", query_params={"id": str(made)})


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "calibrate")
    blocks.heading(t("calibration.title"), t("calibration.lead"))
    with reading(shared_engine()) as session:
        lines = sessions(session, person.viewer)
        shown = [answers(session, person.viewer, line) for line in lines if not line.sealed]
    left, right = st.columns([3, 2], gap="large")
    with left:
        if lines:
            listed(lines, person, t)
        else:
            blocks.empty(t("calibration.empty"), t("calibration.empty_help"))
        compared = [one for one in shown if one.people]
        if len(compared) >= FEWEST:
            over_all(together(compared), t)
        elif lines:
            st.caption(t("calibration.more_needed"))
    with right.container(border=True):
        st.markdown(f"**{t('calibration.begin')}**")
        begin(person, t)


page()
