"""An index over the verdict in force, what people made of it before the machine's"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_criterion_result_criterion_verdict", "criterion_result")
    op.create_index(
        "ix_criterion_result_in_force",
        "criterion_result",
        ["criterion_id", sa.text("(coalesce(human, verdict))"), "call_id"],
    )


def downgrade() -> None:
    op.drop_index("ix_criterion_result_in_force", "criterion_result")
    op.create_index("ix_criterion_result_criterion_verdict", "criterion_result", ["criterion_id", "verdict"])
