"""What is stored about the agent who looks, who listened and when, and all of it to take away."""

import streamlit as st

from database.engine import reading
from database.own import held_on, seen_by
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.own_page import audit_name
from qa_app.policies import authorise
from qa_app.presenting import moment
from qa_app.widgets import blocks


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_own_page")
    blocks.heading(t("my.held"), t("my.held_help"))
    with reading(shared_engine()) as session:
        held = held_on(session, person.viewer)
        entries = seen_by(session, person.viewer)
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.subheader(t("held.what"))
        for name, count in held.items():
            st.write(t(f"held.{name}", n=count))
        st.caption(t("held.not"))
        st.link_button(t("my.export_page"), "/account/data?as=html", icon=":material/description:")
        st.link_button(t("my.export"), "/account/data", icon=":material/download:")
    with right:
        st.subheader(t("my.listened"))
        if not entries:
            st.caption(t("held.nobody"))
            return
        st.dataframe(
            [
                {
                    t("audit.at"): moment(entry.at, person.time_zone, t),
                    t("audit.actor"): entry.actor,
                    t("audit.action"): audit_name(entry.action, t),
                    t("calls.col_call"): entry.subject_id,
                }
                for entry in entries
            ],
            hide_index=True,
            height=420,
        )


page()
