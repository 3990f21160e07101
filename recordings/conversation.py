"""The Conversation document: what was said in a recording, by whom, when, and what happened beside it.

Format ``rapport/conversation/1``. Times are seconds from the start of the recording; probabilities and
confidences lie in 0..1; what is unknown is None, never 0.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from recordings.documents import Document

FORMAT: Literal["rapport/conversation/1"] = "rapport/conversation/1"

Role = Literal["agent", "customer", "ivr", "other"]
EventKind = Literal["hold", "silence", "music", "overlap", "interruption", "transfer", "tone", "announcement"]
Seconds = Annotated[float, Field(ge=0)]
Probability = Annotated[float, Field(ge=0, le=1)]


class Recording(Document):
    """The sound file a conversation comes from, and what the telephony knows about the call.

    ``sha256`` is the hash of the file's bytes, ``duration`` is in seconds, ``sample_rate`` (Hz) is the
    file's own, ``started_at`` is ISO 8601 in UTC.
    """

    id: str
    sha256: str | None = None
    duration: Seconds | None = None
    channels: int | None = None
    sample_rate: int | None = None
    language: str | None = None
    call_id: str | None = None
    agent: str | None = None
    team: str | None = None
    queue: str | None = None
    direction: str | None = None
    started_at: str | None = None
    file_name: str | None = None


class Word(Document):
    """One recognised word; ``probability`` is the recogniser's own."""

    text: str
    start: Seconds | None = None
    end: Seconds | None = None
    probability: Probability | None = None


class Turn(Document):
    """One speaker's uninterrupted stretch of talk. ``doubtful`` marks text that the recogniser may have
    invented (music, silence, noise): it is shown to people and is no evidence against anybody."""

    index: int
    role: Role | None = None
    role_confidence: Probability | None = None
    speaker: str | None = None
    channel: int | None = None
    start: Seconds | None = None
    end: Seconds | None = None
    text: str = ""
    words: tuple[Word, ...] = ()
    doubtful: bool = False

    @field_validator("words", mode="before")
    @classmethod
    def _no_words_is_empty(cls, value: Any) -> Any:
        return () if value is None else value


class Event(Document):
    """Something that happened between or beside the words.

    ``by`` is the role that caused it (interruption: who took the floor); ``music`` tells a hold with
    music from a silent one; ``announced`` tells whether words before it said so; ``before`` and
    ``after`` are the roles that spoke around a silence; ``source`` is the evidence it rests on.
    """

    kind: EventKind
    start: Seconds | None = None
    end: Seconds | None = None
    by: str | None = None
    music: bool | None = None
    announced: bool | None = None
    before: str | None = None
    after: str | None = None
    confidence: Probability | None = None
    source: Literal["audio", "words", "audio+words", "telephony", "person"] | None = None


class Act(Document):
    """What a turn does (docs/acts.md), found by a phrase rule or by the learned head."""

    turn: int
    act: str
    probability: Probability = 1.0
    source: Literal["phrase", "head", "person"] = "phrase"
    start: Seconds | None = None
    end: Seconds | None = None
    text: str = ""
    rule: str | None = None


class Recipe(Document):
    """What made a document: code version, model ids with hashes, options, seconds per step."""

    version: str | None = None
    models: dict[str, str] = {}
    options: dict[str, Any] = {}
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()


class Conversation(Document):
    """Turns, events, signals and acts of one recording, with the recipe that made them.

    ``acts`` is None where nobody has looked for acts yet, and empty where none were found; the same
    holds for ``events`` of a transcript that never had audio.
    """

    format: Literal["rapport/conversation/1"] = FORMAT
    recording: Recording
    turns: tuple[Turn, ...] = ()
    events: tuple[Event, ...] | None = None
    signals: dict[str, Any] = {}
    acts: tuple[Act, ...] | None = None
    made_by: Recipe | None = None

    @model_validator(mode="before")
    @classmethod
    def _number_the_turns(cls, data: Any) -> Any:
        """Transcripts written by hand may leave the turn numbers out."""
        if not isinstance(data, dict) or not isinstance(data.get("turns"), list):
            return data
        turns = [
            {"index": position, **turn} if isinstance(turn, dict) and "index" not in turn else turn
            for position, turn in enumerate(data["turns"])
        ]
        return {**data, "turns": turns}

    @model_validator(mode="after")
    def _turns_count_up(self) -> Self:
        for position, turn in enumerate(self.turns):
            if turn.index != position:
                raise ValueError(f"turns[{position}].index is {turn.index}, expected {position}")
        for act in self.acts or ():
            if not 0 <= act.turn < len(self.turns):
                raise ValueError(f"act {act.act!r} names turn {act.turn}; there are {len(self.turns)}")
        return self

    def turns_of(self, *roles: Role) -> tuple[Turn, ...]:
        """The turns of the given roles, in order."""
        return tuple(turn for turn in self.turns if turn.role in roles)

    def events_of(self, *kinds: EventKind) -> tuple[Event, ...]:
        """The events of the given kinds, in order; empty where events are unknown."""
        return tuple(event for event in self.events or () if event.kind in kinds)

    def with_turns(self, turns: Iterable[Turn]) -> Self:
        """A copy with other turns, numbered afresh; acts are dropped, as they name turns."""
        numbered = tuple(turn.model_copy(update={"index": i}) for i, turn in enumerate(turns))
        return self.model_copy(update={"turns": numbered, "acts": None})

    def with_acts(self, acts: Iterable[Act]) -> Self:
        """A copy with the acts found, in the order of the turns."""
        return self.model_copy(update={"acts": tuple(sorted(acts, key=lambda a: (a.turn, a.act)))})
