"""Where recordings come from and go to: manifests, watched folders, and moving away what is done."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from night import ROOT, run_to_the_end, write_tones

from database.engine import open_database
from database.settings import Settings
from database.store import export_calls
from pipelines.night import moving
from pipelines.night.arrive import sweep
from pipelines.night.moving import check_target, move_file
from pipelines.night.register import Registered, register_places
from pipelines.night.watch import watch
from pipelines.steps import PipelineError
from recordings import RecordingError
from recordings.manifest import is_manifest, read_manifest
from recordings.sources import sha256_of


def rows(home: Path) -> dict[str, dict[str, Any]]:
    return {row["file_name"]: row for row in export_calls(open_database(Settings(home=home)))}


CSV = """Recording;Call ID;Agent;Started
call-00000.wav;A-1;ana;2026-01-31T09:30:00Z
{there};A-2;nan;
missing.wav;A-3;ben;
;A-4;ben;
call-00000.wav;A-9;ana;2026-01-31T09:30:00Z
"""
LINES = """{{"file": "call-00000.wav", "call_id": "A-1", "agent": "ana", "start": "2026-01-31T09:30:00Z"}}
{{"path": "{there}", "callId": "A-2", "agent": ""}}
{{"file": "missing.wav", "call_id": "A-3"}}
{{"file": "call-00000.wav", "duration": NaN}}
{{"file": "call-00000.wav", "call_id": "A-1", "agent": "bob"}}
"""


@pytest.mark.parametrize(("name", "text"), [("tonight.csv", CSV), ("tonight.jsonl", LINES)])
def test_a_manifest_lists_recordings_and_what_is_known_of_them(tmp_path: Path, name: str, text: str) -> None:
    inbox = tmp_path / "in box"
    write_tones(inbox, 3)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    there = (inbox / "call-00001.wav").rename(elsewhere / "call-00001.wav")
    manifest = inbox / name
    manifest.write_text(text.format(there=there), encoding="utf-8-sig")
    engine = open_database(Settings(home=tmp_path / "home"))
    made = register_places(engine, [manifest], settled_s=0)
    assert len(made.new) == 2, "what the manifest does not list is not taken"
    found = rows(tmp_path / "home")
    assert [(found[n]["call_id"], found[n]["agent"]) for n in ("call-00000.wav", "call-00001.wav")] == [
        ("A-1", "ana"),
        ("A-2", None),
    ]
    assert found["call-00000.wav"]["started_at"].startswith("2026-01-31T09:30")
    whys = sorted(why for _, why in made.refused)
    assert len(whys) == 3
    assert all(f"{name}: line " in why for why in whys)
    assert any("no file missing.wav" in why for why in whys)
    assert any("told of differently" in why for why in whys)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.csv", b"agent,team\nana,north\n", "no column named file"),
        ("a.csv", b"", "no column named file"),
        ("a.jsonl", b"\xff\xfe{}", "UTF-8"),
        ("gone.csv", None, "cannot be read"),
    ],
)
def test_a_manifest_that_lists_nothing_readable_is_refused(
    tmp_path: Path, name: str, data: bytes | None, says: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(RecordingError, match=says):
        sweep([tmp_path / name])


def test_a_manifest_that_contradicts_a_sidecar_refuses_that_recording(tmp_path: Path) -> None:
    [path] = write_tones(tmp_path, 1)
    path.with_suffix(".json").write_text('{"call_id": "B-7", "team": "north"}')
    (tmp_path / "m.csv").write_text("file,call_id,team\ncall-00000.wav,A-1,south\n")
    made = register_places(open_database(Settings(home=tmp_path / "home")), [tmp_path / "m.csv"], settled_s=0)
    [(_, why)] = made.refused
    assert "'A-1'" in why
    assert "'B-7'" in why


def test_a_manifest_in_a_bucket_lists_what_lies_beside_it() -> None:
    import fsspec

    with fsspec.open("memory://listed/m.csv", "wb") as file:
        file.write(b"file,agent\na.wav,ana\nmemory://other/b.wav,ben\n")
    swept = sweep(["memory://listed/m.csv"])
    assert [(f.address, f.listed["agent"]) for f in swept.ready] == [
        ("memory://listed/a.wav", "ana"),
        ("memory://other/b.wav", "ben"),
    ]


@pytest.mark.parametrize(
    ("name", "yes"), [("a.csv", True), ("b.JSONL", True), ("a.wav", False), ("a.json", False)]
)
def test_names_tell_a_manifest_from_a_recording(name: str, yes: bool) -> None:
    assert is_manifest(name) is yes


def test_a_row_with_too_many_fields_is_refused_alone(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("file,agent\na.wav,ana\nb.wav,ben,north\n")
    first, second = read_manifest(tmp_path / "m.csv")
    assert first.wrong is None
    assert second.wrong is not None
    assert "too many" in second.wrong


# ---- watching


def test_watching_registers_what_arrives_reads_it_once_and_outlives_a_place_that_goes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, aside = tmp_path / "inbox", tmp_path / "aside"
    old, new = write_tones(inbox, 2)
    aside.mkdir()
    new = new.rename(aside / new.name)
    read: list[str] = []
    import pipelines.night.register as register

    one = register.register_one
    monkeypatch.setattr(
        register, "register_one", lambda e, found, d: (read.append(found.name), one(e, found, d))[1]
    )
    stop, arrived, troubles = threading.Event(), list[Registered](), list[str]()

    def told(made: Registered) -> None:
        arrived.append(made)
        if len(arrived) == 1:
            inbox.rename(tmp_path / "away")
        else:
            stop.set()

    def trouble(text: str) -> None:
        troubles.append(text)
        if len(troubles) == 2:
            (tmp_path / "away").rename(inbox)
            new.rename(inbox / new.name)

    long_ago = time.time() - 3600
    for path in (old, new):
        os.utime(path, (long_ago, long_ago))
    engine = open_database(Settings(home=tmp_path / "home"))
    assert watch(engine, [inbox], stop, every_s=0.05, told=told, trouble=trouble) == 2
    assert "no such file or folder" in troubles[0]
    assert read == [old.name, new.name]


def test_a_watcher_ends_cleanly_when_it_is_told_to(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", tmp_path / "inbox"
    for path in write_tones(inbox, 2):
        os.utime(path, (time.time() - 60,) * 2)
    watcher = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "ingest", str(inbox), "--watch", "--every", "0.2"],
        cwd=ROOT,
        env={**os.environ, "RAPPORT_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 60
    while time.monotonic() < until and len(rows(home)) < 2:
        time.sleep(0.2)
    watcher.send_signal(signal.SIGTERM)
    output, errors = watcher.communicate(timeout=30)
    assert watcher.returncode == 0, errors.decode()[-1000:]
    assert output.decode().strip() == "2 calls were registered"


# ---- moving away


def test_without_being_told_nothing_is_moved_and_told_only_what_is_stored(tmp_path: Path) -> None:
    inbox, home, done = tmp_path / "inbox", tmp_path / "home", tmp_path / "done"
    good = write_tones(inbox / "day 1", 3)
    good[0].with_suffix(".json").write_text('{"agent": "ana"}')
    good[1].with_name("call-00001.txt").write_text("not ours to move")
    (inbox / "broken.wav").write_text("no sound")
    before = {path.name: sha256_of(path) for path in good}
    run_to_the_end(home, inbox)
    assert all(path.exists() for path in good)
    run_to_the_end(home, inbox, move_done=done)
    assert {path.name: sha256_of(path) for path in (done / "day 1").glob("*.wav")} == before
    assert sorted(str(p.relative_to(inbox)) for p in inbox.rglob("*") if p.is_file()) == [
        "broken.wav",
        "day 1/call-00001.txt",
    ]
    assert json.loads((done / "day 1" / "call-00000.json").read_text()) == {"agent": "ana"}
    from sqlmodel import select

    from database.engine import reading
    from database.tables import Call

    with reading(open_database(Settings(home=home))) as session:
        lies = session.exec(select(Call.source_path).where(Call.file_name == "call-00000.wav")).one()
    assert lies == str(done / "day 1" / "call-00000.wav")
    assert "3 recordings were moved" in (home / "reports" / "latest.html").read_text()


def test_a_name_that_is_taken_is_never_overwritten(tmp_path: Path) -> None:
    source, other = write_tones(tmp_path / "in", 2)
    target = tmp_path / "out" / source.name
    target.parent.mkdir()
    target.write_bytes(other.read_bytes())
    sha256 = sha256_of(source)
    place = move_file(source, target, sha256)
    assert (place.name, sha256_of(place)) == (f"call-00000-{sha256[:12]}.wav", sha256)
    assert target.read_bytes() == other.read_bytes()
    assert not source.exists()


def test_the_same_recording_there_already_is_moved_by_taking_the_source_away(tmp_path: Path) -> None:
    """What a run that was killed between the copy and the end leaves behind."""
    [source] = write_tones(tmp_path / "in", 1)
    target = tmp_path / "out" / source.name
    target.parent.mkdir()
    target.write_bytes(source.read_bytes())
    assert move_file(source, target, sha256_of(source)) == target
    assert not source.exists()


def other_device(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", no_link)


def test_over_the_border_of_a_device_the_copy_is_read_back_before_the_source_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_device(monkeypatch)
    [source] = write_tones(tmp_path / "in", 1)
    sha256, target = sha256_of(source), tmp_path / "out" / source.name
    assert sha256_of(move_file(source, target, sha256)) == sha256
    assert [path.name for path in target.parent.iterdir()] == [source.name]
    assert not source.exists()


def test_a_copy_that_is_not_the_same_is_thrown_away_and_the_source_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_device(monkeypatch)
    [source] = write_tones(tmp_path / "in", 1)
    sha256, target = sha256_of(source), tmp_path / "out" / source.name

    def torn(read: Any, written: Any, _size: int) -> None:
        written.write(read.read()[:-1])

    monkeypatch.setattr(moving.shutil, "copyfileobj", torn)
    with pytest.raises(RecordingError, match="not the same; it stays"):
        move_file(source, target, sha256)
    assert sha256_of(source) == sha256
    assert list(target.parent.iterdir()) == []


def test_a_full_disk_leaves_the_source_and_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_device(monkeypatch)
    [source] = write_tones(tmp_path / "in", 1)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        move_file(source, tmp_path / "out" / "a.wav", sha256_of(source))
    assert source.exists()
    assert list((tmp_path / "out").iterdir()) == []


def test_a_target_inside_the_inbox_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="arrive again"):
        check_target(tmp_path / "inbox" / "done", [tmp_path / "inbox"])
    assert check_target(tmp_path / "done", [tmp_path / "inbox", "s3://calls"]).is_dir()
