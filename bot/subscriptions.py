"""What chats want to be told: the table of subscriptions, and stories that are muted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bot.chat_tables import chats, muted, outbox, subscriptions
from bot.timing import AT_ONCE, Quiet, Schedule, read_quiet, read_schedule
from index.database import reading, writing

# From the narrowest to the broadest that a topic can be made.
NARROWEST, BROADEST = -3, 3
MOST_OF_A_CHAT = 100


class Kind(StrEnum):
    """What a subscription is for."""

    TOPIC = "topic"
    QUESTION = "question"
    STORY = "story"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Something that a chat, or a forum's topic (``thread``, else 0), wants to be told.

    ``schedule`` None is the chat's. ``story`` is the story that is followed; ``known``, of a
    question, the answer that was told last, as bot.plain.plain() made it.
    """

    id: int
    chat: int
    thread: int
    kind: Kind
    text: str
    breadth: int
    schedule: Schedule | None
    paused: bool
    created: datetime
    story: int | None = None
    known: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """When a chat is told anything: its schedule, quiet hours and time zone."""

    schedule: Schedule = AT_ONCE
    quiet: Quiet | None = None
    time_zone: str = "UTC"


class Subscriptions:
    """The table of subscriptions. Blocks; belongs in worker threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, new: Subscription) -> Subscription:
        """Keep a subscription; one of the same chat, kind and text is only taken up again."""
        with writing(self._engine) as connection:
            same = _of_place(new.chat, new.thread) & (
                (subscriptions.c.kind == new.kind) & (subscriptions.c.text == new.text)
            )
            row = connection.execute(sa.select(subscriptions.c.id).where(same)).first()
            if row is not None:
                connection.execute(sa.update(subscriptions).where(same).values(paused=False))
                number = row.id
            else:
                inserted = connection.execute(sa.insert(subscriptions).values(**_values(new)))
                assert inserted.inserted_primary_key is not None
                number = inserted.inserted_primary_key[0]
        found = self.get(int(number))
        assert found is not None
        return found

    def get(self, number: int) -> Subscription | None:
        """The subscription with this id, or None."""
        return next(self._read(subscriptions.c.id == number), None)

    def of(self, chat: int, thread: int) -> list[Subscription]:
        """What one chat or topic is subscribed to, oldest first."""
        return list(self._read(_of_place(chat, thread)))

    def active(self) -> list[Subscription]:
        """All that are not paused; also of chats that block us, which may come back."""
        return list(self._read(subscriptions.c.paused.is_(False)))

    def change(self, number: int, **values: Any) -> None:
        """Set ``breadth``, ``schedule`` (a Schedule or None), ``paused`` or ``known``."""
        if isinstance(values.get("schedule"), Schedule):
            values["schedule"] = str(values["schedule"])
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(subscriptions).where(subscriptions.c.id == number).values(**values)
            )

    def remove(self, number: int) -> None:
        """End a subscription; what is due for it is not told any more."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(subscriptions).where(subscriptions.c.id == number))
            connection.execute(
                sa.delete(outbox).where(outbox.c.subscription == number, outbox.c.state == "due")
            )

    def mute(self, chat: int, thread: int, story: int) -> None:
        """Tell nothing more of a story, nor what is due of it."""
        place = {"chat": chat, "thread": thread, "story": story}
        with writing(self._engine) as connection:
            connection.execute(sa.delete(muted).filter_by(**place))
            connection.execute(sa.insert(muted).values(**place))
            connection.execute(sa.delete(outbox).filter_by(**place, state="due"))

    def muted(self) -> set[tuple[int, int, int]]:
        """All (chat, thread, story) that are muted."""
        with reading(self._engine) as connection:
            return {tuple(row) for row in connection.execute(sa.select(muted))}

    def manner(self, chat: int) -> Manner:
        """When a chat is told anything."""
        return self.manners([chat]).get(chat, Manner())

    def manners(self, of: list[int] | None = None) -> dict[int, Manner]:
        """The manner of each chat."""
        query = sa.select(chats.c.id, chats.c.schedule, chats.c.quiet, chats.c.time_zone)
        if of is not None:
            query = query.where(chats.c.id.in_(of))
        with reading(self._engine) as connection:
            return {
                row.id: Manner(
                    read_schedule(row.schedule) or AT_ONCE,
                    read_quiet(row.quiet) if row.quiet else None,
                    row.time_zone,
                )
                for row in connection.execute(query)
            }

    def set_manner(self, chat: int, manner: Manner) -> None:
        """Store when a chat is told anything."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(chats)
                .where(chats.c.id == chat)
                .values(
                    schedule=str(manner.schedule),
                    quiet=str(manner.quiet) if manner.quiet else None,
                    time_zone=manner.time_zone,
                )
            )

    def _read(self, condition: sa.ColumnElement[bool]) -> Iterator[Subscription]:
        query = sa.select(subscriptions).where(condition).order_by(subscriptions.c.id)
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                yield Subscription(
                    id=row.id,
                    chat=row.chat,
                    thread=row.thread,
                    kind=Kind(row.kind),
                    text=row.text,
                    breadth=row.breadth,
                    schedule=read_schedule(row.schedule) if row.schedule else None,
                    paused=row.paused,
                    created=row.created,
                    story=row.story,
                    known=row.known,
                )


def _of_place(chat: int, thread: int) -> sa.ColumnElement[bool]:
    return (subscriptions.c.chat == chat) & (subscriptions.c.thread == thread)


def _values(new: Subscription) -> dict[str, Any]:
    return {
        "chat": new.chat,
        "thread": new.thread,
        "kind": new.kind,
        "text": new.text,
        "breadth": new.breadth,
        "schedule": str(new.schedule) if new.schedule else None,
        "paused": new.paused,
        "created": new.created,
        "story": new.story,
        "known": new.known,
    }
