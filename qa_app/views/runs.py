"""Processing: how far it is, what is in hand, what failed and why, trying again; jobs."""

from collections.abc import Sequence
from typing import Any, cast

import streamlit as st

from database.engine import reading, writing
from database.runs import Stuck, asked_for, progress, retry, running, stuck
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.policies import authorise
from qa_app.presenting import moment, number
from qa_app.widgets import blocks

STATES = ("waiting", "running", "done", "failed", "quarantined")
REFRESH_S = 10


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_runs")
    blocks.heading(t("runs.title"), t("runs.lead"))
    with reading(shared_engine()) as session:
        now = progress(session, person.viewer)
        failed = stuck(session, person.viewer)
        known = asked_for(session, person.viewer)
    if not now.counts:
        blocks.empty(t("runs.empty"), t("calls.none_yet_help"))
        return
    busy = now.counts.get("running", 0) + now.counts.get("waiting", 0)
    st.fragment(_progress, run_every=REFRESH_S if busy else None)()
    st.subheader(t("runs.not_through"))
    if failed:
        _not_through(failed)
    else:
        st.caption(t("runs.all_through"))
    told = st.session_state.pop("runs.told", None)
    if told:
        st.toast(told)
    st.subheader(t("runs.jobs"))
    if not known:
        st.caption(t("runs.no_jobs"))
        return
    st.dataframe(
        [
            {
                "#": job.id,
                t("audit.action"): t.get(f"runs.kind_{job.kind}", job.kind),
                t("calls.state"): t.get(f"state.{job.state}", job.state),
                t("runs.tried"): job.attempts,
                t("runs.cause"): job.cause or "",
                t("audit.at"): moment(job.made_at, person.time_zone, t),
            }
            for job in known
        ],
        hide_index=True,
    )


def _progress() -> None:
    """Figures and the calls in hand; drawn again by itself while something waits."""
    person, t = identity.me()
    with reading(shared_engine()) as session:
        now = progress(session, person.viewer)
        in_hand = running(session, person.viewer)
    blocks.figures((t(f"state.{state}"), str(now.counts.get(state, 0))) for state in STATES)
    done, left = now.counts.get("done", 0), now.counts.get("waiting", 0) + now.counts.get("running", 0)
    if left:
        st.progress(done / (done + left))
    lines = [t("runs.waits", hours=number(now.waiting_s / 3600, t, 2))] if left else []
    if now.done_last_hour:
        lines.append(t("runs.pace", n=now.done_last_hour, hours=number(now.audio_last_hour_s / 3600, t, 2)))
    if now.ends is not None and left:
        lines.append(t("runs.ends", at=moment(now.ends, person.time_zone, t)))
    if lines:
        st.caption(" ".join(lines))
    if in_hand:
        st.dataframe(
            [
                {
                    t("calls.col_call"): one.file_name,
                    t("runs.since"): moment(one.started_at, person.time_zone, t) if one.started_at else "–",
                    t("runs.minutes"): None if one.duration_s is None else round(one.duration_s / 60, 1),
                    t("runs.tried"): one.attempt,
                    t("runs.worker"): one.worker,
                }
                for one in in_hand
            ],
            hide_index=True,
        )


def _not_through(failed: Sequence[Stuck]) -> None:
    """Failed and quarantined calls with their causes, and the button that asks for them again."""
    person, t = identity.me()
    chosen = st.dataframe(
        [
            {
                t("calls.col_call"): call.file_name,
                t("calls.state"): t("state.quarantined" if call.quarantined else "state.failed"),
                t("runs.cause"): call.cause or "–",
                t("runs.tried"): call.attempts,
                t("runs.next_try"): moment(call.next_try, person.time_zone, t) if call.next_try else "–",
                t("calls.col_when"): moment(call.changed_at, person.time_zone, t),
            }
            for call in failed
        ],
        hide_index=True,
        key="runs.failed",
        on_select="rerun",
        selection_mode="multi-row",
    )
    rows = [row for row in cast(Any, chosen).selection.rows if row < len(failed)]
    label = t("runs.retry_some", n=len(rows)) if rows else t("runs.retry", n=len(failed))
    if st.button(label, key="runs.retry", type="primary", help=t("runs.retry_help")):
        asked = [failed[row].call_id for row in rows] or [call.call_id for call in failed]
        with writing(shared_engine()) as session:
            again = retry(session, person.viewer, asked)
        st.session_state["runs.told"] = t("runs.retried", n=again)
        st.rerun()


page()
