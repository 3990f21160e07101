"""The chain of steps: order refused when wrong, outputs kept, only what must be done is done again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.cache import Cache, Kept, digest
from pipelines.run import Pipeline
from pipelines.steps import Hook, PipelineError, Source
from pipelines.values import HeardWord, Transcript, Turns
from recordings import Recording, Turn


class Hear:
    """Makes one word; counts its runs."""

    name, version = "hear", 1
    needs: tuple[str, ...] = ("source",)
    makes: tuple[str, ...] = ("transcript",)

    def __init__(self, word: str = "hello", **options: Any) -> None:
        self.word, self.runs, self._options = word, 0, options

    def options(self) -> Mapping[str, Any]:
        return {"word": self.word, **self._options}

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        self.runs += 1
        hook(self.name, 0.5, 1.0)
        word = HeardWord(text=self.word, start=0.12345678, end=0.5, probability=0.98765)
        return {"transcript": Transcript(language="en", words=(word,))}


class Tell:
    """Makes turns and roles of the transcript; fails when told to."""

    name, version = "tell", 1
    needs: tuple[str, ...] = ("transcript",)
    makes: tuple[str, ...] = ("turns", "roles")

    def __init__(self, fail: bool = False) -> None:
        self.runs, self.fail = 0, fail

    def options(self) -> Mapping[str, Any]:
        return {}

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        self.runs += 1
        if self.fail:
            raise PipelineError("the speakers could not be told apart")
        transcript: Transcript = values["transcript"]
        turns = Turns(
            turns=(Turn(index=0, role="agent", text=transcript.words[0].text, words=transcript.words),)
        )
        return {"turns": turns, "roles": turns}


def source(name: str = "a.wav", **recording: Any) -> Source:
    return Source(path=Path(name), recording=Recording(id="a", sha256="ab" * 32, **recording))


def test_a_second_run_does_nothing_and_agrees_to_the_last_digit(tmp_path: Path) -> None:
    hear, tell = Hear(), Tell()
    pipeline = Pipeline([hear, tell])
    first = pipeline.run(source(), Cache(tmp_path)).conversation
    second = pipeline.run(source(), Cache(tmp_path)).conversation
    assert (hear.runs, tell.runs) == (1, 1)
    assert first.to_json() == second.to_json()
    assert first.turns[0].words[0].start == 0.123


@pytest.mark.parametrize(
    ("change", "runs"),
    [
        (lambda: Pipeline([Hear(), Tell()]), (0, 0)),
        (lambda: Pipeline([Hear("bye"), Tell()]), (1, 1)),
        (lambda: Pipeline([Hear(beam=1), Tell()]), (1, 1)),
    ],
)
def test_a_changed_option_redoes_only_what_it_must(
    tmp_path: Path, change: Any, runs: tuple[int, int]
) -> None:
    Pipeline([Hear(), Tell()]).run(source(), Cache(tmp_path))
    changed = change()
    changed.run(source(), Cache(tmp_path))
    assert tuple(step.runs for step in changed.steps) == runs


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (source("another name.wav"), True),
        (source(call_id="17", started_at="2026-01-01T00:00:00Z"), True),
        (source(language="de"), False),
    ],
)
def test_what_of_the_source_belongs_to_the_key(other: Source, same: bool) -> None:
    pipeline = Pipeline([Hear(), Tell()])
    keys = [pipeline.keys(s, s.recording.sha256 or "")["transcript"] for s in (source(), other)]
    assert (keys[0] == keys[1]) is same


def test_a_failed_step_loses_nothing_before_it(tmp_path: Path) -> None:
    hear = Hear()
    with pytest.raises(PipelineError, match="told apart"):
        Pipeline([hear, Tell(fail=True)]).run(source(), Cache(tmp_path))
    tell = Tell()
    Pipeline([hear, tell]).run(source(), Cache(tmp_path))
    assert (hear.runs, tell.runs) == (1, 1)


def test_a_step_without_its_input_is_refused_before_anything_runs() -> None:
    with pytest.raises(PipelineError, match=r"'tell' needs transcript.*audio, source"):
        Pipeline([Tell(), Hear()])


@pytest.mark.parametrize("damage", [b"", b"not gzip", b"\x1f\x8b\x08\x00half"])
def test_a_damaged_entry_counts_as_absent(tmp_path: Path, damage: bytes) -> None:
    cache = Cache(tmp_path)
    key = digest("x")
    cache.put(key, "hear", Kept({"transcript": Transcript(language="de")}, 1.5))
    kept = cache.get(key)
    assert kept is not None
    assert kept.seconds == 1.5
    cache.path(key).write_bytes(damage)
    assert cache.get(key) is None


def test_a_step_that_makes_something_else_is_refused(tmp_path: Path) -> None:
    class Odd(Hear):
        makes = ("transcript", "sounds")

    with pytest.raises(PipelineError, match=r"declares \['sounds', 'transcript'\] and made \['transcript'\]"):
        Pipeline([Odd()]).run(source(), Cache(tmp_path))
