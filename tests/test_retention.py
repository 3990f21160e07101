"""Retention by rule: sound before text, protected calls stay, a dry run changes nothing, all is logged."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from database.audit import verify
from database.engine import open_database, reading, writing
from database.errors import DatabaseError
from database.retention import apply, due, read_rules
from database.settings import Settings
from database.store import export_calls, register
from database.tables import AuditEntry, Call
from database.types import utc_now
from database.viewers import OPERATOR
from pipelines.cli import build
from recordings import Recording

RULES = """
[audio]
after_days = 90
[text]
after_days = 365
[protect]
calls = ["kept-by-id"]
teams = ["legal"]
"""
# name, days old, what is special about it
CALLS = (
    ("new", 1, {}),
    ("at-90", 89, {}),
    ("past-90", 91, {}),
    ("past-365", 366, {}),
    ("kept-by-id", 400, {}),
    ("legal-call", 400, {"team": "legal"}),
    ("disputed", 400, {"open_disputes": 1}),
    ("in-review", 400, {"review_state": "released"}),
    ("review-over", 400, {"review_state": "acknowledged"}),
    ("still-waiting", 400, {"state": "waiting"}),
)


def filled(engine: Engine, audio: Path) -> None:
    audio.mkdir(parents=True)
    for number, (name, days, special) in enumerate(CALLS):
        recording = Recording(
            id=name, sha256=f"{number:064x}", file_name=f"{name}.wav", call_id=name, team=special.get("team"),
            started_at=(utc_now() - timedelta(days=days)).isoformat(),
        )  # fmt: skip
        call_id = register(engine, Path(f"{name}.wav"), recording)
        (audio / f"{name}.flac").write_bytes(b"sound")
        with writing(engine) as session:
            call = session.get(Call, call_id)
            assert call is not None
            call.playback, call.state = f"{name}.flac", "done"
            for field in ("open_disputes", "review_state", "state"):
                if field in special:
                    setattr(call, field, special[field])


def names(engine: Engine, ids: tuple[int, ...]) -> set[str]:
    return {row["call_id"] for row in export_calls(engine) if row["id"] in ids}


def test_sound_goes_first_then_text_and_protected_calls_stay(database_url: str, tmp_path: Path) -> None:
    audio, file = tmp_path / "audio", tmp_path / "rules.toml"
    file.write_text(RULES)
    rules = read_rules(file)
    engine = open_database(Settings(home=tmp_path, database_url=database_url))
    filled(engine, audio)
    found = due(engine, rules)
    assert names(engine, found.audio) == {"past-90"}
    assert names(engine, found.text) == {"past-365", "review-over"}
    assert found.protected == 4
    assert len(export_calls(engine)) == len(list(audio.iterdir())) == len(CALLS), "looking changed something"

    assert apply(engine, rules, OPERATOR, audio) == found
    left = {name for name, _, _ in CALLS} - {"past-365", "review-over"}
    assert {row["call_id"] for row in export_calls(engine)} == left
    assert {path.stem for path in audio.iterdir()} == left - {"past-90"}
    again = due(engine, rules)
    assert (again.audio, again.text) == ((), ())
    with reading(engine) as session:
        logged = [(e.action, e.subject_id) for e in session.scalars(select(AuditEntry)).all()]
    assert sorted(logged) == sorted(
        [*(("erased", i) for i in found.text), *(("audio erased", i) for i in found.audio)]
    )
    with reading(engine) as session:
        assert not verify(session)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[audio]\nafter_days = 400\n[text]\nafter_days = 30", "longer than text"),
        ("[audio]\nafter_days = 0", "audio.after_days"),
        ("[sound]\nafter_days = 3", "sound"),
        ("after 30 days", "not TOML"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text)
    with pytest.raises(DatabaseError, match=r"rules\.toml") as refused:
        read_rules(file)
    assert says in str(refused.value)


def test_the_command_only_tells_unless_told(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(RULES)
    engine = open_database(Settings(home=home))
    filled(engine, home / "audio")
    told = CliRunner().invoke(build(), ["retention", str(file)])
    assert told.exit_code == 0, told.output
    assert "2 call(s) would be erased" in told.stdout
    assert len(export_calls(engine)) == len(CALLS)
    done = CliRunner().invoke(build(), ["retention", str(file), "--apply"])
    assert "2 call(s) erased" in done.stdout
    assert len(export_calls(engine)) == len(CALLS) - 2
