"""The agent's page: one praised moment, one focus, at most three numbers; then the latest calls."""

from datetime import timedelta

import streamlit as st

from database.coaching import plans, unsigned_counts
from database.engine import reading
from database.figures import by_criterion, days_with_calls, heard, scored, total
from database.filters import Filters
from database.listing import count_calls, list_calls
from database.own import praise_for, weakest_call
from database.people import Person
from database.types import utc_now
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.focus import focus_of, interval_of, suggest
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.presenting import clock, criterion_title, number, percent, score
from qa_app.widgets import blocks, call_lines, clips

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


def praise_and_focus(person: Person, t: Translator, days: int) -> None:
    """One thing that went well, then one to work on: of the open plan where there is one."""
    with reading(shared_engine()) as session:
        shares = by_criterion(session, scored(person.viewer, utc_now() - timedelta(days=days)))
        plan = next(iter(plans(session, person.viewer, "open", limit=1)), None)
        found = focus_of(shares, plan.plan.criterion_id) if plan else suggest(shares)
        example = weakest_call(session, person.viewer, found.name) if found else None
        praised = praise_for(session, person.viewer)
        to_sign = unsigned_counts(session, person.viewer).get(plan.id, 0) if plan else 0
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.markdown(f"**{t('my.praise')}**")
        if praised is None:
            st.caption(t("my.praise_none"))
        else:
            st.text(praised.text)
            start = praised.moment
            st.caption(f"{praised.writer or t('examples.customer')} · {praised.call} · {clock(start)}")
            if start is not None:
                clips.of_call(person, praised.call_id, max(0.0, start - 4), praised.end or start + 8, t)
            if st.button(t("disputes.listen"), key="my.praise"):
                call_lines.go_to_call(praised.call_id)
    with right.container(border=True, height="stretch"):
        st.markdown(f"**{t('my.focus')}**")
        if found is not None:
            title = criterion_title(found.name, t)
            low, high = percent(found.low, t), percent(found.high, t)
            st.write(t("my.focus_text", title=title, met=found.met, of=found.of, low=low, high=high))
        elif plan is None:
            st.caption(t("my.focus_none"))
        else:
            st.write(criterion_title(plan.plan.criterion_id, t))
        if example is not None and st.button(t("my.focus_open"), key="my.focus"):
            call_lines.go_to_call(example)
        label = t("my.plan_sign", n=to_sign) if to_sign else t("my.plan_open")
        if plan is not None and st.button(label, key="my.plan", type="primary" if to_sign else "secondary"):
            st.switch_page("views/plan.py", query_params={"id": str(plan.id)})


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
    praise_and_focus(person, t, days)
    numbers(person, t, days)
    st.subheader(t("my.recent"))
    call_lines.show(lines, person, t, key="my.list", label=t("my.recent"))


page()
