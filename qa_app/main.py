"""The frame: who is there, which pages they have, then the page. Every page is a file in views."""

from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from database.errors import DatabaseAwayError, DatabaseError
from database.people import Person
from qa_app import identity
from qa_app.i18n import Translator, best_language, translator
from qa_app.navigation import pages_for
from qa_app.refusals import told as refusal
from qa_app.unsent import unsent
from qa_app.widgets import blocks, tour

UNSENT = "rapport.unsent"
VIEWS = Path(__file__).parent / "views"
START = "start"  # the start page's name for Streamlit; people find it at / and at the page's own address


def signed_out() -> None:
    """The session ended while the page was open. What was typed into fields that are gone now is shown, so
    that it can be copied."""
    t = translator(best_language(st.context.locale or ""))
    blocks.empty(t("error.signed_out"), t("error.signed_out_more"))
    typed = [*st.session_state.get(UNSENT, []), *unsent({str(k): v for k, v in st.session_state.items()})]
    st.session_state[UNSENT] = typed
    if typed:
        st.caption(t("error.unsent"))
        for text in typed:
            st.code(text, language=None, wrap_lines=True)
    query = urlencode(st.query_params.to_dict())
    target = quote(urlsplit(st.context.url or "/").path + (f"?{query}" if query else ""), safe="/")
    # In this same tab: what was typed and not sent yet lives in it.
    blocks.link(t("error.sign_in_again"), f"/account/sign-in?next={target}")


def show(person: Person, t: Translator) -> None:
    """The navigation by role, and the page. Pages have no icons: Streamlit fetches those from elsewhere."""
    identity.keep(person)
    pages = pages_for(person)
    listed = [
        st.Page(
            VIEWS / f"{page.file}.py",
            title=t(page.title),
            url_path=START if page.default else page.path,
            default=page.default,
            visibility="visible" if page.listed else "hidden",
        )
        for page in pages
    ]
    listed += [
        st.Page(VIEWS / f"{page.file}.py", title=t(page.title), url_path=page.path, visibility="hidden")
        for page in pages
        if page.default
    ]
    page = st.navigation(listed, position="top")
    if page.url_path == "" and not person.toured and not person.must_change_password:
        tour.show(person, t)
    page.run()


def frame() -> None:
    """One run of the app."""
    st.set_page_config(page_title="Rapport", layout="wide", initial_sidebar_state="collapsed")
    blocks.style()
    person: Person | None = None
    try:
        person = identity.find_person()
        if person is None:
            signed_out()
            return
        show(person, translator(person.language))
    except (DatabaseAwayError, SQLAlchemyError):  # a driver's words are not for people
        st.error(_language(person)("error.database"))
    except DatabaseError as error:
        st.error(refusal(error, _language(person)))


def _language(person: Person | None) -> Translator:
    return translator(person.language if person else best_language(st.context.locale or ""))


frame()
