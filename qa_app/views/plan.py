"""One coaching plan: does it work, what to hear, what was agreed, what was said and signed."""

import streamlit as st

from database import coaching as kept
from database.coaching import ClipLine, EntryLine, PlanLine
from database.engine import reading
from database.errors import DatabaseError
from database.evidence import Moment, moments
from database.figures import Share
from database.follow_up import BEFORE, FollowUp, calls_since, follow_up
from database.people import Person
from database.tables import Call
from database.types import utc_now
from qa_app import identity
from qa_app.actions import coaching
from qa_app.context import shared_engine
from qa_app.effect import Change, against, change
from qa_app.focus import met
from qa_app.i18n import Translator
from qa_app.policies import allowed, authorise
from qa_app.presenting import clock, criterion_title, day, moment, number
from qa_app.refusals import told as refusal
from qa_app.scoring import BAD_WHEN_YES
from qa_app.widgets import blocks, call_lines, clips, intervals
from qa_app.widgets.components import Cell, Line, open_list

TOLD = "plan.told"


def do(act: object, t: Translator) -> None:
    """Run an action and say what it did after the page is drawn anew; a refusal stays on the page."""
    try:
        done = act()  # type: ignore[operator]
    except DatabaseError as error:
        st.error(refusal(error, t))
        return
    st.session_state[TOLD] = t(done.message, **done.values)
    st.rerun()


def points(found: Change, t: Translator) -> str:
    """+12 points (95 % between -3 and +27)."""

    def signed(value: float) -> str:
        return ("+" if value > 0 else "−" if value < 0 else "") + number(abs(100 * value), t)

    low, high = signed(found.low), signed(found.high)
    return t("plan.points", value=signed(found.value), low=low, high=high)


def figures(line: PlanLine, found: FollowUp, own: bool, t: Translator) -> None:
    """The share before and since, against colleagues, and what can be said of it."""
    name = t("plan.you") if own else line.agent.name

    def counts(share: Share) -> tuple[int, int]:
        return met(share), share.of

    before, since = counts(found.before), counts(found.since)
    rows = [
        (t("plan.before", name=name, days=BEFORE.days), *before, False),
        (t("plan.since", name=name), *since, False),
    ]
    others = None
    if found.colleagues_before is not None and found.colleagues_since is not None:
        first, then = counts(found.colleagues_before), counts(found.colleagues_since)
        rows += [
            (t("plan.team_before", n=found.colleagues), *first, True),
            (t("plan.team_since", n=found.colleagues), *then, True),
        ]
        others = change(first, then)
    intervals.shares(rows, t)
    moved = change(before, since)
    if moved is None:
        st.caption(t("plan.no_calls_yet"))
        return
    st.write(t(f"plan.moved_{moved.told}", points=points(moved, t)))
    if others is not None:
        compared = against(moved, others)
        st.write(t(f"plan.against_{compared.told}", points=points(compared, t)))
    elif own and found.colleagues:
        st.caption(t("plan.team_small"))
    st.caption(t("plan.honest"))


def later_calls(found: list[tuple[Call, str]], line: PlanLine, person: Person, t: Translator) -> None:
    """The calls since the plan began that called for its goal."""
    good = "no" if line.plan.criterion_id in BAD_WHEN_YES else "yes"
    rows = [
        Line(
            call.id or 0,
            t("calls.open", name=call.call_key or call.file_name),
            (
                Cell(call.call_key or call.file_name),
                Cell(
                    t("plan.went_well" if verdict == good else "plan.went_badly"),
                    tone="good" if verdict == good else "bad",
                ),
                Cell(moment(call.started_at, person.time_zone, t)),
            ),
        )
        for call, verdict in found
    ]
    with st.expander(t("plan.later", n=len(rows))):
        columns = [(t("calls.col_call"), "text"), (t("plan.how"), "text"), (t("calls.col_when"), "text")]
        opened = open_list(t("plan.later", n=len(rows)), columns, rows, key="plan.later")
    if opened is not None:
        call_lines.go_to_call(opened)


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
    with st.form("plan.write", clear_on_submit=True, border=False):
        kind = kinds[0]
        if len(kinds) > 1:
            kind = (
                st.segmented_control(
                    t("plan.write"),
                    kinds,
                    default="note",
                    format_func=lambda k: t(f"plan.{k}"),
                    key="plan.kind",
                )
                or "note"
            )
        text = st.text_area(
            t("plan.write"), key="plan.text", max_chars=10000, height=100, label_visibility="collapsed",
            placeholder=t("plan.write_agent" if person.role == "agent" else "plan.write_trainer"),
        )  # fmt: skip
        if st.form_submit_button(t("plan.save"), key="plan.save"):
            do(lambda: coaching.say(shared_engine(), person, line.id, kind, text), t)


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
            line = kept.one_plan(session, person.viewer, number_ or 0)
        except DatabaseError:
            blocks.empty(t("plan.missing"), t("plan.missing_help"))
            return
        entries = kept.entries(session, line)
        linked = kept.clips(session, person.viewer, line)
        worked = follow_up(session, person.viewer, line, utc_now())
        later = calls_since(session, person.viewer, line, utc_now())
        found = moments(
            session,
            person.viewer,
            line.plan.agent_id,
            line.plan.criterion_id,
            bad_first="yes" if line.plan.criterion_id in BAD_WHEN_YES else "no",
        )
    told = st.session_state.pop(TOLD, None)
    if told:
        st.toast(told)
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
        figures(line, worked, own, t)
        if later and not person.blind:
            later_calls(later, line, person, t)
        st.subheader(t("plan.clips"))
        clip_list(linked, person, t)
        taken = {(c.clip.call_id, round(c.clip.start, 1)) for c in linked}
        left_over = (
            [] if person.blind else [one for one in found if (one.call_id, round(one.start, 1)) not in taken]
        )
        if left_over and plan.state == "open":
            offered(left_over, line, person, t)
    with right:
        st.subheader(t("plan.agreed"))
        actions(entries, line, person, t)
        st.subheader(t("plan.notes"))
        notes(entries, line, person, t)
        writing(line, person, t)


page()
