"""Who is looking at the page: asked of the database at every run, so that a sign-out takes effect."""

from collections.abc import Mapping

import streamlit as st

from database.engine import reading, writing
from database.people import Person, person_behind, touch
from qa_app.context import shared_engine
from qa_app.cookies import secret_in
from qa_app.i18n import Translator, translator


def cookies() -> Mapping[str, str]:
    """The browser's cookies as the page's socket brought them (tests put their own here)."""
    return st.context.cookies.to_dict()


def find_person() -> Person | None:
    """The person who is signed in, or None."""
    secret = secret_in(cookies())
    with reading(shared_engine()) as session:
        person, due = person_behind(session, secret)
    if person is not None and due and secret:
        with writing(shared_engine()) as session:
            touch(session, secret)
    return person


def keep(person: Person) -> None:
    """Hand the person on to the page of this run."""
    st.session_state["rapport.person"] = person


def me() -> tuple[Person, Translator]:
    """The person of this run and their language; pages call this first."""
    person = st.session_state["rapport.person"]
    if not isinstance(person, Person):
        raise TypeError("the frame has not looked up who is signed in")
    return person, translator(person.language)
