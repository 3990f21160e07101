"""Doing what a page asks and saying so: after the page is drawn anew, or why it was refused."""

from collections.abc import Callable

import streamlit as st

from database.errors import DatabaseError
from qa_app.actions.done import Done
from qa_app.i18n import Translator
from qa_app.refusals import told as refusal

TOLD = "acting.told"


def do(act: Callable[..., Done], t: Translator, *, afresh: str | None = None) -> None:
    """Run an action and draw the page anew; a refusal stays on the page, with all that was entered.
    ``afresh`` names a form whose fields are empty the next time: only once their text is kept."""
    try:
        done = act()
    except DatabaseError as error:
        st.error(refusal(error, t))
        return
    if afresh is not None:
        st.session_state[afresh] = times(afresh) + 1
    st.session_state[TOLD] = t(done.message, **done.values)
    st.rerun()


def times(form: str) -> int:
    """How often a form was sent: a part of its fields' keys. Unlike a form that Streamlit empties, which it
    does whenever its run happens to end, this loses neither a refused text nor one that is being typed."""
    found: int = st.session_state.get(form, 0)
    return found


def tell() -> None:
    """Say what was done before the page was drawn anew."""
    told = st.session_state.pop(TOLD, None)
    if told:
        st.toast(told)
