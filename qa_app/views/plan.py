"""One coaching plan: does it work, what to hear, what was agreed, what was said and signed."""

import streamlit as st

from database.coaching import EntryLine, PlanLine, entries, one_plan
from database.coaching_clips import clips
from database.engine import reading
from database.errors import DatabaseError
from database.evidence import moments
from database.follow_up import calls_since, follow_up
from database.people import Person
from database.types import utc_now
from qa_app import identity
from qa_app.actions import coaching
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import allowed, authorise
from qa_app.presenting import criterion_title, day, moment
from qa_app.scoring import BAD_WHEN_YES
from qa_app.widgets import acting, blocks, plan_clips, plan_figures
from qa_app.widgets.acting import do

WRITE = "plan.write"


def actions(entries: list[EntryLine], line: PlanLine, person: Person, t: Translator) -> None:
    """What was agreed, with a tick each."""
    done = {e.entry.about: e for e in entries if e.entry.kind == "action_done"}
    agreed = [e for e in entries if e.entry.kind == "action"]
    if not agreed:
        st.caption(t("plan.no_actions"))
    for one in agreed:
        text, button = st.columns([5, 2], vertical_alignment="center")
        tick = done.get(one.entry.id)
        text.text(("✓ " if tick else "○ ") + one.entry.text)
        if tick:
            button.caption(f"{tick.writer}, {moment(tick.entry.at, person.time_zone, t, with_time=False)}")
        elif line.plan.state == "open" and button.button(
            t("plan.tick"), key=f"plan.tick.{one.entry.id}", width="stretch"
        ):
            do(
                lambda one=one: coaching.say(
                    shared_engine(), person, line.id, "action_done", "", one.entry.id
                ),
                t,
            )


def notes(entries: list[EntryLine], line: PlanLine, person: Person, t: Translator) -> None:
    """Session notes with both signatures, remarks and steps, oldest first."""
    signed = {e.entry.about: e for e in entries if e.entry.kind == "signed"}
    shown = [e for e in entries if e.entry.kind in ("note", "remark", "state", "due")]
    if not shown:
        st.caption(t("plan.no_notes"))
    for one in shown:
        entry = one.entry
        head = f"{one.writer} · {moment(entry.at, person.time_zone, t)}"
        if entry.kind == "state":
            state, _, reason = entry.text.partition(": ")
            st.caption(f"{t('coaching.state_' + state)} · {head} · {reason}")
            continue
        if entry.kind == "due":
            st.caption(f"{t('coaching.due')}: {day(entry.text, t)} · {head}")
            continue
        with st.container(border=entry.kind == "note"):
            st.caption((t("plan.note") if entry.kind == "note" else t("plan.remark")) + " · " + head)
            st.text(entry.text)
            if entry.kind == "note":
                signature(entry.id or 0, signed.get(entry.id), line, person, t)


def signature(note: int, found: EntryLine | None, line: PlanLine, person: Person, t: Translator) -> None:
    """Who signed a note; the agent signs here and may add to it."""
    if found is not None:
        when = moment(found.entry.at, person.time_zone, t)
        st.caption("✓ " + t("plan.signed", name=found.writer, at=when))
        if found.entry.text:
            st.text(found.entry.text)
    elif person.role == "agent":
        added = st.text_area(t("plan.sign_add"), key=f"plan.add.{note}", max_chars=4000, height=80)
        if st.button(t("plan.sign"), key=f"plan.sign.{note}", type="primary"):
            do(lambda: coaching.say(shared_engine(), person, line.id, "signed", added, note), t)
    else:
        st.caption(t("plan.waits_for_signature", name=line.agent.name))


def writing(line: PlanLine, person: Person, t: Translator) -> None:
    """Write a note, agree on an action, or remark."""
    kinds = (
        ("remark",) if person.role == "agent" or line.plan.state != "open" else ("note", "action", "remark")
    )
    number = acting.times(WRITE)
    with st.form(f"plan.write.{number}", border=False):
        kind = kinds[0]
        if len(kinds) > 1:
            kind = (
                st.segmented_control(
                    t("plan.write"),
                    kinds,
                    default="note",
                    format_func=lambda k: t(f"plan.{k}"),
                    key=f"plan.kind.{number}",
                )
                or "note"
            )
        text = st.text_area(
            t("plan.write"), key=f"plan.text.{number}", max_chars=10000, height=100,
            label_visibility="collapsed",
            placeholder=t("plan.write_agent" if person.role == "agent" else "plan.write_trainer"),
        )  # fmt: skip
        if st.form_submit_button(t("plan.save"), key=f"plan.save.{number}"):
            do(lambda: coaching.say(shared_engine(), person, line.id, kind, text), t, afresh=WRITE)


def ending(line: PlanLine, person: Person, t: Translator) -> None:
    """Finish, drop, open again, another day."""
    state = line.plan.state
    with st.popover(t("plan.change"), width="stretch"):
        if state == "open":
            due = st.date_input(t("coaching.due"), value=line.plan.due or utc_now().date(), key="plan.due")
            if st.button(t("plan.postpone"), key="plan.postpone", disabled=due == line.plan.due):
                do(lambda: coaching.postpone(shared_engine(), person, line.id, due), t)
        reason = st.text_area(t("plan.why"), key="plan.why", max_chars=2000, height=80)
        for target in ("done", "dropped") if state == "open" else ("open",):
            if st.button(t(f"plan.make_{target}"), key=f"plan.{target}", width="stretch"):
                do(lambda target=target: coaching.move(shared_engine(), person, line.id, target, reason), t)


def wanted() -> int | None:
    """The id in the address, if it is one."""
    text = st.query_params.get("id", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def page() -> None:
    """The page."""
    person, t = identity.me()
    authorise(person, "see_coaching")
    number_ = wanted()
    with reading(shared_engine()) as session:
        try:
            line = one_plan(session, person.viewer, number_ or 0)
        except DatabaseError:
            blocks.empty(t("plan.missing"), t("plan.missing_help"))
            return
        said = entries(session, line)
        linked = clips(session, person.viewer, line)
        worked = follow_up(session, person.viewer, line, utc_now())
        later = calls_since(session, person.viewer, line, utc_now())
        found = moments(
            session,
            person.viewer,
            line.plan.agent_id,
            line.plan.criterion_id,
            bad_first="yes" if line.plan.criterion_id in BAD_WHEN_YES else "no",
        )
    acting.tell()
    plan, own = line.plan, person.role == "agent"
    title = criterion_title(plan.criterion_id, t)
    facts = [
        t(f"coaching.state_{plan.state}"),
        t("plan.begun", day=day(plan.opened_at.date(), t), name=line.opened_by),
        t("plan.until", day=day(plan.due, t)) if plan.due else "",
    ]
    head, change_box = st.columns([5, 1], vertical_alignment="bottom")
    with head:
        blocks.heading(title if own else f"{line.agent.name}: {title}", " · ".join(filter(None, facts)))
        if plan.aim:
            st.text(plan.aim)
    if allowed(person, "coach"):
        with change_box:
            ending(line, person, t)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(t("plan.worked"))
        plan_figures.figures(line, worked, own, t)
        if later and not person.blind:
            plan_figures.later_calls(later, line, person, t)
        st.subheader(t("plan.clips"))
        plan_clips.clip_list(linked, person, t)
        taken = {(c.clip.call_id, round(c.clip.start, 1)) for c in linked}
        left_over = (
            [] if person.blind else [one for one in found if (one.call_id, round(one.start, 1)) not in taken]
        )
        if left_over and plan.state == "open":
            plan_clips.offered(left_over, line, person, t)
    with right:
        st.subheader(t("plan.agreed"))
        actions(said, line, person, t)
        st.subheader(t("plan.notes"))
        notes(said, line, person, t)
        writing(line, person, t)


page()
