"""The news tables: sources, articles, versions, paragraphs, vectors, changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001_news"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("url", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("added", sa.DateTime, nullable=False),
        sa.Column("due", sa.DateTime),
        sa.Column("checked", sa.DateTime),
        sa.Column("succeeded", sa.DateTime),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("url", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("outlet", sa.Text),
        sa.Column("section", sa.Text),
        sa.Column("authors", sa.JSON, nullable=False),
        sa.Column("published", sa.DateTime),
        sa.Column("language", sa.String(35)),
        sa.Column("first_seen", sa.DateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        # An id is never used again: a citation of a removed article must not come to
        # mean another one.
        sqlite_autoincrement=True,
    )
    op.create_index("articles_by_time", "articles", ["published"])
    op.create_table(
        "versions",
        sa.Column(
            "article",
            sa.Integer,
            sa.ForeignKey("articles.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("fetched", sa.DateTime, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "paragraphs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "article", sa.Integer, sa.ForeignKey("articles.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("embedded", sa.String(64), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "paragraphs_of_version", "paragraphs", ["article", "version", "number"], unique=True
    )
    op.create_index("paragraphs_by_embedded", "paragraphs", ["embedded"])
    op.create_table(
        "vectors",
        sa.Column("embedded", sa.String(64), primary_key=True),
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "entries",
        sa.Column(
            "source", sa.Integer, sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("entry", sa.Text, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("article", sa.Integer, sa.ForeignKey("articles.id", ondelete="CASCADE")),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("due", sa.DateTime),
        sa.Column("error", sa.Text),
    )
    op.create_index("entries_of_article", "entries", ["article"])
    op.create_table(
        "changes",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("article", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("changes", "entries", "vectors", "paragraphs", "versions", "articles", "sources"):
        op.drop_table(table)
