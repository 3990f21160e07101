"""One call from its audio to its conversation: the steps in order, each answered from the cache if it can be.

The audio is decoded only when a step that listens has to run; every step's output is kept at once, so
whatever fails later never loses what was done.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from pipelines.cache import Cache, Kept, digest, step_key
from pipelines.steps import Hook, PipelineError, Source, Step, silent
from pipelines.values import Acts, Measures, SoundFile, Transcript, Turns
from recordings import Conversation, Document, Recipe

GIVEN = ("audio", "source")
"""Values that exist before any step."""


@dataclass(frozen=True)
class CallResult:
    """One processed call: its conversation, and its waveform (0..1 per channel) for the player;
    ``concessions`` say what was done with less than was chosen, as the recipe's notes do."""

    conversation: Conversation
    peaks: tuple[tuple[float, ...], ...]
    concessions: tuple[str, ...] = ()


class Pipeline:
    """Steps in an order in which each finds what it needs; a bad pair is refused before any model loads."""

    def __init__(self, steps: Sequence[Step]) -> None:
        known = set(GIVEN)
        for step in steps:
            missing = [name for name in step.needs if name not in known]
            if missing:
                raise PipelineError(
                    f"step {step.name!r} needs {', '.join(missing)}, which no step before it makes; "
                    f"there are {', '.join(sorted(known))}"
                )
            known.update(step.makes)
        self.steps = tuple(steps)

    def keys(self, source: Source, audio_key: str) -> dict[str, str]:
        """The cache key of every value of one call."""
        keys = {"audio": audio_key, "source": _source_key(source)}
        for step in self.steps:
            key = step_key(step, [keys[name] for name in step.needs])
            keys.update({name: digest([key, name]) for name in step.makes})
            keys[step.name + "!"] = key
        return keys

    def run(self, source: Source, cache: Cache, hook: Hook = silent) -> CallResult:
        """The conversation of one recording, with its waveform.

        Raises RecordingError for a file that cannot be used, PipelineError or ModelError for a step that
        cannot do its work; the message names the step, and what the steps before it made is kept.
        """
        with self.in_hand(source) as call:
            for step in self.steps:
                call.do(step, cache, hook)
            return call.result()

    @contextmanager
    def in_hand(self, source: Source) -> Iterator["InHand"]:
        """A call on its way through the steps; its audio is given back at the end."""
        sha256 = source.recording.sha256
        if sha256 is None:
            raise PipelineError(f"{source.path}: the source carries no hash; use pipelines.sources.source_of")
        declared = source.declared
        keys = self.keys(source, sha256 if declared is None else digest([sha256, asdict(declared)]))
        with ExitStack() as stack:
            yield InHand(self, source, keys, stack)

    def models(self) -> dict[str, str]:
        """Every model the steps use, by name, with the hash of its weights."""
        found: dict[str, str] = {}
        for step in self.steps:
            found.update(getattr(step, "models", {}))
        return found

    def options(self) -> dict[str, Any]:
        """Every step's options, by step."""
        return {step.name: {"version": step.version, **step.options()} for step in self.steps}


class InHand:
    """One call on its way: what has been made of it so far, and how long that took."""

    def __init__(self, pipeline: Pipeline, source: Source, keys: Mapping[str, str], stack: ExitStack) -> None:
        self.pipeline, self.source, self.keys = pipeline, source, keys
        self.values: dict[str, Any] = {"source": source}
        self.seconds: dict[str, float] = {}
        self._stack = stack

    def known(self, step: Step, cache: Cache, hook: Hook) -> bool:
        """Take a step's output from the cache; False where it is not there."""
        kept = cache.get(self.keys[step.name + "!"])
        if kept is None:
            return False
        self._take(step, kept, hook)
        return True

    def given(self, step: Step) -> Mapping[str, Any]:
        """The values that a step needs; the audio is decoded when the first step needs it."""
        if "audio" in step.needs and "audio" not in self.values:
            from recordings.audio import open_audio

            self.values["audio"] = self._stack.enter_context(
                open_audio(self.source.path, declared=self.source.declared)
            )
        return {name: self.values[name] for name in step.needs}

    def do(self, step: Step, cache: Cache, hook: Hook) -> None:
        """Do one step, or take it from the cache."""
        if not self.known(step, cache, hook):
            started = time.perf_counter()
            made = step.run(self.given(step), hook)
            self.keep(step, made, time.perf_counter() - started, cache, hook)

    def keep(self, step: Step, made: Mapping[str, Any], seconds: float, cache: Cache, hook: Hook) -> None:
        """Keep what a step made, as it will be read back."""
        if set(made) != set(step.makes):
            raise PipelineError(f"step {step.name!r} declares {sorted(step.makes)} and made {sorted(made)}")
        documents: dict[str, Document] = dict(made)
        self._take(step, cache.put(self.keys[step.name + "!"], step.name, Kept(documents, seconds)), hook)

    def _take(self, step: Step, kept: Kept, hook: Hook) -> None:
        self.values.update(kept.values)
        self.seconds[step.name] = kept.seconds
        hook(step.name, 1.0, 1.0, kept.values)

    def result(self) -> CallResult:
        """The conversation and the waveform, once all steps are done."""
        file: SoundFile | None = self.values.get("file")
        return CallResult(self._conversation(), file.peaks if file else ())

    def _conversation(self) -> Conversation:
        values, source = self.values, self.source
        turns: Turns = values["roles"]
        transcript: Transcript = values["transcript"]
        measures: Measures | None = values.get("measures")
        acts: Acts | None = values.get("acts")
        file: SoundFile | None = values.get("file")
        found: dict[str, Any] = {"language": source.recording.language or transcript.language}
        if file is not None:
            found |= {"duration": file.duration, "channels": file.channels, "sample_rate": file.sample_rate}
        recording = source.recording.model_copy(update=found)
        return Conversation(
            recording=recording,
            turns=turns.turns,
            events=measures.events if measures else None,
            signals=measures.signals if measures else {},
            acts=acts.acts if acts else None,
            made_by=Recipe(
                version=version("rapport"),
                models=self.pipeline.models(),
                options=self.pipeline.options(),
                seconds=dict(self.seconds),
                notes=file.notes if file else (),
            ),
        )


def _source_key(source: Source) -> str:
    """What of the source changes the outputs: all that was told, not where the file lies or when."""
    told = {
        "roles": source.roles,
        "hotwords": source.hotwords,
        "telephony": [dict(record) for record in source.telephony],
        "language": source.recording.language,
        "direction": source.recording.direction,
        "agent": source.recording.agent,
    }
    return digest(told)
