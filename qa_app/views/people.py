"""Accounts and teams: managers look, admins change."""

from collections.abc import Callable

import streamlit as st
from sqlmodel import select

from database.engine import reading
from database.errors import DatabaseError
from database.people import ROLES, Person, users
from database.tables import AppUser, Team
from qa_app import identity
from qa_app.actions import accounts
from qa_app.context import shared_engine
from qa_app.i18n import LANGUAGES, NAMES, Translator
from qa_app.policies import allowed, authorise
from qa_app.presenting import moment
from qa_app.refusals import told as refusal
from qa_app.widgets import blocks

TOLD = "people.told"


def adding(person: Person, t: Translator, teams: list[str]) -> None:
    """The form for a new account."""
    with st.expander(t("people.add")), st.form("people.add", border=False, clear_on_submit=False):
        left, right = st.columns(2)
        login = left.text_input(t("people.login"), key="people.login", max_chars=120)
        name = right.text_input(t("people.name"), key="people.name", max_chars=200)
        role = left.selectbox(
            t("people.role"), ROLES, format_func=lambda r: t(f"role.{r}"), key="people.role"
        )
        team = right.selectbox(
            t("people.team"), ["", *teams], format_func=lambda v: v or t("people.all_teams"),
            key="people.team", accept_new_options=True,
        )  # fmt: skip
        agent = left.text_input(
            t("people.agent"), key="people.agent", help=t("people.agent_help"), max_chars=200
        )
        language = right.selectbox(
            t("people.language"), LANGUAGES, format_func=lambda code: NAMES[code], key="people.language"
        )
        if st.form_submit_button(t("people.add"), key="people.submit", type="primary"):
            try:
                password = accounts.add_account(
                    shared_engine(), person, login, role, name=name, team=team, agent=agent, language=language
                )
            except DatabaseError as error:
                st.error(refusal(error, t))
            else:
                st.session_state[TOLD] = t("people.added", login=login, password=password)
                st.rerun()


def one(user: AppUser, person: Person, t: Translator, teams: dict[int | None, str]) -> None:
    """One account as a line."""
    with st.container(border=True):
        name_box, role_box, last_box, act_box = st.columns([3, 2, 2, 2], vertical_alignment="center")
        name_box.markdown(f"**{escape_markdown(user.name)}**  \n{escape_markdown(user.login)}")
        team = teams.get(user.team_id) or ("" if user.role in ("admin", "agent") else t("people.all_teams"))
        role_box.write(" · ".join(filter(None, (t(f"role.{user.role}"), team))))
        seen = moment(user.last_sign_in, person.time_zone, t) if user.last_sign_in else t("people.never")
        state = t("people.active" if user.active else "people.off")
        last_box.caption(f"{state} · {seen}")
        if not allowed(person, "manage_people") or user.id is None or user.id == person.id:
            return
        switch, reset = act_box.columns(2)
        label = t("people.switch_off" if user.active else "people.switch_on")
        if switch.button(label, key=f"people.switch.{user.id}", width="stretch"):
            act(
                lambda: accounts.switch(shared_engine(), person, user.id or 0, not user.active),
                t("people.saved"),
                t,
            )
        if reset.button(t("people.reset"), key=f"people.reset.{user.id}", width="stretch"):
            password = accounts.reset_password(shared_engine(), person, user.id)
            st.session_state[TOLD] = t("people.was_reset", login=user.login, password=password)
            st.rerun()


def escape_markdown(text: str) -> str:
    """Names are data: no mark-up of theirs may show."""
    return "".join("\\" + c if c in "\\`*_{}[]()#+-.!|<>~:$&" else c for c in text)


def act(change: Callable[[], None], told: str, t: Translator) -> None:
    """Do it and say so, or say why not."""
    try:
        change()
    except DatabaseError as error:
        st.error(refusal(error, t))
    else:
        st.session_state[TOLD] = told
        st.rerun()


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_people")
    blocks.heading(t("people.title"))
    told = st.session_state.pop(TOLD, None)
    if told:
        st.success(told)
    with reading(shared_engine()) as session:
        everybody = users(session)
        teams: dict[int | None, str] = {team.id: team.name for team in session.exec(select(Team))}
    if allowed(person, "manage_people"):
        adding(person, t, sorted(teams.values()))
    for user in everybody:
        one(user, person, t, teams)


page()
