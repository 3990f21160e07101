"""Full-text search over the turns: FTS5 on SQLite, a generated tsvector column on PostgreSQL"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE_UP = (
    "CREATE VIRTUAL TABLE turn_fts USING fts5("
    "text, content='turn', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2')",
    "CREATE TRIGGER turn_fts_insert AFTER INSERT ON turn BEGIN "
    "INSERT INTO turn_fts(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER turn_fts_delete AFTER DELETE ON turn BEGIN "
    "INSERT INTO turn_fts(turn_fts, rowid, text) VALUES ('delete', old.id, old.text); END",
    "CREATE TRIGGER turn_fts_update AFTER UPDATE OF text ON turn BEGIN "
    "INSERT INTO turn_fts(turn_fts, rowid, text) VALUES ('delete', old.id, old.text); "
    "INSERT INTO turn_fts(rowid, text) VALUES (new.id, new.text); END",
)
SQLITE_DOWN = (
    "DROP TRIGGER turn_fts_update",
    "DROP TRIGGER turn_fts_delete",
    "DROP TRIGGER turn_fts_insert",
    "DROP TABLE turn_fts",
)
POSTGRESQL_UP = (
    "ALTER TABLE turn ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector("
    "CASE WHEN language = 'de' THEN 'german'::regconfig ELSE 'english'::regconfig END, text)) STORED",
    "CREATE INDEX ix_turn_words ON turn USING gin (words)",
)
POSTGRESQL_DOWN = ("DROP INDEX ix_turn_words", "ALTER TABLE turn DROP COLUMN words")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(statement)


def upgrade() -> None:
    _run(SQLITE_UP, POSTGRESQL_UP)


def downgrade() -> None:
    _run(SQLITE_DOWN, POSTGRESQL_DOWN)
