"""How far scores can be relied on: machine against people per item, disputes, the recogniser."""

from collections.abc import Mapping
from datetime import timedelta

import streamlit as st

from database import reliability
from database.engine import reading
from database.extent import extent
from database.reliability import Answers, Disputed, Heard
from database.types import utc_now
from qa_app import identity
from qa_app.context import shared_engine, shared_settings
from qa_app.focus import interval_of
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.presenting import EMPTY, criterion_title, number, percent, score, share_interval
from qa_app.widgets import blocks
from scorecards.agreement import Interval, kappa_of_counts

DAYS = (30, 90, 365, 3650)
FEWEST = 30
GOOD_KAPPA, GOOD_SHARE = 0.6, 0.9


def standing(counts: Answers, kappa: Interval) -> str:
    """What an item's agreement allows: ``few`` (too few to say), ``good``, or ``weak``: a suggestion only.
    Where only one answer ever occurs kappa says nothing, and the lower bound of plain agreement decides."""
    n, agreed = sum(counts.values()), sum(k for (a, b), k in counts.items() if a == b)
    if n < FEWEST:
        return "few"
    if kappa.low is not None:
        return "good" if kappa.low >= GOOD_KAPPA else "weak"
    plain = share_interval(agreed, n)
    return "good" if plain is not None and plain[1] >= GOOD_SHARE else "weak"


def span(low: float | None, high: float | None, t: Translator) -> str:
    """0.61 – 0.83."""
    return EMPTY if low is None or high is None else f"{number(low, t, 2)} – {number(high, t, 2)}"


def items(found: Mapping[str, Answers], t: Translator) -> None:
    """Agreement per criterion."""
    rows = []
    for name, counts in found.items():
        kappa = kappa_of_counts(counts)
        agreed = sum(k for (a, b), k in counts.items() if a == b)
        rows.append(
            {
                t("dashboard.criterion"): criterion_title(name, t),
                "n": kappa.n,
                t("reliability.agreed"): percent(agreed / kappa.n, t),
                "κ": EMPTY if kappa.value is None else number(kappa.value, t, 2),
                t("dashboard.interval_column"): span(kappa.low, kappa.high, t),
                t("reliability.use"): t(f"reliability.{standing(counts, kappa)}"),
            }
        )
    st.dataframe(rows, hide_index=True)


def disputed(title: str, lines: list[Disputed], names: Mapping[str, str], t: Translator) -> None:
    """Disputes as a table."""
    st.subheader(title)
    if not lines:
        st.caption(t("reliability.no_disputes"))
        return
    rows = []
    for line in lines:
        right = share_interval(line.agent_right, line.decided)
        rows.append(
            {
                title: names.get(line.name, line.name),
                t("reliability.opened"): line.opened,
                t("reliability.decided"): line.decided,
                t("reliability.agent_right"): EMPTY
                if right is None
                else f"{percent(right[0], t)} ({percent(right[1], t)} – {percent(right[2], t)})",
            }
        )
    st.dataframe(rows, hide_index=True)


def recogniser(lines: list[Heard], t: Translator) -> None:
    """Average score beside the recogniser's confidence, by name."""
    fewest = shared_settings().council.smallest_group
    rows = []
    for line in lines:
        if line.scores.count < fewest:
            continue
        mean, low, high = interval_of(line.scores)
        between = EMPTY if low is None or high is None else f"{number(low, t)} – {number(high, t)}"
        rows.append(
            {
                t("dashboard.agent"): line.scores.name,
                t("dashboard.calls"): line.scores.count,
                t("dashboard.average"): score(None if mean is None else round(mean, 1), t),
                t("dashboard.interval_column"): between,
                t("reliability.confidence"): percent(line.confidence, t),
            }
        )
    if rows:
        st.dataframe(rows, hide_index=True)
    else:
        st.caption(t("dashboard.by_agent_none", n=fewest))


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_reliability")
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        blocks.heading(t("reliability.title"), t("reliability.lead"))
    days = right.selectbox(
        t("dashboard.days"),
        DAYS,
        index=1,
        format_func=lambda n: t("dashboard.all_days") if n == DAYS[-1] else str(n),
        key="reliability.days",
    )
    st.subheader(t("reliability.machine"))
    st.caption(t("reliability.machine_help", n=FEWEST, kappa=number(GOOD_KAPPA, t, 1)))
    blind = st.toggle(t("reliability.blind"), key="reliability.blind", help=t("reliability.blind_help"))
    since = utc_now() - timedelta(days=days)
    council = shared_settings().council
    with reading(shared_engine()) as session:
        calls = extent(session, person.viewer, since)
        found = reliability.answers(session, calls, blind_only=blind)
        by_item = reliability.disputes_by_item(session, person.viewer, since)
        by_reviewer = reliability.disputes_by_reviewer(session, person.viewer, since)
        heard = reliability.heard(session, calls) if council.agent_averages else []
    if found:
        items(found, t)
    else:
        blocks.empty(t("dashboard.agreement_none"), t("reliability.none_help"))
    one, two = st.columns(2)
    with one:
        names = {line.name: criterion_title(line.name, t) for line in by_item}
        disputed(t("reliability.by_item"), by_item, names, t)
    with two:
        disputed(t("reliability.by_reviewer"), by_reviewer, {"": t("by.machine")}, t)
    if council.agent_averages:
        st.subheader(t("reliability.recogniser"))
        st.caption(t("reliability.recogniser_help"))
        recogniser(heard, t)


page()
