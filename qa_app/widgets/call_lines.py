"""Calls as lines of a list: the same look wherever calls are listed."""

from collections.abc import Mapping, Sequence

import streamlit as st

from database.listing import CallLine
from database.people import Person
from database.reviews import FINAL
from qa_app.i18n import Translator
from qa_app.presenting import EMPTY, clock, moment, score
from qa_app.widgets.components import Cell, Line, open_list


def line_of(line: CallLine, person: Person, t: Translator, why: Sequence[str] | None = None) -> Line:
    """One call as a line; ``why`` adds the reasons for hearing it."""
    call = line.call
    hidden = is_hidden(line, person)
    name = call.call_key or call.file_name
    doubt = (
        EMPTY
        if hidden or not call.doubts
        else t("worklist.why_doubt" if person.role == "agent" else "calls.doubts", n=call.doubts)
    )
    waiting = call.state != "done"
    by = t(f"by.{call.score_by}")
    tone = "bad" if call.critical_fails or call.passed is False else ("good" if call.passed else None)
    cells = [
        Cell(name, sub=" · ".join(filter(None, (line.agent, call.queue)))),
        Cell(
            t(f"state.{call.state}") if waiting else EMPTY if hidden else score(call.score, t),
            tone="plain" if waiting or hidden else tone,
            sub=None if waiting or hidden or call.score is None else by,
        ),
        Cell(doubt, tone="review" if call.doubts and not hidden else "plain"),
        Cell(moment(call.started_at, person.time_zone, t), sub=line.team),
        Cell(clock(call.duration)),
        Cell(
            t(f"review_state.{call.review_state}"),
            tone="human" if call.review_state in ("released", "acknowledged") else "plain",
            sub=line.reviewer,
        ),
    ]
    if why is not None:
        cells.insert(2, Cell(" · ".join(why)))
        del cells[3]
    return Line(call.id or 0, t("calls.open", name=name), tuple(cells))


def is_hidden(line: CallLine, person: Person) -> bool:
    """Whether the scores of a call are hidden from somebody who reviews blind and has not done so here."""
    own = line.call.reviewer_id == person.id and line.call.review_state in FINAL
    return person.blind and person.role != "agent" and not own


def columns(t: Translator, *, why: bool = False) -> list[tuple[str, str]]:
    """The columns' names and kinds."""
    return [
        (t("calls.col_call"), "text"),
        (t("calls.col_score"), "number"),
        (t("worklist.col_why") if why else t("calls.col_doubt"), "text"),
        (t("calls.col_when"), "text"),
        (t("calls.col_length"), "number extra"),
        (t("calls.col_review"), "extra"),
    ]


def show(
    lines: Sequence[CallLine],
    person: Person,
    t: Translator,
    *,
    key: str,
    label: str,
    why: Mapping[int, Sequence[str]] | None = None,
) -> None:
    """Draw the list; opening a line goes to the call's page."""
    rows = [
        line_of(line, person, t, why.get(line.call.id or 0, ()) if why is not None else None)
        for line in lines
    ]
    opened = open_list(label, columns(t, why=why is not None), rows, key=key)
    if opened is not None:
        go_to_call(opened)


def go_to_call(call_id: int) -> None:
    """Open a call's page."""
    st.switch_page("views/call.py", query_params={"id": str(call_id)})
