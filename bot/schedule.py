"""When a message may leave: per-chat and overall windows. Pure; times in seconds of any clock."""

import heapq
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

# Telegram's guidance is 1 a second in a chat, 20 a minute in a group, 30 a second overall.
# Between two messages of a chat the pause runs from the end of one request to the start of
# the next, so that at the server, in between, it can only be longer. Overall, 25 a second
# start at an even pace: of bursts, the network could bunch two into one second.
PER_CHAT_S = 1.0
PER_GROUP_COUNT, PER_GROUP_S = 20, 60.0
OVERALL_GAP_S = 1 / 25
# Who goes ahead does not wait for the next start of that pace, but takes it from those who
# come after; so many may have been taken.
AHEAD = 2

Chat = Hashable


@dataclass(slots=True)
class _Chat:
    """What is known of one chat's pace. ``ended`` holds the ends of its last requests."""

    group: bool
    ended: deque[float] = field(default_factory=deque)
    under_way: bool = False
    blocked_until: float = 0.0

    def free_at(self, now: float) -> float:
        """The earliest time for the next request, when none is under way."""
        at = max(now, self.blocked_until)
        if self.ended:
            at = max(at, self.ended[-1] + PER_CHAT_S)
        if self.group and len(self.ended) >= PER_GROUP_COUNT:
            at = max(at, self.ended[-PER_GROUP_COUNT] + PER_GROUP_S)
        return at


class Schedule:
    """Keeps the windows; chats that are idle take no memory."""

    def __init__(self) -> None:
        self._chats: dict[Chat, _Chat] = {}
        self._open_at = 0.0
        self._idle: list[tuple[float, int, Chat]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._chats)

    def free_at(self, chat: Chat, now: float) -> float | None:
        """When this chat may be sent to, overall limits aside; None while one is under way."""
        known = self._chats.get(chat)
        if known is None:
            return now
        return None if known.under_way else known.free_at(now)

    def open_at(self, now: float, *, ahead: bool = False) -> float:
        """When the overall limits let the next request start."""
        return max(now, self._open_at - (AHEAD * OVERALL_GAP_S if ahead else 0.0))

    def start(self, chat: Chat, group: bool, now: float) -> None:
        """A request to this chat starts."""
        self._chats.setdefault(chat, _Chat(group)).under_way = True
        self._open_at = max(self._open_at, now) + OVERALL_GAP_S

    def end(self, chat: Chat, now: float) -> None:
        """The request to this chat has ended, well or not."""
        known = self._chats[chat]
        known.under_way = False
        known.ended.append(now)
        window = PER_GROUP_S if known.group else PER_CHAT_S
        while len(known.ended) > 1 and known.ended[0] <= now - window:
            known.ended.popleft()
        self._count += 1
        heapq.heappush(self._idle, (now + window, self._count, chat))
        self._forget(now)

    def block(self, chat: Chat, group: bool, until: float) -> None:
        """Telegram asked for a pause in this chat."""
        known = self._chats.setdefault(chat, _Chat(group))
        known.blocked_until = max(known.blocked_until, until)
        self._count += 1
        heapq.heappush(self._idle, (until, self._count, chat))

    def blocked_until(self, chat: Chat) -> float:
        """Until when Telegram asked this chat to be left alone; 0 if it did not."""
        known = self._chats.get(chat)
        return known.blocked_until if known is not None else 0.0

    def _forget(self, now: float) -> None:
        """Drop the chats whose windows are empty by now."""
        while self._idle and self._idle[0][0] <= now:
            _, _, chat = heapq.heappop(self._idle)
            known = self._chats.get(chat)
            if known is None or known.under_way or known.blocked_until > now:
                continue
            window = PER_GROUP_S if known.group else PER_CHAT_S
            if not known.ended or known.ended[-1] <= now - window:
                del self._chats[chat]
