"""Variants of examples to learn from: as a recogniser writes them, in company, with and without context."""

import random
from collections.abc import Sequence

from models.acts.examples import Example
from models.acts.features import flat
from models.acts.misheard import misheard

FILLERS = {
    "en": ("um", "uh", "you know", "well", "so", "okay so", "right", "I mean", "like", "erm", "yeah"),
    "de": ("äh", "ähm", "also", "ja", "halt", "so", "genau", "na ja", "sozusagen", "mhm"),
}
AGAINST = (("dont_know", "find_out"), ("callback_vague", "callback_specific"), ("stock_empathy", "empathise"))
"""Where both stand in one text the first is gone: it was put right in the same breath."""


def variants(examples: Sequence[Example], language: str, seed: int) -> list[Example]:
    """Each example as it is, as flat text, with small accidents, and joined with another of its role."""
    chance = random.Random(seed)
    by_role = {role: [e for e in examples if e.role == role] for role in ("agent", "customer")}
    found: list[Example] = []
    for example in examples:
        other = by_role["customer" if example.role == "agent" else "agent"]
        found.append(_in_context(example, other, chance, 0.3))
        plain = flat(example.text)
        if plain != example.text:
            found.append(_in_context(_with(example, plain), other, chance, 0.3))
        if chance.random() < 0.6:
            found.append(_with(example, _accident(example.text, language, chance)))
        if language == "de" and chance.random() < 0.6:
            found.append(_with(example, misheard(chance.choice((plain, example.text)), chance)))
        if chance.random() < 0.5:
            found.append(
                _in_context(_joined(example, chance.choice(by_role[example.role])), other, chance, 0.5)
            )
    return found


def _with(example: Example, text: str, before: str | None = None) -> Example:
    before = example.before if before is None else before
    return Example(text, before, example.role, example.acts, example.family)


def _in_context(example: Example, other: Sequence[Example], chance: random.Random, share: float) -> Example:
    if example.before or not other or chance.random() > share:
        return example
    return _with(example, example.text, chance.choice(other).text)


def _joined(first: Example, second: Example) -> Example:
    if second.before:
        return first
    acts = set(first.acts | second.acts)
    for weak, strong in AGAINST:
        if strong in acts:
            acts.discard(weak)
    stop = "" if first.text[-1:] in ".?!" else "."
    return Example(
        f"{first.text}{stop} {second.text}", first.before, first.role, frozenset(acts), first.family
    )


def _accident(text: str, language: str, chance: random.Random) -> str:
    words = text.split() if chance.random() < 0.5 else flat(text).split()
    if len(words) > 5 and chance.random() < 0.5:
        del words[chance.randrange(len(words))]
    if chance.random() < 0.6:
        words.insert(chance.randrange(len(words) + 1), chance.choice(FILLERS.get(language, ("",))))
    if len(words) > 4 and chance.random() < 0.3:
        again = chance.randrange(len(words) - 1)
        words.insert(again, words[again])
    return " ".join(words)
