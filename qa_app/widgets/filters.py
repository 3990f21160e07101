"""The filter bar of lists of calls: words in front, the rest behind one button; views kept by name.

The call list and the worklist have a bar each; saved views are the same in both.
"""

import time
from collections.abc import Mapping
from datetime import date

import streamlit as st
from sqlmodel import Session

from database.choices import Choices, choices
from database.engine import reading, writing
from database.filters import Filters
from database.people import Person
from database.signals import FILTERED
from database.views import delete_view, save_view, views_of
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.presenting import criterion_title, verdict_name

OFFER = "filters.offer"
FRESH_S = 60.0
VERDICTS = ("yes", "no", "na", "review", "unscored")
REVIEWS = ("none", "draft", "submitted", "released", "acknowledged")
STATES = ("done", "waiting", "running", "failed", "quarantined")
FIELDS = (
    "teams",
    "agents",
    "queues",
    "cards",
    "languages",
    "criterion",
    "only",
    "days",
    "score_on",
    "reviews",
    "states",
    "signal",
)


def offered(session: Session, person: Person) -> Choices:
    """What there is to choose from, looked up at most once a minute in a browser: with 100,000 calls the
    look-up costs more than the list."""
    held = st.session_state.get(OFFER)
    if held is not None and held[0] == person.viewer and time.monotonic() - held[1] < FRESH_S:
        found: Choices = held[2]
        return found
    found = choices(session, person.viewer)
    st.session_state[OFFER] = (person.viewer, time.monotonic(), found)
    return found


def bar(offer: Choices, person: Person, t: Translator, *, page: str = "calls") -> Filters:
    """Draw the bar of a page; returns what is chosen."""
    return _Bar(offer, person, t, page).draw()


class _Bar:
    def __init__(self, offer: Choices, person: Person, t: Translator, page: str) -> None:
        self.offer, self.person, self.t, self.page = offer, person, t, page

    def key(self, name: str) -> str:
        """The key of a field in the browser's session."""
        return f"{self.page}.filter.{name}"

    def draw(self) -> Filters:
        """All of it."""
        t = self.t
        words_box, button_box = st.columns([4, 1], vertical_alignment="bottom")
        words = words_box.text_input(
            t("calls.search"),
            key=self.key("words"),
            help=t("calls.search_help"),
            placeholder=t("calls.search"),
            label_visibility="collapsed",
        )
        count = sum(bool(st.session_state.get(self.key(name))) for name in FIELDS)
        label = t("calls.filters_on", n=count) if count else t("calls.filters")
        with button_box.popover(label, icon=":material/tune:", width="stretch"):
            chosen = self.fields()
            if self.person.role != "agent":
                self.saved(chosen, words)
        return Filters.of({**chosen.to_dict(), "words": words})

    def many(
        self, box: st.delta_generator.DeltaGenerator, name: str, label: str, values: Mapping[str, str]
    ) -> tuple[str, ...]:
        """Several of the values; nothing to choose where there are fewer than two."""
        if len(values) < 2:
            return ()
        return tuple(
            box.multiselect(
                self.t(label), list(values), format_func=lambda v: values.get(v, v), key=self.key(name)
            )
        )

    def fields(self) -> Filters:
        """The fields behind the button."""
        t, offer, key = self.t, self.offer, self.key
        st.button(
            t("calls.clear"), key=f"{self.page}.clear", type="tertiary", on_click=self.put, args=(Filters(),)
        )
        left, right = st.columns(2)
        teams = self.many(left, "teams", "calls.team", {str(k): v for k, v in offer.teams.items()})
        agents: tuple[str, ...] = ()
        if self.person.role != "agent":
            agents = self.many(right, "agents", "calls.agent", {str(k): v for k, v in offer.agents.items()})
        queues = self.many(left, "queues", "calls.queue", {v: v for v in offer.queues})
        cards = self.many(right, "cards", "calls.card", {v: v for v in offer.cards})
        languages = self.many(left, "languages", "calls.language", {v: v for v in offer.languages})
        reviews = self.many(right, "reviews", "calls.review", {s: t(f"review_state.{s}") for s in REVIEWS})
        states = self.many(left, "states", "calls.state", {s: t(f"state.{s}") for s in STATES})
        days = left.date_input(t("calls.days"), value=st.session_state.get(key("days"), ()), key=key("days"))
        span = days if isinstance(days, tuple) else (days,)
        signal = right.selectbox(
            t("calls.signal"),
            ["", *FILTERED],
            format_func=lambda v: t.get(f"signal.{v}", v) if v else t("calls.any"),
            key=key("signal"),
        )
        least = right.number_input(
            t("calls.at_least"), value=None, key=key("signal_from"), disabled=not signal
        )
        most = right.number_input(t("calls.at_most"), value=None, key=key("signal_to"), disabled=not signal)
        return Filters(
            team_ids=tuple(map(int, teams)),
            agent_ids=tuple(map(int, agents)),
            queues=queues,
            card_ids=cards,
            languages=languages,
            review_states=reviews,
            states=states,
            day_from=span[0].isoformat() if span else None,
            day_to=span[1].isoformat() if len(span) > 1 else None,
            signal=signal or None,
            signal_from=least if signal else None,
            signal_to=most if signal else None,
            **self.verdicts(left, right),  # type: ignore[arg-type]
        )

    def verdicts(
        self, left: st.delta_generator.DeltaGenerator, right: st.delta_generator.DeltaGenerator
    ) -> dict[str, object]:
        """What hangs on scores; whoever reviews blind is not offered it."""
        t, key = self.t, self.key
        if self.person.blind and self.person.role != "agent":
            return {}
        only = left.selectbox(
            t("calls.only"),
            ["", "doubt", "critical", "dispute"],
            format_func=lambda v: t(f"calls.only_{v}") if v else t("calls.any"),
            key=key("only"),
        )
        criterion = left.selectbox(
            t("calls.criterion"),
            ["", *self.offer.criteria],
            format_func=lambda v: criterion_title(v, t) if v else t("calls.any"),
            key=key("criterion"),
        )
        verdict = left.selectbox(
            t("calls.verdict"),
            ["", *VERDICTS],
            format_func=lambda v: verdict_name(v, t) if v else t("calls.any"),
            key=key("verdict"),
            disabled=not criterion,
        )
        low, high = right.slider(t("calls.score"), 0, 100, (0, 100), key=key("score"))
        return {
            "only": only or None,
            "criterion": criterion or None,
            "verdict": (verdict or None) if criterion else None,
            "score_from": float(low) if low > 0 else None,
            "score_to": float(high) if high < 100 else None,
        }

    def put(self, chosen: Filters) -> None:
        """Set the fields to the given filters."""
        days = tuple(date.fromisoformat(d) for d in (chosen.day_from, chosen.day_to) if d)
        top = 100 if chosen.score_to is None else chosen.score_to
        values: dict[str, object] = {
            "teams": list(map(str, chosen.team_ids)),
            "agents": list(map(str, chosen.agent_ids)),
            "queues": list(chosen.queues),
            "cards": list(chosen.card_ids),
            "languages": list(chosen.languages),
            "reviews": list(chosen.review_states),
            "states": list(chosen.states),
            "only": chosen.only or "",
            "criterion": chosen.criterion or "",
            "verdict": chosen.verdict or "",
            "words": chosen.words,
            "days": days,
            "score": (int(chosen.score_from or 0), int(top)),
            "signal": chosen.signal or "",
            "signal_from": chosen.signal_from,
            "signal_to": chosen.signal_to,
        }
        for name, value in values.items():
            st.session_state[self.key(name)] = value

    def saved(self, chosen: Filters, words: str) -> None:
        """Filters kept by name: take, forget, keep."""
        t, viewer = self.t, self.person.viewer
        st.divider()
        with reading(shared_engine()) as session:
            kept = views_of(session, viewer)
        if kept:
            pick, take, drop = st.columns([3, 1, 1], vertical_alignment="bottom")
            name = pick.selectbox(t("calls.views"), list(kept), key=f"{self.page}.view")
            take.button(
                t("calls.take_view"), key=f"{self.page}.view_take", on_click=self.put, args=(kept[name],)
            )
            if drop.button("✕", key=f"{self.page}.view_drop", help=t("calls.delete_view")):
                with writing(shared_engine()) as session:
                    delete_view(session, viewer, name)
                st.rerun()
        new, save = st.columns([3, 2], vertical_alignment="bottom")
        name = new.text_input(
            t("calls.save_view"),
            key=f"{self.page}.view_name",
            placeholder=t("calls.view_name"),
            max_chars=120,
        )
        if save.button(t("calls.save"), key=f"{self.page}.view_save", disabled=not name.strip()):
            with writing(shared_engine()) as session:
                save_view(session, viewer, name, Filters.of({**chosen.to_dict(), "words": words}))
            st.toast(t("calls.saved"))
