"""An agent's own progress, month by month, each figure with its interval and what it rests on."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from database.engine import reading
from database.figures import Share, Spread, by_criterion, by_day, join, scored
from database.people import Person
from database.progress import criterion_by_day
from database.types import utc_now
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.focus import interval_of, met
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.presenting import criterion_title, month_name, number, score
from qa_app.widgets import blocks, intervals
from qa_app.widgets.intervals import Bar

DAYS = 730


def by_month(days: Sequence[Spread]) -> list[Spread]:
    """Days joined to months, oldest first."""
    groups: dict[str, list[Spread]] = defaultdict(list)
    for spread in days:
        groups[spread.name[:7]].append(spread)
    return [join(spreads, month) for month, spreads in sorted(groups.items())]


def scores(days: Sequence[Spread], t: Translator) -> None:
    """The average score of each month."""
    found = []
    for spread in by_month(days):
        mean, low, high = interval_of(spread)
        text = score(None if mean is None else round(mean, 1), t)
        sure = low is not None and high is not None
        limits = f"{number(low, t)}–{number(high, t)}" if sure else t("progress.few")
        value, first, last = (None if figure is None else figure / 100 for figure in (mean, low, high))
        n = t("calls.one") if spread.count == 1 else t("calls.count", n=spread.count)
        found.append(Bar(month_name(spread.name, t), n, value, first, last, text, limits))
    intervals.bars(found)


def shares(days: Sequence[Share], t: Translator) -> None:
    """How often one criterion was met in each month."""
    months: dict[str, tuple[int, int]] = {}
    for share in days:
        hits, of = months.get(share.name[:7], (0, 0))
        months[share.name[:7]] = (hits + share.hits, of + share.of)
    intervals.shares([(month_name(month, t), *counts, False) for month, counts in sorted(months.items())], t)


def of_criterion(person: Person, names: Sequence[str], t: Translator) -> None:
    """One criterion, chosen by the agent."""
    criterion = st.selectbox(
        t("calls.criterion"), names, format_func=lambda n: criterion_title(n, t), key="progress.criterion"
    )
    with reading(shared_engine()) as session:
        days = criterion_by_day(session, scored(person.viewer, utc_now() - timedelta(days=DAYS)), criterion)
    turned = [Share(day.name, met(Share(criterion, day.hits, day.of)), day.of) for day in days]
    shares(turned, t)


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_own_page")
    blocks.heading(t("progress.title"), t("progress.lead"))
    with reading(shared_engine()) as session:
        where = scored(person.viewer, utc_now() - timedelta(days=DAYS))
        days = by_day(session, where)
        names = [share.name for share in by_criterion(session, where)]
    if not days:
        blocks.empty(t("calls.none_agent"), t("calls.none_agent_help"))
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("my.score"))
        scores(days, t)
        st.caption(t("progress.help"))
    with right:
        st.subheader(t("progress.by_criterion"))
        if names:
            of_criterion(person, names, t)


page()
