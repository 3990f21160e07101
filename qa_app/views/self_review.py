"""An agent scores their own call without seeing the others' answers, then compares; trainers read it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from sqlmodel import Session

from database import reviews
from database.engine import reading
from database.errors import DatabaseError
from database.listing import OpenCall, open_call
from database.people import Person
from database.tables import ReviewItem
from qa_app import identity
from qa_app.actions import blind_scoring
from qa_app.actions.disputing import standing_verdicts
from qa_app.actions.done import Done
from qa_app.actions.reviewing import VERDICTS
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.payload import people_of
from qa_app.policies import authorise
from qa_app.presenting import criterion_title, verdict_name
from qa_app.widgets import blind_call, blocks, call_lines, tables


def compared(
    opened: OpenCall, mine: dict[str, ReviewItem], standing: dict[str, str], own: bool, t: Translator
) -> None:
    """The agent's answers beside the machine's and what stands now."""
    machine = {r.id: r.verdict for r in opened.assessment.criteria} if opened.assessment else {}
    told = {name: verdict for name, verdict in standing.items() if verdict in VERDICTS}
    known = [name for name in mine if name in told]
    same = sum(mine[name].verdict == told[name] for name in known)
    st.write(t("self.same", same=same, of=len(known)))
    order = sorted(mine, key=lambda name: (name not in told, mine[name].verdict == told.get(name)))
    tables.table(
        t("nav.self_review"),
        [
            t("calls.criterion"),
            t("self.mine" if own else "self.agent"),
            t("self.stands"),
            t("by.machine").capitalize(),
        ],
        [
            [
                criterion_title(name, t),
                verdict_name(mine[name].verdict, t),
                verdict_name(standing.get(name), t),
                verdict_name(machine.get(name), t),
            ]
            for name in order
        ],
        marked=[name in told and mine[name].verdict != told[name] for name in order],
    )
    if own:
        st.caption(t("self.dispute_hint"))
    if st.button(t("self.to_call"), key="self_review.call", type="primary"):
        call_lines.go_to_call(opened.id)


def of_the_agent(session: Session, opened: OpenCall, person: Person, t: Translator) -> None:
    """A trainer reads how the agent scored themselves; not before their own blind review is submitted."""
    name = opened.call.call_key or opened.call.file_name
    title = t("self.title_other", agent=opened.line.agent or "–", name=name)
    blocks.heading(title, t("self.lead_other"))
    if people_of(session, person, opened).blind:
        blocks.empty(t("player.blind_on"), t("account.blind_help"))
        return
    review = blind_scoring.agents_review(session, person.viewer, opened.id)
    if review is None or review.id is None:
        blocks.empty(t("self.none"), t("self.none_help"))
        return
    compared(opened, reviews.items(session, review.id), standing_verdicts(session, opened.id), False, t)


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_self_review")
    text = st.query_params.get("id", "")
    call_id = int(text) if text.isdecimal() and len(text) < 10 else 0
    with reading(shared_engine()) as session:
        try:
            opened = open_call(session, person.viewer, call_id)
        except DatabaseError:
            blocks.empty(t("call.missing"), t("call.missing_help"))
            return
        if person.role != "agent":
            of_the_agent(session, opened, person, t)
            return
        name = opened.call.call_key or opened.call.file_name
        blocks.heading(t("self.title", name=name), t("self.lead"))
        if opened.assessment is None:
            blocks.empty(t("call.waiting"), t("call.waiting_help"))
            return
        last = blind_scoring.own_review(session, person.viewer, call_id)
        current = last is not None and last.assessment_number == opened.call.assessment_number
        mine = reviews.items(session, last.id) if current and last and last.id is not None else {}
        done = current and last is not None and last.state == "submitted"
        standing = standing_verdicts(session, call_id)
        data = None if done else blind_call.data_of(session, person, opened, mine, t)
    if data is None:
        compared(opened, mine, standing, True, t)
        return

    def act(who: Person, event: Mapping[str, Any]) -> Done:
        return blind_scoring.answer_self(shared_engine(), who, call_id, event)

    blind_call.draw(data, f"self.{call_id}", act, t)


page()
