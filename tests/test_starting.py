"""What makes the command quick to start, and the bench that tells how quick."""

import gc
import weakref
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.bench_scoring import joined, run
from pipelines.cli import COMMANDS, build, needed
from pipelines.starting import loading
from recordings.checks import check


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["score", "--help"], ("score",)),
        (["scorecard", "list"], ("scorecard",)),
        (["worker"], COMMANDS),  # a command of nightly.py
        (["--help"], COMMANDS),
        ([], COMMANDS),
        (["scor"], COMMANDS),
    ],
)
def test_only_the_file_of_the_named_command_is_needed(arguments: list[str], files: tuple[str, ...]) -> None:
    assert needed(arguments) == files


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_alone_says_what_it_says_among_all(command: str) -> None:
    alone, among = (CliRunner().invoke(build(files), [command, "--help"]) for files in ((command,), COMMANDS))
    assert alone.exit_code == 0
    assert alone.output == among.output


def test_no_garbage_is_searched_for_while_something_loads() -> None:
    assert gc.isenabled()
    with loading():
        assert not gc.isenabled()
        with loading():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_garbage_is_searched_for_again_where_loading_fails() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()


def test_what_becomes_garbage_later_is_found() -> None:
    class Ring:
        pass

    with loading():
        pass
    ring = Ring()
    ring.itself = ring  # type: ignore[attr-defined]
    gone = weakref.ref(ring)
    del ring
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_bench_scores_a_sound_conversation_of_five_minutes(language: str, tmp_path: Path) -> None:
    call = joined(language)
    assert call.recording.language == language
    assert len(call.turns) > 30
    assert 240 < (call.turns[-1].end or 0) <= 300
    assert not check(call)
    took = run(joined(language, 20).with_acts(()).write(tmp_path / "call.json"), "customer-care", tmp_path)
    assert took.cpu > 0
    assert (tmp_path / "call.assessment.json").is_file()
