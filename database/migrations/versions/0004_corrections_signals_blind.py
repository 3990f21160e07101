"""Corrections with their history, signals to filter by, reviews without sight of the machine"""

import json
import zlib

import sqlalchemy as sa
from alembic import op

from database import types
from database.signals import numbers_of

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('text', 'role', 'swap')", name=op.f("ck_correction_kind")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_correction_by_app_user")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_correction_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_call_number", "correction", ["call_id", "number"])
    op.create_table(
        "signal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_signal_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sa.UniqueConstraint("call_id", "name", name=op.f("uq_signal_call_id_name")),
    )
    op.create_index("ix_signal_name_number", "signal", ["name", "number"])
    for table in ("app_user", "review"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("blind", sa.Boolean(), nullable=False, server_default=sa.false()))
    _fill_signals()


def _fill_signals() -> None:
    """The signals of the calls that are there already, out of their current conversations."""
    session = op.get_bind()
    current = sa.text(
        "SELECT c.id, v.document FROM call c JOIN conversation_version v "
        "ON v.call_id = c.id AND v.number = c.conversation_number WHERE c.id > :after ORDER BY c.id LIMIT 500"
    )
    insert = sa.text("INSERT INTO signal (call_id, name, number) VALUES (:call_id, :name, :number)")
    after = 0
    while rows := session.execute(current, {"after": after}).all():
        found = [
            {"call_id": call_id, "name": name, "number": number}
            for call_id, document in rows
            for name, number in numbers_of(
                json.loads(zlib.decompress(bytes(document))).get("signals") or {}
            ).items()
        ]
        if found:
            session.execute(insert, found)
        after = rows[-1][0]


def downgrade() -> None:
    for table in ("review", "app_user"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("blind")
    op.drop_table("signal")
    op.drop_table("correction")
