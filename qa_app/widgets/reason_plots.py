"""Contact reasons over time: a small plot for each reason on one scale, each with its text, and a table.

Shares are dots, intervals upright bars, and a period that is not over is a ring: nothing is told by
colour alone.
"""

from collections.abc import Sequence
from datetime import timedelta
from html import escape

import streamlit as st

from database.engine import reading
from database.reasons import over_time
from database.types import utc_now
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.presenting import day, number, percent
from qa_app.reasons import MOST, UNKNOWN, Course, Period, Point, Size, courses, periods, top_of
from qa_app.widgets import course_plot, filters
from qa_app.widgets.course_plot import Dot

SIZES: tuple[Size, ...] = ("week", "month")
STYLE = """
<style>
.r-plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(16.5rem, 1fr)); gap: .9rem 1.4rem; }
.r-plots figure { margin: 0; min-width: 0; }
.r-plots figcaption { font-size: .86rem; color: var(--r-quiet); line-height: 1.35; }
.r-plots figcaption b { display: block; font-size: .95rem; font-weight: 650; }
</style>
"""


@st.fragment
def section(days: int, team_id: int | None) -> None:
    """The section of the overview: its own choice of queue and of weeks or months."""
    person = identity.find_person()
    if person is None:
        st.rerun()
        return
    authorise(person, "see_dashboard")
    _, t = identity.me()
    st.subheader(t("reasons.title"))
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    now = utc_now()
    since = now - timedelta(days=days)
    with reading(shared_engine()) as session:
        queues = filters.offered(session, person).queues
        chosen = left.segmented_control(
            t("reasons.by"), SIZES, key="reasons.size",
            default="week" if days <= 7 * MOST["week"] else "month",
            format_func=lambda value: t(f"reasons.{value}"), label_visibility="collapsed", required=True,
        )  # fmt: skip
        size: Size = "month" if chosen == "month" else "week"
        queue = None
        if len(queues) > 1:
            queue = right.selectbox(
                t("calls.queue"), [None, *queues], key="reasons.queue",
                format_func=lambda value: t("reasons.all_queues") if value is None else value,
            )  # fmt: skip
        spans = periods(since, now, person.time_zone, size)
        counts = over_time(
            session, person.viewer, [(s.start, s.end) for s in spans], team_id=team_id, queue=queue
        )
    found = courses(spans, counts, now)
    if not found:
        st.caption(t("reasons.none"))
        return
    st.caption(t("reasons.help", zone=person.time_zone))
    plots(found, size, t)
    with st.expander(t("dashboard.as_table")):
        st.dataframe(table(found, size, t), hide_index=True)


def plots(found: Sequence[Course], size: Size, t: Translator) -> None:
    """A figure for each reason."""
    top = top_of(found)
    st.html(
        course_plot.STYLE
        + STYLE
        + f'<div class="r-plots">{"".join(_figure(c, top, size, t) for c in found)}</div>'
    )


def table(found: Sequence[Course], size: Size, t: Translator) -> list[dict[str, object]]:
    """The same as lines: period, reason, calls, share, interval."""
    return [
        {
            t(f"reasons.{size}"): _day(point, size, t),
            t("dashboard.reason"): name(course.reason, t),
            t("reasons.calls"): point.calls,
            t("reasons.of"): point.of,
            t("dashboard.portion"): percent(point.share[0], t),
            t("dashboard.interval_column"): _limits(point.share, t),
        }
        for course in found
        for point in course.points
        if point.share is not None
    ]


def name(reason: str, t: Translator) -> str:
    """A reason's name."""
    return t("reasons.unknown") if reason == UNKNOWN else t.get(f"value.{reason}", reason.replace("_", " "))


def _day(point: Point | Period, size: Size, t: Translator) -> str:
    if size == "month":
        return f"{t('months').split()[point.day.month - 1]} {point.day.year}"
    return day(point.day, t)


def _limits(share: tuple[float, float, float], t: Translator) -> str:
    return f"{number(100 * share[1], t)}–{percent(share[2], t)}"


def _told(course: Course, size: Size, t: Translator) -> str:
    """The last full period in words, and whether it differs from the one before by more than chance."""
    last = next((p for p in reversed(course.points) if p.over and p.share is not None), None)
    last = last or next((p for p in reversed(course.points) if p.share is not None), None)
    if last is None or last.share is None:
        return ""
    told = t(
        f"reasons.last_{size}" if last.over else "reasons.so_far",
        share=percent(last.share[0], t),
        limits=_limits(last.share, t),
        n=last.of,
    )
    moved = course.moved
    if moved is not None and last.over and moved.told != "open":
        told += " " + t(f"reasons.{moved.told}", points=number(abs(100 * moved.value), t, 1))
    return told


def _alt(course: Course, size: Size, t: Translator) -> str:
    """What the plot shows, for whoever does not see it."""
    known = [(point, point.share) for point in course.points if point.share is not None]
    first, last = known[0], known[-1]
    high = max(known, key=lambda pair: pair[1][0])
    low = min(known, key=lambda pair: pair[1][0])

    def at(pair: tuple[Point, tuple[float, float, float]]) -> str:
        return f"{percent(pair[1][0], t)} ({_day(pair[0], size, t)})"

    return t(
        "reasons.alt", name=name(course.reason, t), first=at(first), last=at(last), high=at(high), low=at(low)
    )


def _figure(found: Course, top: float, size: Size, t: Translator) -> str:
    caption = f"<b>{escape(name(found.reason, t))}</b>{escape(_told(found, size, t))}"
    scale = tuple((value, percent(value, t)) for value in (top, 0.0))
    dots = [_dot(point, size, t) for point in found.points]
    plot = course_plot.course(dots, scale, _alt(found, size, t), "5.5rem")
    return f"<figure>{plot}<figcaption>{caption}</figcaption></figure>"


def _dot(point: Point, size: Size, t: Translator) -> Dot:
    when = _day(point, size, t)
    if point.share is None:
        return Dot(when, None, "", point.over)
    told = f"{when}: {percent(point.share[0], t)} ({_limits(point.share, t)}), n = {point.of}"
    return Dot(when, point.share, told, point.over)
