"""Reading: what each turn does, by phrase rules and the learned head together.

A rule that is sure decides alone. A rule that can mean several things (probability below ``SURE``) is weighed
against the head. What no rule names has the head's own calibrated probability.
"""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.acts.head import ActHead, load_head, read_meta
from pipelines.steps import Hook
from pipelines.units import Unit, units
from pipelines.values import Acts, Transcript, Turns
from recordings import Act, Conversation, Recording, Turn
from scorecards.acts.book import excused
from scorecards.acts.reader import FLOOR, phrase_hits, settle
from scorecards.text import times_of

SURE = 0.86
"""Rules at or above this probability are not overruled by the head."""
IN_PAIRS = frozenset(
    [
        "stock_empathy",
        "apologise_shifting",
        "paraphrase",
        "recap",
        "quote",
        "brief_colleague",
        "transfer_reason",
        "hold_reason",
        "callback_specific",
        "offer_alternative",
        "find_out",
        "state_matter",
        "complain",
        "repeat_contact",
        "retell",
    ]
)
"""Acts that may spread over two sentences; all others must show in one."""
FORBIDDEN = frozenset(["refuse", "dont_know", "not_my_job", "blame", "dismiss", "rude"])
LANGUAGES = ("en", "de")


class Read:
    """Needs ``roles`` and ``transcript`` (for the language), makes ``acts``."""

    name = "read"
    version = 1
    needs: ClassVar[tuple[str, ...]] = ("roles", "transcript", "source")
    makes: ClassVar[tuple[str, ...]] = ("acts",)

    def __init__(self, models_path: Path, language: str | None = None) -> None:
        self.models_path = models_path
        self.language = language

    def options(self) -> Mapping[str, Any]:
        """The language told and the examples that the heads were made of."""
        return {"language": self.language, "heads": {lang: _made_of(lang) for lang in LANGUAGES}}

    @property
    def models(self) -> dict[str, str]:
        """The heads by name with the hash of what they learned from."""
        return {f"acts-{lang}": made for lang in LANGUAGES if (made := _made_of(lang))}

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        """The acts of one call."""
        turns: Turns = values["roles"]
        transcript: Transcript = values["transcript"]
        language = self.language or values["source"].recording.language or transcript.language
        conversation = Conversation(recording=Recording(id="", language=language), turns=turns.turns)
        acts = read_acts(conversation, language=language, models_path=self.models_path)
        hook(self.name, float(len(turns.turns)), float(len(turns.turns)))
        return {"acts": Acts(acts=acts)}


def read_acts(
    conversation: Conversation, *, language: str | None = None, models_path: Path | None = None
) -> tuple[Act, ...]:
    """What each turn of a conversation does, in the order of the turns.

    Raises ModelError where encoder or head are missing, ScorecardError for a language without rules.
    """
    return read_many([conversation], language=language, models_path=models_path)[0]


def read_many(
    conversations: Sequence[Conversation], *, language: str | None = None, models_path: Path | None = None
) -> list[tuple[Act, ...]]:
    """The acts of many conversations, their units read in common batches; order and values do not depend
    on the company (to rounding)."""
    results: list[tuple[Act, ...]] = [()] * len(conversations)
    by_language: dict[str, list[int]] = {}
    for position, conversation in enumerate(conversations):
        spoken = (language or conversation.recording.language or "en").lower()[:2]
        by_language.setdefault(spoken, []).append(position)
    for spoken, positions in by_language.items():
        head = load_head(spoken, models_path or default_models_path())
        cut = [conversation_units(conversations[p]) for p in positions]
        chances = probabilities(head, [unit for some in cut for unit in some])
        at = 0
        for position, some in zip(positions, cut, strict=True):
            found = head_acts(head, some, chances[at : at + len(some)])
            at += len(some)
            rules = phrase_hits(conversations[position], spoken)
            results[position] = settle(combined(rules, found))
    return results


def conversation_units(conversation: Conversation) -> list[Unit]:
    """The units of all turns that count, each with what the other side said before."""
    found: list[Unit] = []
    last: dict[str | None, str] = {}
    for turn in conversation.turns:
        if turn.doubtful or not turn.text.strip() or turn.role in ("ivr", "other"):
            continue
        before = " ".join(text for role, text in last.items() if role != turn.role)
        found.extend(units(turn, before))
        if turn.role is None:
            last = {None: ""}
        last[turn.role] = turn.text
    return found


def probabilities(head: ActHead, some: Sequence[Unit]) -> NDArray[np.float32]:
    """The head's probabilities of units, (units, acts); equal texts are read once."""
    pairs = [(unit.text, unit.before) for unit in some]
    distinct = list(dict.fromkeys(pairs))
    rows = {pair: row for row, pair in enumerate(distinct)}
    known = head.probabilities(distinct)
    return known[[rows[pair] for pair in pairs]] if pairs else known


def head_acts(head: ActHead, some: Sequence[Unit], chances: NDArray[np.float32]) -> list[Act]:
    """The surest unit per turn and act as an act with its span, for the acts of the speaker's role."""
    best: dict[tuple[int, str], tuple[float, Unit]] = {}
    for unit, row in zip(some, chances, strict=True):
        for column in np.flatnonzero(row >= FLOOR / 2):
            if unit.turn.role is not None and unit.turn.role != head.roles[column]:
                continue
            name = head.acts[column]
            if unit.pair and name not in IN_PAIRS:
                continue
            chance = float(row[column])
            if name in FORBIDDEN and excused(name, unit.text, head.language):
                chance *= 0.3
            key = (unit.turn.index, name)
            if key not in best or chance > best[key][0]:
                best[key] = (chance, unit)
    return [_act(name, chance, unit) for (_, name), (chance, unit) in best.items()]


def combined(rules: Sequence[Act], found: Sequence[Act]) -> list[Act]:
    """Rules and head together, one act per turn and name."""
    heads = {(act.turn, act.act): act for act in found}
    result: dict[tuple[int, str], Act] = {key: act for key, act in heads.items() if act.probability >= FLOOR}
    for rule in rules:
        key = (rule.turn, rule.act)
        by_head = heads[key].probability if key in heads else 0.01
        if rule.probability >= SURE:
            chance = max(rule.probability, by_head)
        else:
            chance = _weighed(rule.probability, by_head)
        result[key] = rule.model_copy(update={"probability": round(min(chance, 0.999), 3)})
    return sorted(result.values(), key=lambda a: (a.turn, a.act))


def default_models_path() -> Path:
    """Where the settings keep the models."""
    home = Path(os.environ.get("RAPPORT_HOME", "var"))
    return Path(os.environ.get("RAPPORT_MODELS", home / "models"))


def _weighed(rule: float, head: float) -> float:
    head = min(max(head, 0.01), 0.99)
    return 1 / (1 + math.exp(-(_odds(rule) + 0.6 * _odds(head))))


def _odds(p: float) -> float:
    return math.log(p / (1 - p))


def _act(name: str, chance: float, unit: Unit) -> Act:
    turn: Turn = unit.turn
    start, end = times_of(turn, unit.start, unit.end)
    return Act(
        turn=turn.index,
        act=name,
        probability=round(chance, 3),
        source="head",
        start=start,
        end=end,
        text=unit.text,
    )


def _made_of(language: str) -> str | None:
    from models.errors import ModelError

    try:
        meta = read_meta(language)
    except ModelError:
        return None
    return str(meta["examples"])[:16]
