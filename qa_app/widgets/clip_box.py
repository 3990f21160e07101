"""What can be made of a call besides a review: a clip for a coaching plan, a good example, a calibration
session; for the agent a good example and a self-review."""

import streamlit as st

from database.coaching import plans
from database.engine import reading
from database.errors import DatabaseError
from database.listing import OpenCall
from database.people import Person
from qa_app.actions import coaching
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import CallPolicy, allowed
from qa_app.presenting import criterion_title
from qa_app.refusals import told as refusal
from qa_app.widgets import clips

PLAN, EXAMPLE = "plan", "example"


def box(opened: OpenCall, person: Person, t: Translator) -> None:
    """The popover beside the call's title; nothing for people who have neither."""
    may = CallPolicy(person, opened.call).may
    if not may("add_example") or opened.conversation is None:
        return
    with st.popover(t("clips.use"), width="stretch"):
        if may("self_review") and st.button(t("self.begin"), key="clips.self", width="stretch"):
            st.switch_page("views/self_review.py", query_params={"id": str(opened.id)})
        if allowed(person, "coach") and st.button(t("self.of_agent"), key="clips.of_agent", width="stretch"):
            st.switch_page("views/self_review.py", query_params={"id": str(opened.id)})
        if allowed(person, "calibrate") and st.button(
            t("clips.calibrate"), key="clips.calibrate", width="stretch"
        ):
            st.switch_page("views/calibrations.py", query_params={"call": str(opened.id)})
        form(opened, person, t)


def form(opened: OpenCall, person: Person, t: Translator) -> None:
    """Choose lines, say what for, keep them."""
    with reading(shared_engine()) as session:
        agent = opened.call.agent_id
        plan = (
            next(iter(plans(session, person.viewer, "open", agent_id=agent, limit=1)), None)
            if agent
            else None
        )
    kinds = [PLAN, EXAMPLE] if plan else [EXAMPLE]
    kind = kinds[0]
    if len(kinds) > 1:
        kind = st.radio(
            t("clips.for"),
            kinds,
            format_func=lambda k: t(f"clips.for_{k}"),
            key="clips.kind",
            horizontal=True,
        )
    else:
        st.markdown(f"**{t('clips.for_example')}**")
    if plan is None and allowed(person, "coach"):
        st.caption(t("clips.no_plan"))
    if opened.conversation is None:
        return
    chosen = clips.choose(opened.conversation, t, "clips")
    if chosen is None:
        return
    first, last = chosen
    title, criterion = "", None
    if kind == EXAMPLE:
        title = st.text_input(t("examples.name"), key="clips.title", max_chars=200)
        names = [r.id for r in opened.assessment.criteria if r.value is None] if opened.assessment else []
        criterion = st.selectbox(
            t("calls.criterion"),
            [None, *names],
            format_func=lambda n: criterion_title(n, t) if n else t("calls.any"),
            key="clips.criterion",
        )
    elif plan is not None:
        st.caption(t("clips.of_plan", title=criterion_title(plan.plan.criterion_id, t)))
    comment = st.text_area(t("clips.comment"), key="clips.comment", max_chars=4000, height=80)
    if not st.button(t("clips.keep"), key="clips.keep", type="primary"):
        return
    start, end = first.start or 0.0, last.end or 0.0
    try:
        if kind == PLAN and plan is not None:
            done = coaching.link(
                shared_engine(), person, plan.id, opened.id, start, end, turn=first.index, comment=comment
            )
        else:
            done = coaching.keep_example(
                shared_engine(), person, opened.id, title, start, end,
                criterion=criterion, turn=first.index, comment=comment,
            )  # fmt: skip
    except DatabaseError as error:
        st.error(refusal(error, t))
    else:
        st.success(t(done.message))
