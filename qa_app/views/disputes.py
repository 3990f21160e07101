"""Disputes: agents follow theirs, trainers and managers decide."""

import streamlit as st

from database.disputes import DisputeLine, decided_by, disputes
from database.engine import reading
from database.errors import DatabaseError
from database.people import Person
from database.tables import Review
from qa_app import identity
from qa_app.actions import disputing
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import allowed, authorise, may_decide
from qa_app.presenting import criterion_title, moment, value_name, verdict_name
from qa_app.refusals import told as refusal
from qa_app.widgets import blocks, call_lines
from scorecards.results import Value

UNDECIDED = ("open", "escalated")
VERDICTS = ("yes", "no", "na")


def told(message: str, t: Translator) -> None:
    """Say what was done after the page is drawn anew."""
    st.session_state["disputes.told"] = t(message)
    st.rerun()


def answer_name(verdict: str | None, value: Value, t: Translator) -> str:
    """An answer as people read it: the value where it is one, else the verdict."""
    return value_name(value, t) or verdict_name(verdict, t)


def one(line: DisputeLine, person: Person, t: Translator, mine_to_decide: bool) -> None:
    """One dispute as a card."""
    dispute, call = line.dispute, line.call
    title = criterion_title(dispute.criterion_id, t)
    with st.container(border=True):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown(f"**{title}** · {t('disputes.state_' + dispute.state)}")
        stands = answer_name(dispute.disputed_verdict, dispute.disputed_value, t)
        own_answer = answer_name(dispute.own_verdict, dispute.own_value, t)
        asked = t("disputes.asked", stands=stands, own=own_answer)
        when = moment(dispute.opened_at, person.time_zone, t)
        left.caption(" · ".join(filter(None, (call.call_key or call.file_name, line.opened_by, when, asked))))
        if right.button(t("disputes.listen"), key=f"disputes.listen.{dispute.id}", width="stretch"):
            call_lines.go_to_call(call.id or 0)
        st.text(dispute.reason)
        if line.decision is not None and line.decision.reason:
            by = t("disputes.by", name=line.decided_by or "–")
            now = answer_name(line.decision.verdict, line.decision.value, t)
            st.caption(by + (f" · {t('disputes.now', answer=now)}" if line.decision.verdict else ""))
            st.text(line.decision.reason)
        if dispute.opened_by == person.id:
            own(line, person, t)
        elif dispute.state in UNDECIDED and allowed(person, "decide_dispute"):
            if mine_to_decide:
                deciding(line, person, t)
            else:
                only_manager = dispute.state == "escalated" and person.role != "manager"
                st.info(t("disputes.only_manager" if only_manager else "disputes.not_you"))


def own(line: DisputeLine, person: Person, t: Translator) -> None:
    """What the agent can do with their own dispute."""
    dispute = line.dispute
    if dispute.id is None:
        return
    if dispute.state in UNDECIDED:
        if st.button(t("disputes.withdraw"), key=f"disputes.withdraw.{dispute.id}"):
            disputing.withdraw(shared_engine(), person, dispute.id)
            told("dispute.withdrawn", t)
    elif dispute.state in ("rejected", "partly"):
        with st.popover(t("disputes.escalate")):
            reason = st.text_area(
                t("disputes.escalate_why"), key=f"disputes.escalate_why.{dispute.id}", max_chars=4000
            )
            if st.button(t("disputes.escalate"), key=f"disputes.escalate.{dispute.id}", type="primary"):
                try:
                    disputing.escalate(shared_engine(), person, dispute.id, reason)
                except DatabaseError as error:
                    st.error(refusal(error, t))
                else:
                    told("dispute.escalated", t)


def deciding(line: DisputeLine, person: Person, t: Translator) -> None:
    """The form to decide."""
    dispute = line.dispute
    if dispute.id is None:
        return
    with st.form(f"disputes.form.{dispute.id}", border=False):
        reason = st.text_area(t("disputes.why"), key=f"disputes.why.{dispute.id}", max_chars=4000)
        verdict, value = _answer(line, t)
        accept, partly, reject = st.columns(3)
        chosen = None
        if accept.form_submit_button(
            t("disputes.accept"), key=f"disputes.accept.{dispute.id}", type="primary", width="stretch"
        ):
            chosen = "accepted"
        if partly.form_submit_button(
            t("disputes.partly"), key=f"disputes.partly.{dispute.id}", width="stretch"
        ):
            chosen = "partly"
        if reject.form_submit_button(
            t("disputes.reject"), key=f"disputes.reject.{dispute.id}", width="stretch"
        ):
            chosen = "rejected"
    if chosen is None:
        return
    try:
        disputing.decide(
            shared_engine(),
            person,
            dispute.id,
            chosen,
            reason,
            verdict=verdict if chosen == "partly" else None,
            value=value if chosen == "partly" else None,
        )
    except DatabaseError as error:
        st.error(refusal(error, t))
    else:
        told("dispute.decided", t)


def _answer(line: DisputeLine, t: Translator) -> tuple[str, Value]:
    """The field for what stands after a dispute that is accepted in part: a verdict, or a value."""
    dispute = line.dispute
    if dispute.own_value is None:
        verdict = st.selectbox(
            t("disputes.new_verdict"),
            VERDICTS,
            index=VERDICTS.index(dispute.own_verdict) if dispute.own_verdict in VERDICTS else 0,
            format_func=lambda v: verdict_name(v, t),
            key=f"disputes.verdict.{dispute.id}",
            help=t("disputes.partly"),
        )
        return verdict, None
    with reading(shared_engine()) as session:
        labels = disputing.labels_for(session, line)
    name, key, help_text = t("disputes.new_value"), f"disputes.value.{dispute.id}", t("disputes.partly")
    value: Value
    if labels:
        at = labels.index(dispute.own_value) if dispute.own_value in labels else 0
        value = st.selectbox(
            name, labels, index=at, key=key, help=help_text, format_func=lambda v: value_name(v, t) or v
        )
    else:
        whole = all(isinstance(v, int) for v in (dispute.own_value, dispute.disputed_value) if v is not None)
        start = int(dispute.own_value) if whole else float(dispute.own_value)
        value = st.number_input(name, min_value=type(start)(0), value=start, key=key, help=help_text)
    return dispute.own_verdict, value


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_disputes")
    blocks.heading(t("disputes.title"))
    message = st.session_state.pop("disputes.told", None)
    if message:
        st.toast(message)
    with reading(shared_engine()) as session:
        lines = disputes(session, person.viewer)
        mine = {
            line.dispute.id: may_decide(
                person,
                line.dispute,
                session.get(Review, line.dispute.review_id) if line.dispute.review_id else None,
                decided_by(session, line.dispute.id or 0),
            )
            for line in lines
            if line.dispute.state in UNDECIDED
        }
    if not lines:
        who = "agent" if person.role == "agent" else "trainer"
        blocks.empty(t("disputes.empty"), t(f"disputes.empty_{who}_help"))
        return
    undecided = any(line.dispute.state in UNDECIDED for line in lines)
    only = st.toggle(
        t("disputes.open_only"), value=undecided and person.role != "agent", key="disputes.open_only"
    )
    for line in lines:
        if not only or line.dispute.state in UNDECIDED:
            one(line, person, t, mine.get(line.dispute.id, False))


page()
