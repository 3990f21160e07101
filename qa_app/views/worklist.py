"""The trainer's worklist: what to hear first, and the day's random slice."""

from statistics import median

import streamlit as st

from database.calibrations import awaited
from database.engine import reading
from database.filters import Filters
from database.people import Person
from database.worklist import Task, anything_waits, own_times, plan, random_slice, worklist
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.order import keep_order
from qa_app.policies import authorise
from qa_app.widgets import blocks, call_lines, filters

BUDGETS = (None, 15, 30, 45, 60, 90)


def why(tasks: list[Task], person: Person, t: Translator) -> dict[int, tuple[str, ...]]:
    """The reasons per call, in words; whoever reviews blind is not told what the machine found."""
    shown = {"dispute", "draft", "random", "new"} if person.blind else None
    return {
        task.line.call.id or 0: tuple(
            t("worklist.why_doubt", n=task.line.call.doubts) if name == "doubt" else t(f"worklist.why_{name}")
            for name in task.why
            if shown is None or name in shown
        )
        for task in tasks
    }


def calibration(asked: list[int], t: Translator) -> None:
    """Sessions that wait for this person's answers come before everything: others wait for them."""
    text, button = st.columns([4, 1], vertical_alignment="center")
    text.info(t("worklist.calibration" if len(asked) > 1 else "worklist.calibration_one", n=len(asked)))
    if button.button(t("worklist.calibrate"), key="worklist.calibrate", width="stretch"):
        st.switch_page("views/calibration.py", query_params={"id": str(asked[0])})


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_worklist")
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        blocks.heading(t("worklist.title"), t("worklist.lead"))
    with reading(shared_engine()) as session:
        waits = anything_waits(session, person.viewer)
        offer = filters.offered(session, person) if waits else None
        times = own_times(session, person.viewer)
        asked = awaited(session, person.viewer)
    if asked:
        calibration(asked, t)
    drawn = random_slice(shared_engine(), person.viewer)
    if offer is None and not drawn:
        blocks.empty(t("worklist.empty"), t("worklist.empty_help"))
        return
    minutes = right.selectbox(
        t("worklist.budget"),
        BUDGETS,
        format_func=lambda n: t("worklist.all") if n is None else t("worklist.minutes", n=n),
        key="worklist.budget",
    )
    chosen = filters.bar(offer, person, t, page="worklist") if offer else Filters()
    with reading(shared_engine()) as session:
        tasks = worklist(session, person.viewer, chosen, zone=person.time_zone)
    first, fair = plan(tasks, drawn, minutes)
    spent = round(sum(task.seconds for task in (*first, *fair)) / 60)
    count = len(first) + len(fair)
    st.caption(t("worklist.picked" if count != 1 else "worklist.picked_one", n=count, minutes=max(1, spent)))
    keep_order([task.line.call.id or 0 for task in (*first, *fair)])
    lines = [task.line for task in first]
    if lines:
        reasons = why(first, person, t)
        call_lines.show(lines, person, t, key="worklist.list", label=t("worklist.title"), why=reasons)
    elif chosen != Filters():
        blocks.empty(t("calls.none_found"), t("calls.none_found_help"))
    if fair:
        st.subheader(t("worklist.random"))
        st.caption(t("worklist.random_help"))
        lines, reasons = [task.line for task in fair], why(fair, person, t)
        call_lines.show(lines, person, t, key="worklist.random", label=t("worklist.random"), why=reasons)
    if times:
        st.caption(t("worklist.time_today", n=len(times), seconds=round(median(times))))


page()
