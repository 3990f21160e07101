"""Variants of examples to learn from: as a recogniser writes them, in company, with and without context."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.acts.examples import Example
from models.acts.features import flat
from models.acts.misheard import misheard

FILLERS = {
    "en": ("um", "uh", "you know", "well", "so", "okay so", "right", "I mean", "like", "erm", "yeah"),
    "de": ("äh", "ähm", "also", "ja", "halt", "so", "genau", "na ja", "sozusagen", "mhm"),
}
AGAINST = (("dont_know", "find_out"), ("callback_vague", "callback_specific"), ("stock_empathy", "empathise"))
"""Where both stand in one text the first is gone: it was put right in the same breath."""


@dataclass(frozen=True)
class Variant:
    """A text to learn from and the numbers of the examples it was made of."""

    example: Example
    made_of: tuple[int, ...]


def variants(examples: Sequence[Example], language: str, seed: int) -> list[Variant]:
    """Each example as it is, as flat text, with small accidents, and joined with another of its role."""
    chance = random.Random(seed)
    by_role = {role: [n for n, e in enumerate(examples) if e.role == role] for role in ("agent", "customer")}
    found: list[Variant] = []
    for number, example in enumerate(examples):
        other = by_role["customer" if example.role == "agent" else "agent"]

        def placed(text: Example, *, number: int = number, other: Sequence[int] = other) -> Variant:
            if text.before or not other or chance.random() > 0.3:
                return Variant(text, (number,))
            before = chance.choice(other)
            return Variant(replace(text, before=examples[before].text), (number, before))

        found.append(placed(example))
        plain = flat(example.text)
        if plain != example.text:
            found.append(placed(replace(example, text=plain)))
        if chance.random() < 0.3:
            found.append(placed(replace(example, text=_accident(example.text, language, chance))))
        if language == "de" and chance.random() < 0.6:
            found.append(
                placed(replace(example, text=misheard(chance.choice((plain, example.text)), chance)))
            )
        if chance.random() < 0.3:
            second = chance.choice(by_role[example.role])
            if not examples[second].before:
                found.append(Variant(_joined(example, examples[second]), (number, second)))
    return found


def _joined(first: Example, second: Example) -> Example:
    acts = set(first.acts | second.acts)
    for weak, strong in AGAINST:
        if strong in acts:
            acts.discard(weak)
    stop = "" if first.text[-1:] in ".?!" else "."
    return replace(first, text=f"{first.text}{stop} {second.text}", acts=frozenset(acts))


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
