"""A recording becomes a conversation and an assessment, and is stored: what `process`, the worker and the
night run all do with one call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from database.settings import Settings
from pipelines.cache import Cache
from pipelines.ladder import Ladder
from pipelines.run import CallResult, Pipeline
from pipelines.steps import Hook, Source, silent
from pipelines.together import run_together
from recordings import Conversation
from scorecards import Assessment

if TYPE_CHECKING:
    from sqlalchemy import Engine


DEFAULT_CARD = "customer-care"


@dataclass(frozen=True)
class Processed:
    """One call done: its conversation and assessment; ``call_id`` where it was stored."""

    source: Source
    result: CallResult
    assessment: Assessment
    call_id: int | None = None

    @property
    def conversation(self) -> Conversation:
        """What was said."""
        return self.result.conversation


@dataclass
class Processor:
    """What all calls share: the pipeline (models load once, when first needed), the cache, the card."""

    settings: Settings
    pipeline: Pipeline | Ladder
    card_id: str = DEFAULT_CARD
    engine: "Engine | None" = None

    def __post_init__(self) -> None:
        from database.cards import finder
        from pipelines.scoring import Scoring

        self.scoring = Scoring(self.card_id, find=finder(self.engine) if self.engine is not None else None)

    def process(self, source: Source, hook: Hook = silent) -> Processed:
        """Listen, judge and, with a database, store.

        Raises what the steps, the card or the database raise; nothing half-done is ever visible, and what
        the steps made is in the cache.
        """
        result = self.pipeline.run(source, Cache(self.settings.cache_path), hook)
        assessment = self.judge(result.conversation)
        done = Processed(source, result, assessment)
        return done if self.engine is None else self._store(done, self.engine)

    def process_together(
        self, sources: Sequence[Source], hook: Hook = silent
    ) -> list["Processed | Exception"]:
        """The same for several calls in common batches: each call's result, stored, or the error that ended
        it."""
        cache = Cache(self.settings.cache_path)
        if isinstance(self.pipeline, Ladder):
            found = self.pipeline.run_together(sources, cache, hook)
        else:
            found = run_together(self.pipeline, sources, cache, hook)
        results: list[Processed | Exception] = []
        for source, made in zip(sources, found, strict=True):
            try:
                if isinstance(made, Exception):
                    raise made
                done = Processed(source, made, self.judge(made.conversation))
                results.append(done if self.engine is None else self._store(done, self.engine))
            except Exception as error:  # one call's trouble is nobody else's
                results.append(error)
        return results

    def judge(self, conversation: Conversation) -> Assessment:
        """The assessment by the card, in the conversation's language where the card has it."""
        return self.scoring.score(conversation)

    def _store(self, done: Processed, engine: "Engine") -> Processed:
        from database.store import save_processed

        recording = done.conversation.recording
        call_id = save_processed(
            engine,
            done.source.path,
            recording,
            done.conversation,
            done.assessment,
            playback=self._playback(done.source),
            peaks=done.result.peaks,
        )
        return Processed(done.source, done.result, done.assessment, call_id)

    def _playback(self, source: Source) -> Path:
        """The copy that browsers can play, made once per sound."""
        from recordings.playback import playback_copy

        target = self.settings.audio_path / f"{source.recording.sha256}.flac"
        if not target.exists():
            playback_copy(source.path, target, declared=source.declared)
        return target


def processor(
    settings: Settings,
    *,
    card_id: str = DEFAULT_CARD,
    store: bool = True,
    build: Callable[[Settings], Pipeline] | None = None,
) -> Processor:
    """Everything ready to process calls.

    Raises ModelError when a model is missing and ScorecardError for an unknown card, before any call.
    """
    from pipelines.build import build_pipeline

    pipeline = Ladder(build or build_pipeline, settings)
    engine = None
    if store:
        from database.engine import open_database

        engine = open_database(settings)
    return Processor(settings, pipeline, card_id, engine)


def audio_files(places: Sequence[Path]) -> list[Path]:
    """The recordings named, folders replaced by what lies in them; the order given, each once."""
    from pipelines.night.arrive import sweep

    files: list[Path] = []
    for place in places:
        if place.is_dir():
            files += sorted(Path(found.address) for found in sweep([place], settled_s=0).ready)
        else:
            files.append(place)
    return list(dict.fromkeys(files))
