"""The chat tables: chats, inbox, answers given, feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0001_chats"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("first_seen", sa.DateTime, nullable=False),
        sa.Column("language", sa.String(35)),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("previews", sa.Boolean, nullable=False),
        sa.Column("suspended", sa.DateTime),
    )
    op.create_table(
        "inbox",
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("chat", sa.BigInteger),
        sa.Column("received", sa.DateTime, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("done", sa.DateTime),
        sa.Column("error", sa.Text),
    )
    op.create_index("inbox_waiting", "inbox", ["done", "update_id"])
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chat", sa.BigInteger, nullable=False),
        sa.Column("update_id", sa.BigInteger),
        sa.Column("asked_message", sa.BigInteger),
        sa.Column("shown_message", sa.BigInteger),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("read_as", sa.Text, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("given", sa.DateTime, nullable=False),
        sa.Column("feedback", sa.String(8)),
        sqlite_autoincrement=True,
    )
    op.create_index("answers_of_chat", "answers", ["chat", "shown_message"])
    op.create_index("answers_to_message", "answers", ["chat", "asked_message"])


def downgrade() -> None:
    for table in ("answers", "inbox", "chats"):
        op.drop_table(table)
