"""Working on a scorecard: text with live checks, its own tests, a call to try it on, back-test, publish."""

from collections.abc import Mapping

import streamlit as st

from database.card_drafts import DraftMovedOnError
from database.engine import reading
from database.errors import DatabaseError
from database.people import Person
from database.samples import newest_calls
from database.tables import CardDraft
from qa_app.actions import scorecards
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.policies import allowed
from qa_app.presenting import criterion_title, moment, score, verdict_name
from qa_app.refusals import told as refusal
from qa_app.widgets import back_test, blocks
from scorecards.card import Card
from scorecards.checking import Checked

TOLD = "scorecards.told"
CHOICE = 50


def show(draft: CardDraft, person: Person, t: Translator, by: Mapping[int | None, str]) -> None:
    """The steps from text to version, one under the other."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        text, tests = _texts(draft, person, t, by)
    with reading(shared_engine()) as session:
        found = scorecards.check(session, draft.name, text)
    with right:
        _checks(found, t)
        good = _tests(found.card, tests, t)
    if found.card is None:
        st.caption(t("scorecards.mend_first"))
        return
    st.divider()
    left, right = st.columns(2)
    with left:
        _preview(found.card, person, t)
    with right:
        back_test.box(draft.name, text, person, t)
    st.divider()
    _publish(draft.name, found, good, person, t)


def _texts(draft: CardDraft, person: Person, t: Translator, by: Mapping[int | None, str]) -> tuple[str, str]:
    keys = {what: f"scorecards.{what}.{draft.name}" for what in ("text", "tests", "seen", "moved")}
    state = st.session_state
    if keys["text"] not in state:
        state[keys["text"]], state[keys["tests"]] = draft.text, draft.tests
        state[keys["seen"]] = draft.number

    def keep() -> None:
        try:
            state[keys["seen"]] = scorecards.save(
                shared_engine(),
                person,
                draft.name,
                state[keys["text"]],
                state[keys["tests"]],
                state[keys["seen"]],
            )
        except DatabaseError as error:
            state[keys["moved"]] = (refusal(error, t), isinstance(error, DraftMovedOnError))

    def load() -> None:
        for what in keys.values():
            state.pop(what, None)

    def drop() -> None:
        scorecards.drop(shared_engine(), person, draft.name)
        load()

    left, right = st.columns([3, 1], vertical_alignment="center")
    who = by.get(draft.by, t("scorecards.command_line"))
    left.caption(t("scorecards.saved_at", when=moment(draft.at, person.time_zone, t), who=who))
    with right.popover(t("scorecards.drop"), width="stretch"):
        st.caption(t("scorecards.drop_help"))
        st.button(t("scorecards.drop"), key="scorecards.drop", on_click=drop)
    problem = state.pop(keys["moved"], None)
    if problem:
        st.error(problem[0])
        if problem[1]:
            st.button(t("scorecards.load_theirs"), key="scorecards.load_theirs", on_click=load)
    card_box, test_box = st.tabs([t("scorecards.text"), t("scorecards.tests")])
    text: str = card_box.text_area(
        t("scorecards.text"), key=keys["text"], height=560, on_change=keep, label_visibility="collapsed"
    )
    tests: str = test_box.text_area(
        t("scorecards.tests"), key=keys["tests"], height=560, on_change=keep, label_visibility="collapsed"
    )
    st.caption(t("scorecards.text_help"))
    return text, tests


def _checks(found: Checked, t: Translator) -> None:
    st.subheader(t("scorecards.checks"))
    if not found.problems:
        st.success(t("scorecards.fine"))
        return
    errors = len(found.errors)
    st.caption(t("scorecards.problems", errors=errors, warnings=len(found.problems) - errors))
    rows = [
        {
            t("scorecards.line"): problem.line,
            t("scorecards.kind"): t(f"scorecards.{problem.level}"),
            t("scorecards.says"): problem.text,
        }
        for problem in found.problems
    ]
    st.dataframe(rows, hide_index=True, height=min(300, 38 + 35 * len(rows)))
    if errors:
        first = found.errors[0]
        at = t("scorecards.at_line", n=first.line) + ": " if first.line else ""
        st.error(blocks.plain(at + first.text))


def _tests(card: Card | None, tests: str, t: Translator) -> bool:
    """Draw the outcomes; whether nothing stands against publishing."""
    st.subheader(t("scorecards.own_tests"))
    if card is None:
        st.caption(t("scorecards.no_card"))
        return False
    outcomes, unreadable = scorecards.run_tests(card, tests)
    if unreadable:
        st.error(blocks.plain(unreadable))
        return False
    if not outcomes:
        st.caption(t("scorecards.no_tests"))
        return True
    failed = [outcome for outcome in outcomes if outcome.problems]
    if not failed:
        st.success(t("scorecards.tests_pass", n=len(outcomes)))
        return True
    st.error(t("scorecards.tests_fail", n=len(failed), of=len(outcomes)))
    for outcome in failed:
        st.markdown(f"**{blocks.plain(outcome.name)}**")
        for problem in outcome.problems:
            st.caption(blocks.plain(problem))
    return False


def _preview(card: Card, person: Person, t: Translator) -> None:
    st.subheader(t("scorecards.preview"))
    with reading(shared_engine()) as session:
        calls = {c.id: c.name for c in newest_calls(session, person.viewer, card.language, CHOICE)}
    if not calls:
        st.caption(t("scorecards.no_calls"))
        return
    chosen = st.selectbox(
        t("scorecards.call"), list(calls), format_func=lambda i: calls[i], index=None, key="scorecards.call",
        placeholder=t("scorecards.choose_call"),
    )  # fmt: skip
    if chosen is None:
        st.caption(t("scorecards.preview_help"))
        return
    try:
        now, then = scorecards.preview(shared_engine(), person, card, chosen)
    except DatabaseError as error:
        st.error(refusal(error, t))
        return
    before = {r.id: r.verdict for r in now.criteria} if now else {}
    st.markdown(
        t("scorecards.score_moves", now=score(now.score if now else None, t), then=score(then.score, t))
    )
    rows = [
        {
            t("scorecards.item"): criterion_title(r.id, t),
            t("scorecards.now"): verdict_name(before.get(r.id), t),
            t("scorecards.then"): verdict_name(r.verdict, t)
            + (f" ({r.value})" if r.value is not None and not isinstance(r.value, bool) else ""),
            t("scorecards.evidence"): r.evidence[0].text if r.evidence else (r.reason or ""),
        }
        for r in sorted(then.criteria, key=lambda r: before.get(r.id) == r.verdict)
    ]
    st.dataframe(rows, hide_index=True, height=320)


def _publish(name: str, found: Checked, good: bool, person: Person, t: Translator) -> None:
    if not allowed(person, "publish_scorecards") or found.card is None:
        return
    st.subheader(t("scorecards.publish"))
    st.caption(t("scorecards.publish_help", n=found.card.version))
    note = st.text_input(t("scorecards.note"), key=f"scorecards.note.{name}", max_chars=500)
    again = st.checkbox(t("scorecards.again"), key="scorecards.again", help=t("scorecards.again_help"))
    ready = good and not found.errors
    if not ready:
        st.caption(t("scorecards.mend_first"))
    button = t("scorecards.publish_version", n=found.card.version)
    if not st.button(button, key="scorecards.publish", type="primary", disabled=not ready):
        return
    seen = st.session_state[f"scorecards.seen.{name}"]
    try:
        version = scorecards.publish(shared_engine(), person, name, seen, note)
    except DatabaseError as error:
        st.error(refusal(error, t))
        return
    told = t("scorecards.published", name=name, n=version)
    if again:
        calls = scorecards.score_again(shared_engine(), person, found.card.id)
        told += " " + t("scorecards.asked_again", n=calls)
    for what in ("text", "tests", "seen"):
        st.session_state.pop(f"scorecards.{what}.{name}", None)
    st.session_state[TOLD] = told
    st.session_state["scorecards.next"] = (name, "versions")
    st.rerun()
