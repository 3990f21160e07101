"""A scorecard as people read it: sections with their weight, each question with what decides it."""

from html import escape

import streamlit as st

from qa_app.i18n import Translator
from qa_app.presenting import number
from scorecards.card import Card, Criterion


def show(card: Card, t: Translator, *, ready: bool, retired: bool) -> None:
    """Draw the card."""
    origin = t("scorecards.ready") if ready else t("scorecards.own")
    state = t("scorecards.retired") if retired else t("scorecards.judges_now")
    mark = t("scorecards.pass_mark", n=number(card.pass_mark, t))
    st.markdown(f"**{t('scorecards.version', n=card.version)}** · {origin} · {state} · {mark}")
    if card.about:
        st.caption(card.about)
    total = sum(section.weight for section in card.sections) or 1.0
    for section in card.sections:
        items = [c for c in card.criteria if c.section == section.id]
        share = t("scorecards.share", n=number(100 * section.weight / total, t))
        rows = "".join(_row(criterion, t) for criterion in items)
        head = f"<h2>{escape(section.title)} <small>{escape(share)}</small></h2>"
        st.html(f'<section class="r-card" lang="{card.language}">{head}<ul>{rows}</ul></section>')
    if card.facts:
        st.caption(t("scorecards.facts") + " " + " · ".join(fact.title for fact in card.facts))


def _row(criterion: Criterion, t: Translator) -> str:
    marks = [t(f"scorecards.type_{criterion.type}")]
    if criterion.weight:
        marks.insert(
            0, t("scorecards.weight", n=number(criterion.weight, t, 0 if criterion.weight % 1 == 0 else 1))
        )
    else:
        marks.insert(0, t("scorecards.not_counted"))
    if criterion.critical:
        marks.append(t("scorecards.critical"))
    if criterion.good == "no" and criterion.answers_yes_no:
        marks.append(t("scorecards.good_no"))
    if criterion.only_if is not None or criterion.not_if is not None:
        marks.append(t("scorecards.only_when_due"))
    marks.append(t(f"scorecards.by_{criterion.confirmed_by}"))
    more = f"<p>{escape(criterion.help.strip())}</p>" if criterion.help else ""
    better = criterion.smallest_change or "; ".join(criterion.say_instead)
    if better:
        more += f"<p>{escape(t('scorecards.met_by'))} {escape(better)}</p>"
    return (
        f"<li><strong>{escape(criterion.question)}</strong> <code>{escape(criterion.id)}</code>"
        f"<span>{escape(' · '.join(marks))}</span>{more}</li>"
    )
