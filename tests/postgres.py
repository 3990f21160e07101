"""A real PostgreSQL server for the tests, started once per run on a free port, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def _tool(name: str) -> str | None:
    candidates = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(candidates[0]) if candidates else shutil.which(name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[int]:
    """The port of a running server whose superuser is ``qa``. As root the server runs as postgres."""
    initdb, postgres = _tool("initdb"), _tool("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL's server programs are not installed (Debian: apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="rapport-pg-"))
    options: dict[str, Any] = {"cwd": "/"}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        options |= {"user": "postgres", "group": "postgres", "extra_groups": []}
    data, port = str(folder / "data"), _free_port()
    subprocess.run(
        [initdb, "-D", data, "-U", "qa", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"],
        check=True,
        stdout=subprocess.DEVNULL,
        **options,
    )
    server = subprocess.Popen(
        [
            *(postgres, "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
            *("-c", f"unix_socket_directories={folder}"),
        ],
        stderr=subprocess.DEVNULL,
        **options,
    )
    try:
        _wait(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    import psycopg

    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=qa dbname=postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture
def postgres_url(postgres_server: int, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    import psycopg

    name = f"t{abs(hash(request.node.nodeid)) % 10**12}"
    admin = psycopg.connect(f"host=127.0.0.1 port={postgres_server} user=qa dbname=postgres", autocommit=True)
    try:
        admin.execute(f"CREATE DATABASE {name}")
        yield f"postgresql+psycopg://qa@127.0.0.1:{postgres_server}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        admin.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return str(request.getfixturevalue("postgres_url"))
