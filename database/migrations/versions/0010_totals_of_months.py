"""Totals of whole months for figures over years; triggers take them away when what they sum up changes"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SUMMED = {
    "call": (
        "score",
        "score_by",
        "doubts",
        "started_at",
        "team_id",
        "agent_id",
        "queue",
        "contact_reason",
    ),
    "criterion_result": ("criterion_id", "met", "started_at", "team_id"),
    "review": ("call_id", "kind", "blind", "submitted_at"),
    "review_item": ("review_id", "criterion_id", "action", "machine_verdict", "verdict"),
    "signal": ("call_id", "name", "number"),
}
"""The columns that totals are made of."""
MOMENTS = {
    "call": "SELECT {row}.started_at AS moment "
    "UNION ALL SELECT submitted_at FROM review WHERE call_id = {row}.id",
    "criterion_result": "SELECT {row}.started_at AS moment",
    "review": "SELECT {row}.submitted_at AS moment",
    "review_item": "SELECT submitted_at AS moment FROM review WHERE id = {row}.review_id",
    "signal": "SELECT started_at AS moment FROM call "
    "WHERE id = {row}.call_id AND {row}.name = 'agent_word_confidence'",
}
"""Into the months of which moments a row counts."""
INDEXES = {
    "ix_call_language": ["language"],
    "ix_call_added_at": ["added_at"],
    "ix_call_started_team_score": ["started_at", "team_id", "score"],
}
WORTH = (
    "CASE WHEN open_disputes > 0 THEN 8.0 ELSE 0.0 END "
    "+ CASE WHEN critical_fails > 0 THEN 4.0 ELSE 0.0 END "
    "+ CASE WHEN doubts > 5 THEN 2.5 ELSE doubts * 0.5 END "
    "+ CASE WHEN score < 70.0 THEN 1.0 ELSE 0.0 END"
)
WAITS = (
    "CASE WHEN state = 'done' AND assessment_number IS NOT NULL "
    "AND (review_state IN ('none', 'draft') OR open_disputes > 0) THEN 1 ELSE 0 END"
)
"""What ``database.worklist`` orders by, and what waits."""
ROWS = {"insert": ("new",), "delete": ("old",), "update": ("old", "new")}


def _forget(table: str, row: str, dialect: str) -> str:
    month = "substr(moment, 1, 7)"
    if dialect == "postgresql":
        month = "to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM')"
    moments = MOMENTS[table].format(row=row)
    return f"DELETE FROM month_total WHERE month IN (SELECT {month} FROM ({moments}) AS moments);"


def _function(table: str) -> str:
    return (
        f"CREATE FUNCTION forget_month_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {_forget(table, 'OLD', 'postgresql')} END IF; "
        f"IF TG_OP <> 'DELETE' THEN {_forget(table, 'NEW', 'postgresql')} END IF; "
        "RETURN NULL; END $$"
    )


def _trigger(table: str, act: str, dialect: str) -> str:
    columns = SUMMED[table]
    head = f"CREATE TRIGGER forget_month_{table}_{act} AFTER {act.upper()}"
    head += f" OF {', '.join(columns)} ON {table}" if act == "update" else f" ON {table}"
    old, new = (f"({', '.join(f'{row}.{name}' for name in columns)})" for row in ("old", "new"))
    differs = "IS DISTINCT FROM" if dialect == "postgresql" else "IS NOT"
    when = f" WHEN ({old} {differs} {new})" if act == "update" else ""
    if dialect == "postgresql":
        return f"{head} FOR EACH ROW{when} EXECUTE FUNCTION forget_month_{table}()"
    return f"{head}{when} BEGIN {' '.join(_forget(table, row, dialect) for row in ROWS[act])} END"


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "month_total",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False, server_default="0"),
        sa.Column("squares", sa.Float(), nullable=False, server_default="0"),
        sa.Column("human", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("doubt", sa.Integer(), nullable=False, server_default="0"),
        sa.CheckConstraint(
            "kind IN ('agent', 'queue', 'reason', 'sure', 'criterion', 'answer')",
            name=op.f("ck_month_total_kind"),
        ),
        sa.PrimaryKeyConstraint("month", "kind", "key", "team_id", name=op.f("pk_month_total")),
    )
    for table in SUMMED:
        if dialect == "postgresql":
            op.execute(_function(table))
        for act in ROWS:
            op.execute(_trigger(table, act, dialect))
    for name, columns in INDEXES.items():
        op.create_index(name, "call", columns)
    op.execute(f"CREATE INDEX ix_call_worth ON call (({WAITS}), ({WORTH}) DESC, started_at DESC, id DESC)")


def downgrade() -> None:
    for name in ("ix_call_worth", *reversed(INDEXES)):
        op.drop_index(name, "call")
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in SUMMED:
        for act in ROWS:
            op.execute(f"DROP TRIGGER forget_month_{table}_{act}" + (f" ON {table}" if postgresql else ""))
        if postgresql:
            op.execute(f"DROP FUNCTION forget_month_{table}()")
    op.drop_table("month_total")
