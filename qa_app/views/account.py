"""One's own account: language, time zone, password."""

from zoneinfo import available_timezones

import streamlit as st

from database.engine import writing
from database.errors import DatabaseError
from database.people import Person
from qa_app import identity
from qa_app.actions import accounts
from qa_app.context import shared_engine
from qa_app.i18n import LANGUAGES, NAMES, Translator
from qa_app.policies import allowed
from qa_app.refusals import told as refusal
from qa_app.widgets import blocks


def preferences(person: Person, t: Translator) -> None:
    """Language and time zone."""
    with st.form("account.preferences"):
        language = st.selectbox(
            t("account.language"),
            LANGUAGES,
            index=LANGUAGES.index(person.language),
            format_func=lambda code: NAMES[code],
            key="account.language",
        )
        zones = sorted(available_timezones())
        zone = st.selectbox(t("account.zone"), zones, index=zones.index(person.time_zone), key="account.zone")
        blind = person.blind
        if allowed(person, "review"):
            blind = st.checkbox(
                t("account.blind"), value=person.blind, key="account.blind", help=t("account.blind_help")
            )
        if st.form_submit_button(t("account.save"), key="account.save"):
            with writing(shared_engine()) as session:
                accounts.set_preferences(session, person, language, zone, blind=blind)
            st.rerun()


def password(person: Person, t: Translator) -> None:
    """Change the password; needs the present one."""
    with st.form("account.password", clear_on_submit=True):
        st.markdown(f"**{t('account.password')}**")
        old = st.text_input(t("account.old"), type="password", key="account.old")
        new = st.text_input(t("account.new"), type="password", key="account.new")
        again = st.text_input(t("account.again"), type="password", key="account.again")
        if st.form_submit_button(t("account.change"), key="account.change"):
            if new != again:
                st.error(t("account.differ"))
                return
            try:
                changed = accounts.change_password(shared_engine(), person, old, new, identity.cookies())
            except DatabaseError as error:
                st.error(refusal(error, t))
                return
            if changed:
                st.success(t("account.changed"))
                if person.must_change_password:
                    st.rerun()
            else:
                st.error(t("account.wrong"))


def page() -> None:
    """The page."""
    person, t = identity.me()
    name, role = person.viewer.name, t(f"role.{person.role}")
    blocks.heading(t("account.title"), t("account.signed_in", name=name, role=role))
    if person.must_change_password:
        st.warning(t("account.must_change"))
    left, right = st.columns(2)
    with left:
        preferences(person, t)
        st.link_button(t("account.sign_out"), "/account/sign-out", icon=":material/logout:")
    with right:
        password(person, t)


page()
