"""The calls within reach, with filters."""

import streamlit as st

from database.engine import reading
from database.listing import ORDERS, any_calls, find_calls
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.policies import authorise
from qa_app.widgets import blocks, call_lines, filters

PAGE = 50


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_calls")
    own = person.role == "agent"
    with reading(shared_engine()) as session:
        blocks.heading(t("nav.my_calls" if own else "calls.title"))
        if not any_calls(session, person.viewer):
            kind = "none_agent" if own else "none_yet"
            blocks.empty(t(f"calls.{kind}"), t(f"calls.{kind}_help"))
            return
        chosen = filters.bar(filters.offered(session, person), person, t)
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        order = right.selectbox(
            t("calls.order"),
            list(ORDERS),
            format_func=lambda name: t(f"calls.order_{name}"),
            key="calls.order",
            label_visibility="collapsed",
        )
        shown = st.session_state.get("calls.shown", PAGE)
        found = find_calls(session, person.viewer, chosen, order=order, limit=shown, zone=person.time_zone)
    number = f"{found.count:,}".replace(",", " ") + ("" if found.exact else "+")
    left.caption(t("calls.one") if number == "1" else t("calls.count", n=number))
    if not found.lines:
        blocks.empty(t("calls.none_found"), t("calls.none_found_help"))
        return
    call_lines.show(found.lines, person, t, key="calls.list", label=t("calls.title"))
    if found.count > len(found.lines) and st.button(t("calls.more"), key="calls.more"):
        st.session_state["calls.shown"] = shown + PAGE
        st.rerun()


page()
