"""Values put right and disputed, back-tests by a worker, bases of corrections, an index for reports"""

import sqlalchemy as sa
from alembic import op

from database import types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

VALUES = (
    ("criterion_result", "human_value"),
    ("dispute", "disputed_value"),
    ("dispute", "own_value"),
    ("dispute_decision", "value"),
)
REPORTED = ["started_at", "team_id", "queue", "contact_reason", "passed", "assessment_number"]


def upgrade() -> None:
    for table, name in VALUES:
        op.add_column(table, sa.Column(name, types.PlainJSON(), nullable=True))
    _take_over_values()
    op.add_column("conversation_version", sa.Column("base", sa.Integer(), nullable=True))
    # Until now the machine never took the place of a corrected transcript: all rest on the first one's base.
    op.execute(
        "UPDATE conversation_version SET base = (SELECT max(m.number) FROM conversation_version AS m "
        "WHERE m.call_id = conversation_version.call_id AND m.made_by IS NULL AND m.number < "
        "(SELECT min(p.number) FROM conversation_version AS p "
        "WHERE p.call_id = conversation_version.call_id AND p.made_by IS NOT NULL)) "
        "WHERE made_by IS NOT NULL"
    )
    op.create_table(
        "back_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("result", types.PlainJSON(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("ended_at", types.UTCDateTime(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_back_test_by_app_user")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_back_test_job_id_job")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_back_test")),
    )
    op.create_index("ix_back_test_name_by", "back_test", ["name", "by"])
    op.create_index("ix_call_reports", "call", REPORTED)


def _take_over_values() -> None:
    """Put the values of released reviews beside the machine's, the newest release of a call last."""
    review = sa.table("review", *(sa.column(n) for n in ("id", "call_id", "kind", "state", "released_at")))
    item = sa.table(
        "review_item",
        *(sa.column(n) for n in ("id", "review_id", "criterion_id", "action")),
        sa.column("value", types.PlainJSON()),
    )
    row = sa.table(
        "criterion_result",
        sa.column("call_id"),
        sa.column("criterion_id"),
        sa.column("human_value", types.PlainJSON()),
    )
    found = op.get_bind().execute(
        sa.select(review.c.call_id, item.c.criterion_id, item.c.action, item.c.value)
        .join(review, review.c.id == item.c.review_id)
        .where(review.c.kind == "trainer", review.c.state.in_(("released", "acknowledged")))
        .order_by(review.c.released_at, review.c.id, item.c.id)
    )
    newest = {(call, criterion): (action, value) for call, criterion, action, value in found}
    for (call, criterion), (action, value) in newest.items():
        if action == "overridden" and value is not None:
            where = (row.c.call_id == call) & (row.c.criterion_id == criterion)
            op.execute(sa.update(row).where(where).values(human_value=value))


def downgrade() -> None:
    # No table is made anew: on SQLite it would lose the triggers of 0010.
    op.drop_index("ix_call_reports", "call")
    op.drop_table("back_test")
    op.drop_column("conversation_version", "base")
    for table, name in reversed(VALUES):
        op.drop_column(table, name)
