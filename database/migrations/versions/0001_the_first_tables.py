"""The first tables"""

import sqlalchemy as sa
from alembic import op

from database import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("detail", types.PlainJSON(), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_log_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_log_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_log_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_log_subject", ["subject", "subject_id"], unique=False)

    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "agent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_agent_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
        sa.UniqueConstraint("key", name=op.f("uq_agent_key")),
    )
    with op.batch_alter_table("agent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agent_team_id"), ["team_id"], unique=False)

    op.create_table(
        "app_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", types.UTCDateTime(), nullable=True),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.Column("last_sign_in", types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("role IN ('trainer', 'agent', 'manager', 'admin')", name=op.f("ck_app_user_role")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_app_user_agent_id_agent")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_app_user_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("login", name=op.f("uq_app_user_login")),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=500), nullable=False),
        sa.Column("source_path", sa.String(length=4000), nullable=True),
        sa.Column("playback", sa.String(length=300), nullable=True),
        sa.Column("peaks", types.PlainJSON(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=4000), nullable=True),
        sa.Column("call_key", sa.String(length=200), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("queue", sa.String(length=200), nullable=True),
        sa.Column("direction", sa.String(length=20), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=True),
        sa.Column("duration", sa.Float(), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=True),
        sa.Column("sample_rate", sa.Integer(), nullable=True),
        sa.Column("started_at", types.UTCDateTime(), nullable=False),
        sa.Column("added_at", types.UTCDateTime(), nullable=False),
        sa.Column("changed_at", types.UTCDateTime(), nullable=False),
        sa.Column("conversation_number", sa.Integer(), nullable=True),
        sa.Column("assessment_number", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("score_by", sa.String(length=10), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("card_id", sa.String(length=120), nullable=True),
        sa.Column("card_version", sa.Integer(), nullable=True),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.Column("fails", sa.Integer(), nullable=False),
        sa.Column("critical_fails", sa.Integer(), nullable=False),
        sa.Column("contact_reason", sa.String(length=60), nullable=True),
        sa.Column("review_state", sa.String(length=20), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("open_disputes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "review_state IN ('none', 'draft', 'submitted', 'released', 'acknowledged')",
            name=op.f("ck_call_review_state"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'quarantined')", name=op.f("ck_call_state")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_call_agent_id_agent")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["app_user.id"], name=op.f("fk_call_reviewer_id_app_user")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_call_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("sha256", name=op.f("uq_call_sha256")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index("ix_call_agent_started", ["agent_id", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_call_key"), ["call_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_card_id"), ["card_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_contact_reason"), ["contact_reason"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_file_name"), ["file_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_queue"), ["queue"], unique=False)
        batch_op.create_index("ix_call_review_doubt", ["review_state", "doubts"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_score"), ["score"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_started_at"), ["started_at"], unique=False)
        batch_op.create_index("ix_call_state_started", ["state", "started_at"], unique=False)
        batch_op.create_index("ix_call_team_started", ["team_id", "started_at"], unique=False)

    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("filters", types.PlainJSON(), nullable=True),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_saved_view_owner_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_view_owner_id_name")),
    )
    op.create_table(
        "session",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.Column("last_seen", types.UTCDateTime(), nullable=False),
        sa.Column("expires_at", types.UTCDateTime(), nullable=False),
        sa.Column("ended_at", types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_session_user_id_app_user")),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "assessment_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("conversation_number", sa.Integer(), nullable=False),
        sa.Column("recipe", sa.String(length=64), nullable=False),
        sa.Column("card_id", sa.String(length=120), nullable=False),
        sa.Column("card_version", sa.Integer(), nullable=False),
        sa.Column("card_language", sa.String(length=10), nullable=False),
        sa.Column("card_sha256", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("document", types.Packed(), nullable=False),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.Column("why", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_assessment_version_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_version")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_assessment_version_call_id_number")),
    )
    op.create_table(
        "conversation_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recipe", sa.String(length=64), nullable=False),
        sa.Column("document", types.Packed(), nullable=False),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_conversation_version_call_id_call")),
        sa.ForeignKeyConstraint(
            ["made_by"], ["app_user.id"], name=op.f("fk_conversation_version_made_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_version")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_conversation_version_call_id_number")),
    )
    op.create_table(
        "criterion_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("human", sa.String(length=10), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("value", types.PlainJSON(), nullable=True),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("max_points", sa.Float(), nullable=True),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_criterion_result_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion_result")),
        sa.UniqueConstraint("call_id", "criterion_id", name=op.f("uq_criterion_result_call_id_criterion_id")),
    )
    with op.batch_alter_table("criterion_result", schema=None) as batch_op:
        batch_op.create_index(
            "ix_criterion_result_criterion_verdict", ["criterion_id", "verdict"], unique=False
        )

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("payload", types.PlainJSON(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("dedupe", sa.String(length=200), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("worker", sa.String(length=200), nullable=True),
        sa.Column("leased_until", types.UTCDateTime(), nullable=True),
        sa.Column("run_after", types.UTCDateTime(), nullable=True),
        sa.Column("cause", sa.String(length=4000), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.Column("started_at", types.UTCDateTime(), nullable=True),
        sa.Column("ended_at", types.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_job_call_id_call")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_job_made_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_dedupe"), ["dedupe"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_kind"), ["kind"], unique=False)
        batch_op.create_index("ix_job_state_priority", ["state", "priority", "id"], unique=False)

    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("assessment_number", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("started_at", types.UTCDateTime(), nullable=False),
        sa.Column("submitted_at", types.UTCDateTime(), nullable=True),
        sa.Column("released_at", types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('trainer', 'self', 'calibration')", name=op.f("ck_review_kind")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'released', 'acknowledged', 'dropped')",
            name=op.f("ck_review_state"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_review_call_id_call")),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["app_user.id"], name=op.f("fk_review_reviewer_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index("ix_review_call_kind", ["call_id", "kind"], unique=False)
        batch_op.create_index("ix_review_reviewer_started", ["reviewer_id", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_session_id"), ["session_id"], unique=False)

    op.create_table(
        "turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=True),
        sa.Column("start", sa.Float(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_turn_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("call_id", "position", name=op.f("uq_turn_call_id_position")),
    )
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_acknowledgement_by_app_user")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_acknowledgement_call_id_call")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_acknowledgement_review_id_review")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
    )
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acknowledgement_call_id"), ["call_id"], unique=False)

    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=True),
        sa.Column("criterion_id", sa.String(length=120), nullable=True),
        sa.Column("moment", sa.Float(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=10000), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('remark', 'praise', 'context')", name=op.f("ck_comment_kind")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_comment_by_app_user")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_comment_call_id_call")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_comment_review_id_review")),
        sa.ForeignKeyConstraint(["supersedes"], ["comment.id"], name=op.f("fk_comment_supersedes_comment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comment_call_id"), ["call_id"], unique=False)

    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=True),
        sa.Column("assessment_number", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.String(length=120), nullable=False),
        sa.Column("disputed_verdict", sa.String(length=10), nullable=False),
        sa.Column("own_verdict", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("opened_at", types.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'partly', 'rejected', 'withdrawn', 'escalated')",
            name=op.f("ck_dispute_state"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_dispute_call_id_call")),
        sa.ForeignKeyConstraint(["opened_by"], ["app_user.id"], name=op.f("fk_dispute_opened_by_app_user")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_dispute_review_id_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispute_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispute_opened_by"), ["opened_by"], unique=False)
        batch_op.create_index("ix_dispute_state_opened", ["state", "opened_at"], unique=False)

    op.create_table(
        "review_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("machine_verdict", sa.String(length=10), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("value", types.PlainJSON(), nullable=True),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("root_cause", sa.String(length=200), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "action IN ('confirmed', 'overridden', 'cleared')", name=op.f("ck_review_item_action")
        ),
        sa.CheckConstraint(
            "verdict IN ('yes', 'no', 'na', 'review', 'unscored')", name=op.f("ck_review_item_verdict")
        ),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_review_item_by_app_user")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_item_review_id_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_item")),
    )
    with op.batch_alter_table("review_item", schema=None) as batch_op:
        batch_op.create_index("ix_review_item_review_criterion", ["review_id", "criterion_id"], unique=False)

    op.create_table(
        "review_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_review_step_by_app_user")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_step_review_id_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_step")),
    )
    with op.batch_alter_table("review_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_step_review_id"), ["review_id"], unique=False)

    op.create_table(
        "dispute_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_dispute_decision_by_app_user")),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["dispute.id"], name=op.f("fk_dispute_decision_dispute_id_dispute")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_decision")),
    )
    with op.batch_alter_table("dispute_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispute_decision_dispute_id"), ["dispute_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("dispute_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispute_decision_dispute_id"))

    op.drop_table("dispute_decision")
    with op.batch_alter_table("review_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_step_review_id"))

    op.drop_table("review_step")
    with op.batch_alter_table("review_item", schema=None) as batch_op:
        batch_op.drop_index("ix_review_item_review_criterion")

    op.drop_table("review_item")
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.drop_index("ix_dispute_state_opened")
        batch_op.drop_index(batch_op.f("ix_dispute_opened_by"))
        batch_op.drop_index(batch_op.f("ix_dispute_call_id"))

    op.drop_table("dispute")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_call_id"))

    op.drop_table("comment")
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_acknowledgement_call_id"))

    op.drop_table("acknowledgement")
    op.drop_table("turn")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_session_id"))
        batch_op.drop_index("ix_review_reviewer_started")
        batch_op.drop_index("ix_review_call_kind")

    op.drop_table("review")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_state_priority")
        batch_op.drop_index(batch_op.f("ix_job_kind"))
        batch_op.drop_index(batch_op.f("ix_job_dedupe"))
        batch_op.drop_index(batch_op.f("ix_job_call_id"))

    op.drop_table("job")
    with op.batch_alter_table("criterion_result", schema=None) as batch_op:
        batch_op.drop_index("ix_criterion_result_criterion_verdict")

    op.drop_table("criterion_result")
    op.drop_table("conversation_version")
    op.drop_table("assessment_version")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_user_id"))

    op.drop_table("session")
    op.drop_table("saved_view")
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_index("ix_call_team_started")
        batch_op.drop_index("ix_call_state_started")
        batch_op.drop_index(batch_op.f("ix_call_started_at"))
        batch_op.drop_index(batch_op.f("ix_call_score"))
        batch_op.drop_index("ix_call_review_doubt")
        batch_op.drop_index(batch_op.f("ix_call_queue"))
        batch_op.drop_index(batch_op.f("ix_call_file_name"))
        batch_op.drop_index(batch_op.f("ix_call_contact_reason"))
        batch_op.drop_index(batch_op.f("ix_call_card_id"))
        batch_op.drop_index(batch_op.f("ix_call_call_key"))
        batch_op.drop_index("ix_call_agent_started")

    op.drop_table("call")
    op.drop_table("app_user")
    with op.batch_alter_table("agent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agent_team_id"))

    op.drop_table("agent")
    op.drop_table("team")
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_log_subject")
        batch_op.drop_index(batch_op.f("ix_audit_log_at"))
        batch_op.drop_index(batch_op.f("ix_audit_log_actor_id"))
        batch_op.drop_index(batch_op.f("ix_audit_log_action"))

    op.drop_table("audit_log")
