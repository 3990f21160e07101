"""The night run keeps its word: everything is done once, whatever is killed, full, broken or run twice."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from night import LIGHT, SLOW, results, run_to_the_end, start_runner, wait_until, write_tones
from sqlalchemy import Engine
from sqlmodel import select

from database.backlog import counts
from database.engine import reading
from database.settings import Settings
from database.store import open_database
from database.tables import Job
from pipelines.worker import is_final, is_gone, process_start, worker_name
from recordings import RecordingError


def test_every_recording_becomes_one_result_and_a_second_night_adds_nothing(tmp_path: Path) -> None:
    inbox = tmp_path / "in box 'ü'"
    write_tones(inbox, 6)
    run_to_the_end(tmp_path / "home", inbox)
    first = results(tmp_path / "home")
    assert len(first) == 6
    assert all(made.startswith("done ") for made in first.values())
    run_to_the_end(tmp_path / "home", inbox)
    assert results(tmp_path / "home") == first
    assert (tmp_path / "home" / "reports" / "latest.html").exists()
    assert "rapport_calls" in (tmp_path / "home" / "metrics" / "rapport.prom").read_text()


def test_a_broken_file_takes_nobody_down_and_lies_in_quarantine_with_its_cause(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    good = write_tones(inbox, 4)
    (inbox / "empty.wav").write_bytes(b"")
    (inbox / "text.wav").write_text("this is no sound")
    (inbox / "cut.wav").write_bytes(good[0].read_bytes()[:44])
    before = {path.name: path.read_bytes() for path in inbox.iterdir()}
    run_to_the_end(tmp_path / "home", inbox)
    made = results(tmp_path / "home")
    assert {name for name, result in made.items() if result.startswith("done ")} == {p.name for p in good}
    for name in ("empty.wav", "text.wav", "cut.wav"):
        assert made[name].startswith("quarantined: ")
        assert name in made[name]
    assert {path.name: path.read_bytes() for path in inbox.iterdir()} == before


def test_two_runners_on_one_database_double_nothing(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    write_tones(inbox, 12)
    runners = [start_runner(tmp_path / "home", inbox, workers=1) for _ in range(2)]
    for runner in runners:
        _, errors = runner.communicate(timeout=300)
        assert runner.returncode == 0, errors.decode()[-2000:]
    made = results(tmp_path / "home")
    assert len(made) == 12
    assert all(result.startswith("done ") and " v1\n" in result for result in made.values())


def at_work(engine: Engine) -> bool:
    """Whether a living worker has a call in hand; what a killed one had may still be marked as running."""
    with reading(engine) as session:
        held = session.exec(select(Job.worker).where(Job.state == "running")).all()
    return any(worker is not None and not is_gone(worker) for worker in held)


@pytest.mark.timeout(1200)
def test_two_hundred_calls_survive_fifty_kills(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    write_tones(inbox, 200)
    run_to_the_end(tmp_path / "undisturbed", inbox, builder=LIGHT)
    chance = random.Random(20260131)
    engine = open_database(Settings(home=home))
    progress: list[int] = []
    for kill in range(50):
        runner = start_runner(home, inbox, builder=SLOW)
        if kill % 2:  # every other time while calls are being worked on, else at any moment of starting up
            wait_until(lambda: at_work(engine), runner)
        time.sleep(chance.uniform(0.1, 2.0))
        os.kill(runner.pid, signal.SIGKILL)
        runner.communicate(timeout=30)
        progress.append(counts(engine).done)
    assert progress == sorted(progress), "a call that was done came undone"
    assert 0 < progress[-1] < 200, "the kills left no time for work, or no work: the test shows nothing"
    run_to_the_end(home, inbox, builder=LIGHT)
    made = results(home)
    assert len(made) == 200
    assert made == results(tmp_path / "undisturbed")


def test_a_killed_worker_is_replaced_and_its_call_done(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    write_tones(inbox, 12)
    runner = start_runner(home, inbox, builder=SLOW)
    engine = open_database(Settings(home=home))
    killed = 0
    while runner.poll() is None and killed < 3:
        time.sleep(0.3)
        children = Path(f"/proc/{runner.pid}/task/{runner.pid}/children").read_text().split()
        if counts(engine).running and children:
            os.kill(int(children[-1]), signal.SIGKILL)
            killed += 1
            time.sleep(2.0)
    _, errors = runner.communicate(timeout=300)
    assert runner.returncode == 0, errors.decode()[-2000:]
    assert killed
    made = results(home)
    assert len(made) == 12
    assert all(result.startswith("done ") for result in made.values())


def test_a_worker_is_known_gone_by_its_start_not_by_its_number_alone() -> None:
    me = worker_name()
    host, pid, start = me.split(":")
    assert not is_gone(me)
    assert is_gone(f"{host}:{pid}:{int(start) - 1}")
    assert is_gone(f"{host}:4194999:1")
    assert not is_gone(f"elsewhere:{pid}:{start}")
    assert process_start(4194999) is None


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (RecordingError("a.wav: not audio"), True),
        (RecordingError("a.wav: cannot be written"), True),
        (ValueError("a bug"), False),
        (OSError(28, "No space left on device"), False),
    ],
)
def test_what_is_worth_another_try(error: Exception, final: bool) -> None:
    assert is_final(error) is final


def test_a_full_disk_is_worth_another_try() -> None:
    error = RecordingError("scratch: no room")
    error.__cause__ = OSError(28, "No space left on device")
    assert not is_final(error)
