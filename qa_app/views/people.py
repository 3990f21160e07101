"""Accounts and teams: managers look, admins change. What is missing stands on top."""

from collections.abc import Callable

import streamlit as st
from sqlmodel import select

from database.accounts import Missing, TeamLine, is_locked, missing, teams
from database.engine import reading
from database.errors import DatabaseError
from database.people import ROLES, Person, users
from database.tables import Agent, AppUser
from qa_app import identity
from qa_app.actions import accounts
from qa_app.context import shared_engine
from qa_app.i18n import LANGUAGES, NAMES, Translator
from qa_app.policies import allowed, authorise
from qa_app.presenting import moment
from qa_app.refusals import told as refusal
from qa_app.widgets import blocks

TOLD = "people.told"
OPENED = "people.opened"
MOST = 25
"""Lines shown at once: who looks for somebody types a name."""


def adding(person: Person, t: Translator, names: list[str]) -> None:
    """The form for a new account."""
    with st.expander(t("people.add")), st.form("people.add", border=False, clear_on_submit=False):
        left, right = st.columns(2)
        login = left.text_input(t("people.login"), key="people.login", max_chars=120)
        name = right.text_input(t("people.name"), key="people.name", max_chars=200)
        role = left.selectbox(
            t("people.role"), ROLES, format_func=lambda r: t(f"role.{r}"), key="people.role"
        )
        team = right.selectbox(
            t("people.team"), ["", *names], format_func=lambda v: v or t("people.all_teams"),
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


def one(user: AppUser, person: Person, t: Translator, names: dict[int | None, str]) -> None:
    """One account as a line."""
    with st.container(border=True):
        name_box, role_box, last_box, act_box = st.columns([3, 2, 2, 1], vertical_alignment="center")
        name_box.markdown(f"**{blocks.plain(user.name)}**  \n{blocks.plain(user.login)}")
        team = names.get(user.team_id) or ("" if user.role in ("admin", "agent") else t("people.all_teams"))
        role_box.write(" · ".join(filter(None, (t(f"role.{user.role}"), blocks.plain(team)))))
        seen = moment(user.last_sign_in, person.time_zone, t) if user.last_sign_in else t("people.never")
        states = [t("people.active" if user.active else "people.off")]
        if is_locked(user):
            states.append(t("people.locked"))
        if user.sso_subject:
            states.append(t("people.by_provider"))
        last_box.caption(" · ".join([*states, seen]))
        if not allowed(person, "manage_people") or user.id is None:
            return
        opened = st.session_state.get(OPENED) == user.id
        act_box.button(
            t("people.close" if opened else "people.change"),
            key=f"people.open.{user.id}",
            width="stretch",
            on_click=lambda: st.session_state.update({OPENED: None if opened else user.id}),
        )
        if opened:
            changing(user, user.id, person, t, names)


def changing(user: AppUser, number: int, person: Person, t: Translator, names: dict[int | None, str]) -> None:
    """What an admin may do to an account."""
    engine = shared_engine()
    with st.form(f"people.change.{number}", border=False):
        name = st.text_input(t("people.name"), user.name, key=f"people.name.{number}", max_chars=200)
        role = st.selectbox(
            t("people.role"), ROLES, index=ROLES.index(user.role), format_func=lambda r: t(f"role.{r}"),
            key=f"people.role.{number}", disabled=number == person.id,
        )  # fmt: skip
        options = ["", *sorted(names.values())]
        team = st.selectbox(
            t("people.team"), options, index=options.index(names.get(user.team_id, "")),
            format_func=lambda v: v or t("people.all_teams"), key=f"people.team.{number}",
            accept_new_options=True,
        )  # fmt: skip
        agent = st.text_input(
            t("people.agent"), key=f"people.agent.{number}", help=t("people.agent_help"), max_chars=200,
            placeholder=t("people.agent_as_is") if user.agent_id else "",
        )  # fmt: skip
        language = st.selectbox(
            t("people.language"), LANGUAGES, index=LANGUAGES.index(user.language),
            format_func=lambda code: NAMES[code], key=f"people.language.{number}",
        )  # fmt: skip
        if st.form_submit_button(t("people.save"), key=f"people.save.{number}", type="primary"):
            given = {"role": role, "team": team or "", "language": language, "name": name, "agent": agent}
            act(lambda: accounts.change(engine, person, number, **given), t("people.saved"), t)
    if is_locked(user) and st.button(t("people.unlock"), key=f"people.unlock.{number}", width="stretch"):
        act(lambda: accounts.unlock(engine, person, number), t("people.saved"), t)
    if number == person.id:
        return
    label = t("people.switch_off" if user.active else "people.switch_on")
    if st.button(label, key=f"people.switch.{number}", width="stretch"):
        act(lambda: accounts.switch(engine, person, number, not user.active), t("people.saved"), t)
    if st.button(t("people.reset"), key=f"people.reset.{number}", width="stretch"):
        password = accounts.reset_password(engine, person, number)
        st.session_state[TOLD] = t("people.was_reset", login=user.login, password=password)
        st.rerun()


def lacking(found: Missing, t: Translator) -> None:
    """What keeps people from working; nothing where nothing is missing."""
    lines = []
    if found.accounts:
        shown = ", ".join(f"{blocks.plain(key)} ({n})" for key, n in found.accounts[:12])
        lines.append(t("people.no_account", n=len(found.accounts), who=shown))
    if found.teams:
        lines.append(t("people.no_team", n=len(found.teams), who=blocks.plain(", ".join(found.teams[:12]))))
    if found.trainers:
        lines.append(t("people.no_trainer", who=blocks.plain(", ".join(found.trainers[:12]))))
    if lines:
        st.info("  \n".join(lines))


def in_teams(lines: list[TeamLine], agents: list[Agent], person: Person, t: Translator) -> None:
    """The teams, and for admins renaming one and moving an agent."""
    if not lines:
        blocks.empty(t("people.no_teams"), t("people.no_teams_help"))
        return
    rows = [
        {
            t("people.team"): line.name,
            t("people.agents"): line.agents,
            t("people.trainers"): line.trainers,
            t("dashboard.calls"): line.calls,
        }
        for line in lines
    ]
    st.dataframe(rows, hide_index=True)
    if not allowed(person, "manage_people"):
        return
    engine, names = shared_engine(), {line.id: line.name for line in lines}
    left, right = st.columns(2)
    with left.form("people.rename"):
        team = st.selectbox(t("people.team"), list(names), format_func=lambda i: names[i], key="people.old")
        new = st.text_input(t("people.new_name"), key="people.new", max_chars=200)
        st.caption(t("people.rename_help"))
        if st.form_submit_button(t("people.rename"), key="people.rename_go"):
            act(lambda: accounts.rename_team(engine, person, team or 0, new), t("people.saved"), t)
    with right.form("people.move"):
        shown = {agent.key: f"{agent.name} ({agent.key})" for agent in agents}
        who = st.selectbox(t("role.agent"), list(shown), format_func=lambda k: shown[k], key="people.who")
        where = st.selectbox(
            t("people.team"), ["", *names.values()], format_func=lambda v: v or "–", key="people.where"
        )
        st.caption(t("people.move_help"))
        if st.form_submit_button(t("people.move"), key="people.move_go"):
            act(lambda: accounts.move_agent(engine, person, who or "", where or ""), t("people.saved"), t)


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
        everybody, lines, found = users(session), teams(session), missing(session)
        agents = list(session.exec(select(Agent).order_by(Agent.name)))
    names: dict[int | None, str] = {line.id: line.name for line in lines}
    lacking(found, t)
    people_tab, teams_tab = st.tabs([t("people.accounts", n=len(everybody)), t("people.teams", n=len(lines))])
    with people_tab:
        if allowed(person, "manage_people"):
            adding(person, t, sorted(names.values()))
        words = st.text_input(
            t("people.find"), key="people.find", placeholder=t("people.find"), label_visibility="collapsed"
        )
        wanted = [
            user
            for user in everybody
            if not words or words.casefold() in f"{user.name} {user.login} {user.role}".casefold()
        ]
        for user in wanted[:MOST]:
            one(user, person, t, names)
        if len(wanted) > MOST:
            st.caption(t("people.more", n=len(wanted) - MOST))
    with teams_tab:
        in_teams(lines, agents, person, t)


page()
