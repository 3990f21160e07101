"""Column types and names that behave the same on SQLite and PostgreSQL."""

import zlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, MetaData
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name: SQLite cannot drop one without."""


def name_constraints(metadata: MetaData) -> None:
    """Give the metadata the naming convention; must run before the first table is declared."""
    metadata.naming_convention = NAMING


def utc_now() -> datetime:
    """Now, with the zone."""
    return datetime.now(UTC)


def as_utc(moment: datetime | str | None) -> datetime | None:
    """A moment in UTC; text is read as ISO 8601, a moment without a zone is taken as UTC."""
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            return None
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment that goes in with a zone and comes out in UTC, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return as_utc(value)


class Packed(TypeDecorator[str]):
    """A JSON document as compressed bytes: a call's transcript shrinks to about a tenth."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else zlib.compress(value.encode(), 6)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else zlib.decompress(bytes(value)).decode()


class PlainJSON(TypeDecorator[Any]):
    """Small structured values: JSON text on SQLite, JSON on PostgreSQL."""

    impl = JSON
    cache_ok = True
