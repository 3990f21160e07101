"""What is stored about the agent who looks, who listened and when, and all of it to take away."""

import streamlit as st

from database.engine import reading
from database.own import call_names, held_on, seen_by
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.own_page import audit_name
from qa_app.policies import authorise
from qa_app.presenting import moment
from qa_app.widgets import blocks, tables

SHOWN = 100


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_own_page")
    blocks.heading(t("my.held"), t("my.held_help"))
    with reading(shared_engine()) as session:
        held = held_on(session, person.viewer)
        entries = seen_by(session, person.viewer, limit=SHOWN)
        names = call_names(session, person.viewer, {entry.subject_id or 0 for entry in entries})
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.subheader(t("held.what"))
        rows = [[t(f"held.{name}"), str(count)] for name, count in held.items()]
        tables.table(t("held.what"), [t("held.kind"), t("held.count")], rows, numbers=(1,))
        st.caption(t("held.not"))
        st.link_button(t("my.export_page"), "/account/data?as=html", icon=":material/description:")
        st.link_button(t("my.export"), "/account/data", icon=":material/download:")
    with right:
        st.subheader(t("my.listened"))
        if not entries:
            st.caption(t("held.nobody"))
            return
        tables.table(
            t("my.listened"),
            [t("audit.at"), t("audit.actor"), t("audit.action"), t("calls.col_call")],
            [
                [
                    moment(entry.at, person.time_zone, t),
                    entry.actor,
                    audit_name(entry.action, t),
                    names.get(entry.subject_id or 0, str(entry.subject_id)),
                ]
                for entry in entries
            ],
            numbers=(0,),
        )


page()
