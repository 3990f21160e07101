"""What arrives is found, what is still being written waits, nothing is touched."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.night.arrive import sweep
from pipelines.night.local import workers_for
from pipelines.night.plan import Waiting, plan
from pipelines.steps import PipelineError


def put(folder: Path, name: str, age_s: float = 60.0, data: bytes = b"RIFF") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def names(found: tuple[object, ...]) -> list[str]:
    return [getattr(item, "name", None) or Path(str(item[0])).name for item in found]  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("call.wav", "ready"),
        ("sub/Größe 'x' \"y\".mp3", "ready"),
        ("no-extension", "ready"),
        ("call.json", None),
        ("call.csv", None),
        (".hidden.wav", None),
        (".trash/call.wav", None),
        ("call.wav.part", "later"),
    ],
)
def test_names_tell_what_is_a_recording(tmp_path: Path, name: str, where: str | None) -> None:
    put(tmp_path, name)
    swept = sweep([tmp_path])
    assert {"ready": names(swept.ready), "later": names(swept.later)} == {
        "ready": [Path(name).name] if where == "ready" else [],
        "later": [Path(name).name] if where == "later" else [],
    }


def test_oldest_first_and_the_same_place_twice_counts_once(tmp_path: Path) -> None:
    for age, name in [(50, "b.wav"), (500, "c.wav"), (20, "a.wav")]:
        put(tmp_path, name, age)
    assert names(sweep([tmp_path, tmp_path]).ready) == ["c.wav", "b.wav", "a.wav"]


def test_a_growing_file_waits_and_a_young_still_one_does_not(tmp_path: Path) -> None:
    growing, still = put(tmp_path, "growing.wav", 0), put(tmp_path, "still.wav", 0)

    def grow(_seconds: float) -> None:
        with growing.open("ab") as file:
            file.write(b"more")

    swept = sweep([tmp_path], pause=grow)
    assert names(swept.ready) == [still.name]
    assert names(swept.later) == [growing.name]


def test_a_file_that_a_program_holds_open_for_writing_waits(tmp_path: Path) -> None:
    path = put(tmp_path, "open.wav", 0)
    with path.open("ab"):
        assert names(sweep([tmp_path], pause=lambda s: None).later) == ["open.wav"]
    assert names(sweep([tmp_path], pause=lambda s: None).ready) == ["open.wav"]


def test_a_clock_in_the_future_is_looked_at_twice(tmp_path: Path) -> None:
    put(tmp_path, "tomorrow.wav", age_s=-3)
    paused: list[float] = []
    assert names(sweep([tmp_path], pause=paused.append).ready) == ["tomorrow.wav"]
    assert paused


def test_links_out_of_the_folder_and_broken_ones_are_refused(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    secret = put(tmp_path, "secret.wav")
    put(inbox, "real.wav")
    (inbox / "out.wav").symlink_to(secret)
    (inbox / "gone.wav").symlink_to(tmp_path / "nothing.wav")
    (inbox / "inside.wav").symlink_to(inbox / "real.wav")
    swept = sweep([inbox])
    assert sorted(names(swept.ready)) == ["inside.wav", "real.wav"]
    assert sorted(names(swept.refused)) == ["gone.wav", "out.wav"]


def test_a_place_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="RAPPORT_INBOX"):
        sweep([tmp_path / "nowhere"])


def test_a_memory_bucket_is_listed_by_its_address() -> None:
    import fsspec

    with fsspec.open("memory://night/a.wav", "wb") as file:
        file.write(b"x")
    assert [f.address for f in sweep(["memory://night"]).ready] == ["memory:///night/a.wav"]


NOW = datetime(2026, 1, 1, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("durations", "speeds", "workers", "minutes"),
    [
        ([], [], 2, 0),
        ([600.0] * 6, [10.0], 2, 3),
        ([600.0, None, None], [10.0], 1, 3),
        ([3600.0, 60.0], [10.0], 8, 6),  # never shorter than the longest call
        ([600.0], [2.0, 10.0, 10.0], 1, 1),
    ],
)
def test_the_night_takes_what_the_audio_takes(
    durations: list[float | None], speeds: list[float], workers: int, minutes: float
) -> None:
    waiting = [Waiting(i, d) for i, d in enumerate(durations)]
    made = plan(waiting, speeds=speeds, workers=workers, now=NOW)
    assert made.ends - NOW == timedelta(minutes=minutes)
    assert made.fits is None


@pytest.mark.parametrize(("hours", "fits", "says"), [(1, False, "NOT before"), (12, True, "to spare")])
def test_the_deadline_is_told_before_the_run(hours: int, fits: bool, says: str) -> None:
    waiting = [Waiting(i, 300.0) for i in range(1000)]
    made = plan(waiting, speeds=[8.0], workers=2, now=NOW, deadline=NOW + timedelta(hours=hours))
    assert made.fits is fits
    assert says in str(made)


def test_a_hundred_thousand_calls_are_planned_in_no_time() -> None:
    waiting = [Waiting(i, 300.0 if i % 3 else None) for i in range(100_000)]
    assert plan(waiting, speeds=[8.0], workers=2, now=NOW).unknown == 33_334


@pytest.mark.parametrize(
    ("cores", "memory_gb", "gpus", "workers"),
    [(8, 64.0, 0, 8), (8, 10.0, 0, 4), (1, 1.0, 0, 1), (16, 128.0, 1, 1), (16, 128.0, 4, 4), (2, 64.0, 8, 2)],
)
def test_workers_fit_the_cores_the_memory_and_the_gpus(
    cores: int, memory_gb: float, gpus: int, workers: int
) -> None:
    assert workers_for(cores, memory_gb, gpus=gpus) == workers


def test_a_machine_without_a_driver_has_no_gpu_and_takes_one_call_at_a_time() -> None:
    from models import devices
    from pipelines.night.child import ON_A_GPU, calls_at_once
    from pipelines.night.nightly import gpus_for

    assert gpus_for("cpu") == 0
    assert gpus_for("auto") == devices.gpu_count()
    assert calls_at_once("cpu") == 1
    assert calls_at_once("auto") == (ON_A_GPU if devices.gpu_count() else 1)
