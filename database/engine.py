"""Opening the database: connections that behave, and a schema at the version the code expects."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlmodel import Session

from database.errors import DatabaseAwayError, DatabaseError
from database.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = 726_170_071  # any fixed number: the advisory lock under which PostgreSQL migrates


def open_database(settings: Settings, *, migrate: bool = True) -> Engine:
    """The engine of the configured database, made or migrated to the newest schema.

    Raises DatabaseError when the address is wrong, the server cannot be reached, the disk refuses, or
    the schema is newer than this code.
    """
    try:
        address = make_url(settings.url)
    except ArgumentError as error:
        raise DatabaseError(
            f"RAPPORT_DATABASE_URL {settings.url!r} is no database address; for example "
            "sqlite:////srv/rapport/rapport.db or postgresql+psycopg://user@host/rapport"
        ) from error
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseError(
            f"database {address.get_backend_name()!r} is not known; there are sqlite and postgresql"
        )
    if address.get_backend_name() == "sqlite" and address.database:
        try:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseError(
                f"{address.database}: the folder cannot be made ({error.strerror})"
            ) from error
    engine = create_engine(address, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        _tame_sqlite(engine)
    try:
        if migrate:
            migrate_to_head(engine)
    except (OperationalError, InterfaceError, sqlite3.Error) as error:
        shown = address.render_as_string(hide_password=True)
        raise DatabaseAwayError(f"{shown}: the database cannot be opened ({_cause(error)})") from error
    return engine


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", error)).strip().splitlines()[0]


def _tame_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions, see _begin
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "busy_timeout=5000", "foreign_keys=ON", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session in one transaction that writes: all or nothing. On SQLite it takes the write lock at
    once, so that two writers wait for each other instead of failing half-way.

    Raises DatabaseAwayError when the database is busy for too long or gone; nothing is kept then.
    """
    try:
        with (
            engine.connect().execution_options(immediate=True) as connection,
            connection.begin(),
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()
    except DBAPIError as error:
        if not _is_away(error):
            raise
        raise DatabaseAwayError(f"nothing was saved: {_cause(error)}; try again") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that reads; raises DatabaseAwayError when the database is busy for too long or gone."""
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    except DBAPIError as error:
        if not _is_away(error):
            raise
        raise DatabaseAwayError(f"nothing could be read: {_cause(error)}; try again") from error


def _is_away(error: DBAPIError) -> bool:
    """Whether the database is busy, gone or going, so that another try may do."""
    return isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated


def alembic_config(connection: Connection | None = None) -> "Config":
    """Alembic's configuration without an ini file. Alembic is read when a schema is to change: an app that
    starts on a database as it should be does without."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate_to_head(engine: Engine) -> None:
    """Bring the schema to the newest version, in one transaction; a schema from the future is refused."""
    found, head = schema_version(engine)
    if found == head:
        return
    if found is not None and found not in _revisions():
        raise DatabaseError(
            f"the database has schema {found}, which is newer than this version of Rapport "
            f"({head}); update Rapport, or restore the backup made before its update"
        )
    from alembic import command

    with (
        engine.connect().execution_options(immediate=True) as connection,
        keys_unchecked(connection),
        connection.begin(),
    ):
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        command.upgrade(alembic_config(connection), "head")
        if engine.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise DatabaseError(
                    f"the migration left rows that point nowhere: {broken[:3]}; nothing was kept"
                )


@contextmanager
def keys_unchecked(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, which drops rows that others point at for a moment: keys are
    checked once at the end instead. The switch works outside transactions, so it goes past SQLAlchemy."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def schema_version(engine: Engine) -> tuple[str | None, str]:
    """The schema version found, None in an empty database, and the one this code wants."""
    with engine.connect() as connection:
        found = None
        if inspect(connection).has_table("alembic_version"):
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found, _revisions()[-1]


def _revisions() -> list[str]:
    """The schema versions that this code knows, oldest first: each migration's file begins with its own."""
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
