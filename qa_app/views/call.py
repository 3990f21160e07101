"""One call: hear, read, decide."""

import time
from datetime import datetime

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from database.corrections import pending
from database.engine import reading
from database.errors import DatabaseAwayError, DatabaseError
from database.listing import OpenCall, open_call
from database.people import Person
from database.reviews import ReviewConflictError
from database.types import utc_now
from qa_app import identity
from qa_app.actions import disputing
from qa_app.actions.asking import handle
from qa_app.context import shared_engine, shared_settings
from qa_app.i18n import Translator
from qa_app.order import next_call
from qa_app.payload import payload
from qa_app.presenting import clock, moment
from qa_app.refusals import told as refusal
from qa_app.widgets import blocks, clip_box
from qa_app.widgets.components import asked, call_page

ANSWER = "call.answer"
OPENED = "call.opened"
LOOK_AGAIN_S = 3.0


def answer(t: Translator, call_id: int, key: str) -> None:
    """Do what the component asked, and note what to tell; runs before the page is drawn anew, so it asks
    anew who is signed in."""
    event = asked(key)
    if not event:
        return
    if event.get("do") == "next":
        following = next_call(call_id)
        if following is not None:
            st.query_params["id"] = str(following)
        return
    told: dict[str, object] = {"nonce": time.time_ns() // 1000, "call": call_id}
    try:
        person = identity.find_person()
        if person is None:
            return  # the page that is drawn next says so; what was typed is still in the browser
        done = handle(shared_engine(), person, call_id, event, since=opened_at(call_id))
        told |= {"ok": True, "text": t(done.message, **done.values)}
    except ReviewConflictError as error:
        told |= {"ok": False, "text": refusal(error, t), "conflict": True}
    except (DatabaseAwayError, SQLAlchemyError):
        told |= {"ok": False, "text": t("error.not_saved")}
    except DatabaseError as error:
        told |= {"ok": False, "text": refusal(error, t)}
    st.session_state[ANSWER] = told


def opened_at(call_id: int) -> datetime:
    """When the person came to this call, in this tab: what colleagues submit after that has to be told."""
    came: tuple[int, datetime] | None = st.session_state.get(OPENED)
    if came is None or came[0] != call_id:
        came = (call_id, utc_now())
        st.session_state[OPENED] = came
    return came[1]


def title(opened: OpenCall, person: Person, t: Translator) -> None:
    """What call this is, in one line."""
    call, line = opened.call, opened.line
    facts = [
        line.agent,
        line.team,
        call.queue,
        moment(call.started_at, person.time_zone, t),
        clock(call.duration),
        t.get(f"language.{call.language}", call.language or ""),
    ]
    blocks.heading(call.call_key or call.file_name, " · ".join(fact for fact in facts if fact))


def deadline(until: datetime | None, person: Person, t: Translator) -> None:
    """Until when the agent can dispute, where the card sets a time."""
    if until is not None:
        day = moment(until, person.time_zone, t)
        st.caption(t("call.dispute_until" if utc_now() < until else "call.dispute_ended", day=day))


def wanted() -> int | None:
    """The id in the address, if it is one."""
    text = st.query_params.get("id", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


@st.fragment(run_every=LOOK_AGAIN_S)
def look_again(call_id: int, seen: int | None) -> None:
    """While a corrected call is being read: draw the page anew as soon as the new scores are there."""
    person = identity.find_person()
    if person is None:
        st.rerun()
        return
    try:
        with reading(shared_engine()) as session:
            now = open_call(session, person.viewer, call_id).call
            done = now.assessment_number != seen or pending(session, now) is None
    except DatabaseError:
        return  # another look follows
    if done:
        st.rerun()


def page() -> None:
    """The page."""
    person, t = identity.me()
    call_id = wanted()
    opened: OpenCall | None = None
    with reading(shared_engine()) as session:
        if call_id is not None:
            try:
                opened = open_call(session, person.viewer, call_id)
            except DatabaseAwayError:
                raise
            except DatabaseError:
                opened = None
        if opened is None or call_id is None:
            blocks.empty(t("call.missing"), t("call.missing_help"))
            return
        head, more = st.columns([5, 1], vertical_alignment="bottom")
        with head:
            title(opened, person, t)
        with more:
            clip_box.box(opened, person, t)
        if person.role == "agent":
            deadline(disputing.open_until(session, opened), person, t)
        call = opened.call
        if opened.conversation is None:
            failed = call.state in ("failed", "quarantined")
            told = t("call.failed_help", cause=call.cause or "–") if failed else t("call.waiting_help")
            blocks.empty(t("call.failed" if failed else "call.waiting"), told)
            return
        stored = call.playback and (shared_settings().audio_path / call.playback).is_file()
        data = payload(session, person, opened, t, audio=f"/calls/{call_id}/audio" if stored else None)
    opened_at(call_id)
    key = f"call.{call_id}"
    told_before = st.session_state.get(ANSWER)
    data["answer"] = told_before if told_before and told_before["call"] == call_id else None
    data["next"] = next_call(call_id) is not None
    call_page(data, key=key, on_ask=lambda: answer(t, call_id, key))
    if data["history"]["pending"]:
        look_again(call_id, data["seen"])


page()
