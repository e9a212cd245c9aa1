"""The updates that came in: kept before they are acknowledged, until they are handled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.chat_tables import inbox
from index.database import reading, writing

# Telegram repeats nothing older than this, so nothing older can come twice.
KEPT_DONE = timedelta(days=2)
# An update that was in hand so often when the process died is set aside: it may be what
# kills it. That must be rare, because a kill at any moment finds some update in hand.
MOST_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update that is not handled yet; ``chat`` None for one outside any chat."""

    update_id: int
    chat: int | None
    received: datetime
    payload: dict[str, Any]
    attempts: int


class Inbox:
    """The table of updates. Blocks; belongs in worker threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def receive(self, updates: Sequence[dict[str, Any]], now: datetime) -> list[Waiting]:
        """Keep updates before they are acknowledged; those that are new, in their order.

        One that was here already, handled or not, stays as it is.
        """
        if not updates:
            return []
        with writing(self._engine) as connection:
            ids = [update["update_id"] for update in updates]
            known = set(
                connection.scalars(sa.select(inbox.c.update_id).where(inbox.c.update_id.in_(ids)))
            )
            rows = {
                update["update_id"]: {
                    "update_id": update["update_id"],
                    "chat": chat_of(update),
                    "received": now,
                    "payload": update,
                    "attempts": 0,
                }
                for update in updates
                if update["update_id"] not in known
            }
            if rows:
                connection.execute(sa.insert(inbox), list(rows.values()))
            connection.execute(sa.delete(inbox).where(inbox.c.done < now - KEPT_DONE))
        return [Waiting(**row) for row in rows.values()]

    def waiting(self) -> list[Waiting]:
        """Every update that is not handled yet, oldest first."""
        query = sa.select(inbox).where(inbox.c.done.is_(None)).order_by(inbox.c.update_id)
        with reading(self._engine) as connection:
            return [
                Waiting(r.update_id, r.chat, r.received, r.payload, r.attempts)
                for r in connection.execute(query)
            ]

    def begin(self, update_id: int) -> None:
        """Count an attempt before it is made, so that an update that kills us is set aside."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(inbox)
                .where(inbox.c.update_id == update_id)
                .values(attempts=inbox.c.attempts + 1)
            )

    def finish(self, update_id: int, now: datetime, error: str | None = None) -> None:
        """An update is handled, or set aside with an error.

        Of one that was handled only its number stays, so that it is not taken in again.
        """
        kept: dict[str, Any] = {} if error else {"payload": {}, "chat": None}
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(inbox)
                .where(inbox.c.update_id == update_id)
                .values(done=now, error=error, **kept)
            )

    def last_update(self) -> int:
        """The highest update id ever received, 0 if none."""
        with reading(self._engine) as connection:
            return connection.scalar(sa.select(sa.func.max(inbox.c.update_id))) or 0


def chat_of(update: dict[str, Any]) -> int | None:
    """The chat that an update belongs to, by which updates are handled in order."""
    for kind, content in update.items():
        if kind == "update_id" or not isinstance(content, dict):
            continue
        message = content if "chat" in content else content.get("message") or {}
        if "chat" in message:
            return int(message["chat"]["id"])
        if "from" in content:
            return int(content["from"]["id"])
    return None
