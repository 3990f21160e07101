"""The audit log: who did what, and whether the chain is whole."""

import streamlit as st

from database import audit
from database.engine import reading
from database.people import users
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.policies import authorise
from qa_app.presenting import moment
from qa_app.widgets import blocks


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_audit")
    blocks.heading(t("audit.title"))
    with reading(shared_engine()) as session:
        names = {user.id: user.name for user in users(session)}
        chosen = st.selectbox(
            t("audit.filter"),
            [None, *names],
            format_func=lambda i: t("calls.any") if i is None else names[i],
            key="audit.who",
        )
        problems = audit.verify(session)
        found = audit.entries(session, actor_id=chosen, limit=500)
    if problems:
        st.error("\n\n".join([t("audit.broken", n=len(problems)), *problems[:10]]))
    else:
        st.caption("✓ " + t("audit.whole"))
    if not found:
        blocks.empty(t("audit.empty"), "")
        return
    st.dataframe(
        [
            {
                t("audit.at"): moment(entry.at, person.time_zone, t),
                t("audit.actor"): entry.actor,
                t("audit.action"): entry.action,
                t("audit.subject"): f"{entry.subject} {entry.subject_id or ''}",
                t("audit.detail"): ", ".join(
                    f"{name}: {value}" for name, value in (entry.detail or {}).items()
                ),
            }
            for entry in found
        ],
        hide_index=True,
        height=600,
    )


page()
