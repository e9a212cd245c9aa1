"""Per-chat and overall send rates, in place of the library's own limiter.

Each chat has its own queue and its own penalty: what one chat must wait for delays no
other. Answers go before updates, but every few answers one waiting update goes too.
"""

import asyncio
import heapq
import itertools
import logging
import os
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.schedule import Schedule

log = logging.getLogger(__name__)

# Without it, the library warns at each penalty of what retry_after will be one day.
os.environ.setdefault("PTB_TIMEDELTA", "1")

# An update goes after so many answers in a row, however many answers wait.
_ANSWERS_IN_A_ROW = 4
_MOST_RETRIES = 3
# A timer may fire a hair early; set for less than this it would fire for ever.
_SHORTEST_TIMER_S = 0.001

# What counts against the pace of a chat. The rest (answers to presses, files, settings of
# the bot) passes at once.
_PACED = ("send", "edit", "copy", "forward", "delete", "setMessageReaction", "stopPoll", "pin")
_UNPACED = {"editForumTopic"}
# Worth nothing late: dropped rather than queued, and False is what they give then.
_DROPPABLE = {"sendChatAction", "sendMessageDraft"}

Result = Any
Call = Callable[..., Coroutine[Any, Any, Result]]


class Priority(IntEnum):
    """Who goes first."""

    ANSWER = 0
    UPDATE = 1


@dataclass(frozen=True, slots=True)
class Pace:
    """What a sender asks of the pacing, as ``rate_limit_args``.

    With ``wait`` False a penalty is raised as RetryAfter at once instead of sat out.
    """

    priority: Priority = Priority.ANSWER
    wait: bool = True


_DEFAULT = Pace()


@dataclass(slots=True, eq=False)
class _Waiting:
    turn: asyncio.Future[None]
    number: int


@dataclass(slots=True, eq=False)
class _Line:
    """Who waits for one chat, by priority.

    ``place`` is the number of the only entry that stands for this chat in the heaps: older
    ones are passed over when they come up.
    """

    group: bool
    queues: tuple[deque[_Waiting], ...] = field(default_factory=lambda: (deque(), deque()))
    place: int = -1

    def first(self) -> tuple[Priority, _Waiting] | None:
        """The next to go: answers before updates, and those who gave up left out."""
        for priority, queue in zip(Priority, self.queues, strict=True):
            while queue and queue[0].turn.done():
                queue.popleft()
            if queue:
                return priority, queue[0]
        return None


@dataclass(slots=True)
class Counters:
    """What has happened so far."""

    sent: int = 0
    delayed: int = 0
    dropped: int = 0
    penalties: int = 0


class Pacing(BaseRateLimiter[Pace]):
    """Lets each request start when its chat and the whole may; see schedule.py for the rates.

    A chat that somebody waits for is in one place: a request to it is under way, or it is
    among the due (it becomes free at a known time), or among the ready (it is free and
    waits for the overall rate only). So a turn costs a few steps in a heap, however many wait.
    """

    def __init__(self) -> None:
        self._schedule = Schedule()
        self._lines: dict[int | str, _Line] = {}
        self._due: list[tuple[float, int, int | str]] = []
        self._ready: tuple[list[tuple[int, int, int | str]], ...] = ([], [])
        self._numbers = itertools.count()
        self._answers_in_a_row = 0
        self._timer: asyncio.TimerHandle | None = None
        self.counters = Counters()

    async def initialize(self) -> None:
        """Nothing is to be prepared."""

    async def shutdown(self) -> None:
        """Let nobody wait for a turn that will not come."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for line in self._lines.values():
            for waiting in itertools.chain(*line.queues):
                waiting.turn.cancel()
        self._lines.clear()

    def penalty_until(self, chat: int | str) -> float:
        """Until when (on the loop's clock) Telegram wants a chat left alone; 0 if it does not."""
        return self._schedule.blocked_until(chat)

    async def process_request(
        self,
        callback: Call,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Pace | None,
    ) -> Result:
        """Carry out a request when its turn has come."""
        chat = data.get("chat_id")
        if chat is None or endpoint in _UNPACED or not endpoint.startswith(_PACED):
            return await callback(*args, **kwargs)
        chat = int(chat) if str(chat).lstrip("-").isdecimal() else str(chat)
        group = isinstance(chat, str) or chat < 0
        pace = rate_limit_args or _DEFAULT
        if endpoint in _DROPPABLE and not self._may_go_now(chat):
            self.counters.dropped += 1
            return False
        for attempt in itertools.count(1):
            await self._take_turn(chat, group, pace.priority, again=attempt > 1)
            try:
                result = await callback(*args, **kwargs)
            except RetryAfter as error:
                self.counters.penalties += 1
                wait = error.retry_after
                seconds = float(wait if isinstance(wait, int) else wait.total_seconds())
                self._schedule.block(chat, group, _now() + seconds)
                if not pace.wait or attempt >= _MOST_RETRIES:
                    raise
                log.warning("chat %s is to be left alone for %.0f s", chat, seconds)
            else:
                self.counters.sent += 1
                return result
            finally:
                self._give_turn_back(chat)

    def _may_go_now(self, chat: int | str) -> bool:
        now = _now()
        return (
            chat not in self._lines
            and self._schedule.free_at(chat, now) == now
            and self._schedule.open_at(now) == now
        )

    async def _take_turn(
        self, chat: int | str, group: bool, priority: Priority, *, again: bool
    ) -> None:
        """Wait until this request may start; it has started when this returns.

        One that was refused goes ``again`` before those that came after it.
        """
        line = self._lines.setdefault(chat, _Line(group))
        waiting = _Waiting(asyncio.get_running_loop().create_future(), next(self._numbers))
        if again:
            line.queues[priority].appendleft(waiting)
        else:
            line.queues[priority].append(waiting)
        if line.first() == (priority, waiting):
            self._place(chat)
            self._run()
        if not waiting.turn.done():
            self.counters.delayed += 1
        try:
            await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled():
                # The turn was given and will not be used.
                self._give_turn_back(chat)
            raise

    def _give_turn_back(self, chat: int | str) -> None:
        self._schedule.end(chat, _now())
        self._place(chat)
        self._run()

    def _place(self, chat: int | str) -> None:
        """Put a chat where its next turn will be found, if somebody waits for one."""
        line = self._lines.get(chat)
        if line is None:
            return
        first = line.first()
        if first is None:
            del self._lines[chat]
            return
        now = _now()
        free = self._schedule.free_at(chat, now)
        if free is None:
            return  # It is placed when the request that is under way has ended.
        line.place = next(self._numbers)
        if free > now:
            heapq.heappush(self._due, (free, line.place, chat))
        else:
            priority, waiting = first
            heapq.heappush(self._ready[priority], (waiting.number, line.place, chat))

    def _stands(self, place: int, chat: int | str) -> bool:
        line = self._lines.get(chat)
        return line is not None and line.place == place

    def _run(self) -> None:
        """Start whatever may start, and set the timer for what comes next."""
        now = _now()
        while self._due and self._due[0][0] <= now:
            _, place, chat = heapq.heappop(self._due)
            if self._stands(place, chat):
                self._place(chat)
        while self._start_one(now):
            pass
        times = [self._due[0][0]] if self._due else []
        for ready, ahead in self._turns():
            if ready:
                times.append(self._schedule.open_at(now, ahead=ahead))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if times:
            delay = max(_SHORTEST_TIMER_S, min(times) - now)
            self._timer = asyncio.get_running_loop().call_later(delay, self._run)

    def _turns(self) -> tuple[tuple[list[tuple[int, int, int | str]], bool], ...]:
        """The ready in the order in which they may go, and whether they go ahead."""
        answers, updates = self._ready
        if updates and self._answers_in_a_row >= _ANSWERS_IN_A_ROW:
            return (updates, False), (answers, False)
        return (answers, True), (updates, False)

    def _start_one(self, now: float) -> bool:
        """Give the next turn: to an answer, or to an update when it is an update's turn."""
        for ready, ahead in self._turns():
            while ready and self._schedule.open_at(now, ahead=ahead) <= now:
                _, place, chat = heapq.heappop(ready)
                if not self._stands(place, chat):
                    continue
                line = self._lines[chat]
                first = line.first()
                if first is None:
                    del self._lines[chat]
                    continue
                priority, waiting = first
                line.queues[priority].popleft()
                line.place = -1
                self._schedule.start(chat, line.group, now)
                waiting.turn.set_result(None)
                is_answer = priority is Priority.ANSWER
                self._answers_in_a_row = self._answers_in_a_row + 1 if is_answer else 0
                return True
        return False


def _now() -> float:
    return asyncio.get_running_loop().time()
