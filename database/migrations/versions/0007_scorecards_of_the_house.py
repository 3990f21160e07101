"""Scorecards of the house: published versions, retirements, drafts"""
# ruff: noqa: E501

import sqlalchemy as sa
from alembic import op

from database import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=2000), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tests", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_card_version_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_version")),
        sa.UniqueConstraint("card_id", "language", "version", name=op.f("uq_card_version_card_id_language_version")),
    )  # fmt: skip
    op.create_index(op.f("ix_card_version_sha256"), "card_version", ["sha256"])
    op.create_table(
        "card_retirement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=2000), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["card_version.id"], name=op.f("fk_card_retirement_version_id_card_version")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_card_retirement_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_retirement")),
        sa.UniqueConstraint("version_id", name=op.f("uq_card_retirement_version_id")),
    )  # fmt: skip
    op.create_table(
        "card_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tests", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_card_draft_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_draft")),
        sa.UniqueConstraint("name", name=op.f("uq_card_draft_name")),
    )


def downgrade() -> None:
    for name in ("card_draft", "card_retirement", "card_version"):
        op.drop_table(name)
