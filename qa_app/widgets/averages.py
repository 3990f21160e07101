"""Average scores over time on the scale of 0 to 100, each with its interval."""

from collections.abc import Sequence

import streamlit as st

from database.figures import Spread
from qa_app.focus import interval_of
from qa_app.i18n import Translator
from qa_app.presenting import number
from qa_app.widgets.course_plot import STYLE, Dot, course

SCALE = ((100.0, "100"), (50.0, "50"), (0.0, "0"))


def draw(spreads: Sequence[Spread], title: str, t: Translator) -> None:
    """The plot; periods with too few calls for an interval stay empty."""
    dots = [_dot(spread, t) for spread in spreads]
    known = [dot for dot in dots if dot.value is not None]
    if not known:
        st.caption(t("dashboard.few", n=sum(spread.count for spread in spreads)))
        return
    st.html(STYLE + course(dots, SCALE, _said(known, title, t), "11rem"))


def _dot(spread: Spread, t: Translator) -> Dot:
    mean, low, high = interval_of(spread)
    if mean is None or low is None or high is None:
        return Dot(spread.name, None, "")
    limits = t("dashboard.interval", low=number(low, t, 1), high=number(high, t, 1), n=spread.count)
    return Dot(spread.name, (mean, low, high), f"{spread.name}: {number(mean, t, 1)} ({limits})")


def _said(known: Sequence[Dot], title: str, t: Translator) -> str:
    """What the plot shows, for whoever does not see it."""

    def value(dot: Dot) -> float:
        return dot.value[0] if dot.value else 0.0

    def at(dot: Dot) -> str:
        return f"{number(value(dot), t, 1)} ({dot.name})"

    high, low = max(known, key=value), min(known, key=value)
    return t("reasons.alt", name=title, first=at(known[0]), last=at(known[-1]), high=at(high), low=at(low))
