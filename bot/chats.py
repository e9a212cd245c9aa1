"""What is kept about chats: their settings and the answers given."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.answers import Answer, answer_from_plain
from bot.chat_tables import answers, chats, citations, inbox, muted, outbox, subscriptions
from bot.plain import plain
from index.database import open_database, reading, writing

_MIGRATIONS = Path(__file__).parent / "migrations"

# What a chat has only once, in each of its tables: these columns, beside its id.
_OF_CHATS = {
    subscriptions: ("thread", "kind", "text"),
    outbox: ("thread", "story", "change"),
    muted: ("thread", "story"),
}


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat's settings. ``language`` None means what the user's app says.

    ``suspended`` is since when it cannot be written to.
    """

    id: int
    kind: str
    language: str | None = None
    time_zone: str = "UTC"
    previews: bool = False
    suspended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given in a chat; ``read_as`` is the question as it was understood.

    ``thread`` is the forum's topic, 0 elsewhere.
    """

    id: int
    chat: int
    question: str
    read_as: str
    answer: Answer
    given: datetime
    asked_message: int | None = None
    shown_message: int | None = None
    feedback: str | None = None
    thread: int = 0


class Chats:
    """The chat tables. Blocks; belongs in worker threads."""

    def __init__(self, database: str) -> None:
        """Open the database at this URL. Raises StorageError."""
        self._engine = open_database(database, migrations=_MIGRATIONS, history="chats_history")

    @property
    def engine(self) -> sa.Engine:
        """The database, for what else is kept of chats: subscriptions and the outbox."""
        return self._engine

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # Chats

    def chat(self, chat: int, kind: str, now: datetime) -> Chat:
        """The settings of a chat, made with defaults when it is new."""
        with writing(self._engine) as connection:
            row = connection.execute(sa.select(chats).where(chats.c.id == chat)).first()
            if row is None:
                new = Chat(chat, kind)
                connection.execute(
                    sa.insert(chats).values(
                        id=chat,
                        kind=kind,
                        first_seen=now,
                        time_zone=new.time_zone,
                        previews=new.previews,
                    )
                )
                return new
        return Chat(row.id, row.kind, row.language, row.time_zone, row.previews, row.suspended)

    def set(self, chat: Chat) -> None:
        """Store a chat's settings."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(chats)
                .where(chats.c.id == chat.id)
                .values(language=chat.language, time_zone=chat.time_zone, previews=chat.previews)
            )

    def language(self, chat: int) -> str | None:
        """The language that was chosen for a chat, or None."""
        with reading(self._engine) as connection:
            return connection.scalar(sa.select(chats.c.language).where(chats.c.id == chat))

    def suspend(self, chat: int, since: datetime) -> None:
        """Note since when a chat cannot be written to."""
        with writing(self._engine) as connection:
            connection.execute(sa.update(chats).where(chats.c.id == chat).values(suspended=since))

    def toggle_previews(self, chat: Chat) -> Chat:
        """Turn link previews on or off; the chat as it is then."""
        changed = replace(chat, previews=not chat.previews)
        self.set(changed)
        return changed

    def migrate(self, old: int, new: int) -> None:
        """A group became a supergroup: all that is kept moves to its new id.

        Telegram tells of it in both chats, and a refused request tells of it too, so this may
        come several times, with something newly made under either id in between.
        """
        with writing(self._engine) as connection:
            query = sa.select(chats.c.id).where(chats.c.id.in_((old, new)))
            known = connection.scalars(query.order_by(chats.c.first_seen)).all()
            if known:
                # The elder has the settings that somebody chose.
                connection.execute(sa.delete(chats).where(chats.c.id.in_(known[1:])))
                connection.execute(sa.update(chats).where(chats.c.id == known[0]).values(id=new))
            connection.execute(sa.update(answers).where(answers.c.chat == old).values(chat=new))
            for table, same in _OF_CHATS.items():
                twin = table.alias()
                there = sa.exists().where(
                    twin.c.chat == new, *(twin.c[name] == table.c[name] for name in same)
                )
                connection.execute(sa.delete(table).where(table.c.chat == old, there))
                connection.execute(sa.update(table).where(table.c.chat == old).values(chat=new))

    def forget(self, chat: int) -> None:
        """Delete all that is kept about a chat, but for what it asked and waits for."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(chats).where(chats.c.id == chat))
            for table in (answers, *_OF_CHATS):
                connection.execute(sa.delete(table).where(table.c.chat == chat))
            connection.execute(
                sa.delete(inbox).where(inbox.c.chat == chat, inbox.c.done.is_not(None))
            )

    # Answers

    def give(self, given: Given, update_id: int | None) -> int:
        """Keep an answer before it is sent, in place of one that never was; its id."""
        with writing(self._engine) as connection:
            # Without an update it takes nobody's place: None would be all that have none.
            if update_id is not None:
                connection.execute(
                    sa.delete(answers).where(
                        answers.c.update_id == update_id, answers.c.shown_message.is_(None)
                    )
                )
            inserted = connection.execute(
                sa.insert(answers).values(
                    chat=given.chat,
                    update_id=update_id,
                    asked_message=given.asked_message,
                    question=given.question,
                    read_as=given.read_as,
                    answer=plain(given.answer),
                    given=given.given,
                    thread=given.thread,
                )
            )
            assert inserted.inserted_primary_key is not None
            number = int(inserted.inserted_primary_key[0])
            _cite(connection, number, given.answer)
        return number

    def shown(self, answer_id: int, message: int) -> None:
        """Note the message that shows an answer."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(answers).where(answers.c.id == answer_id).values(shown_message=message)
            )

    def replace_answer(self, answer_id: int, read_as: str, answer: Answer) -> None:
        """An edited question has a new answer in the same message."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(answers)
                .where(answers.c.id == answer_id)
                .values(question=answer.question, read_as=read_as, answer=plain(answer))
            )
            connection.execute(sa.delete(citations).where(citations.c.answer == answer_id))
            _cite(connection, answer_id, answer)

    def feedback(self, answer_id: int, verdict: str) -> None:
        """Keep what a person said of an answer."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(answers).where(answers.c.id == answer_id).values(feedback=verdict)
            )

    def given(self, answer_id: int) -> Given | None:
        """The answer with this id, or None."""
        return self._given(answers.c.id == answer_id)

    def given_in(self, chat: int, shown_message: int) -> Given | None:
        """The answer that this message shows, or None."""
        return self._given(answers.c.chat == chat, answers.c.shown_message == shown_message)

    def given_to(self, chat: int, asked_message: int) -> Given | None:
        """The newest answer to this message, or None."""
        return self._given(answers.c.chat == chat, answers.c.asked_message == asked_message)

    def given_for(self, update_id: int) -> Given | None:
        """The answer already given for this update, if it was shown, or None."""
        return self._given(answers.c.update_id == update_id, answers.c.shown_message.is_not(None))

    def last_given(self, chat: int, thread: int | None = None) -> Given | None:
        """The newest answer in a chat, or in one of its topics, or None."""
        if thread is None:
            return self._given(answers.c.chat == chat)
        return self._given(answers.c.chat == chat, answers.c.thread == thread)

    def _given(self, *conditions: sa.ColumnElement[bool]) -> Given | None:
        query = sa.select(answers).where(*conditions).order_by(answers.c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return None if row is None else given_of(row)


def given_of(row: sa.Row[Any]) -> Given:
    """A row of the table of answers as a value."""
    return Given(
        id=row.id,
        chat=row.chat,
        question=row.question,
        read_as=row.read_as,
        answer=answer_from_plain(row.answer),
        given=row.given,
        asked_message=row.asked_message,
        shown_message=row.shown_message,
        feedback=row.feedback,
        thread=row.thread,
    )


def _cite(connection: sa.Connection, number: int, answer: Answer) -> None:
    """Note which articles an answer cites, in the transaction that stores it."""
    cited = {claim.article.key: claim.article.id for claim in answer.cites}
    if cited:
        connection.execute(
            sa.insert(citations),
            [{"answer": number, "key": key, "article": article} for key, article in cited.items()],
        )
