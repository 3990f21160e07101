"""The filter bar of the call list: words in front, the rest behind one button; views kept by name."""

from datetime import date

import streamlit as st

from database.engine import reading, writing
from database.listing import Choices, Filters
from database.people import Person
from database.views import delete_view, save_view, views_of
from qa_app.context import shared_engine
from qa_app.i18n import Translator
from qa_app.presenting import criterion_title, verdict_name

PREFIX = "calls.filter."
VERDICTS = ("yes", "no", "na", "review", "unscored")


def bar(offer: Choices, person: Person, t: Translator) -> Filters:
    """Draw the bar; returns what is chosen."""
    words_box, button_box = st.columns([4, 1], vertical_alignment="bottom")
    words = words_box.text_input(
        t("calls.search"),
        key=PREFIX + "words",
        help=t("calls.search_help"),
        placeholder=t("calls.search"),
        label_visibility="collapsed",
    )
    count = sum(bool(st.session_state.get(PREFIX + name)) for name in _FIELDS)
    label = t("calls.filters_on", n=count) if count else t("calls.filters")
    with button_box.popover(label, icon=":material/tune:", width="stretch"):
        chosen = _fields(offer, person, t)
        if person.role != "agent":
            _saved_views(person, t, chosen, words)
    return Filters.of({**chosen.to_dict(), "words": words})


_FIELDS = (
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
)


def _fields(offer: Choices, person: Person, t: Translator) -> Filters:
    st.button(t("calls.clear"), key="calls.clear", type="tertiary", on_click=_put, args=(Filters(),))
    left, right = st.columns(2)

    def many(
        box: st.delta_generator.DeltaGenerator, name: str, label: str, values: dict[str, str]
    ) -> tuple[str, ...]:
        if len(values) < 2:
            return ()
        return tuple(
            box.multiselect(t(label), list(values), format_func=lambda v: values.get(v, v), key=PREFIX + name)
        )

    teams = many(left, "teams", "calls.team", {str(k): v for k, v in offer.teams.items()})
    agents = (
        ()
        if person.role == "agent"
        else many(right, "agents", "calls.agent", {str(k): v for k, v in offer.agents.items()})
    )
    queues = many(left, "queues", "calls.queue", {v: v for v in offer.queues})
    cards = many(right, "cards", "calls.card", {v: v for v in offer.cards})
    languages = many(left, "languages", "calls.language", {v: v for v in offer.languages})
    reviews = many(
        right,
        "reviews",
        "calls.review",
        {s: t(f"review_state.{s}") for s in ("none", "draft", "submitted", "released", "acknowledged")},
    )
    states = many(
        left,
        "states",
        "calls.state",
        {s: t(f"state.{s}") for s in ("done", "waiting", "running", "failed", "quarantined")},
    )
    only = right.selectbox(
        t("calls.only"),
        ["", "doubt", "critical", "dispute"],
        format_func=lambda v: t(f"calls.only_{v}") if v else t("calls.any"),
        key=PREFIX + "only",
    )
    criterion = left.selectbox(
        t("calls.criterion"),
        ["", *offer.criteria],
        format_func=lambda v: criterion_title(v, t) if v else t("calls.any"),
        key=PREFIX + "criterion",
    )
    verdict = right.selectbox(
        t("calls.verdict"),
        ["", *VERDICTS],
        format_func=lambda v: verdict_name(v, t) if v else t("calls.any"),
        key=PREFIX + "verdict",
        disabled=not criterion,
    )
    days = left.date_input(
        t("calls.days"), value=st.session_state.get(PREFIX + "days", ()), key=PREFIX + "days"
    )
    low, high = right.slider(t("calls.score"), 0, 100, (0, 100), key=PREFIX + "score")
    span = days if isinstance(days, tuple) else (days,)
    return Filters(
        team_ids=tuple(map(int, teams)),
        agent_ids=tuple(map(int, agents)),
        queues=queues,
        card_ids=cards,
        languages=languages,
        review_states=reviews,
        states=states,
        only=only or None,
        criterion=criterion or None,
        verdict=(verdict or None) if criterion else None,
        day_from=span[0].isoformat() if span else None,
        day_to=span[1].isoformat() if len(span) > 1 else None,
        score_from=float(low) if low > 0 else None,
        score_to=float(high) if high < 100 else None,
    )


def _put(chosen: Filters) -> None:
    """Set the fields to the given filters."""
    state = st.session_state
    for name, values in (
        ("teams", map(str, chosen.team_ids)),
        ("agents", map(str, chosen.agent_ids)),
        ("queues", chosen.queues),
        ("cards", chosen.card_ids),
        ("languages", chosen.languages),
        ("reviews", chosen.review_states),
        ("states", chosen.states),
    ):
        state[PREFIX + name] = list(values)
    state[PREFIX + "only"] = chosen.only or ""
    state[PREFIX + "criterion"] = chosen.criterion or ""
    state[PREFIX + "verdict"] = chosen.verdict or ""
    state[PREFIX + "words"] = chosen.words
    state[PREFIX + "days"] = tuple(date.fromisoformat(d) for d in (chosen.day_from, chosen.day_to) if d)
    state[PREFIX + "score"] = (
        int(chosen.score_from or 0),
        int(100 if chosen.score_to is None else chosen.score_to),
    )


def _saved_views(person: Person, t: Translator, chosen: Filters, words: str) -> None:
    st.divider()
    with reading(shared_engine()) as session:
        kept = views_of(session, person.viewer)
    if kept:
        pick, take, drop = st.columns([3, 1, 1], vertical_alignment="bottom")
        name = pick.selectbox(t("calls.views"), list(kept), key="calls.view")
        take.button("↵", key="calls.view_take", help=t("calls.views"), on_click=_put, args=(kept[name],))
        if drop.button("✕", key="calls.view_drop", help=t("calls.delete_view")):
            with writing(shared_engine()) as session:
                delete_view(session, person.viewer, name)
            st.rerun()
    new, save = st.columns([3, 2], vertical_alignment="bottom")
    name = new.text_input(
        t("calls.save_view"), key="calls.view_name", placeholder=t("calls.view_name"), max_chars=120
    )
    if save.button(t("calls.save"), key="calls.view_save", disabled=not name.strip()):
        with writing(shared_engine()) as session:
            save_view(session, person.viewer, name, Filters.of({**chosen.to_dict(), "words": words}))
        st.toast(t("calls.saved"))
