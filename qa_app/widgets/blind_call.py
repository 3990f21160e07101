"""The call page for scoring blind: in a calibration session and in an agent's self-review."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from database.errors import DatabaseAwayError, DatabaseError
from database.listing import OpenCall
from database.people import Person
from database.tables import ReviewItem
from qa_app import identity
from qa_app.actions.done import Done
from qa_app.blind import blinded
from qa_app.context import shared_settings
from qa_app.i18n import Translator
from qa_app.payload import payload
from qa_app.refusals import told as refusal
from qa_app.widgets.components import asked as event_of
from qa_app.widgets.components import call_page

Act = Callable[[Person, Mapping[str, Any]], Done]


def data_of(
    session: Session, person: Person, opened: OpenCall, mine: Mapping[str, ReviewItem], t: Translator
) -> dict[str, Any]:
    """What the component draws: the call with one's own answers and nobody else's."""
    if opened.assessment is None:
        raise DatabaseError("this call has no scores yet, so there is nothing to review")
    stored = opened.call.playback and (shared_settings().audio_path / opened.call.playback).is_file()
    shown = payload(session, person, opened, t, audio=f"/calls/{opened.id}/audio" if stored else None)
    return blinded(session, shown, opened.assessment, mine, t)


def draw(data: dict[str, Any], key: str, act: Act, t: Translator) -> None:
    """Draw it; ``act`` does what the component asks, and what it says is told on the page."""
    kept = f"{key}.answer"

    def answer() -> None:
        event = event_of(key)
        if not event:
            return
        told: dict[str, object] = {"nonce": time.time_ns() // 1000}
        try:
            person = identity.find_person()
            if person is None:
                return  # the page that is drawn next says so
            done = act(person, event)
            told |= {"ok": True, "text": t(done.message, **done.values)}
        except (DatabaseAwayError, SQLAlchemyError):
            told |= {"ok": False, "text": t("error.not_saved")}
        except DatabaseError as error:
            told |= {"ok": False, "text": refusal(error, t)}
        st.session_state[kept] = told

    data["answer"] = st.session_state.get(kept)
    call_page(data, key=key, on_ask=answer)
