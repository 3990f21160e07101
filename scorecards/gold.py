"""Gold labels: what a strict trainer marked, one YAML file per call (contract: gold.yaml)."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from recordings import Conversation
from recordings.dialogue import parse_dialogue
from scorecards.errors import ScorecardError
from scorecards.yaml_text import read_yaml


class Label(BaseModel):
    """One criterion's true answer; written short, ``hold_count: 2`` or ``empathy_shown: "yes"``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    verdict: str | None = None
    value: int | float | str | None = None
    evidence: tuple[int, ...] = ()
    why: str = ""
    ambiguous: bool = False
    categories: tuple[str, ...] = ()

    @field_validator("evidence", mode="before")
    @classmethod
    def _turns(cls, value: Any) -> Any:
        """Turn numbers, or mappings that carry one."""
        items = value if isinstance(value, list | tuple) else [] if value is None else [value]
        return tuple(item.get("turn") if isinstance(item, dict) else item for item in items)


class GoldCall(BaseModel):
    """A call with its gold labels. The call is a conversation file, a recording, or written lines
    (``dialogue``)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    language: str | None = None
    conversation: str | None = None
    audio: str | None = None
    dialogue: tuple[dict[str, Any], ...] | None = None
    times: bool = True
    gold: dict[str, Label] = Field(min_length=1)

    @field_validator("gold", mode="before")
    @classmethod
    def _short_labels(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: _label(item) for key, item in value.items()}


def _label(item: Any) -> Any:
    if isinstance(item, dict):
        return item
    if isinstance(item, str) and item in ("yes", "no", "na"):
        return {"verdict": item}
    return {"value": item}


def read_gold(path: Path) -> GoldCall | None:
    """The gold labels of a file; None where the file holds none. Raises ScorecardError with file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError(f"{path}: cannot be read ({error})") from error
    located = read_yaml(text, str(path))
    if not isinstance(located.value, dict) or "gold" not in located.value:
        return None
    try:
        return GoldCall.model_validate({"id": path.stem, **located.value})
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        line = located.line(tuple(problem["loc"]))
        place = ".".join(map(str, problem["loc"]))
        raise ScorecardError(f"{path}:{line}: {place}: {problem['msg']}") from error


def conversation_of(call: GoldCall, path: Path) -> Conversation | None:
    """The conversation that a gold file names or holds; None where it names a recording only."""
    if call.dialogue is not None:
        return parse_dialogue(call.dialogue, name=call.id, language=call.language or "en", times=call.times)
    if call.conversation is None:
        return None
    conversation = Conversation.read(path.parent / call.conversation)
    if conversation.recording.language is None and call.language is not None:
        recording = conversation.recording.model_copy(update={"language": call.language})
        return conversation.model_copy(update={"recording": recording})
    return conversation


def gold_files(folder: Path) -> dict[str, list[Path]]:
    """The YAML files below a folder by the part they belong to: the first folder below, or "." for the
    folder itself."""
    if not folder.is_dir():
        raise ScorecardError(f"{folder}: no such folder; give the folder that holds the gold files")
    parts: dict[str, list[Path]] = {}
    for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")]):
        inside = path.relative_to(folder).parts
        parts.setdefault(inside[0] if len(inside) > 1 else ".", []).append(path)
    return parts
