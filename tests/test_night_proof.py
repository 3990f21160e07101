"""The proofs that can be held here: derived growth is arithmetic, power loss loses nothing."""

import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from night import LIGHT, SLOW, results, run_to_the_end, start_runner, wait_until, write_tones

from database.backlog import counts
from database.settings import Settings
from database.store import open_database
from pipelines.night.scaling import Machine, growth

BOX = Machine("box", 8, 0.8)


def test_ten_machines_take_ten_times_the_audio_at_the_same_price() -> None:
    one = growth(BOX, 1, 640, speed=8.0, database_s=0.0)
    ten = growth(BOX, 10, 6400, speed=8.0, database_s=0.0)
    assert one.takes_h == ten.takes_h == pytest.approx(10.0, abs=0.02)
    assert one.dollars_per_1000_h == ten.dollars_per_1000_h == pytest.approx(12.5, abs=0.02)


def test_a_database_that_is_always_busy_is_the_limit() -> None:
    made = growth(BOX, 1000, 640_000, speed=8.0, database_s=0.01)
    assert made.database_busy == 1.0
    assert made.takes_h == pytest.approx(640_000 * 12 * 0.01 / 3600)


def lose_power(home: Path, chance: random.Random) -> int:
    """What a loss of power may leave of files that were not yet flushed to the disk: the newest lose their
    end or hold zeros, and the database's log breaks off. Returns how many files were damaged."""
    damaged = 0
    newest = sorted((home / "cache").rglob("*.json.gz"), key=lambda path: path.stat().st_mtime_ns)[-12:]
    for path in newest:
        data = path.read_bytes()
        path.write_bytes(chance.choice([b"", data[: len(data) // 2], b"\0" * len(data), data[:-1]]))
        damaged += 1
    for part in (home / "cache").rglob(".*"):
        part.write_bytes(b"half a temporary file")
    log = home / "rapport.db-wal"
    if log.exists() and log.stat().st_size:
        with log.open("r+b") as file:  # a torn page at the end, then nothing
            file.truncate(int(log.stat().st_size * chance.uniform(0.5, 0.95)))
    (home / "rapport.db-shm").unlink(missing_ok=True)
    return damaged


@pytest.mark.timeout(600)
def test_power_that_fails_while_calls_are_done_loses_and_doubles_none(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    write_tones(inbox, 24)
    run_to_the_end(tmp_path / "undisturbed", inbox, builder=LIGHT)
    chance = random.Random(7)
    damaged = 0
    for least in (2, 6, 10):
        engine = open_database(Settings(home=home))
        runner = start_runner(home, inbox, builder=SLOW)
        assert wait_until(lambda e=engine, n=least: counts(e).done >= n, runner, 120)  # type: ignore[misc]
        os.kill(runner.pid, signal.SIGKILL)
        runner.communicate(timeout=30)
        time.sleep(1.5)  # its workers end with it
        engine.dispose()
        damaged += lose_power(home, chance)
        with closing(sqlite3.connect(home / "rapport.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert damaged >= 12
    run_to_the_end(home, inbox, builder=LIGHT)
    made = results(home)
    assert len(made) == 24
    assert made == results(tmp_path / "undisturbed")
