"""The linter: what is allowed in a card but wrong in it. Vague, contradictory or unreachable items,
overlapping
phrases, missing translations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import regex

from scorecards.card import Card, Criterion, nodes_in
from scorecards.checks import Node
from scorecards.errors import ScorecardError
from scorecards.phrases import PhraseBook, PhraseEntry

Level = Literal["error", "warning"]
_VAGUE = {
    "en": r"\b(?:nice|appropriate(?:ly)?|professional(?:ly)?|proper(?:ly)?|"
    r"adequate(?:ly)?|friendly|excellent|as needed|"
    r"if possible|where appropriate|satisfactor\w+|well enough|positive attitude)\b",
    "de": r"\b(?:nett|angemessen\w*|professionell\w*|ordentlich\w*|"
    r"freundlich\w*|ausreichend\w*|richtig|passend\w*|"
    r"gegebenenfalls|nach möglichkeit|zufriedenstellend\w*)\b",
}
_AND = {"en": r"\band\b.*\band\b.*\band\b", "de": r"\bund\b.*\bund\b.*\bund\b"}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that the linter found: how bad, where in the card, and what to do."""

    level: Level
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.level}: {self.place}: {self.text}"


def lint(card: Card, others: Mapping[str, Card] | None = None) -> tuple[Remark, ...]:
    """All remarks on a card; ``others`` are the same card's other languages."""
    remarks = [
        *_vague(card),
        *_unreachable(card),
        *_contradictory(card),
        *_unused(card),
        *_phrases(card),
        *_translations(card, others or {}),
    ]
    return tuple(sorted(remarks, key=lambda r: (r.level != "error", r.place, r.text)))


def _vague(card: Card) -> Iterable[Remark]:
    for criterion in card.criteria:
        place = f"criteria.{criterion.id}"
        found = regex.search(_VAGUE[card.language], criterion.question, regex.IGNORECASE)
        if found:
            yield Remark(
                "warning", place, f"{found.group()!r} is vague: say what can be heard when it is met"
            )
        if regex.search(_AND[card.language], criterion.question, regex.IGNORECASE) and not criterion.help:
            yield Remark(
                "warning", place, "asks several things at once: split it, or say in help which decide"
            )
        if not criterion.question.rstrip().endswith("?"):
            yield Remark("warning", place, "a question ends with a question mark")
        if (
            criterion.weight > 0
            and criterion.answers_yes_no
            and not (criterion.smallest_change or criterion.say_instead)
        ):
            yield Remark(
                "warning", place, "neither smallest_change nor say_instead: nobody learns what would meet it"
            )
        if criterion.type == "judged" and criterion.confirmed_by == "rule" and criterion.critical:
            yield Remark(
                "warning", place, "a judged, critical item is confirmed by rule: let a person confirm it"
            )


def _unreachable(card: Card) -> Iterable[Remark]:
    for criterion in card.criteria:
        place = f"criteria.{criterion.id}"
        gates = [n.model_dump_json(exclude_none=True) for n in (criterion.only_if,) if n is not None]
        barred = [n.model_dump_json(exclude_none=True) for n in (criterion.not_if,) if n is not None]
        if set(gates) & set(barred):
            yield Remark("error", place, "only_if and not_if are the same: it can never apply")
        for name in ("only_if", "not_if", "check"):
            node = getattr(criterion, name)
            if node is not None:
                yield from _impossible(f"{place}.{name}", node)
        bands = criterion.scale.bands
        if bands and len({b.share for b in bands}) == 1:
            yield Remark("warning", place, "every band earns the same share: the value changes nothing")
    for section in card.sections:
        if not any(c.section == section.id for c in card.criteria):
            yield Remark("warning", f"sections.{section.id}", "no criterion is in this section")


def _impossible(place: str, node: Node) -> Iterable[Remark]:
    for inner in nodes_in(node):
        for limits in (inner.count, inner.measure):
            if limits is None or limits.at_most is None or limits.at_least is None:
                continue
            if limits.at_least > limits.at_most:
                yield Remark(
                    "error", place, f"at_least {limits.at_least} is above at_most {limits.at_most}: never met"
                )
        if inner.every is not None:
            forms = {n.model_dump_json(exclude_none=True) for n in inner.every}
            for part in inner.every:
                if part.negated is not None and part.negated.model_dump_json(exclude_none=True) in forms:
                    yield Remark("error", place, "all asks for a condition and for its opposite: never met")


def _contradictory(card: Card) -> Iterable[Remark]:
    seen: dict[str, Criterion] = {}
    for criterion in card.criteria:
        form = criterion.check.model_dump_json(exclude_none=True)
        other = seen.setdefault(form, criterion)
        if other is criterion:
            continue
        place = f"criteria.{criterion.id}"
        if other.good != criterion.good and other.answers_yes_no and criterion.answers_yes_no:
            yield Remark(
                "error", place, f"contradicts {other.id}: the same check, the opposite answer is good"
            )
        elif other.weight > 0 and criterion.weight > 0:
            yield Remark("warning", place, f"has the same check as {other.id}: the same thing counts twice")


def _unused(card: Card) -> Iterable[Remark]:
    used = {n.use for _, node in card.conditions() for n in nodes_in(node) if n.use}
    for name in card.define:
        if name not in used:
            yield Remark("warning", f"define.{name}", "is defined but never used")


def _phrases(card: Card) -> Iterable[Remark]:
    entries: list[tuple[str, PhraseEntry]] = []
    for place, node in card.conditions():
        for inner in nodes_in(node):
            if inner.phrase is not None:
                entries.append((place, inner.phrase.entry()))
            if inner.forbidden is not None:
                entries += [(f"{place}.lists.{i}", e) for i, e in enumerate(inner.forbidden.lists)]
    for place, entry in entries:
        yield from _tables(place, entry, card.language)
    for i, (place, entry) in enumerate(entries):
        for other_place, other in entries[i + 1 :]:
            yield from _overlap(place, entry, other_place, other, card.language)


def _tables(place: str, entry: PhraseEntry, language: str) -> Iterable[Remark]:
    try:
        book = PhraseBook((entry,), language)
        for phrase in entry.phrases:
            if "…" not in phrase and "..." not in phrase and not book.find(phrase):
                yield Remark("error", place, f"phrase {phrase!r} is cancelled by the entry's own allow-list")
        for example in entry.examples:
            if not book.find(example):
                yield Remark("error", place, f"example {example!r} is not matched")
        for miss in entry.near_misses:
            if book.find(miss):
                yield Remark("error", place, f"near miss {miss!r} is matched")
    except ScorecardError as error:
        yield Remark("error", place, str(error))


def _overlap(
    place: str, entry: PhraseEntry, other_place: str, other: PhraseEntry, language: str
) -> Iterable[Remark]:
    if (entry.role or "any") != (other.role or "any"):
        return
    shared = {p.lower() for p in entry.phrases} & {p.lower() for p in other.phrases}
    if shared:
        yield Remark("warning", place, f"phrase {sorted(shared)[0]!r} is also in {other_place}")
        return
    book = PhraseBook((other,), language)
    for phrase in entry.phrases:
        if "…" not in phrase and book.find(phrase):
            yield Remark("warning", place, f"phrase {phrase!r} overlaps {other_place}")
            return


def _translations(card: Card, others: Mapping[str, Card]) -> Iterable[Remark]:
    if not others:
        missing = "de" if card.language == "en" else "en"
        yield Remark("warning", "language", f"there is no {missing} card of {card.id!r} beside this one")
    own = {c.id for c in card.criteria}
    for language, other in others.items():
        there = {c.id for c in other.criteria}
        for name in sorted(there - own):
            yield Remark("error", f"criteria.{name}", f"is in the {language} card but missing here")
        weights = {c.id: (c.weight, c.critical, c.good, c.scale.kind) for c in other.criteria}
        for criterion in card.criteria:
            mine = (criterion.weight, criterion.critical, criterion.good, criterion.scale.kind)
            if criterion.id in weights and weights[criterion.id] != mine:
                place = f"criteria.{criterion.id}"
                yield Remark(
                    "error", place, f"weight, critical, good or scale differ from the {language} card"
                )
