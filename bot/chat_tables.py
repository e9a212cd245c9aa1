"""The chat tables as SQLAlchemy sees them; the migrations make them.

``inbox`` holds every update that Telegram handed over until it is handled. ``answers``
keeps each answer given with its citations, so that a follow-up, a button or a check a
year later can find it.
"""

import sqlalchemy as sa

from index.database import UTCDateTime

metadata = sa.MetaData()

chats = sa.Table(
    "chats",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("first_seen", UTCDateTime, nullable=False),
    sa.Column("language", sa.String(35)),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("previews", sa.Boolean, nullable=False),
    sa.Column("suspended", UTCDateTime),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("chat", sa.BigInteger),
    sa.Column("received", UTCDateTime, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("done", UTCDateTime),
    sa.Column("error", sa.Text),
    sa.Index("inbox_waiting", "done", "update_id"),
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("chat", sa.BigInteger, nullable=False),
    sa.Column("update_id", sa.BigInteger),
    sa.Column("asked_message", sa.BigInteger),
    sa.Column("shown_message", sa.BigInteger),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("read_as", sa.Text, nullable=False),
    sa.Column("answer", sa.JSON, nullable=False),
    sa.Column("given", UTCDateTime, nullable=False),
    sa.Column("feedback", sa.String(8)),
    sa.Index("answers_of_chat", "chat", "shown_message"),
    sa.Index("answers_to_message", "chat", "asked_message"),
    sqlite_autoincrement=True,
)
