"""Figures with sample size and interval on every average; nobody is ranked."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from database import figures, overview, reliability
from database.engine import reading
from database.extent import extent
from database.figures import Share, Spread
from database.passing import passing
from database.types import utc_now
from qa_app import identity
from qa_app.context import shared_engine, shared_settings
from qa_app.focus import interval_of, met
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.presenting import criterion_title, moment, month_name, number, percent, score, share_interval
from qa_app.widgets import averages as averages_plot
from qa_app.widgets import blocks, filters, intervals, reason_plots
from qa_app.widgets.intervals import Bar

DAYS = (7, 30, 90, 365, 3650)
MOST_LINES = 30
"""More agents than these are folded away."""
MOST_WEEKS = 53
"""A longer time is shown month by month."""


def averages(spread: Spread, passed: Share, human: int, doubt: int, t: Translator) -> None:
    """The figures on top; the share that passes stands apart from the average."""
    mean, low, high = interval_of(spread)
    if low is None or high is None:
        note = t("dashboard.few", n=spread.count)
    else:
        note = t("dashboard.interval", low=number(low, t, 1), high=number(high, t, 1), n=spread.count)
    top = share_interval(passed.hits, passed.of)
    top_note = ""
    if top is not None:
        low_top, high_top = number(100 * top[1], t), percent(top[2], t)
        top_note = t("dashboard.interval", low=low_top, high=high_top, n=passed.of)
    boxes = st.columns(5)
    share = percent(human / spread.count, t) if spread.count else "–"
    for box, (name, value, more) in zip(
        boxes,
        (
            (t("dashboard.calls"), str(spread.count), ""),
            (t("dashboard.average"), score(None if mean is None else round(mean, 1), t), note),
            (t("dashboard.passing"), percent(top[0] if top else None, t), top_note),
            (t("dashboard.human"), str(human), share),
            (t("dashboard.doubt"), str(doubt), ""),
        ),
        strict=True,
    ):
        with box:
            blocks.figure(name, value, more)


def bar(name: str, interval: tuple[float, float, float], n: int, t: Translator, unit: str = "") -> Bar:
    """A line with its interval: mean and limits out of 100, in words beside it."""
    mean, low, high = interval
    limits = f"{number(low, t, 1)}–{number(high, t, 1)}{unit}"
    words = number(mean, t, 1) + unit
    return Bar(name, t("dashboard.n_calls", n=n), mean / 100, low / 100, high / 100, words, limits)


def spread_bars(spreads: list[Spread], t: Translator) -> list[Bar]:
    """A line for each average that rests on enough calls."""
    fewest = shared_settings().council.smallest_group
    return [
        bar(spread.name, (mean, low, high), spread.count, t)
        for spread in spreads
        if spread.count >= fewest
        for mean, low, high in [interval_of(spread)]
        if mean is not None and low is not None and high is not None
    ]


def criteria(shares: list[Share], t: Translator) -> None:
    """How often each criterion was met, with its interval."""
    bars = []
    for share in shares:
        interval = share_interval(met(share), share.of)
        if interval is not None:
            mean, low, high = (100 * value for value in interval)
            name = t.get(f"kept.{share.name}", criterion_title(share.name, t))
            bars.append(bar(name, (mean, low, high), share.of, t, " %"))
    if bars:
        st.subheader(t("dashboard.by_criterion"))
        st.caption(t("dashboard.by_criterion_help"))
        intervals.bars(bars)


def agents(spreads: list[Spread], t: Translator) -> None:
    """Average per agent in alphabetical order, where there are enough calls."""
    council = shared_settings().council
    if not council.agent_averages or not spreads:
        return
    bars = spread_bars(spreads, t)
    st.subheader(t("dashboard.by_agent"))
    st.caption(t("dashboard.by_agent_help", n=council.smallest_group))
    if not bars:
        st.write(t("dashboard.by_agent_none", n=council.smallest_group))
    elif len(bars) > MOST_LINES:
        with st.expander(t("dashboard.all_agents", n=len(bars))):
            intervals.bars(bars)
    else:
        intervals.bars(bars)


def queues(spreads: list[Spread], t: Translator) -> None:
    """Average per queue, where there is more than one and enough calls."""
    bars = spread_bars(spreads, t)
    if len(bars) > 1:
        st.subheader(t("dashboard.by_queue"))
        intervals.bars(bars)


def weeks(days: list[Spread], t: Translator) -> list[Spread]:
    """Days joined to calendar weeks, named by their Mondays."""
    groups: dict[date, list[Spread]] = defaultdict(list)
    for spread in days:
        day = date.fromisoformat(spread.name[:10])
        groups[day - timedelta(days=day.weekday())].append(spread)
    names = {
        monday: moment(datetime.combine(monday, time(), UTC), "UTC", t, with_time=False) for monday in groups
    }
    return [figures.join(spreads, names[monday]) for monday, spreads in sorted(groups.items())]


def course(spreads: list[Spread], unit: str, t: Translator) -> None:
    """Averages by ``week`` or ``month``, each with its interval."""
    if len(spreads) >= 2:
        st.subheader(t(f"dashboard.by_{unit}"))
        averages_plot.draw(spreads, t(f"dashboard.by_{unit}"), t)


def portions(title: str, help_text: str, shares: list[Share], t: Translator, prefix: str) -> None:
    """Shares with counts and intervals, a line each."""
    st.subheader(title)
    if help_text:
        st.caption(help_text)
    lines = [(t.get(f"{prefix}{s.name}", s.name.replace("_", " ")), s.hits, s.of, False) for s in shares]
    intervals.shares(lines, t)


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_dashboard")
    left, days_box, team_box = st.columns([3, 1, 1], vertical_alignment="bottom")
    with left:
        blocks.heading(t("dashboard.title"))
    with reading(shared_engine()) as session:
        start = figures.days_with_calls(session, person.viewer, DAYS, utc_now())
        days = days_box.selectbox(
            t("dashboard.days"),
            DAYS,
            index=DAYS.index(start),
            format_func=lambda n: t("dashboard.all_days") if n == DAYS[-1] else str(n),
            key="dashboard.days",
        )
        teams = filters.offered(session, person).teams
        team = None
        if len(teams) > 1:
            team = team_box.selectbox(
                t("dashboard.team"),
                [None, *teams],
                format_func=lambda i: t("people.all_teams") if i is None else teams[i],
                key="dashboard.team",
            )
        since = utc_now() - timedelta(days=days)
        calls = extent(session, person.viewer, since, team)
        spread, human, doubt = overview.total(session, calls)
        if spread.count == 0:
            blocks.empty(t("dashboard.empty"), t("dashboard.empty_help"))
            return
        passed = passing(session, person.viewer, since, team)
        shares = overview.by_criterion(session, calls)
        per_agent = list(overview.by_agent(session, calls).values())
        per_queue = overview.by_queue(session, calls)
        unit = "week" if days <= MOST_WEEKS * 7 else "month"
        if unit == "week":
            over_time = weeks(figures.by_day(session, figures.scored(person.viewer, since, team)), t)
        else:
            months = overview.by_month(session, calls)
            over_time = [replace(month, name=month_name(month.name, t)) for month in months]
        reasons = overview.by_reason(session, calls)
        agreed = reliability.agreement(session, calls)
    averages(spread, passed, human, doubt, t)
    criteria(shares, t)
    agents(per_agent, t)
    queues(per_queue, t)
    course(over_time, unit, t)
    reason_plots.section(days, team)
    one, two = st.columns(2)
    with one:
        if reasons:
            portions(t("dashboard.by_reason"), "", reasons, t, "value.")
    with two:
        if agreed:
            portions(t("dashboard.agreement"), t("dashboard.agreement_help"), agreed, t, "criterion.")
        else:
            st.subheader(t("dashboard.agreement"))
            st.caption(t("dashboard.agreement_none"))


page()
