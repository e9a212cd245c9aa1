"""The chat tables as SQLAlchemy sees them; the migrations make them.

``inbox`` holds every update that Telegram handed over until it is handled. ``answers``
keeps each answer given with its citations, so that a follow-up, a button or a check a
year later can find it: until the chat is forgotten, nothing deletes one. ``citations`` say
which articles each cites. ``subscriptions`` are what chats want to be told; ``thread`` is a
forum's topic, 0 elsewhere. ``stories`` group articles, told apart by their keys, which a
restored or rebuilt archive keeps. ``outbox`` holds each update that is due to a chat until
its outcome is known, one per chat, story and change. ``cursors`` say how far the news was
matched, and when the newest text that was had been stored.
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
    sa.Column("schedule", sa.String(64), nullable=False, server_default="now"),
    sa.Column("quiet", sa.String(16)),
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
    sa.Column("thread", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("answers_of_chat", "chat", "shown_message"),
    sa.Index("answers_to_message", "chat", "asked_message"),
    sqlite_autoincrement=True,
)

citations = sa.Table(
    "citations",
    metadata,
    sa.Column("answer", sa.ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("article", sa.Integer, nullable=False),
    sa.Index("citations_of_key", "key"),
    sa.Index("citations_of_article", "article"),
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("chat", sa.BigInteger, nullable=False),
    sa.Column("thread", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("breadth", sa.Integer, nullable=False),
    sa.Column("schedule", sa.String(64)),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("created", UTCDateTime, nullable=False),
    sa.Column("story", sa.Integer),
    sa.Column("known", sa.JSON),
    sa.Index("subscriptions_of_chat", "chat", "thread", "kind", "text", unique=True),
    sqlite_autoincrement=True,
)

stories = sa.Table(
    "stories",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("begun", UTCDateTime, nullable=False),
    sqlite_autoincrement=True,
)

story_articles = sa.Table(
    "story_articles",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("article", sa.Integer, nullable=False),
    sa.Column("story", sa.Integer, nullable=False),
    sa.Column("copy_of", sa.Integer),
    sa.Column("moment", UTCDateTime, nullable=False),
    sa.Index("articles_of_story", "story"),
    sa.Index("story_articles_by_time", "moment"),
)

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("stored", UTCDateTime),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("chat", sa.BigInteger, nullable=False),
    sa.Column("thread", sa.BigInteger, nullable=False),
    sa.Column("story", sa.Integer, nullable=False),
    sa.Column("change", sa.String(96), nullable=False),
    sa.Column("subscription", sa.Integer, nullable=False),
    sa.Column("update", sa.JSON, nullable=False),
    sa.Column("made", UTCDateTime, nullable=False),
    sa.Column("due", UTCDateTime, nullable=False),
    sa.Column("digest", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("leased", UTCDateTime),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("ended", UTCDateTime),
    sa.Column("message", sa.BigInteger),
    sa.Column("error", sa.Text),
    sa.Index("outbox_once", "chat", "thread", "story", "change", unique=True),
    sa.Index("outbox_due", "state", "due"),
    sa.Index("outbox_of_story", "story"),
    sqlite_autoincrement=True,
)

muted = sa.Table(
    "muted",
    metadata,
    sa.Column("chat", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("thread", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("story", sa.Integer, primary_key=True, autoincrement=False),
)
