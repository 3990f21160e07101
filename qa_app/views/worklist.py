"""The trainer's worklist: what to hear first, and the day's random slice."""

from statistics import median

import streamlit as st

from database.engine import reading
from database.worklist import Task, fit, own_times, random_slice, worklist
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.widgets import blocks, call_lines

BUDGETS = (None, 15, 30, 45, 60, 90)


def why(tasks: list[Task], t: Translator) -> dict[int, tuple[str, ...]]:
    """The reasons per call, in words."""
    return {
        task.line.call.id or 0: tuple(
            t("worklist.why_doubt", n=task.line.call.doubts) if name == "doubt" else t(f"worklist.why_{name}")
            for name in task.why
        )
        for task in tasks
    }


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_worklist")
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        blocks.heading(t("worklist.title"), t("worklist.lead"))
    with reading(shared_engine()) as session:
        tasks = worklist(session, person.viewer)
        times = own_times(session, person.viewer)
    drawn = random_slice(shared_engine(), person.viewer)
    if not tasks and not drawn:
        blocks.empty(t("worklist.empty"), t("worklist.empty_help"))
        return
    minutes = right.selectbox(
        t("worklist.budget"),
        BUDGETS,
        format_func=lambda n: t("worklist.all") if n is None else t("worklist.minutes", n=n),
        key="worklist.budget",
    )
    chosen = fit(tasks, minutes)
    spent = round(sum(task.seconds for task in chosen) / 60)
    st.caption(t("worklist.picked", n=len(chosen), minutes=max(1, spent)))
    lines = [task.line for task in chosen]
    call_lines.show(lines, person, t, key="worklist.list", label=t("worklist.title"), why=why(chosen, t))
    if drawn:
        st.subheader(t("worklist.random"))
        st.caption(t("worklist.random_help"))
        lines = [task.line for task in drawn]
        call_lines.show(
            lines, person, t, key="worklist.random", label=t("worklist.random"), why=why(drawn, t)
        )
    if times:
        st.caption(t("worklist.time_today", n=len(times), seconds=round(median(times))))


page()
