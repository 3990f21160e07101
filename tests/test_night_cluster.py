"""The night run where one machine is outgrown: PostgreSQL, an S3-compatible server, Ray on two nodes."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from night import LIGHT, SLOW, ended_well, results, run_to_the_end, start_runner, wait_until, write_tones
from postgres import Server

from database.backlog import counts
from database.engine import open_database
from database.settings import Settings
from database.store import export_calls

pytestmark = pytest.mark.xdist_group("cluster")  # one worker: servers and clusters one after the other


def all_done_once(made: dict[str, str]) -> dict[str, str]:
    assert all(result.startswith("done ") and " v1\n" in result for result in made.values()), made
    return made


def test_two_runners_on_postgresql_outlive_its_restart(own_server: Server, tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    write_tones(inbox, 16)
    run_to_the_end(tmp_path / "alone", inbox)
    url = own_server.url("night")
    engine = open_database(Settings(home=home, database_url=url))
    runners = [
        start_runner(tmp_path / name, inbox, builder=SLOW, workers=1, url=url) for name in ("home", "other")
    ]
    assert wait_until(lambda: counts(engine).done >= 3, runners[0]), "the runners never got to work"
    own_server.stop()
    engine.dispose()
    assert [runner.poll() for runner in runners] == [None, None], "a runner gave up without the database"
    own_server.start()
    assert counts(engine).done < 16, "all was done before the restart: the test shows nothing"
    for runner in runners:
        ended_well(runner)
    assert all_done_once(results(home, url)) == results(tmp_path / "alone")


@pytest.fixture
def bucket() -> Iterator[tuple[dict[str, str], Any]]:
    """An S3-compatible server with an empty bucket: the environment that leads to it, and its file system."""
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        env = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        system = s3fs.S3FileSystem(
            key="testing", secret="testing", endpoint_url=env["AWS_ENDPOINT_URL"], skip_instance_cache=True
        )
        system.mkdir("calls")
        yield env, system
    finally:
        server.stop()


def test_recordings_from_a_bucket_give_what_local_ones_give(
    bucket: tuple[dict[str, str], Any], tmp_path: Path
) -> None:
    env, system = bucket
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    paths = write_tones(inbox, 4)
    paths[0].with_suffix(".json").write_text('{"agent": "ana", "team": "north"}')
    for path in inbox.iterdir():
        system.put_file(str(path), f"calls/today/{path.name}")
    before = system.find("calls")
    run_to_the_end(home, "s3://calls/today", env=env)
    run_to_the_end(tmp_path / "local", inbox)
    assert all_done_once(results(home)) == results(tmp_path / "local")
    row = export_calls(open_database(Settings(home=home)))[0]
    assert (row["agent"], row["team"]) == ("ana", "north")
    assert system.find("calls") == before


@pytest.mark.parametrize("place", ["s3://calls/today", "nonsense://calls/today"])
def test_a_bucket_out_of_reach_is_named_and_exits_with_two(
    place: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from pipelines.cli import build

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    result = CliRunner().invoke(build(), ["nightly", place])
    assert result.exit_code == 2
    assert place in result.stderr
    assert "cannot be listed" in result.stderr


@pytest.fixture
def two_nodes() -> Iterator[tuple[str, Any, Any]]:
    """A Ray cluster of two nodes with one CPU each: its address, the cluster, the second node."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    size: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 100 * 2**20, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=size)
    try:
        second = cluster.add_node(num_cpus=1, object_store_memory=size["object_store_memory"])
        cluster.wait_for_nodes()
        yield cluster.address, cluster, second
    finally:
        cluster.shutdown()


@pytest.mark.timeout(600)
def test_a_ray_cluster_that_loses_a_node_ends_complete_and_equal(
    two_nodes: tuple[str, Any, Any], postgres_url: str, tmp_path: Path
) -> None:
    address, cluster, second = two_nodes
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    write_tones(inbox, 16)
    engine = open_database(Settings(home=home, database_url=postgres_url))
    runner = start_runner(
        home,
        inbox,
        builder=SLOW,
        url=postgres_url,
        engine="ray",
        env={"RAY_ADDRESS": address, "RAY_USAGE_STATS_ENABLED": "0"},
    )
    assert wait_until(lambda: counts(engine).done >= 2, runner, 180), "the actors never got to work"
    cluster.remove_node(second, allow_graceful=False)
    assert counts(engine).done < 16, "all was done before the node was lost: the test shows nothing"
    ended_well(runner)
    run_to_the_end(tmp_path / "local", inbox, builder=LIGHT)
    assert all_done_once(results(home, postgres_url)) == results(tmp_path / "local")
    engine.dispose()


def test_without_a_cluster_the_run_says_how_to_start_one(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    write_tones(inbox, 1)
    runner = start_runner(tmp_path / "home", inbox, engine="ray", env={"RAY_ADDRESS": "127.0.0.1:9"})
    _, errors = runner.communicate(timeout=120)
    assert runner.returncode != 0
    assert "ray start --head" in errors.decode()
