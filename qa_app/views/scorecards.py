"""Scorecards: read one, work on its next version, see its versions."""

import streamlit as st

from database.card_drafts import draft
from database.cards import HouseCard, card_of, find_card, house_cards
from database.engine import reading
from database.errors import DatabaseError
from database.people import Person, users
from qa_app import identity
from qa_app.actions import scorecards
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import allowed, authorise
from qa_app.presenting import moment
from qa_app.refusals import told as refusal
from qa_app.widgets import blocks, card_editor, card_reader
from scorecards.card import Card
from scorecards.errors import ScorecardError

CHOSEN = "scorecards.chosen"
WAYS = ("read", "edit", "versions")


def choosing(person: Person, t: Translator, names: list[str]) -> str | None:
    """The card that is looked at; its name stands in the address."""
    asked = st.query_params.get("card")
    if CHOSEN not in st.session_state and asked in names:
        st.session_state[CHOSEN] = asked
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    st.session_state.setdefault(CHOSEN, "customer-care.en" if "customer-care.en" in names else names[0])
    name = left.selectbox(
        t("scorecards.card"),
        names,
        key=CHOSEN,
        format_func=lambda value: label(value, t),
    )
    if name:
        st.query_params["card"] = name
    if allowed(person, "edit_scorecards"):
        with right.popover(t("scorecards.new"), width="stretch"):
            fresh = st.text_input(t("scorecards.new_name"), key="scorecards.new_name", max_chars=67)
            st.caption(t("scorecards.new_help"))
            if st.button(t("scorecards.begin_new"), key="scorecards.begin_new", disabled=not fresh.strip()):
                begin(person, fresh.strip(), t)
    return name


def label(name: str, t: Translator) -> str:
    """returns.en → returns (English)."""
    card_id, _, language = name.partition(".")
    return f"{card_id} ({t(f'language.{language}')})"


def begin(person: Person, name: str, t: Translator) -> None:
    """Begin a draft and go to it."""
    try:
        scorecards.begin(shared_engine(), person, name)
    except DatabaseError as error:
        st.error(refusal(error, t))
        return
    st.session_state["scorecards.next"] = (name, "edit")
    st.rerun()


def versions(own: list[HouseCard], person: Person, t: Translator, by: dict[int | None, str]) -> None:
    """The house's versions of this card, newest first, and retiring one."""
    if not own:
        blocks.empty(t("scorecards.no_versions"), t("scorecards.no_versions_help"))
        return
    for card in own:
        with st.container(border=True):
            text, act = st.columns([4, 1], vertical_alignment="center")
            state = t("scorecards.retired" if card.retired else "scorecards.in_use")
            when = moment(card.row.at, person.time_zone, t)
            text.markdown(f"**{t('scorecards.version', n=card.row.version)}** · {state}")
            who = by.get(card.row.by, t("scorecards.command_line"))
            text.caption(" · ".join(filter(None, (when, who, blocks.plain(card.row.note)))))
            text.caption(f"sha256 {card.row.sha256}")
            if card.retired is None and allowed(person, "publish_scorecards"):
                with act.popover(t("scorecards.retire"), width="stretch"):
                    st.caption(t("scorecards.retire_help"))
                    why = st.text_input(t("scorecards.why"), key=f"scorecards.why.{card.row.id}")
                    if st.button(t("scorecards.retire"), key=f"scorecards.retire.{card.row.id}"):
                        scorecards.retire(shared_engine(), person, card.row.id or 0, why)
                        st.rerun()
            if st.toggle(t("scorecards.show_text"), key=f"scorecards.show.{card.row.id}"):
                st.code(card.row.text, language="yaml", line_numbers=True)


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_scorecards")
    blocks.heading(t("scorecards.title"), t("scorecards.lead"))
    going = st.session_state.pop("scorecards.next", None)
    if going:
        st.session_state[CHOSEN], st.session_state["scorecards.way"] = going
    told = st.session_state.pop(card_editor.TOLD, None)
    if told:
        st.success(told)
    with reading(shared_engine()) as session:
        names = scorecards.names(session)
    name = choosing(person, t, names)
    if name is None:
        return
    card: Card | None = None
    with reading(shared_engine()) as session:
        own = [one for one in house_cards(session) if one.name == name]
        try:
            card = find_card(session, name)
        except ScorecardError:
            card = card_of(own[0].row) if own else None
        open_draft = draft(session, name)
        by: dict[int | None, str] = {user.id: user.name for user in users(session)}
    ways = WAYS if allowed(person, "edit_scorecards") else ("read", "versions")
    st.session_state.setdefault("scorecards.way", "read")
    way = st.segmented_control(
        t("scorecards.way"),
        ways,
        key="scorecards.way",
        format_func=lambda value: t(f"scorecards.way_{value}"),
        label_visibility="collapsed",
    )
    if way == "versions":
        versions(own, person, t, by)
    elif way == "edit":
        if open_draft is None:
            blocks.empty(t("scorecards.no_draft"), t("scorecards.no_draft_help"))
            if st.button(t("scorecards.begin"), key="scorecards.begin", type="primary"):
                begin(person, name, t)
        else:
            card_editor.show(open_draft, person, t, by)
    elif card is None:
        blocks.empty(t("scorecards.only_draft"), t("scorecards.only_draft_help"))
    else:
        ready = not any(one.row.version == card.version for one in own)
        card_reader.show(
            card, t, ready=ready, retired=bool(own) and not ready and all(o.retired for o in own)
        )


page()
