"""What reports count of each criterion, in one index: met or not, when, which team"""

import sqlalchemy as sa
from alembic import op

from database import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = (
    ("met", sa.Boolean()),
    ("started_at", types.UTCDateTime()),
    ("team_id", sa.Integer()),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("criterion_result", sa.Column(name, kind, nullable=True))
    op.execute(
        "UPDATE criterion_result SET started_at = (SELECT started_at FROM call WHERE call.id = call_id), "
        "team_id = (SELECT team_id FROM call WHERE call.id = call_id)"
    )
    for verdict, met in (("yes", sa.true()), ("no", sa.false())):
        rows = sa.table("criterion_result", sa.column("met"), sa.column("max_points"))
        said: sa.ColumnElement[str] = sa.func.coalesce(sa.column("human"), sa.column("verdict"))
        op.execute(sa.update(rows).where(rows.c.max_points > 0, said == verdict).values(met=met))
    op.create_index(
        "ix_criterion_result_met", "criterion_result", ["criterion_id", "met", "started_at", "team_id"]
    )
    op.create_index("ix_review_submitted", "review", ["submitted_at"])


def downgrade() -> None:
    op.drop_index("ix_review_submitted", "review")
    op.drop_index("ix_criterion_result_met", "criterion_result")
    with op.batch_alter_table("criterion_result") as table:
        for name, _ in COLUMNS:
            table.drop_column(name)
