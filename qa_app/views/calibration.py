"""One calibration session: score blind; then, once the seal is off, see where people differ and agree."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from database import calibration_answers, calibrations, reviews
from database.calibration_answers import Answers
from database.calibrations import SessionLine
from database.engine import reading
from database.errors import DatabaseError
from database.people import Person
from qa_app import identity
from qa_app.actions import blind_scoring
from qa_app.actions.done import Done
from qa_app.calibrating import Row, of_session, rows
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.presenting import criterion_title, moment, number, verdict_name
from qa_app.refusals import told as refusal
from qa_app.widgets import blind_call, blocks, call_lines, tables

TOLD = "calibration.told"


def scoring(line: SessionLine, person: Person, t: Translator) -> None:
    """The call without anybody's answers."""
    with reading(shared_engine()) as session:
        opened = calibrations.sealed_call(session, person.viewer, line)
        mine = calibrations.draft(session, person.viewer, line)
        items = reviews.items(session, mine.id) if mine and mine.id is not None else {}
        data = blind_call.data_of(session, person, opened, items, t)

    def act(who: Person, event: Mapping[str, Any]) -> Done:
        return blind_scoring.answer_calibration(shared_engine(), who, line.id, event)

    blind_call.draw(data, f"calibration.{line.id}", act, t)


def waiting(line: SessionLine, t: Translator) -> None:
    """Who has submitted so far; the owner can end the session."""
    marks = [("✓ " if one.submitted else "○ ") + one.name for one in line.people]
    blocks.empty(t("calibration.sealed"), t("calibration.sealed_help") + " " + " · ".join(marks))


def closing(line: SessionLine, person: Person, t: Translator) -> None:
    """The owner's button."""
    if line.session.owner_id != person.id or line.session.state != "open":
        return
    label = t("calibration.close_early" if line.sealed else "calibration.close")
    if st.button(label, key="calibration.close"):
        done = blind_scoring.close_session(shared_engine(), person, line.id)
        st.session_state[TOLD] = t(done.message)
        st.rerun()


def comparison(line: SessionLine, found: Answers, person: Person, t: Translator) -> None:
    """The answers beside each other, how well they agree, and what was agreed."""
    lines = rows(found)
    if not lines:
        blocks.empty(t("calibration.nobody"), t("calibration.nobody_help"))
        return
    same = sum(row.same for row in lines)
    whole = of_session(found)
    first, second, third = st.columns(3)
    with first:
        blocks.figure(
            t("calibration.same"), f"{same} / {len(lines)}", t("calibration.same_help", n=len(found.names))
        )
    with second:
        limits = whole.low is not None
        note = (
            t("calibration.alpha_help", low=number(whole.low, t, 2), high=number(whole.high, t, 2), n=whole.n)
            if limits
            else t("calibration.alpha_none")
        )
        blocks.figure(t("calibration.alpha"), number(whole.value, t, 2), note)
    with third:
        agreed = sum(row.agreed is not None for row in lines)
        blocks.figure(t("calibration.settled"), f"{agreed} / {len(lines)}", t("calibration.settled_help"))
    took_part = line.asks(person.viewer) is not None or line.session.owner_id == person.id
    left, right = st.columns([2, 1], gap="large") if took_part else (st.container(), None)
    with left:
        table(found, lines, t)
    if right is not None:
        with right:
            settling(line, found, lines, person, t)


def table(found: Answers, lines: list[Row], t: Translator) -> None:
    """One line a criterion, those with differing answers first and marked."""
    people = unique(found.names)
    tables.table(
        t("calibration.title"),
        [
            t("calls.criterion"),
            *people.values(),
            t("by.machine").capitalize(),
            t("calibration.agreed"),
            t("disputes.reason"),
        ],
        [
            [
                criterion_title(row.criterion, t),
                *(verdict_name(row.verdicts.get(user), t) for user in people),
                verdict_name(row.machine, t),
                verdict_name(row.agreed, t),
                row.reason,
            ]
            for row in lines
        ],
        marked=[not row.same for row in lines],
    )


def unique(names: Mapping[int, str]) -> dict[int, str]:
    """Names as columns: two people of one name are told apart."""
    found: dict[int, str] = {}
    for user, name in names.items():
        found[user] = name if name not in found.values() else f"{name} ({user})"
    return found


def settling(line: SessionLine, found: Answers, lines: list[Row], person: Person, t: Translator) -> None:
    """Record what was agreed; those still open and differing come first."""
    order = sorted(lines, key=lambda row: (row.agreed is not None, row.same))
    with st.container(border=True):
        st.markdown(f"**{t('calibration.settle')}**")
        names = [row.criterion for row in order]
        by_name = {row.criterion: row for row in order}
        criterion = st.selectbox(
            t("calls.criterion"),
            names,
            format_func=lambda n: ("≠ " if not by_name[n].same else "") + criterion_title(n, t),
            key=f"calibration.criterion.{len([r for r in lines if r.agreed])}",
        )
        row = by_name[criterion]
        people = unique(found.names)
        said = [f"{people[user]}: {verdict_name(v, t)}" for user, v in row.verdicts.items()]
        st.caption(" · ".join([*said, f"{t('by.machine')}: {verdict_name(row.machine, t)}"]))
        with st.form("calibration.settle", border=False):
            choices = list(calibration_answers.VERDICTS)
            first = row.agreed or row.most
            verdict = st.segmented_control(
                t("calibration.agreed"),
                choices,
                default=first if first in choices else None,
                format_func=lambda v: verdict_name(v, t),
                key=f"calibration.verdict.{criterion}",
            )
            reason = st.text_input(t("calibration.why"), key=f"calibration.why.{criterion}", max_chars=4000)
            sent = st.form_submit_button(t("calibration.save"), key="calibration.save", type="primary")
        if sent:
            settle(line, person, t, criterion, verdict or "", reason)


def settle(
    line: SessionLine, person: Person, t: Translator, criterion: str, verdict: str, reason: str
) -> None:
    """Record one agreed answer."""
    try:
        done = blind_scoring.agree(shared_engine(), person, line.id, criterion, verdict, reason)
    except DatabaseError as error:
        st.error(refusal(error, t))
        return
    st.session_state[TOLD] = t(done.message)
    st.rerun()


def wanted() -> int:
    """The id in the address, 0 if it is none."""
    text = st.query_params.get("id", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "calibrate")
    found: Answers | None = None
    with reading(shared_engine()) as session:
        try:
            line = calibrations.one_session(session, person.viewer, wanted())
        except DatabaseError:
            blocks.empty(t("calibration.missing"), t("calibration.missing_help"))
            return
        if not line.sealed:
            found = calibration_answers.answers(session, person.viewer, line)
    told = st.session_state.pop(TOLD, None)
    if told:
        st.toast(told)
    call = line.call
    opened = moment(line.session.opened_at, person.time_zone, t, with_time=False)
    facts = (call.call_key or call.file_name, t("calibration.by", name=line.owner), opened)
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        blocks.heading(line.session.title, " · ".join(facts))
    with right:
        closing(line, person, t)
        if found is not None and st.button(t("disputes.listen"), key="calibration.hear", width="stretch"):
            call_lines.go_to_call(call.id or 0)
    me = line.asks(person.viewer)
    if found is not None:
        comparison(line, found, person, t)
    elif me is not None and not me.submitted:
        st.caption(t("calibration.blind_help"))
        scoring(line, person, t)
    else:
        waiting(line, t)


page()
