"""A draft's back-test beside its text: ask a worker, see how far it is, go to what came out."""

import streamlit as st

from database.back_tests import BackTestLine, newest
from database.engine import reading
from database.errors import DatabaseError
from database.people import Person
from qa_app import identity
from qa_app.actions import scorecards
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.presenting import moment, percent
from qa_app.refusals import told as refusal
from qa_app.widgets import blocks

LOOK_AGAIN_S = 2.0


def box(name: str, text: str, person: Person, t: Translator) -> None:
    """The box of one draft. What is under way goes on when the page is left, and is here on the return."""
    st.subheader(t("scorecards.back_test"))
    st.caption(t("scorecards.back_test_help"))
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    wanted = left.selectbox(t("scorecards.how_many"), scorecards.SAMPLES, index=1, key="scorecards.sample")
    if right.button(t("scorecards.try"), key="scorecards.try", width="stretch"):
        try:
            scorecards.ask_back_test(shared_engine(), person, name, text, wanted)
        except DatabaseError as error:
            st.error(refusal(error, t))
    with reading(shared_engine()) as session:
        line = newest(session, person.viewer, name)
    if line is None:
        return
    if line.under_way:
        under_way(name)
    else:
        ended(line, text, person, t)


@st.fragment(run_every=LOOK_AGAIN_S)
def under_way(name: str) -> None:
    """How far a worker is; the page is drawn anew when it has ended."""
    person = identity.find_person()
    if person is None:
        st.rerun()
        return
    _, t = identity.me()
    with reading(shared_engine()) as session:
        line = newest(session, person.viewer, name)
    if line is None or not line.under_way:
        st.rerun()
        return
    row = line.row
    if line.state == "waiting":
        st.info(t("back_test.idle" if line.idle else "back_test.waits", n=row.wanted))
        return
    total = row.total or row.wanted
    st.progress(min(1.0, row.done / max(1, total)), t("back_test.running", n=row.done, of=total))
    st.caption(t("back_test.leave"))


def ended(line: BackTestLine, text: str, person: Person, t: Translator) -> None:
    """What came out in a line, with the way to all of it."""
    row, result = line.row, line.row.result
    if result is None:
        if line.state == "failed":
            st.error(t("back_test.failed", cause=blocks.plain(line.cause or "–")))
        return
    when = moment(row.ended_at, person.time_zone, t)
    share = percent(result["changed"] / result["answers"] if result["answers"] else None, t)
    st.markdown(
        t(
            "back_test.line",
            when=when,
            share=share,
            n=result["changed"],
            of=result["answers"],
            calls=result["calls"],
        )
    )
    if row.text != text:
        st.warning(t("scorecards.stale"))
    if st.button(t("back_test.open"), key="scorecards.back_test"):
        st.switch_page("views/back_test.py", query_params={"id": str(row.id)})
