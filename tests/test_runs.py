"""The runs page's figures and its retry: within the viewer's reach only, and by jobs that a worker does."""

from datetime import timedelta
from pathlib import Path

import pytest
from night import write_tones
from sqlmodel import col, select

from database.audit import AuditEntry
from database.engine import reading, writing
from database.runs import asked_for, progress, retry, running, stuck, try_again
from database.settings import Settings
from database.store import export_calls
from database.tables import Call, Job, Team
from database.types import utc_now
from database.viewers import OPERATOR, Viewer
from pipelines.night.register import register_places
from pipelines.process import processor
from pipelines.testing import build_light_pipeline
from pipelines.worker import Worker


@pytest.fixture
def house(tmp_path: Path) -> Worker:
    """Four calls of one second: two of the north, of which one is broken, and the same for the south."""
    inbox = tmp_path / "inbox"
    for number, path in enumerate(write_tones(inbox, 4)):
        path.with_suffix(".json").write_text(f'{{"team": "{("north", "south")[number % 2]}"}}')
        if number >= 2:
            path.write_bytes(path.read_bytes()[:44] + bytes([number]))
    made = processor(Settings(home=tmp_path / "home"), build=build_light_pipeline)
    assert made.engine is not None
    register_places(made.engine, [inbox], settled_s=0)
    return Worker(made.engine, made)


def team(worker: Worker, name: str, role: str = "manager", agent: int | None = None) -> Viewer:
    with reading(worker.engine) as session:
        number = session.exec(select(Team.id).where(Team.name == name)).one()
    return Viewer(user_id=None, name="mia", role=role, team_id=number, agent_id=agent)


def work_off(worker: Worker) -> None:
    while worker.run_one():
        pass


def test_a_manager_sees_the_own_team_only_and_an_agent_nothing(house: Worker) -> None:
    work_off(house)
    with reading(house.engine) as session:
        for viewer, calls in (
            (OPERATOR, 2),
            (team(house, "north"), 1),
            (team(house, "north", "agent", 1), 0),
        ):
            now = progress(session, viewer)
            assert now.counts.get("done", 0) == now.counts.get("quarantined", 0) == calls
            assert len(stuck(session, viewer)) == calls
            assert len(asked_for(session, viewer)) == 2 * calls
            assert now.done_last_hour == calls


def test_progress_tells_the_audio_that_waits_and_when_it_ends(house: Worker) -> None:
    with reading(house.engine) as session:
        before = progress(session, OPERATOR)
    assert (before.counts, before.ends, before.unknown) == ({"waiting": 4}, None, 0)
    assert before.waiting_s == pytest.approx(4.0)
    assert house.run_one()
    with writing(house.engine) as session:
        done = session.exec(select(Job).where(Job.state == "done")).one()
        done.started_at = utc_now() - timedelta(minutes=10)
    with reading(house.engine) as session:
        now = progress(session, OPERATOR)
    assert now.done_last_hour == 1
    assert now.ends is not None
    left = (now.ends - utc_now()).total_seconds() / 60  # a second of audio took ten minutes; three are left
    assert left == pytest.approx(30, abs=1)


def test_a_call_in_hand_is_shown_with_its_worker(house: Worker) -> None:
    from database.jobs import claim

    assert claim(house.engine, "here:1:1") is not None
    with reading(house.engine) as session:
        [one] = running(session, OPERATOR)
    assert (one.worker, one.attempt) == ("here:1:1", 1)


def test_retry_writes_jobs_that_a_worker_does_and_only_within_reach(house: Worker) -> None:
    work_off(house)
    with reading(house.engine) as session:
        broken = [call.call_id for call in stuck(session, OPERATOR)]
    with writing(house.engine) as session:
        assert retry(session, team(house, "north", "agent", 1), broken) == 0
        assert retry(session, team(house, "north"), broken) == 1
        assert retry(session, team(house, "north"), broken) == 0, "a call that waits is not asked for twice"
        asked = session.exec(select(Job).where(Job.state == "waiting")).all()
        assert [(job.kind, job.attempts, job.made_by) for job in asked] == [("process", 0, None)]
        told = session.exec(
            select(AuditEntry.subject_id).where(AuditEntry.action == "asked to try again")
        ).all()
        assert list(told) == [asked[0].call_id]
    assert house.run_one(), "the job is there for a worker"
    states = {row["file_name"]: row["state"] for row in export_calls(house.engine)}
    assert states["call-00002.wav"] == "quarantined", "still broken"


def test_a_call_without_any_job_can_be_asked_for_and_one_that_pauses_is_due_at_once(house: Worker) -> None:
    with writing(house.engine) as session:
        for call in session.exec(select(Call)):
            call.state, call.cause = "quarantined", "somebody stopped it"
        jobs = session.exec(select(Job).order_by(col(Job.id))).all()
        jobs[0].run_after, jobs[0].attempts = utc_now() + timedelta(hours=1), 2
        session.delete(jobs[1])
    assert sorted(try_again(house.engine)) == [1, 2, 3, 4]
    work_off(house)
    states = [row["state"] for row in export_calls(house.engine)]
    assert states == ["done", "done", "quarantined", "quarantined"]
