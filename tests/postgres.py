"""A real PostgreSQL server for the tests, started once per run on a free port, gone afterwards."""

import os
import shutil
import signal
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


class Server:
    """One server in a folder of its own, to be stopped and started. As root it runs as postgres."""

    def __init__(self) -> None:
        initdb, postgres = _tool("initdb"), _tool("postgres")
        if initdb is None or postgres is None:
            pytest.skip("PostgreSQL's server programs are not installed (Debian: apt install postgresql)")
        self.program = postgres
        self.folder = Path(tempfile.mkdtemp(prefix="rapport-pg-"))
        self.options: dict[str, Any] = {"cwd": "/"}
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self.options |= {"user": "postgres", "group": "postgres", "extra_groups": []}
        self.data, self.port = str(self.folder / "data"), _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        subprocess.run(
            [
                initdb,
                "-D",
                self.data,
                "-U",
                "qa",
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **self.options,
        )

    def start(self) -> None:
        """Start and wait until it answers."""
        self.process = subprocess.Popen(
            [
                *(self.program, "-D", self.data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1"),
                *("-c", "fsync=off", "-c", f"unix_socket_directories={self.folder}"),
            ],
            stderr=subprocess.DEVNULL,
            **self.options,
        )
        _wait(self.port, self.process)

    def stop(self) -> None:
        """Stop without waiting for those who are connected: they are cut off."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)

    def remove(self) -> None:
        """Stop for good and leave nothing behind."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """The address of a new, empty database."""
        import psycopg

        with psycopg.connect(
            f"host=127.0.0.1 port={self.port} user=qa dbname=postgres", autocommit=True
        ) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://qa@127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[int]:
    """The port of a running server whose superuser is ``qa``."""
    server = Server()
    try:
        server.start()
        yield server.port
    finally:
        server.remove()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A running server of this test's own, which it may stop and start."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.remove()


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
