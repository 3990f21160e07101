"""Accounts bound to a subject of an identity provider"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("app_user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sso_subject", sa.String(length=600), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_app_user_sso_subject"), ["sso_subject"])


def downgrade() -> None:
    with op.batch_alter_table("app_user", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_app_user_sso_subject"), type_="unique")
        batch_op.drop_column("sso_subject")
