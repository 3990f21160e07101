"""Good examples: what was praised, and a library of clips that agents share by their own consent."""

import streamlit as st

from database.engine import reading
from database.examples import ExampleLine, conversation_of, examples
from database.own import Praise, praise_by_customers, praised
from database.people import Person
from qa_app import identity
from qa_app.actions import coaching
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import authorise
from qa_app.presenting import clock, criterion_title, moment
from qa_app.widgets import acting, blocks, call_lines, clips
from qa_app.widgets.acting import do


def words(line: ExampleLine, t: Translator) -> None:
    """What is said in an example that the viewer may hear: that stretch and no more of the call."""
    example = line.example
    with reading(shared_engine()) as session:
        talk = conversation_of(session, line)
    sound = f"/examples/{line.id}/audio" if line.call.playback else None
    said = clips.spoken(talk, example.start, example.end)
    clips.clip(said, example.start, example.end, sound, t)


def one(line: ExampleLine, person: Person, t: Translator) -> None:
    """One example as a card."""
    example = line.example
    with st.container(border=True):
        tag = t("examples.is_shared" if line.shared else "examples.is_private")
        st.markdown("**" + example.title.replace("*", "\\*").replace("[", "\\[") + "**")
        about = criterion_title(example.criterion_id, t) if example.criterion_id else ""
        when = moment(example.at, person.time_zone, t, with_time=False)
        st.caption(
            " · ".join(filter(None, (about, line.agent, t("examples.by", name=line.writer), when, tag)))
        )
        if example.comment:
            st.text(example.comment)
        words(line, t)
        if line.own:
            key = f"examples.share.{line.id}"
            given = st.toggle(t("examples.consent"), value=line.shared, key=key)
            if given != line.shared:
                do(lambda: coaching.share(shared_engine(), person, line.id, given), t)
        if line.reach and st.button(t("examples.remove"), key=f"examples.remove.{line.id}", type="tertiary"):
            do(lambda: coaching.take_out(shared_engine(), person, line.id), t)


def feed(found: list[Praise], person: Person, t: Translator) -> None:
    """What was praised, newest first."""
    for i, praise in enumerate(found):
        with st.container(border=True):
            who = praise.writer or t("examples.customer")
            st.text(praise.text)
            left, right = st.columns([4, 2], vertical_alignment="center")
            left.caption(f"{who} · {praise.call} · {moment(praise.at, person.time_zone, t, with_time=False)}")
            label = "▶ " + (clock(praise.moment) if praise.moment is not None else t("disputes.listen"))
            if right.button(label, key=f"examples.praise.{i}", width="stretch"):
                call_lines.go_to_call(praise.call_id)


def library(found: list[ExampleLine], person: Person, t: Translator) -> None:
    """The examples, by criterion where there are several."""
    st.subheader(t("examples.library"))
    if not found:
        who = "agent" if person.role == "agent" else "trainer"
        blocks.empty(t("examples.empty"), t(f"examples.empty_{who}_help"))
        return
    names = sorted({line.example.criterion_id for line in found if line.example.criterion_id})
    chosen = None
    if len(names) > 1:
        chosen = st.selectbox(
            t("calls.criterion"),
            [None, *names],
            format_func=lambda n: criterion_title(n, t) if n else t("calls.any"),
            key="examples.criterion",
        )
    for line in found:
        if chosen is None or line.example.criterion_id == chosen:
            one(line, person, t)


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_coaching")
    own = person.role == "agent"
    blocks.heading(t("examples.title"), t("examples.lead_agent" if own else "examples.lead"))
    acting.tell()
    with reading(shared_engine()) as session:
        found = examples(session, person.viewer)
        praise = [*praised(session, person.viewer, limit=10)]
        praise += praise_by_customers(session, person.viewer, limit=10)
    wide, narrow = (2, 3) if own else (3, 2)
    first, second = st.columns([wide, narrow], gap="large")
    with first if own else second:  # praise is shown first to whom it is for
        st.subheader(t("examples.praise"))
        if praise:
            feed(praise, person, t)
        else:
            st.caption(t("examples.praise_none"))
    with second if own else first:
        library(found, person, t)


page()
