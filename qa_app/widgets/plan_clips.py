"""The clips of a coaching plan, and moments on recent calls that could become some."""

import streamlit as st

from database.coaching import PlanLine
from database.coaching_clips import ClipLine
from database.evidence import Moment
from database.people import Person
from qa_app.actions import coaching
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.presenting import clock, moment
from qa_app.widgets import call_lines, clips
from qa_app.widgets.acting import do


def clip_list(lines: list[ClipLine], person: Person, t: Translator) -> None:
    """The clips to hear together."""
    if not lines:
        st.caption(t("plan.no_clips_agent" if person.role == "agent" else "plan.no_clips"))
    for line in lines:
        clip, call = line.clip, line.call
        with st.container(border=True):
            title = f"{call.call_key or call.file_name} · {clock(clip.start)}–{clock(clip.end)}"
            left, right = st.columns([4, 1], vertical_alignment="center")
            left.caption(f"{title} · {line.writer}, {moment(clip.at, person.time_zone, t)}")
            if right.button(t("plan.open_call"), key=f"plan.call.{clip.id}", width="stretch"):
                call_lines.go_to_call(call.id or 0)
            if clip.comment:
                st.text(clip.comment)
            clips.of_call(person, call.id or 0, clip.start, clip.end, t)


def offered(found: list[Moment], line: PlanLine, person: Person, t: Translator) -> None:
    """Evidence for the goal on recent calls, linked in one click."""
    with st.expander(t("plan.offer", n=len(found))):
        st.caption(t("plan.offer_help"))
        for one in found:
            key = f"{one.call_id}.{one.start:.1f}"
            sign = "✓" if one.good else "✕"
            st.caption(f"{sign} {one.call} · {moment(one.at, person.time_zone, t)} · {clock(one.start)}")
            clips.of_call(person, one.call_id, one.start, one.end, t)
            note, button = st.columns([4, 1], vertical_alignment="bottom")
            comment = note.text_input(t("clips.comment"), key=f"plan.comment.{key}", max_chars=4000)
            if button.button(t("plan.link"), key=f"plan.link.{key}", width="stretch"):
                do(
                    lambda one=one, comment=comment: coaching.link(
                        shared_engine(), person, line.id, one.call_id, one.start, one.end,
                        turn=one.turn, comment=comment,
                    ),
                    t,
                )  # fmt: skip
