"""Whole calls to learn from: written dialogues whose every line is labelled with all that it does.

They lie in ``dialogues/<language>/*.yaml`` in the form of the gold set, with ``acts`` beside each line::

    - {agent: "Can I pop you on hold two minutes while I ask?", acts: ask_hold hold_time hold_reason}
    - {customer: "Go on then.", acts: consent}
    - hold: {seconds: 48, music: true}

The same files carry gold labels: `rapport evaluate models/acts/dialogues` measures whole verdicts on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from models.acts.examples import HERE
from models.acts.turning import with_turn_away
from models.errors import ModelError

FOLDER = HERE / "dialogues"
ROLE_OF = {
    "agent": "agent",
    "agent2": "agent",
    "customer": "customer",
    "customer2": "customer",
    "ivr": "ivr",
    "other": "other",
}


@dataclass(frozen=True)
class Said:
    """One turn as the network sees it: who speaks, what, and how long a hold or a silence came before it.

    ``speaker`` tells a second agent from the first; seconds are 0 where there was none.
    """

    role: str | None
    text: str
    speaker: str | None = None
    hold_s: float = 0.0
    silence_s: float = 0.0


@dataclass(frozen=True)
class Dialogue:
    """A call: its turns in order and what each does. ``writer`` is whose hand it is: folds keep it whole."""

    id: str
    language: str
    writer: str
    turns: tuple[Said, ...]
    acts: tuple[frozenset[str], ...]


def read_dialogues(language: str, *, folder: Path = FOLDER) -> tuple[Dialogue, ...]:
    """All labelled dialogues of a language, by file name; raises ModelError naming file and line."""
    return tuple(read_dialogue(path) for path in sorted((folder / language).glob("*.yaml")))


def read_dialogue(path: Path) -> Dialogue:
    """One labelled dialogue; every spoken line of agent and customer must name its acts (perhaps none)."""
    try:
        told = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        lines = told["dialogue"]
    except (OSError, KeyError, TypeError, yaml.YAMLError) as error:
        raise ModelError(f"{path}: no dialogue ({error!r})") from error
    turns: list[Said] = []
    acts: list[frozenset[str]] = []
    waited = {"hold": 0.0, "silence": 0.0}
    for number, line in enumerate(lines):
        where = f"{path}, dialogue line {number + 1}"
        speaker = next((key for key in line if key in ROLE_OF), None)
        if speaker is None:
            for kind in waited:
                waited[kind] += _seconds(line.get(kind), where)
            continue
        role = ROLE_OF[speaker]
        if role in ("agent", "customer") and not isinstance(line.get("acts"), str):
            raise ModelError(f"{where}: no `acts`; an empty string says that it does nothing")
        turns.append(Said(role, str(line[speaker]), speaker, waited["hold"], waited["silence"]))
        acts.append(with_turn_away(frozenset(line.get("acts", "").split())))
        waited = dict.fromkeys(waited, 0.0)
    return Dialogue(
        id=str(told.get("id", path.stem)),
        language=str(told.get("language", path.parent.name)),
        writer=writer_of(path.stem),
        turns=tuple(turns),
        acts=tuple(acts),
    )


def writer_of(stem: str) -> str:
    """The hand that a file name tells: ``en_t07_router`` is ``en_t``'s."""
    return "_".join(stem.split("_")[:2]).rstrip("0123456789")


def _seconds(told: Any, where: str) -> float:
    value = told.get("seconds") if isinstance(told, Mapping) else told
    if value is None:
        return 0.0
    if not isinstance(value, int | float) or value <= 0:
        raise ModelError(f"{where}: {told!r} is no length in seconds")
    return float(value)
