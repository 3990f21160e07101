"""The database, on SQLite and on a real PostgreSQL: versions, idempotence, migrations, refusals."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlmodel import SQLModel, select

from database import DatabaseError, Settings, overview
from database.audit import record, verify
from database.crowd.fill import Size, fill
from database.engine import (
    alembic_config,
    keys_unchecked,
    migrate_to_head,
    open_database,
    reading,
    schema_version,
    writing,
)
from database.extent import extent
from database.figures import by_criterion, scored
from database.listing import list_calls, open_call
from database.migrations import filters
from database.store import export_calls, register, save_processed, set_state
from database.tables import AssessmentVersion, Call, ConversationVersion, SignalRow, TurnRow
from database.types import UTCDateTime, utc_now
from database.viewers import OPERATOR, Viewer
from recordings import Conversation, Recording
from recordings.peaks import peaks, peaks_of_file
from recordings.testing import agent, conversation, customer
from scorecards import Assessment, CardRef, CriterionResult, RecordingRef


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Engine:
    return open_database(Settings(home=tmp_path, database_url=database_url))


def heard(sha: str = "a" * 64, *, more: str = "") -> Conversation:
    talk = conversation(
        agent("Good morning, North Parcel, my name is Ana.", start=0.0, end=3.0),
        customer("My parcel is delayed and nobody is apologising." + more, start=3.4, end=6.0),
    )
    recording = Recording(
        id=sha[:8], sha256=sha, duration=6.0, channels=2, agent="ana", team="north", language="en",
        started_at="2026-10-25T02:30:00+02:00", file_name="one call.wav",
    )  # fmt: skip
    return talk.model_copy(update={"recording": recording})


def judged(talk: Conversation, *, verdict: str = "yes", version: int = 1) -> Assessment:
    points = {"yes": 5.0, "no": 0.0}.get(verdict)
    result = CriterionResult(
        id="greeting_with_name_and_company",
        verdict=verdict,
        points=points,
        max_points=points and 5.0,  # type: ignore[arg-type]
    )
    reason = CriterionResult(id="contact_reason", verdict="yes", value="delivery")
    return Assessment(
        recording=RecordingRef(id=talk.recording.id, sha256=talk.recording.sha256),
        scorecard=CardRef(id="customer-care", version=version, language="en", sha256="c" * 64),
        score=100.0 if verdict == "yes" else 0.0,
        passed=verdict == "yes",
        criteria=(result, reason),
    )


def keep(engine: Engine, talk: Conversation, assessment: Assessment | None, **fields: object) -> int:
    return save_processed(engine, Path("in/one call.wav"), talk.recording, talk, assessment, **fields)  # type: ignore[arg-type]


def numbers(engine: Engine, table: type[ConversationVersion] | type[AssessmentVersion]) -> list[int]:
    with reading(engine) as session:
        return sorted(session.exec(select(table.number)))


def test_saving_twice_changes_nothing(engine: Engine) -> None:
    talk = heard()
    first = keep(engine, talk, judged(talk))
    assert keep(engine, talk, judged(talk)) == first
    assert numbers(engine, ConversationVersion) == [1]
    assert numbers(engine, AssessmentVersion) == [1]


def test_another_card_version_keeps_the_old_assessment(engine: Engine) -> None:
    talk = heard()
    keep(engine, talk, judged(talk))
    keep(engine, talk, judged(talk, verdict="no", version=2))
    assert numbers(engine, ConversationVersion) == [1]
    assert numbers(engine, AssessmentVersion) == [1, 2]
    [row] = export_calls(engine)
    assert row["score"] == 0.0
    assert row["scorecard"] == {"id": "customer-care", "version": 2}


def test_another_transcript_adds_a_version_and_replaces_the_searched_turns(engine: Engine) -> None:
    talk, other = heard(), heard(more=" Again.")
    keep(engine, talk, None)
    keep(engine, other, None)
    assert numbers(engine, ConversationVersion) == [1, 2]
    with reading(engine) as session:
        assert [t.text for t in session.exec(select(TurnRow).order_by("position"))] == [  # type: ignore[arg-type]
            turn.text for turn in other.turns
        ]


def test_a_document_comes_back_as_it_went_in(engine: Engine) -> None:
    talk = heard(more=" Größe: 5 € – 日本")
    keep(engine, talk, judged(talk))
    with reading(engine) as session:
        [version] = session.exec(select(ConversationVersion))
        assert Conversation.from_json(version.document) == talk
        [assessed] = session.exec(select(AssessmentVersion))
        assert Assessment.from_json(assessed.document) == judged(talk)


def test_moments_come_back_in_utc(engine: Engine) -> None:
    keep(engine, heard(), None)
    with reading(engine) as session:
        [call] = session.exec(select(Call))
        assert call.started_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        assert call.started_at.utcoffset() is not None
    with pytest.raises(ValueError, match="time zone"):
        UTCDateTime().process_bind_param(datetime(2026, 1, 1), engine.dialect)


def test_a_failure_in_the_middle_keeps_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("database.store.add_assessment", broken)
    talk = heard()
    with pytest.raises(RuntimeError):
        keep(engine, talk, judged(talk))
    assert export_calls(engine) == []


def test_states_of_a_waiting_call(engine: Engine) -> None:
    talk = heard()
    call = register(engine, Path("x.wav"), talk.recording)
    assert [row["state"] for row in export_calls(engine)] == ["waiting"]
    set_state(engine, call, "quarantined", "the file is cut short")
    [row] = export_calls(engine)
    assert (row["state"], row["cause"], row["score"]) == ("quarantined", "the file is cut short", None)
    assert register(engine, Path("x.wav"), talk.recording) == call
    assert [row["state"] for row in export_calls(engine)] == ["quarantined"]
    with pytest.raises(DatabaseError, match="waiting, running"):
        set_state(engine, call, "gone")
    with pytest.raises(DatabaseError, match="no call 999"):
        set_state(engine, 999, "done")


def test_a_recording_without_hash_is_refused(engine: Engine) -> None:
    with pytest.raises(DatabaseError, match="sha256"):
        register(engine, Path("x.wav"), Recording(id="x"))


def test_schema_from_the_future_is_refused(engine: Engine, database_url: str, tmp_path: Path) -> None:
    with engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(DatabaseError, match="newer than this version"):
        open_database(Settings(home=tmp_path, database_url=database_url))


def test_migrations_make_what_the_tables_say_and_can_be_undone(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": filters.include_object})
        assert compare_metadata(context, SQLModel.metadata) == []
    assert schema_version(engine)[1] == ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert len(set(schema_version(engine))) == 1
    with engine.connect() as connection, connection.begin():
        command.downgrade(alembic_config(connection), "base")
    with engine.connect() as connection, connection.begin():
        command.upgrade(alembic_config(connection), "head")
    assert len(set(schema_version(engine))) == 1


@pytest.mark.parametrize("older", ["0001", "0002", "0003", "0004", "0009"])
def test_a_database_in_use_is_brought_to_the_newest_schema(engine: Engine, older: str) -> None:
    fill(engine, Size(calls=12, agents=4, teams=2, trainers=2, patterns=8), "a long test password")
    with engine.connect() as connection, keys_unchecked(connection), connection.begin():
        command.downgrade(alembic_config(connection), older)
    migrate_to_head(engine)
    assert len(set(schema_version(engine))) == 1
    with reading(engine) as session:
        lines = list_calls(session, OPERATOR)
        assert len(lines) == 12
        assert open_call(session, OPERATOR, lines[0].call.id or 0).assessment is not None
        viewer, early = Viewer(None, "all", "manager"), utc_now() - timedelta(days=4000)
        assert (
            overview.by_criterion(session, extent(session, viewer, early))
            == by_criterion(session, scored(viewer, early))
            != []
        )


def test_calls_of_an_older_schema_can_be_filtered_by_what_was_measured(engine: Engine) -> None:
    signals = {"hold_total_seconds": 41.5, "agent_talk_share": None, "holds_scorable": True, "unheard_of": 3}
    keep(engine, heard().model_copy(update={"signals": signals}), None)
    for version in ("0003", "head"):
        with engine.connect() as connection, connection.begin():
            move = command.downgrade if version == "0003" else command.upgrade
            move(alembic_config(connection), version)
    with reading(engine) as session:
        assert [(s.name, s.number) for s in session.exec(select(SignalRow))] == [("hold_total_seconds", 41.5)]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "no database address"),
        ("mysql://x/y", "there are sqlite and postgresql"),
        ("sqlite:////proc/nowhere/rapport.db", "/proc/nowhere"),
        ("postgresql://qa@127.0.0.1:1/none?connect_timeout=2", "cannot be opened"),
    ],
)
def test_wrong_addresses_are_told_kindly(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=says):
        open_database(Settings(home=tmp_path, database_url=url))


def test_audit_chain_shows_tampering(engine: Engine) -> None:
    for number in range(4):
        with writing(engine) as session:
            record(session, OPERATOR, "opened", "call", number, {"é": number})
    with reading(engine) as session:
        assert verify(session) == []
    with engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE audit_log SET actor = 'nobody' WHERE subject_id = 1"))
        connection.execute(text("DELETE FROM audit_log WHERE subject_id = 2"))
    with reading(engine) as session:
        problems = verify(session)
    assert len(problems) == 2
    assert "changed" in problems[0]
    assert "removed" in problems[1]


def test_peaks_of_a_file_are_those_of_its_samples(tmp_path: Path) -> None:
    import soundfile

    wave = np.stack([np.linspace(0, 1, 8000), np.zeros(8000)]).astype(np.float32)
    soundfile.write(tmp_path / "a.flac", wave.T, 8000)
    ours = peaks(wave, 10)
    assert len(ours) == 2
    assert ours[0] == sorted(ours[0])
    assert ours[1] == [0.0] * 10
    assert np.allclose(peaks_of_file(tmp_path / "a.flac", 10), ours, atol=0.002)
