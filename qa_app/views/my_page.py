"""The agent's page: at most three numbers, one focus, one praised moment; then everything held on them."""

from datetime import timedelta

import streamlit as st

from database.engine import reading
from database.figures import by_criterion, days_with_calls, heard, scored, total
from database.listing import Filters, count_calls, list_calls
from database.own import praise_for, seen_by, weakest_call
from database.people import Person
from database.types import utc_now
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.focus import interval_of, suggest
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.presenting import clock, criterion_title, moment, number, percent, score
from qa_app.widgets import blocks, call_lines

DAYS = (30, 30, 90, 365, 3650)  # the last 30 days, or as far back as the newest call lies


def numbers(person: Person, t: Translator, days: int) -> None:
    """The three numbers."""
    with reading(shared_engine()) as session:
        where = scored(person.viewer, utc_now() - timedelta(days=days))
        spread = total(session, where)
        human, _ = heard(session, where)
        unseen = count_calls(session, person.viewer, Filters(review_states=("released",)))
    mean, low, high = interval_of(spread)
    note = (
        t("my.score_one" if spread.count == 1 else "my.score_few", n=spread.count)
        if low is None or high is None
        else t("my.score_help", n=spread.count, low=number(low, t), high=number(high, t))
    )
    first, second, third = st.columns(3)
    with first:
        blocks.figure(t("my.score"), score(None if mean is None else round(mean, 1), t), note)
    with second:
        blocks.figure(t("my.reviewed"), str(human), t("my.reviewed_help", n=spread.count))
    with third:
        blocks.figure(t("my.open"), str(unseen), t("my.open_help"))


def focus_and_praise(person: Person, t: Translator, days: int) -> None:
    """One thing to work on, one that went well."""
    with reading(shared_engine()) as session:
        shares = by_criterion(session, scored(person.viewer, utc_now() - timedelta(days=days)))
        found = suggest(shares)
        example = weakest_call(session, person.viewer, found.name) if found else None
        praised = praise_for(session, person.viewer)
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.markdown(f"**{t('my.focus')}**")
        if found is None:
            st.caption(t("my.focus_none"))
        else:
            title = criterion_title(found.name, t)
            low, high = percent(found.low, t), percent(found.high, t)
            st.write(t("my.focus_text", title=title, met=found.met, of=found.of, low=low, high=high))
            if example is not None and st.button(t("my.focus_open"), key="my.focus"):
                call_lines.go_to_call(example)
    with right.container(border=True, height="stretch"):
        st.markdown(f"**{t('my.praise')}**")
        if praised is None:
            st.caption(t("my.praise_none"))
        else:
            st.text(praised.text)
            st.caption(f"{praised.writer} · {praised.call} · {clock(praised.moment)}")
            if st.button("▶ " + clock(praised.moment), key="my.praise"):
                call_lines.go_to_call(praised.call_id)


def held(person: Person, t: Translator) -> None:
    """Everything stored on the agent, and who looked at it."""
    with st.expander(t("my.held")):
        st.caption(t("my.held_help"))
        with reading(shared_engine()) as session:
            entries = seen_by(session, person.viewer)
        st.markdown(f"**{t('my.listened')}**")
        st.dataframe(
            [
                {
                    t("audit.at"): moment(entry.at, person.time_zone, t),
                    t("audit.actor"): entry.actor,
                    t("audit.action"): entry.action,
                    t("calls.col_call"): entry.subject_id,
                }
                for entry in entries
            ],
            hide_index=True,
            height=220,
        )
        st.link_button(t("my.export"), "/account/data", icon=":material/download:")


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_own_page")
    with reading(shared_engine()) as session:
        days = days_with_calls(session, person.viewer, DAYS, utc_now())
        blocks.heading(t("my.title", name=person.viewer.name), t("my.lead", days=days))
        lines = list_calls(session, person.viewer, limit=10)
    if not lines:
        blocks.empty(t("calls.none_agent"), t("calls.none_agent_help"))
        return
    numbers(person, t, days)
    focus_and_praise(person, t, days)
    st.subheader(t("my.recent"))
    call_lines.show(lines, person, t, key="my.list", label=t("my.recent"))
    held(person, t)


page()
