"""What the whole server shares: the settings and one engine."""

from functools import cache

from sqlalchemy import Engine

from database.engine import open_database
from database.settings import Settings, settings


@cache
def shared_settings() -> Settings:
    """The settings, read once: a server does not change its home while it runs."""
    return settings()


@cache
def shared_engine() -> Engine:
    """The database, opened and migrated once."""
    return open_database(shared_settings())


def forget() -> None:
    """Let the next call read the settings afresh (tests)."""
    shared_engine.cache_clear()
    shared_settings.cache_clear()
