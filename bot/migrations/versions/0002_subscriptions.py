"""Subscriptions, stories, and the outbox of what is due to chats."""

import sqlalchemy as sa
from alembic import op

revision = "0002_subscriptions"
down_revision = "0001_chats"


def upgrade() -> None:
    with op.batch_alter_table("chats") as chats:
        chats.add_column(sa.Column("schedule", sa.String(64), nullable=False, server_default="now"))
        chats.add_column(sa.Column("quiet", sa.String(16)))
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chat", sa.BigInteger, nullable=False),
        sa.Column("thread", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("breadth", sa.Integer, nullable=False),
        sa.Column("schedule", sa.String(64)),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("story", sa.Integer),
        sa.Column("known", sa.JSON),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "subscriptions_of_chat", "subscriptions", ["chat", "thread", "kind", "text"], unique=True
    )
    op.create_table(
        "stories",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("begun", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "story_articles",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("article", sa.Integer, nullable=False),
        sa.Column("story", sa.Integer, nullable=False),
        sa.Column("copy_of", sa.Integer),
        sa.Column("moment", sa.DateTime, nullable=False),
    )
    op.create_index("articles_of_story", "story_articles", ["story"])
    op.create_index("story_articles_by_time", "story_articles", ["moment"])
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chat", sa.BigInteger, nullable=False),
        sa.Column("thread", sa.BigInteger, nullable=False),
        sa.Column("story", sa.Integer, nullable=False),
        sa.Column("change", sa.String(96), nullable=False),
        sa.Column("subscription", sa.Integer, nullable=False),
        sa.Column("update", sa.JSON, nullable=False),
        sa.Column("made", sa.DateTime, nullable=False),
        sa.Column("due", sa.DateTime, nullable=False),
        sa.Column("digest", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("leased", sa.DateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("ended", sa.DateTime),
        sa.Column("message", sa.BigInteger),
        sa.Column("error", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_once", "outbox", ["chat", "thread", "story", "change"], unique=True)
    op.create_index("outbox_due", "outbox", ["state", "due"])
    op.create_index("outbox_of_story", "outbox", ["story"])
    op.create_table(
        "muted",
        sa.Column("chat", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("thread", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("story", sa.Integer, primary_key=True, autoincrement=False),
    )


def downgrade() -> None:
    for table in ("muted", "outbox", "cursors", "story_articles", "stories", "subscriptions"):
        op.drop_table(table)
    with op.batch_alter_table("chats") as chats:
        chats.drop_column("quiet")
        chats.drop_column("schedule")
