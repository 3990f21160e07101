"""A consistent copy of the database while it is in use."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from database.errors import DatabaseError


def backup(engine: Engine, target: Path) -> Path:
    """Write a copy: a database file on SQLite, a `pg_dump` archive on PostgreSQL. An existing file is
    never overwritten; nothing half-written stays."""
    if target.exists():
        raise DatabaseError(f"{target} is there already; name a new file")
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if engine.dialect.name == "sqlite":
            _copy_sqlite(engine, part)
        else:
            _dump_postgresql(engine, part)
        os.replace(part, target)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseError(f"{target}: the backup could not be written ({error})") from error
    finally:
        part.unlink(missing_ok=True)
    return target


def _copy_sqlite(engine: Engine, part: Path) -> None:
    with closing(sqlite3.connect(str(engine.url.database))) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)


def _dump_postgresql(engine: Engine, part: Path) -> None:
    tool = shutil.which("pg_dump")
    if tool is None:
        raise DatabaseError("pg_dump is not installed here (Debian: apt install postgresql-client)")
    url = engine.url.set(drivername="postgresql", password=None)
    environment = {**os.environ, **({"PGPASSWORD": engine.url.password} if engine.url.password else {})}
    address = url.render_as_string(hide_password=False)
    done = subprocess.run(
        [tool, "--format=custom", f"--file={part}", address],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DatabaseError(f"pg_dump failed: {done.stderr.strip()[:500]}")
