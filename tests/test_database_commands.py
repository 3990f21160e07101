"""The commands on the database: accounts, export, erasing, backup, checks, and their exit codes."""

import json
from pathlib import Path

import pytest
import workplace
from sqlalchemy import text
from typer.testing import CliRunner, Result

from database.errors import DatabaseError
from pipelines.cli import build


@pytest.fixture
def place(home: Path) -> workplace.Workplace:
    return workplace.make(home)


def rapport(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(build(), list(words), input=typed)


def test_calls_are_exported_with_state_score_and_file_name(
    place: workplace.Workplace, tmp_path: Path
) -> None:
    target = tmp_path / "out" / "calls.json"
    assert rapport("export", "calls", "--json", str(target)).exit_code == 0
    rows = json.loads(target.read_text())
    assert [(row["file_name"], row["state"], row["score"]) for row in rows] == [
        ("late-parcel.flac", "done", 80.0),
        ("second-call.flac", "done", 73.0),
        ("other-team.flac", "done", 66.0),
    ]
    assert json.loads(rapport("export", "calls").stdout) == rows


def test_the_first_admin_is_made_on_the_command_line(home: Path) -> None:
    made = rapport("users", "add", "root", "--role", "admin", "--password-stdin", typed="a good long one\n")
    assert made.exit_code == 0
    assert "root" in rapport("users", "list").stdout
    again = rapport("users", "add", "root", "--role", "admin", "--password-stdin", typed="x" * 20)
    assert "taken" in str(again.exception)
    assert "password" in rapport("users", "password", "root").stdout


def test_check_finds_tampering(place: workplace.Workplace) -> None:
    whole = rapport("db", "check")
    assert whole.exit_code == 0
    assert "whole" in whole.stdout
    with place.engine.begin() as connection:
        connection.execute(text("UPDATE audit_log SET actor = 'nobody' WHERE id = 2"))
    broken = rapport("db", "check")
    assert broken.exit_code == 1
    assert "broken" in broken.stdout


def test_erasing_takes_the_copies_and_asks_first(place: workplace.Workplace) -> None:
    asked = rapport("erase", "--agent", "ana", "--reason", "asked for it", typed="n\n")
    assert asked.exit_code == 2
    assert len(list(place.settings.audio_path.iterdir())) == 3
    assert rapport("erase", "--agent", "ana", "--call", "1", "--reason", "both").exit_code == 2
    refused = rapport("erase", "--agent", "ana", "--as", "tess", "--reason", "no right", "--yes")
    assert isinstance(refused.exception, DatabaseError)
    done = rapport("erase", "--agent", "ana", "--as", "ada", "--reason", "asked for it", "--yes")
    assert done.exit_code == 0
    assert "2 call(s) and 2 stored" in done.stdout
    assert [row["file_name"] for row in json.loads(rapport("export", "calls").stdout)] == ["other-team.flac"]
    assert "Ana Agent" not in rapport("users", "list").stdout
    assert rapport("db", "check").exit_code == 0


def test_backup_never_overwrites(place: workplace.Workplace, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    assert rapport("db", "backup", str(target)).exit_code == 0
    assert isinstance(rapport("db", "backup", str(target)).exception, DatabaseError)


@pytest.mark.parametrize("command", ["app", "users", "db", "export", "erase"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    assert rapport(command, "--help").exit_code == 0
    inner = {"users": ["add"], "db": ["check"], "export": ["calls"]}.get(command, [])
    assert "Example" in rapport(command, *inner, "--help").stdout
