"""What is due to chats: leased, sent, recorded.

An update is due until it is leased to be sent, and leased until its outcome is recorded.
What is leased when a process dies may have been sent or not; the next process sends it, so
that none is lost. What a broken line left uncertain is recorded as that, and not repeated.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bot.chat_tables import chats, outbox, subscriptions
from bot.updates import Update, update_from_plain
from index.database import reading, writing
from index.tables import chunks


class State(StrEnum):
    """Where an update stands."""

    DUE = "due"
    LEASED = "leased"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Due:
    """An update on its way to a chat; ``first`` is the message that began the story there."""

    id: int
    chat: int
    thread: int
    subscription: int
    update: Update
    digest: bool
    attempts: int
    first: int | None
    made: datetime
    due: datetime


class Outbox:
    """The table of updates on their way. Blocks; belongs in worker threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def recover(self) -> int:
        """What a process that died had leased is due again; how many those are."""
        with writing(self._engine) as connection:
            return connection.execute(
                sa.update(outbox).where(outbox.c.state == State.LEASED).values(state=State.DUE)
            ).rowcount

    def lease(self, now: datetime, count: int, busy: Collection[tuple[int, int]] = ()) -> list[Due]:
        """Take what is due to ``count`` places, longest due first, with all else due to them.

        Left alone are places that are ``busy``, chats that cannot be written to, and those
        where something is to be tried again later: what came after it must not overtake it.
        """
        retried = sa.select(outbox.c.chat).where(
            outbox.c.state == State.DUE, outbox.c.due > now, outbox.c.attempts > 0
        )
        suspended = sa.select(chats.c.id).where(chats.c.suspended.is_not(None))
        is_due = (
            (outbox.c.state == State.DUE)
            & (outbox.c.due <= now)
            & outbox.c.chat.not_in(suspended)
            & outbox.c.chat.not_in(retried)
        )
        with writing(self._engine) as connection:
            waiting = connection.execute(
                sa.select(outbox.c.chat, outbox.c.thread)
                .where(is_due)
                .group_by(outbox.c.chat, outbox.c.thread)
                .order_by(sa.func.min(outbox.c.due), sa.func.min(outbox.c.id))
                .limit(count + len(busy))
            )
            places = [p for row in waiting if (p := (row.chat, row.thread)) not in busy][:count]
            if not places:
                return []
            rows = connection.execute(
                sa.select(outbox)
                .where(is_due, outbox.c.chat.in_({chat for chat, _ in places}))
                .order_by(outbox.c.id)
            ).all()
            rows = [r for r in rows if (r.chat, r.thread) in places]
            for chunk in chunks([r.id for r in rows]):
                connection.execute(
                    sa.update(outbox)
                    .where(outbox.c.id.in_(chunk))
                    .values(state=State.LEASED, leased=now, attempts=outbox.c.attempts + 1)
                )
            firsts = self._first_messages(connection, [r for r in rows if not r.digest])
        return [
            Due(
                r.id,
                r.chat,
                r.thread,
                r.subscription,
                update_from_plain(r.update),
                r.digest,
                r.attempts + 1,
                firsts.get((r.chat, r.thread, r.story)),
                r.made,
                r.due,
            )
            for r in rows
        ]

    def _first_messages(
        self, connection: sa.Connection, rows: Sequence[Any]
    ) -> dict[tuple[int, int, int], int]:
        columns = (outbox.c.chat, outbox.c.thread, outbox.c.story)
        found: dict[tuple[int, int, int], int] = {}
        for chunk in chunks(sorted({r.story for r in rows})):
            query = (
                sa.select(*columns, sa.func.min(outbox.c.message))
                .where(
                    outbox.c.chat.in_({r.chat for r in rows}),
                    outbox.c.story.in_(chunk),
                    outbox.c.message.is_not(None),
                )
                .group_by(*columns)
            )
            found |= {(c, t, s): m for c, t, s, m in connection.execute(query)}
        return found

    def record(
        self,
        ids: Sequence[int],
        state: State,
        now: datetime,
        *,
        message: int | None = None,
        error: str | None = None,
        due: datetime | None = None,
    ) -> None:
        """Note what became of updates; back to DUE with a time when they go again."""
        values: dict[str, Any] = {"state": state, "error": error}
        if state is State.DUE:
            values["due"] = due or now
        else:
            values["ended"] = now
        if message is not None:
            values["message"] = message
        with writing(self._engine) as connection:
            connection.execute(sa.update(outbox).where(outbox.c.id.in_(ids)).values(**values))

    def put_off(self, ids: Sequence[int], due: datetime) -> None:
        """Updates cannot be shown yet; unlike what was tried, they keep no other waiting."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(outbox)
                .where(outbox.c.id.in_(ids))
                .values(state=State.DUE, due=due, digest=True, attempts=0)
            )

    def take_back(self, chat: int, now: datetime) -> bool:
        """A chat can be written to again: what it missed comes at once, as one digest.

        Whether it could not be. In one transaction, or what it missed could go by itself.
        """
        away = (chats.c.id == chat) & chats.c.suspended.is_not(None)
        waiting = (outbox.c.chat == chat) & outbox.c.state.in_((State.DUE, State.HELD))
        with writing(self._engine) as connection:
            if not connection.execute(sa.update(chats).where(away).values(suspended=None)).rowcount:
                return False
            connection.execute(
                sa.update(outbox).where(waiting).values(digest=True, due=now, state=State.DUE)
            )
        return True

    def hasten(self, chat: int, thread: int, now: datetime) -> int:
        """What waits for a later digest of this place comes now; how many updates."""
        waiting = (outbox.c.state == State.DUE) & (outbox.c.due > now)
        with writing(self._engine) as connection:
            return connection.execute(
                sa.update(outbox)
                .filter_by(chat=chat, thread=thread)
                .where(waiting)
                .values(due=now, digest=True)
            ).rowcount

    def hold_topic(self, chat: int, thread: int) -> None:
        """A forum's topic is closed: its subscriptions pause, and what is due to it waits."""
        place = {"chat": chat, "thread": thread}
        with writing(self._engine) as connection:
            connection.execute(sa.update(subscriptions).filter_by(**place).values(paused=True))
            connection.execute(
                sa.update(outbox)
                .filter_by(**place)
                .where(outbox.c.state.in_((State.DUE, State.LEASED)))
                .values(state=State.HELD)
            )

    def release_topic(self, chat: int, thread: int, now: datetime) -> None:
        """A forum's topic is open again: what hold_topic() stopped goes on."""
        held = sa.select(outbox.c.subscription).filter_by(
            chat=chat, thread=thread, state=State.HELD
        )
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(subscriptions).where(subscriptions.c.id.in_(held)).values(paused=False)
            )
            connection.execute(
                sa.update(outbox)
                .filter_by(chat=chat, thread=thread, state=State.HELD)
                .values(state=State.DUE, digest=True, due=now)
            )

    def get(self, number: int) -> tuple[Due, State] | None:
        """The update with this id and where it stands, or None."""
        with reading(self._engine) as connection:
            r = connection.execute(sa.select(outbox).where(outbox.c.id == number)).first()
        if r is None:
            return None
        update = update_from_plain(r.update)
        due = Due(
            r.id,
            r.chat,
            r.thread,
            r.subscription,
            update,
            r.digest,
            r.attempts,
            r.message,
            r.made,
            r.due,
        )
        return due, State(r.state)

    def counts(self) -> dict[State, int]:
        """How many updates there are in each state."""
        query = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
        with reading(self._engine) as connection:
            found = {State(state): count for state, count in connection.execute(query)}
        return {state: found.get(state, 0) for state in State}

    def next_due(self) -> datetime | None:
        """When the next update is due, or None."""
        query = sa.select(sa.func.min(outbox.c.due)).where(outbox.c.state == State.DUE)
        with reading(self._engine) as connection:
            found: datetime | None = connection.scalar(query)
        return found
