"""Coaching plans, good examples and calibration sessions"""

import sqlalchemy as sa
from alembic import op

from database import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coaching_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.String(length=120), nullable=False),
        sa.Column("aim", sa.String(length=4000), nullable=False),
        sa.Column("basis", types.PlainJSON(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("opened_at", types.UTCDateTime(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name=op.f("ck_coaching_plan_state")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_coaching_plan_agent_id_agent")),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["app_user.id"], name=op.f("fk_coaching_plan_opened_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_plan")),
    )
    op.create_index("ix_coaching_plan_agent_state", "coaching_plan", ["agent_id", "state"], unique=False)
    op.create_table(
        "calibration_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("assessment_number", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", types.UTCDateTime(), nullable=False),
        sa.Column("closed_at", types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_calibration_session_state")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_calibration_session_call_id_call")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_calibration_session_owner_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_session")),
    )
    op.create_index(op.f("ix_calibration_session_call_id"), "calibration_session", ["call_id"], unique=False)
    op.create_table(
        "coaching_clip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("comment", sa.String(length=4000), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_coaching_clip_by_app_user")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_coaching_clip_call_id_call")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["coaching_plan.id"], name=op.f("fk_coaching_clip_plan_id_coaching_plan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_clip")),
    )
    op.create_index(op.f("ix_coaching_clip_call_id"), "coaching_clip", ["call_id"], unique=False)
    op.create_index(op.f("ix_coaching_clip_plan_id"), "coaching_clip", ["plan_id"], unique=False)
    op.create_table(
        "coaching_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=10000), nullable=False),
        sa.Column("about", sa.Integer(), nullable=True),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('note', 'signed', 'action', 'action_done', 'remark', 'due', 'state')",
            name=op.f("ck_coaching_entry_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["about"], ["coaching_entry.id"], name=op.f("fk_coaching_entry_about_coaching_entry")
        ),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_coaching_entry_by_app_user")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["coaching_plan.id"], name=op.f("fk_coaching_entry_plan_id_coaching_plan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_entry")),
    )
    op.create_index(op.f("ix_coaching_entry_plan_id"), "coaching_entry", ["plan_id"], unique=False)
    op.create_table(
        "good_example",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.String(length=120), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("comment", sa.String(length=4000), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_good_example_agent_id_agent")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_good_example_by_app_user")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_good_example_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_good_example")),
    )
    op.create_index(op.f("ix_good_example_agent_id"), "good_example", ["agent_id"], unique=False)
    op.create_index(op.f("ix_good_example_call_id"), "good_example", ["call_id"], unique=False)
    op.create_index(op.f("ix_good_example_criterion_id"), "good_example", ["criterion_id"], unique=False)
    op.create_table(
        "agreed_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.String(length=120), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.CheckConstraint("verdict IN ('yes', 'no', 'na')", name=op.f("ck_agreed_answer_verdict")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_agreed_answer_by_app_user")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["calibration_session.id"],
            name=op.f("fk_agreed_answer_session_id_calibration_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreed_answer")),
    )
    op.create_index(op.f("ix_agreed_answer_session_id"), "agreed_answer", ["session_id"], unique=False)
    op.create_table(
        "calibration_participant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["calibration_session.id"],
            name=op.f("fk_calibration_participant_session_id_calibration_session"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_calibration_participant_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_participant")),
        sa.UniqueConstraint(
            "session_id", "user_id", name=op.f("uq_calibration_participant_session_id_user_id")
        ),
    )
    op.create_index(
        op.f("ix_calibration_participant_user_id"), "calibration_participant", ["user_id"], unique=False
    )
    op.create_table(
        "example_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("example_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('consented', 'withdrawn', 'removed')", name=op.f("ck_example_step_kind")
        ),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_example_step_by_app_user")),
        sa.ForeignKeyConstraint(
            ["example_id"], ["good_example.id"], name=op.f("fk_example_step_example_id_good_example")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_example_step")),
    )
    op.create_index(op.f("ix_example_step_example_id"), "example_step", ["example_id"], unique=False)


def downgrade() -> None:
    for table in (
        "example_step",
        "calibration_participant",
        "agreed_answer",
        "good_example",
        "coaching_entry",
        "coaching_clip",
        "calibration_session",
        "coaching_plan",
    ):
        op.drop_table(table)
