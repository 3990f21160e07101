"""Memory runs out: the call is taken again one rung lower, the others are not, and the result says so."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from night import write_tones

from database.settings import Settings
from models import devices
from pipelines.cache import NoCache
from pipelines.decode import Decode
from pipelines.ladder import (
    GPU_LOST,
    ON_CPU,
    SMALLER_BATCH,
    SMALLER_NUMBERS,
    TOP,
    Ladder,
    current,
    gpu_failed,
    out_of_memory,
    rungs,
)
from pipelines.run import Pipeline
from pipelines.sources import source_of
from pipelines.steps import Hook
from pipelines.testing import LoudStretches, PitchWords, TakeTurns

CPU = devices.Device("cpu")


class Hungry(PitchWords):
    """Words that take memory by the batch: above ``room`` items there is none left."""

    def __init__(self, room: int, said: Exception) -> None:
        super().__init__()
        self.room, self.said = room, said
        self.batch = devices.batch_size("sentences", CPU, 0) if current().device is None else 1

    def run(self, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
        if self.batch > self.room:
            raise self.said
        return super().run(values, hook)


def ladder(room: int, said: Exception | None = None) -> tuple[Ladder, list[object]]:
    built: list[object] = []

    def build(settings: Settings) -> Pipeline:
        built.append((current(), settings.device))
        error = said or RuntimeError("CUDA failed with error out of memory")
        return Pipeline([Decode(), LoudStretches(), Hungry(room, error), TakeTurns()])

    return Ladder(build, Settings(device="cuda"), rungs("cuda")), built


FULL = devices.batch_size("sentences", CPU, 0)


@pytest.mark.parametrize(
    ("room", "rung"),
    [
        (FULL, TOP),
        (FULL - 1, SMALLER_BATCH),
        (FULL // 4, SMALLER_BATCH),
        (FULL // 4 - 1, ON_CPU),  # smaller numbers keep the batch, so that rung is passed as well
        (1, ON_CPU),
    ],
)
def test_a_call_is_taken_again_on_the_first_rung_with_room(tmp_path: Path, room: int, rung: object) -> None:
    source = source_of(write_tones(tmp_path, 1)[0])
    made, built = ladder(room)
    result = made.run(source, NoCache())
    recipe = result.conversation.made_by
    assert recipe is not None
    assert built[-1] == (rung, "cpu" if rung is ON_CPU else "cuda")
    assert recipe.notes == ((rung.note,) if rung.note else ())  # type: ignore[attr-defined]
    plain, _ = ladder(FULL)
    assert result.conversation.turns == plain.run(source, NoCache()).conversation.turns


def test_the_next_call_begins_at_the_top(tmp_path: Path) -> None:
    source = source_of(write_tones(tmp_path, 1)[0])
    made, built = ladder(FULL - 1)
    made.run(source, NoCache())
    made.run(source, NoCache())
    assert [rung for rung, _ in built] == [TOP, SMALLER_BATCH, TOP, SMALLER_BATCH]  # type: ignore[misc]


def test_memory_that_never_suffices_is_an_error_at_last(tmp_path: Path) -> None:
    made, built = ladder(0, MemoryError("nothing left"))
    with pytest.raises(MemoryError):
        made.run(source_of(write_tones(tmp_path, 1)[0]), NoCache())
    assert [rung for rung, _ in built] == [TOP, SMALLER_BATCH, SMALLER_NUMBERS, ON_CPU]  # type: ignore[misc]


def test_another_error_goes_no_rung_down(tmp_path: Path) -> None:
    made, built = ladder(0, RuntimeError("a shape does not fit"))
    with pytest.raises(RuntimeError, match="shape"):
        made.run(source_of(write_tones(tmp_path, 1)[0]), NoCache())
    assert len(built) == 1


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "short"),
    [
        (MemoryError(), True),
        (RuntimeError("CUDA failed with error out of memory"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 8 bytes"), True),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA"), True),
        (caused(ValueError("step transcribe"), MemoryError()), True),
        (RuntimeError("out of range"), False),
        (ValueError("out of memory"), False),
        (OSError(12, "Cannot allocate memory"), False),
    ],
)
def test_what_says_that_memory_ran_out(error: Exception, short: bool) -> None:
    assert out_of_memory(error) is short


def test_a_cpu_has_smaller_batches_only() -> None:
    assert rungs("cpu") == (TOP, SMALLER_BATCH)


@pytest.mark.parametrize(
    ("error", "failed"),
    [
        (RuntimeError("CUDA error: an illegal memory access was encountered"), True),
        (RuntimeError("CUDA failed with error unspecified launch failure"), True),
        (RuntimeError("cuBLAS failed with status CUBLAS_STATUS_EXECUTION_FAILED"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR"), True),
        (caused(ValueError("step transcribe"), RuntimeError("CUDA error: device lost")), True),
        (RuntimeError("CUDA failed with error out of memory"), False),  # a smaller batch helps
        (RuntimeError("a shape does not fit"), False),
        (ValueError("cuda is no language"), False),
    ],
)
def test_what_says_that_the_gpu_is_lost(error: Exception, failed: bool) -> None:
    assert gpu_failed(error) is failed


DEAD = RuntimeError("CUDA error: unspecified launch failure")


def test_a_gpu_that_dies_in_the_middle_is_left_for_good_and_every_result_says_so(tmp_path: Path) -> None:
    first, second = (source_of(path) for path in write_tones(tmp_path, 2))
    made, built = ladder(0, DEAD)
    plain, _ = ladder(FULL)
    results = []
    for source in (first, second):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Hungry, "run", on_the_cpu_only)
            results.append(made.run(source, NoCache()))
    for source, result in zip((first, second), results, strict=True):
        recipe = result.conversation.made_by
        assert recipe is not None
        assert recipe.notes == result.concessions == ("the GPU failed: on the CPU",)
        assert result.conversation.turns == plain.run(source, NoCache()).conversation.turns
    assert [rung for rung, _ in built] == [TOP, GPU_LOST], "the second call does not try the dead GPU again"


def on_the_cpu_only(self: Hungry, values: Mapping[str, Any], hook: Hook) -> Mapping[str, Any]:
    if current().device != "cpu":
        raise DEAD
    return PitchWords.run(self, values, hook)


def test_on_a_cpu_an_error_that_names_cuda_is_an_error(tmp_path: Path) -> None:
    def build(settings: Settings) -> Pipeline:
        return Pipeline([Decode(), LoudStretches(), Hungry(0, DEAD), TakeTurns()])

    with pytest.raises(RuntimeError, match="launch failure"):
        Ladder(build, Settings(device="cpu")).run(source_of(write_tones(tmp_path, 1)[0]), NoCache())


def test_what_is_conceded_reaches_the_job_and_the_morning_report(tmp_path: Path) -> None:
    from datetime import timedelta

    from database.backlog import concessions
    from database.types import utc_now
    from pipelines.night.register import register_places
    from pipelines.process import Processor
    from pipelines.worker import Worker

    write_tones(tmp_path / "inbox", 3)
    made, _ = ladder(FULL - 1)
    from database.engine import open_database

    engine = open_database(Settings(home=tmp_path / "home"))
    worker = Worker(engine, Processor(Settings(home=tmp_path / "home"), made, engine=engine))
    register_places(engine, [tmp_path / "inbox"], settled_s=0)
    while worker.run_one():
        pass
    now = utc_now()
    told = concessions(engine, now - timedelta(hours=1), now + timedelta(hours=1))
    assert told == {"memory was short: batches of a quarter": 3}
