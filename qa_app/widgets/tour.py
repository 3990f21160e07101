"""The first five minutes: a few steps on the start page, until a person puts them away."""

import streamlit as st

from database.people import Person
from qa_app.actions import accounts
from qa_app.context import shared_engine
from qa_app.i18n import Translator


def show(person: Person, t: Translator) -> None:
    """Draw the steps of the person's role."""
    with st.container(border=True, key="tour"):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.subheader(t("tour.title"))
        away = right.button(t("tour.away"), key="tour.away", width="stretch")
        st.caption(t("tour.lead"))
        st.markdown(t(f"tour.{person.role}"))
    if away:
        accounts.put_tour_away(shared_engine(), person)
        st.rerun()
