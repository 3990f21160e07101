"""Does a coaching plan work: shares before and since, beside colleagues', and the calls behind them."""

import streamlit as st

from database.coaching import PlanLine
from database.figures import Share
from database.follow_up import BEFORE, FollowUp
from database.people import Person
from database.tables import Call
from qa_app.effect import Change, against, change
from qa_app.focus import met
from qa_app.i18n import Translator
from qa_app.presenting import moment, number
from qa_app.scoring import BAD_WHEN_YES
from qa_app.widgets import call_lines, intervals
from qa_app.widgets.components import Cell, Line, open_list


def points(found: Change, t: Translator) -> str:
    """+12 points (95 % between -3 and +27)."""

    def signed(value: float) -> str:
        return ("+" if value > 0 else "−" if value < 0 else "") + number(abs(100 * value), t)

    low, high = signed(found.low), signed(found.high)
    return t("plan.points", value=signed(found.value), low=low, high=high)


def figures(line: PlanLine, found: FollowUp, own: bool, t: Translator) -> None:
    """The share before and since, against colleagues, and what can be said of it."""
    name = t("plan.you") if own else line.agent.name

    def counts(share: Share) -> tuple[int, int]:
        return met(share), share.of

    before, since = counts(found.before), counts(found.since)
    rows = [
        (t("plan.before", name=name, days=BEFORE.days), *before, False),
        (t("plan.since", name=name), *since, False),
    ]
    others = None
    if found.colleagues_before is not None and found.colleagues_since is not None:
        first, then = counts(found.colleagues_before), counts(found.colleagues_since)
        rows += [
            (t("plan.team_before", n=found.colleagues), *first, True),
            (t("plan.team_since", n=found.colleagues), *then, True),
        ]
        others = change(first, then)
    intervals.shares(rows, t)
    moved = change(before, since)
    if moved is None:
        st.caption(t("plan.no_calls_yet"))
        return
    st.write(t(f"plan.moved_{moved.told}", points=points(moved, t)))
    if others is not None:
        compared = against(moved, others)
        st.write(t(f"plan.against_{compared.told}", points=points(compared, t)))
    elif own and found.colleagues:
        st.caption(t("plan.team_small"))
    st.caption(t("plan.honest"))


def later_calls(found: list[tuple[Call, str]], line: PlanLine, person: Person, t: Translator) -> None:
    """The calls since the plan began that called for its goal."""
    good = "no" if line.plan.criterion_id in BAD_WHEN_YES else "yes"
    rows = [
        Line(
            call.id or 0,
            t("calls.open", name=call.call_key or call.file_name),
            (
                Cell(call.call_key or call.file_name),
                Cell(
                    t("plan.went_well" if verdict == good else "plan.went_badly"),
                    tone="good" if verdict == good else "bad",
                ),
                Cell(moment(call.started_at, person.time_zone, t)),
            ),
        )
        for call, verdict in found
    ]
    with st.expander(t("plan.later", n=len(rows))):
        columns = [(t("calls.col_call"), "text"), (t("plan.how"), "text"), (t("calls.col_when"), "text")]
        opened = open_list(t("plan.later", n=len(rows)), columns, rows, key="plan.later")
    if opened is not None:
        call_lines.go_to_call(opened)
