"""Alembic's entry: runs the migrations on the connection that database.engine hands over."""

from typing import Any, Literal

from alembic import context

from database.migrations.filters import include_object
from database.tables import SQLModel


def render_item(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types without their inner arguments, and SQLModel's text as plain text."""
    if kind == "type" and type(thing).__module__ == "database.types":
        return f"types.{type(thing).__name__}()"
    if kind == "type" and type(thing).__name__ == "AutoString":
        return f"sa.String(length={thing.length})" if thing.length else "sa.Text()"
    return False


connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run migrations by: rapport db upgrade")
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    include_object=include_object,
    render_item=render_item,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
