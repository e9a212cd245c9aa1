"""The bot's update queue: what is waiting, confirmed, allowed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

KEPT_SECONDS = 24 * 3600
UPDATE_TYPES = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "message_reaction",
    "message_reaction_count",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "purchased_paid_media",
    "managed_bot",
    "guest_message",
)
# These must be asked for by name.
OPTIONAL_TYPES = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
# How far beyond the newest update an offset may lie and still confirm (TDLib's TQueue).
FUTURE_OFFSETS = 10


@dataclass(frozen=True, slots=True)
class Update:
    """``key`` groups the updates that a webhook gets strictly one after the other."""

    id: int
    type: str
    content: dict[str, Any]
    key: int
    created: float

    def json(self) -> dict[str, Any]:
        return {"update_id": self.id, self.type: self.content}


@dataclass(slots=True)
class UpdateQueue:
    """Updates in order; ``clock`` tells the server's time in seconds."""

    clock: Callable[[], float]
    next_id: int = 700_000_001
    waiting: dict[int, Update] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset(UPDATE_TYPES) - OPTIONAL_TYPES
    withheld: int = 0

    def add(self, kind: str, content: dict[str, Any], key: int) -> int | None:
        """Queue an update and return its id; None if the bot did not ask for its type."""
        if kind not in self.allowed:
            self.withheld += 1
            return None
        update = Update(self.next_id, kind, content, key, self.clock())
        self.waiting[update.id] = update
        self.next_id += 1
        return update.id

    def allow(self, types: Sequence[str]) -> None:
        """Set the types for updates to come; an empty list means all but the optional."""
        self.allowed = frozenset(types) if types else frozenset(UPDATE_TYPES) - OPTIONAL_TYPES

    def get(self, offset: int, limit: int) -> list[Update]:
        """The oldest waiting updates from ``offset`` on; those before it are confirmed.

        A negative offset keeps only that many of the newest. An offset too far ahead is
        read as none.
        """
        self.expire()
        if offset < 0:
            for id in list(self.waiting)[:offset]:
                del self.waiting[id]
        elif 0 < offset <= self.next_id + FUTURE_OFFSETS:
            self._drop_while(lambda update: update.id < offset)
        return list(self.waiting.values())[:limit]

    def forget(self, id: int) -> None:
        self.waiting.pop(id, None)

    def expire(self) -> None:
        """Drop what has waited for a day."""
        horizon = self.clock() - KEPT_SECONDS
        self._drop_while(lambda update: update.created < horizon)

    def _drop_while(self, goes: Callable[[Update], bool]) -> None:
        while self.waiting:
            oldest = next(iter(self.waiting.values()))
            if not goes(oldest):
                return
            del self.waiting[oldest.id]
