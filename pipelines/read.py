"""Reading: what each turn does, by the act network and the phrase rules together.

The network's probability and what a rule says are weighed against each other as the dialogues that taught
neither have shown (pipelines/weighing.py). Where there is no network of a language, its rules read alone.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.acts.head import ActHead, load_head, read_meta
from pipelines.pieces import Piece, pieces
from pipelines.steps import Hook
from pipelines.units import sentences
from pipelines.values import Acts, Measures, Transcript, Turns
from pipelines.weighing import LEAST, Scales, load_scales
from recordings import Act, Conversation, Recording
from scorecards.acts.reader import FLOOR, phrase_hits, settle
from scorecards.text import times_of

LANGUAGES = ("en", "de")
SECOND = 0.6
"""A neighbouring sentence is quoted too where an act looks at it this much of what it looks at the first."""


class Read:
    """Needs ``roles`` and ``transcript`` (for the language), makes ``acts``."""

    name = "read"
    version = 2
    needs: ClassVar[tuple[str, ...]] = ("roles", "transcript", "source", "measures")
    makes: ClassVar[tuple[str, ...]] = ("acts",)

    def __init__(self, models_path: Path, language: str | None = None) -> None:
        self.models_path = models_path
        self.language = language

    def options(self) -> Mapping[str, Any]:
        """The language told and what the networks were made of."""
        return {"language": self.language, "heads": {lang: _made_of(lang) for lang in LANGUAGES}}

    @property
    def models(self) -> dict[str, str]:
        """The networks by name with the hash of what they learned from."""
        return {f"acts-{lang}": made for lang in LANGUAGES if (made := _made_of(lang))}

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        """The acts of one call."""
        turns: Turns = values["roles"]
        transcript: Transcript = values["transcript"]
        language = self.language or values["source"].recording.language or transcript.language
        measures: Measures = values["measures"]
        recording = Recording(id="", language=language)
        conversation = Conversation(recording=recording, turns=turns.turns, events=measures.events)
        acts = read_acts(conversation, language=language, models_path=self.models_path)
        hook(self.name, float(len(turns.turns)), float(len(turns.turns)))
        return {"acts": Acts(acts=acts)}


def read_acts(
    conversation: Conversation,
    *,
    language: str | None = None,
    models_path: Path | None = None,
    heads: Path | None = None,
) -> tuple[Act, ...]:
    """What each turn of a conversation does, in the order of the turns.

    ``heads`` is a folder with other networks than those of the project. Raises ModelError where encoder or
    network are missing, ScorecardError for a language without rules.
    """
    return read_many([conversation], language=language, models_path=models_path, heads=heads)[0]


def read_many(
    conversations: Sequence[Conversation],
    *,
    language: str | None = None,
    models_path: Path | None = None,
    heads: Path | None = None,
) -> list[tuple[Act, ...]]:
    """The acts of many conversations, read in common batches; order and values do not depend on the company
    (to rounding)."""
    results: list[tuple[Act, ...]] = [()] * len(conversations)
    by_language: dict[str, list[int]] = {}
    for position, conversation in enumerate(conversations):
        spoken = (language or conversation.recording.language or "en").lower()[:2]
        by_language.setdefault(spoken, []).append(position)
    for spoken, positions in by_language.items():
        head = load_head(spoken, models_path or default_models_path(), heads)
        scales = load_scales(spoken, heads)
        cut = [pieces(conversations[p]) for p in positions]
        readings = head.read([said for _, said in cut])
        for position, (some, _), reading in zip(positions, cut, readings, strict=True):
            found = head_acts(head, some, reading.chances, reading.looks)
            rules = phrase_hits(conversations[position], spoken)
            results[position] = settle(combined(rules, found, scales))
    return results


def head_acts(
    head: ActHead,
    some: Sequence[Piece],
    chances: NDArray[np.float32],
    looks: Sequence[NDArray[np.float32]],
) -> list[Act]:
    """The surest piece per turn and act as an act with its words, for the acts of the speaker's role."""
    best: dict[tuple[int, str], tuple[float, int, int]] = {}
    for row, piece in enumerate(some):
        for column in map(int, np.flatnonzero(chances[row] >= LEAST)):
            if piece.turn.role is not None and piece.turn.role != head.roles[column]:
                continue
            key = (piece.turn.index, head.acts[column])
            chance = float(chances[row, column])
            if key not in best or chance > best[key][0]:
                best[key] = (chance, row, column)
    found = []
    for (_, name), (chance, row, column) in best.items():
        piece = some[row]
        start, end = _where(head, piece, looks[row][column]) if chance >= FLOOR else (piece.start, piece.end)
        begun, ended = times_of(piece.turn, start, end)
        found.append(
            Act(
                turn=piece.turn.index,
                act=name,
                probability=round(chance, 4),
                source="head",
                start=begun,
                end=ended,
                text=piece.turn.text[start:end].strip(),
            )
        )
    return found


def _where(head: ActHead, piece: Piece, look: NDArray[np.float32]) -> tuple[int, int]:
    """The sentence of a piece that an act looks at most, with a neighbour that it looks at nearly as much."""
    text = piece.text
    spans = sentences(text)
    if len(spans) < 2:
        return piece.start, piece.end
    mass = np.zeros(len(spans))
    for weight, (start, end) in zip(look, head.encoder.spans(text), strict=False):
        if end > start:
            middle = (start + end) / 2
            at = next((n for n, (_, stop) in enumerate(spans) if middle <= stop), len(spans) - 1)
            mass[at] += float(weight)
    top = int(mass.argmax())
    first, last = top, top
    for neighbour in (top - 1, top + 1):
        if 0 <= neighbour < len(spans) and mass[neighbour] >= SECOND * mass[top] > 0:
            first, last = min(first, neighbour), max(last, neighbour)
    return piece.start + spans[first][0], piece.start + spans[last][1]


def combined(rules: Sequence[Act], found: Sequence[Act], scales: Scales) -> list[Act]:
    """Rules and network together, one act per turn and name."""
    heads = {(act.turn, act.act): act for act in found}
    hits = {(act.turn, act.act): act for act in rules}
    result = []
    for key in sorted({*heads, *hits}):
        rule, head = hits.get(key), heads.get(key)
        chance = scales.chance(key[1], head.probability if head else None, rule.probability if rule else None)
        act = rule or head
        if act is not None and chance >= FLOOR:
            result.append(act.model_copy(update={"probability": round(min(chance, 0.999), 3)}))
    return result


def default_models_path() -> Path:
    """Where the settings keep the models."""
    home = Path(os.environ.get("RAPPORT_HOME", "var"))
    return Path(os.environ.get("RAPPORT_MODELS", home / "models"))


def _made_of(language: str) -> str | None:
    from models.errors import ModelError

    try:
        meta = read_meta(language)
    except ModelError:
        return None
    return str(meta["examples"])[:16]
