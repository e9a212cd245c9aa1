"""The news tables as SQLAlchemy sees them; the migrations make them.

``paragraphs`` holds the newest version of each article only. ``vectors`` is keyed by
the hash of the text that was embedded, so that the same text is embedded once, and by
the model, so that a change of model can be taken up where it was left. ``entries`` says
which sources carry an article and what was last seen of it there. ``changes`` numbers
every change of an article; what is derived from the news keeps the last number it saw.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import sqlalchemy as sa

from index.database import UTCDateTime

Item = TypeVar("Item")

metadata = sa.MetaData()

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("url", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("added", UTCDateTime, nullable=False),
    sa.Column("due", UTCDateTime),
    sa.Column("checked", UTCDateTime),
    sa.Column("succeeded", UTCDateTime),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
)

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("url", sa.Text),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("outlet", sa.Text),
    sa.Column("section", sa.Text),
    sa.Column("authors", sa.JSON, nullable=False),
    sa.Column("published", UTCDateTime),
    sa.Column("language", sa.String(35)),
    sa.Column("first_seen", UTCDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("articles_by_time", "published"),
    sqlite_autoincrement=True,
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("article", sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("fetched", UTCDateTime, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

paragraphs = sa.Table(
    "paragraphs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("article", sa.ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("embedded", sa.String(64), nullable=False),
    sa.Index("paragraphs_of_version", "article", "version", "number", unique=True),
    sa.Index("paragraphs_by_embedded", "embedded"),
    sqlite_autoincrement=True,
)

vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("embedded", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("source", sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("entry", sa.Text, primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("article", sa.ForeignKey("articles.id", ondelete="CASCADE")),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("due", UTCDateTime),
    sa.Column("error", sa.Text),
    sa.Index("entries_of_article", "article"),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("article", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sqlite_autoincrement=True,
)


def chunks(items: Sequence[Item], size: int = 500) -> Iterator[list[Item]]:
    """The items in lists short enough for the parameters of one statement."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
