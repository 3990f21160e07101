"""Processing: calls by state, causes of failure, trying again; jobs."""

from collections import Counter

import streamlit as st

from database.engine import reading, writing
from database.jobs import jobs
from database.runs import counts_by_state, retry, stuck
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.policies import authorise
from qa_app.presenting import moment
from qa_app.widgets import blocks


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_runs")
    blocks.heading(t("runs.title"), t("runs.lead"))
    with reading(shared_engine()) as session:
        counts = Counter(counts_by_state(session))
        failed = stuck(session)
    if not counts:
        blocks.empty(t("runs.empty"), t("calls.none_yet_help"))
        return
    states = ("waiting", "running", "done", "failed", "quarantined")
    for box, state in zip(st.columns(len(states)), states, strict=True):
        with box:
            blocks.figure(t(f"state.{state}"), str(counts[state]))
    if failed:
        st.dataframe(
            [
                {
                    t("calls.col_call"): call.file_name,
                    t("calls.state"): t(f"state.{call.state}"),
                    t("runs.cause"): call.cause or "–",
                    t("calls.col_when"): moment(call.changed_at, person.time_zone, t),
                }
                for call in failed
            ],
            hide_index=True,
        )
        if st.button(t("runs.retry"), key="runs.retry", type="primary"):
            with writing(shared_engine()) as session:
                again = retry(session, person.viewer, [call.id for call in failed if call.id is not None])
            st.session_state["runs.told"] = t("runs.retried", n=again)
            st.rerun()
    told = st.session_state.pop("runs.told", None)
    if told:
        st.toast(told)
    st.subheader(t("runs.jobs"))
    known = jobs(shared_engine(), limit=100)
    if not known:
        st.caption(t("runs.no_jobs"))
        return
    st.dataframe(
        [
            {
                "#": job.id,
                t("audit.action"): job.kind,
                t("calls.state"): t.get(f"state.{job.state}", job.state),
                t("runs.cause"): job.cause or "",
                t("audit.at"): moment(job.made_at, person.time_zone, t),
            }
            for job in known
        ],
        hide_index=True,
    )


page()
