"""Faults of one night, each with what must become of it: nothing lost, nobody else taken down, told why."""

import errno
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from night import results, run_to_the_end, write_tones
from sqlalchemy import update
from sqlmodel import select
from typer.testing import CliRunner

from database.backlog import arrange, release
from database.engine import reading, writing
from database.jobs import MOST_REFUSALS, claim, fail, finish, jobs
from database.runs import try_again
from database.settings import Settings
from database.store import export_calls, open_database
from database.tables import AssessmentVersion, Job
from pipelines.cli import build
from pipelines.night.register import register_places
from pipelines.night.rescore import ask_to_rescore
from pipelines.process import processor
from pipelines.testing import build_light_pipeline
from pipelines.worker import Worker

FAULTY = "pipelines.testing:build_faulty_pipeline"


def named(inbox: Path, name: str, number: int) -> Path:
    """One more recording with a name of its own and a sound of its own."""
    path = write_tones(inbox / "one", 1 + number)[number]
    target = inbox / f"{name}.wav"
    path.rename(target)
    for other in (inbox / "one").iterdir():
        other.unlink()
    (inbox / "one").rmdir()
    return target


def test_a_call_that_hangs_is_stopped_and_the_others_are_done(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    write_tones(inbox, 3)
    named(inbox, "hang", 8)
    run_to_the_end(home, inbox, builder=FAULTY, limit_s=4.0)
    made = results(home)
    assert sum(result.startswith("done ") for result in made.values()) == 3
    assert "took longer than 4 s" in made["hang.wav"]
    assert made["hang.wav"].startswith("quarantined: ")


def test_a_file_that_kills_its_worker_three_times_lies_in_quarantine(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    write_tones(inbox, 3)
    named(inbox, "crash", 8)
    run_to_the_end(home, inbox, builder=FAULTY)
    made = results(home)
    assert sum(result.startswith("done ") for result in made.values()) == 3
    assert made["crash.wav"].startswith("quarantined: ")
    assert "SIGKILL" in made["crash.wav"]


@pytest.fixture
def one_call(tmp_path: Path) -> tuple[Settings, Worker]:
    """One call that waits, and a worker in this process."""
    settings = Settings(home=tmp_path / "home")
    write_tones(tmp_path / "inbox", 1)
    made = processor(settings, build=build_light_pipeline)
    assert made.engine is not None
    register_places(made.engine, [tmp_path / "inbox"], settled_s=0)
    return settings, Worker(made.engine, made)


def state(worker: Worker) -> tuple[str, str, int]:
    """The call's state, its job's state and how often it was tried."""
    job = jobs(worker.engine)[0]
    return export_calls(worker.engine)[0]["state"], job.state, job.attempts


def hurry(worker: Worker) -> None:
    """Let what waits for another try be due now."""
    with writing(worker.engine) as session:
        session.execute(update(Job).values(run_after=None))


def test_a_full_disk_costs_a_call_none_of_its_tries(
    one_call: tuple[Settings, Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, worker = one_call

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)  # what a full disk answers when a cache entry is flushed
        for _ in range(5):
            assert worker.run_one()
            assert state(worker) == ("failed", "waiting", 0)
            hurry(worker)
    assert "No space left" in export_calls(worker.engine)[0]["cause"]
    assert not [path for path in settings.cache_path.rglob("*") if path.is_file()], "half an entry was left"
    assert worker.run_one()
    assert state(worker) == ("done", "done", 1)


def test_a_disk_that_stays_full_ends_the_tries_at_last(
    one_call: tuple[Settings, Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, worker = one_call

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    tries = 0
    while worker.run_one():
        hurry(worker)
        tries += 1
    assert tries == MOST_REFUSALS + 3
    assert state(worker)[:2] == ("quarantined", "failed")


@pytest.mark.parametrize(("days", "claimable"), [(-400, True), (400, False)])
def test_a_clock_that_jumps_moves_a_lease_but_loses_no_job(
    one_call: tuple[Settings, Worker], days: int, claimable: bool
) -> None:
    """A lease from before the jump is over; one from the future is given back when its worker is gone."""
    _, worker = one_call
    assert claim(worker.engine, "here:1:1", lease_s=timedelta(days=days).total_seconds()) is not None
    assert worker.run_one() is claimable
    if not claimable:
        release(worker.engine, lambda name: name == "here:1:1", "its runner is gone", blame=False)
        assert worker.run_one()
    assert state(worker)[:2] == ("done", "done")


def test_a_worker_that_lost_its_job_changes_nothing(one_call: tuple[Settings, Worker]) -> None:
    _, worker = one_call
    late = claim(worker.engine, "slow:1:1", lease_s=-1)
    assert late is not None
    assert worker.run_one()
    assert not finish(worker.engine, late)
    assert not fail(worker.engine, late, "too late")
    assert state(worker)[:2] == ("done", "done")


def test_a_sidecar_of_another_call_and_call_ids_that_occur_twice(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    first, second, third = write_tones(inbox, 3)
    first.with_suffix(".json").write_text('{"call_id": "A-1"}')
    second.with_suffix(".json").write_text('{"call_id": "A-1"}')
    third.with_suffix(".csv").write_text("file,call_id\nother.wav,B-1\nanother.wav,B-2\n")
    engine = open_database(Settings(home=home))
    result = register_places(engine, [inbox], settled_s=0)
    assert len(result.new) == 2, "different sound is another call, whatever its id says"
    [(refused, why)] = result.refused
    assert Path(refused) == third
    assert "no row names call-00002.wav" in why
    [(twice, told)] = result.twice
    assert twice == "A-1"
    assert {Path(name).name for name in told} == {first.name, second.name}


def test_the_same_sound_under_two_names_is_one_call_with_both_names(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    first, second = write_tones(inbox, 2)
    (inbox / "again").mkdir()
    copy = inbox / "again" / "copy.wav"
    copy.write_bytes(first.read_bytes())
    run_to_the_end(home, inbox)
    rows = export_calls(open_database(Settings(home=home)))
    assert sorted(sorted(row["file_names"]) for row in rows) == sorted(
        [["call-00000.wav", "copy.wav"], [second.name]]
    )


def night(*options: str) -> Any:
    return CliRunner().invoke(build(), ["nightly", *options])


def test_the_plan_alone_processes_nothing_and_tells_the_hours(home: Path, tmp_path: Path) -> None:
    write_tones(tmp_path / "inbox", 3)
    made = night("--plan", "--workers", "2", "--deadline", "23:59")
    assert made.exit_code == 0, made.stderr
    assert "3 calls" in made.stdout
    assert "(assumed), 2 workers" in made.stdout
    assert "estimated" not in made.stdout, "the lengths are in the files' headers"
    CliRunner().invoke(build(), ["export", "calls", "--json", str(tmp_path / "c.json")])
    rows = json.loads((tmp_path / "c.json").read_text())
    assert [row["state"] for row in rows] == ["waiting"] * 3


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["/nowhere/at/all"], 2, "no such file or folder"),
        (["--deadline", "soon"], 2, "06:00"),
        (["--language", "fr"], 2, "en, de and auto"),
        (["--name-pattern", "{colour}_{call_id}"], 2, "colour"),
        (["--telephony", "/nowhere.yaml"], 2, "/nowhere.yaml"),
    ],
)
def test_wrong_use_is_refused_before_any_work(home: Path, options: list[str], code: int, says: str) -> None:
    made = night(*options)
    assert made.exit_code == code
    assert says in made.stderr


def test_judging_again_adds_a_result_and_keeps_the_old(one_call: tuple[Settings, Worker]) -> None:
    _, worker = one_call
    assert worker.run_one()
    assert ask_to_rescore(worker.engine, "five-items") == 1
    assert ask_to_rescore(worker.engine, "five-items") == 1
    assert worker.run_one()
    assert not worker.run_one(), "asked for twice, done once"
    with reading(worker.engine) as session:
        cards = session.exec(select(AssessmentVersion.card_id).order_by(AssessmentVersion.number)).all()  # type: ignore[arg-type]
    assert [card.split(".")[0] for card in cards] == ["customer-care", "five-items"]
    assert export_calls(worker.engine)[0]["scorecard"]["id"] == cards[1]


def done_in_order(worker: Worker) -> list[str]:
    """The file names as the calls get done."""
    order: list[str] = []
    while worker.run_one():
        done = {row["file_name"] for row in export_calls(worker.engine) if row["state"] == "done"}
        order += sorted(done - set(order))
    return [name.removeprefix("call-0000").removesuffix(".wav") for name in order]


@pytest.mark.parametrize(
    ("first", "flagged", "order"),
    [
        ("newest", (), "3120"),
        ("oldest", (), "3021"),
        ("shortest", (), "3201"),
        ("newest", ("south",), "3012"),
        ("newest", ("nobody",), "3120"),
    ],
)
def test_what_goes_first(tmp_path: Path, first: str, flagged: tuple[str, ...], order: str) -> None:
    """Call 3 is urgent whatever else; of the others 0 is the oldest and of the south, 2 the shortest."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    facts = [("2026-01-01", "south", 1.0), ("2026-01-03", "north", 2.0), ("2026-01-02", "north", 0.5)]
    for number, (day, team, seconds) in enumerate(facts):
        path = write_tones(tmp_path / str(number), number + 1, seconds)[number].rename(
            inbox / f"call-0000{number}.wav"
        )
        path.with_suffix(".json").write_text(json.dumps({"started_at": f"{day}T10:00:00Z", "team": team}))
    made = processor(Settings(home=tmp_path / "home"), build=build_light_pipeline)
    assert made.engine is not None
    register_places(made.engine, [inbox], settled_s=0)
    write_tones(tmp_path / "urgent", 4)[3].replace(inbox / "call-00003.wav")
    register_places(made.engine, [inbox / "call-00003.wav"], settled_s=0, defaults={"priority": 10})
    for _ in range(2):  # arranged twice is arranged the same
        assert arrange(made.engine, first, flagged) == 3
    assert "".join(done_in_order(Worker(made.engine, made))) == order


def test_quarantine_is_left_by_asking(tmp_path: Path) -> None:
    settings, inbox = Settings(home=tmp_path / "home"), tmp_path / "inbox"
    [path] = write_tones(inbox, 1)
    made = processor(settings, build=build_light_pipeline)
    assert made.engine is not None
    register_places(made.engine, [inbox], settled_s=0)
    sound = path.read_bytes()
    path.write_bytes(b"")
    worker = Worker(made.engine, made)
    assert worker.run_one()
    assert state(worker)[:2] == ("quarantined", "failed")
    path.write_bytes(sound)
    assert register_places(made.engine, [inbox], settled_s=0).new == []
    assert not worker.run_one(), "nothing is tried again unasked"
    assert try_again(made.engine) == [1]
    assert worker.run_one()
    assert state(worker) == ("done", "done", 1)


def test_file_names_tell_what_their_pattern_says(home: Path, tmp_path: Path) -> None:
    [path] = write_tones(tmp_path / "inbox", 1)
    path.rename(path.with_name("20260131-093000_ana_A-17.wav"))
    made = night("--plan", "--name-pattern", "{started_at:%Y%m%d-%H%M%S}_{agent}_{call_id}")
    assert made.exit_code == 0, made.stderr
    [row] = export_calls(open_database(Settings(home=home)))
    assert (row["agent"], row["call_id"], row["state"]) == ("ana", "A-17", "waiting")
