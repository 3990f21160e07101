"""Clips: a stretch of a call with its words and its sound, wherever one is shown or chosen."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from database.engine import reading
from database.errors import DatabaseError
from database.listing import open_call
from database.people import Person
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.presenting import clock
from recordings import Conversation, Turn

STYLE = """
<style>
.r-clip { border-left: 3px solid var(--r-line); padding: .1rem 0 .1rem .8rem; margin: .2rem 0 .4rem; }
.r-clip p { margin: .1rem 0; font-size: .92rem; }
.r-clip .who { color: var(--r-quiet); font-size: .78rem; margin-right: .45rem; }
.r-clip audio { width: 100%; max-width: 26rem; height: 34px; margin-top: .35rem; display: block; }
</style>
"""
SHOWN = 6


def spoken(talk: Conversation | None, start: float, end: float) -> list[Turn]:
    """The turns that lie in a stretch for the better part of a second, or of themselves."""
    found = []
    for turn in talk.turns if talk else ():
        if turn.start is None or turn.end is None:
            continue
        shared = min(end, turn.end) - max(start, turn.start)
        if shared > min(0.8, 0.5 * (turn.end - turn.start)):
            found.append(turn)
    return found


def speaker(turn: Turn, t: Translator) -> str:
    """Who speaks, by role."""
    return t.get(f"role.{turn.role or 'other'}", "")


def clip(turns: Sequence[Turn], start: float, end: float, sound: str | None, t: Translator) -> None:
    """The words of a clip and, where there is sound, its player."""
    said = "".join(
        f'<p><span class="who">{escape(speaker(turn, t))}</span>{escape(turn.text)}</p>'
        for turn in turns[:SHOWN]
    )
    label = escape(t("clips.sound", start=clock(start), end=clock(end)))
    player = (
        f'<audio controls preload="none" src="{escape(sound)}" aria-label="{label}"></audio>' if sound else ""
    )
    st.html(f'{STYLE}<div class="r-clip">{said}{player}</div>')


def of_call(person: Person, call_id: int, start: float, end: float, t: Translator) -> None:
    """A clip of a call within reach, its sound from the call's own address."""
    with reading(shared_engine()) as session:
        try:
            opened = open_call(session, person.viewer, call_id)
        except DatabaseError:
            return
    sound = f"/calls/{call_id}/audio#t={start:.2f},{end:.2f}" if opened.call.playback else None
    clip(spoken(opened.conversation, start, end), start, end, sound, t)


def choose(talk: Conversation, t: Translator, key: str, first: int | None = None) -> tuple[Turn, Turn] | None:
    """Two fields for the first and the last line of a clip; None while the transcript has no times."""
    lines = [turn for turn in talk.turns if turn.start is not None and turn.end is not None]
    if not lines:
        st.caption(t("clips.no_times"))
        return None

    def text(index: int) -> str:
        turn = lines[index]
        said = turn.text if len(turn.text) < 70 else turn.text[:67] + "…"
        return f"{clock(turn.start)} {speaker(turn, t)}: {said}"

    start_at = next((i for i, turn in enumerate(lines) if turn.index == first), 0)
    begin = st.selectbox(
        t("clips.from"), range(len(lines)), index=start_at, format_func=text, key=f"{key}.from"
    )
    rest = range(begin, len(lines))
    end = st.selectbox(t("clips.to"), rest, format_func=text, key=f"{key}.to.{begin}")
    return lines[begin], lines[end]
