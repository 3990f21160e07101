"""What a draft scorecard would change: answers by item and by agent, and the calls to hear."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from database.back_tests import BackTestLine, names_of, one
from database.engine import reading
from database.errors import DatabaseError
from database.people import Person
from qa_app import identity
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.presenting import criterion_title, moment, number, percent, score, share_interval, verdict_name
from qa_app.widgets import back_test, blocks, call_lines, intervals

Names = Mapping[int, str]


def answer(text: str, t: Translator) -> str:
    """An answer as people read it: ``yes``, ``yes 2``, ``absent``."""
    if text == "absent":
        return t("back_test.absent")
    verdict, _, value = text.partition(" ")
    return t.get(f"value.{value}", value) if value else verdict_name(verdict, t)


def headline(result: Mapping[str, Any], t: Translator) -> None:
    """How much changes at all."""
    found = share_interval(result["changed"], result["answers"])
    if found is None:
        st.info(t("scorecards.no_calls"))
        return
    limits = t("back_test.interval", low=number(100 * found[1], t, 1), high=number(100 * found[2], t, 1))
    boxes = (
        (t("back_test.changed"), percent(found[0], t), limits),
        (t("back_test.answers"), str(result["changed"]), t("back_test.of", n=result["answers"])),
        (t("back_test.scores"), str(result["scores_changed"]), t("back_test.of_calls", n=result["calls"])),
    )
    for column, (name, value, note) in zip(st.columns(3), boxes, strict=True):
        with column:
            blocks.figure(name, value, note)


def by_item(items: Sequence[Mapping[str, Any]], t: Translator) -> None:
    """Each item's share of changed answers, and what becomes what."""
    st.subheader(t("back_test.by_item"))
    intervals.shares([(criterion_title(i["id"], t), i["changed"], i["of"], False) for i in items], t)
    with st.expander(t("back_test.moves")):
        rows = [
            {
                t("scorecards.item"): criterion_title(item["id"], t),
                t("scorecards.now"): answer(before, t),
                t("scorecards.then"): answer(after, t),
                t("back_test.answers"): count,
            }
            for item in items
            for before, after, count in item["moves"]
        ]
        st.dataframe(rows, hide_index=True)


def by_agent(agents: Sequence[Mapping[str, Any]], names: Names, t: Translator) -> None:
    """Each agent's share of changed answers, by name."""
    st.subheader(t("back_test.by_agent"))
    st.caption(t("back_test.by_agent_help"))
    lines = [
        (names.get(int(a["agent"] or 0), t("back_test.no_agent")), a["changed"], a["of"], False)
        for a in agents
    ]
    intervals.shares(sorted(lines), t)


def to_hear(calls: Sequence[Mapping[str, Any]], names: Names, t: Translator) -> None:
    """The calls with most change: their names lead to them."""
    st.subheader(t("scorecards.to_hear"))
    for call in calls:
        call_id = int(call["call"])
        if call_id not in names:
            continue
        with st.container(border=True):
            left, right = st.columns([5, 1], vertical_alignment="center")
            moved = call["scores"]
            told = (
                t("back_test.score_moves", now=score(moved[0], t), then=score(moved[1], t)) if moved else ""
            )
            left.markdown(f"**{blocks.plain(names[call_id])}** {told}")
            left.caption(
                " · ".join(
                    blocks.plain(f"{criterion_title(c, t)}: {answer(before, t)} → {answer(after, t)}")
                    for c, before, after in call["changes"]
                )
            )
            if right.button(t("disputes.listen"), key=f"back_test.hear.{call_id}", width="stretch"):
                call_lines.go_to_call(call_id)


def shown(line: BackTestLine, calls: Names, agents: Names, t: Translator) -> None:
    """All of a result."""
    result = line.row.result
    headline(result, t)
    if not result["items"]:
        st.success(t("back_test.nothing_changes"))
        return
    by_item(result["items"], t)
    by_agent(result["agents"], agents, t)
    to_hear(result["hear"], calls, t)


def wanted() -> int | None:
    """The id in the address, if it is one."""
    text = st.query_params.get("id", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def load(person: Person) -> tuple[BackTestLine, Names, Names] | None:
    """The back-test of the address with the names behind its ids; None where there is none of this person."""
    number = wanted()
    if number is None:
        return None
    with reading(shared_engine()) as session:
        try:
            line = one(session, person.viewer, number)
        except DatabaseError:
            return None
        result = line.row.result or {"hear": [], "agents": []}
        calls = [int(c["call"]) for c in result["hear"]]
        agents = [int(a["agent"]) for a in result["agents"] if a["agent"] is not None]
        return line, *names_of(session, person.viewer, calls, agents)


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "edit_scorecards")
    found = load(person)
    if found is None:
        blocks.heading(t("nav.back_test"))
        blocks.empty(t("back_test.missing"), t("back_test.missing_help"))
        return
    line, calls, agents = found
    row = line.row
    lead = t("back_test.lead", name=row.name, when=moment(row.at, person.time_zone, t), n=row.wanted)
    blocks.heading(t("nav.back_test"), lead)
    if st.button(t("back_test.to_draft"), key="back_test.to_draft"):
        st.session_state["scorecards.next"] = (row.name, "edit")
        st.switch_page("views/scorecards.py")
    if line.under_way:
        back_test.under_way(row.name)
    elif row.result is None:
        back_test.ended(line, row.text, person, t)
    else:
        shown(line, calls, agents, t)


page()
