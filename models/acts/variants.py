"""Variants of what is learned from: as a recogniser writes it, in company, with and without context."""

import random
from collections.abc import Sequence
from dataclasses import replace

from models.acts.dialogues import Said
from models.acts.features import flat
from models.acts.learn import Lesson
from models.acts.misheard import misheard
from models.acts.turning import with_turn_away

FILLERS = {
    "en": ("um", "uh", "you know", "well", "so", "okay so", "right", "I mean", "like", "erm", "yeah"),
    "de": ("äh", "ähm", "also", "ja", "halt", "so", "genau", "na ja", "sozusagen", "mhm"),
}
AGAINST = (
    ("dont_know", "find_out"),
    ("callback_vague", "callback_specific"),
    ("stock_empathy", "empathise"),
    ("announce_hold", "ask_hold"),
    ("announce_transfer", "ask_transfer"),
)
"""Where both stand in one text the first is gone: it was put right in the same breath."""
FORMS = 2
"""Forms with slips and with mishearings that a text has."""
LONGEST = 70
"""Words in a text that was put together."""


def vary(
    lessons: Sequence[Lesson], chance: random.Random, share: float = 1.0, again: float = 1.0
) -> list[Lesson]:
    """One pass over the dialogues, but of those known already a share ``again``, and over a share of the
    examples, each in one of its variants."""
    singles = [one for one in lessons if not one.whole]
    by_role: dict[tuple[str, str | None], list[Lesson]] = {}
    for one in singles:
        by_role.setdefault((one.language, one.turns[-1].role), []).append(one)
    found = []
    for one in lessons:
        if one.whole:
            if one.known and chance.random() >= again:
                continue
            found.append(_call(one, chance))
            continue
        if chance.random() >= share:
            continue
        joined = one
        while chance.random() < 0.35 and len(joined.turns[-1].text.split()) < LONGEST:
            other = chance.choice(by_role[one.language, one.turns[-1].role])
            if len(other.turns) > 1:
                break
            joined = (
                _joined(joined, other)
                if chance.random() < 0.5 or len(joined.turns) > 1
                else _joined(other, joined)
            )
        found.append(_respelt(joined, chance))
    return found


def _call(lesson: Lesson, chance: random.Random) -> Lesson:
    """A whole call: perhaps nobody knows of holds, perhaps only a piece of it is there, perhaps misheard."""
    turns, acts = lesson.turns, lesson.acts
    if chance.random() < 0.25:
        turns = tuple(replace(turn, hold_s=0.0, silence_s=0.0) for turn in turns)
    lesson = replace(lesson, turns=turns, acts=acts)
    return _respelt(lesson, chance) if chance.random() < 0.6 else lesson


def _respelt(lesson: Lesson, chance: random.Random) -> Lesson:
    """One of the forms of a text; the same text has the same few forms in every pass."""
    way, form = chance.random(), chance.randrange(FORMS)
    if way < 0.45:
        return lesson
    turns = []
    for turn in lesson.turns:
        own = random.Random(f"{form} {turn.text}")
        text = turn.text
        if way < 0.65:
            text = flat(text)
        elif way < 0.82:
            text = _accident(text, lesson.language, own)
        else:
            text = misheard(text if form else flat(text), own, lesson.language, share=0.12)
        turns.append(replace(turn, text=text or turn.text))
    return replace(lesson, turns=tuple(turns))


def _joined(first: Lesson, second: Lesson) -> Lesson:
    acts = set((first.acts[-1] or frozenset()) | (second.acts[-1] or frozenset()))
    for weak, strong in AGAINST:
        if strong in acts:
            acts.discard(weak)
    one, two = first.turns[-1], second.turns[-1]
    stop = "" if one.text[-1:] in ".?!" else "."
    last = replace(one, text=f"{one.text}{stop} {two.text}")
    return replace(first, turns=(*first.turns[:-1], last), acts=(*first.acts[:-1], with_turn_away(acts)))


def _accident(text: str, language: str, chance: random.Random) -> str:
    words = text.split() if chance.random() < 0.5 else flat(text).split()
    if len(words) > 5 and chance.random() < 0.5:
        del words[chance.randrange(len(words))]
    if words and chance.random() < 0.6:
        words.insert(chance.randrange(len(words) + 1), chance.choice(FILLERS.get(language, ("",))))
    if len(words) > 4 and chance.random() < 0.3:
        again = chance.randrange(len(words) - 1)
        words.insert(again, words[again])
    return " ".join(words)


def lesson_of(text: str, before: str, role: str, acts: frozenset[str], language: str) -> Lesson:
    """An example as a call of one turn, or of two where what the other side said before is known."""
    own = Said(role, text)
    if not before:
        return Lesson((own,), (acts,), whole=False, language=language)
    other = "customer" if role == "agent" else "agent"
    return Lesson((Said(other, before), own), (None, acts), whole=False, language=language)
