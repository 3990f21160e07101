"""Every name under which a call's recording was found"""

import sqlalchemy as sa
from alembic import op

from database import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("path", sa.String(length=4000), nullable=True),
        sa.Column("seen_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_name_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_name")),
        sa.UniqueConstraint("call_id", "name", name=op.f("uq_call_name_call_id_name")),
    )
    op.execute(
        "INSERT INTO call_name (call_id, name, path, seen_at) "
        "SELECT id, file_name, source_path, added_at FROM call"
    )


def downgrade() -> None:
    op.drop_table("call_name")
