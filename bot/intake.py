"""Telegram to the inbox, before it is acknowledged; the inbox to the handlers.

Telegram repeats an update until a later offset is asked for. Each is stored before that,
and handled from the store: one chat's in order, different chats' side by side. What is
not handled when the process dies is handled by the next one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import Any

from telegram import Update
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.ext import Application, ContextTypes

from bot.catalogue import ENGLISH
from bot.chats import MOST_ATTEMPTS, Chats, Waiting
from bot.outcomes import Fate, fate
from index.errors import NewsError

log = logging.getLogger(__name__)

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "channel_post",
    "callback_query",
    "inline_query",
    "my_chat_member",
    "guest_message",
)
_POLL_S = 25
# So many updates of one chat wait only if it asks faster than it may be answered.
TOO_MANY = 20
_LONGEST_PAUSE_S = 30.0

AnyApplication = Application[Any, Any, Any, Any, Any, Any]


class TelegramRefusedError(NewsError):
    """Telegram does not let this newsbot run: a wrong token, or another one is running."""


class Intake:
    """Receives updates and sees to it that each is handled."""

    def __init__(
        self, application: AnyApplication, chats: Chats, clock: Callable[[], datetime]
    ) -> None:
        self._application = application
        self._chats = chats
        self._clock = clock
        self._queues: dict[int | None, deque[Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: set[int | None] = set()
        self._errors: dict[int, Exception] = {}
        self._stopping = asyncio.Event()
        self.uncertain = 0
        application.add_error_handler(self._note_error)

    async def start(self) -> None:
        """Take up what an earlier process left unhandled."""
        self._dispatch(await asyncio.to_thread(self._chats.waiting))

    async def announce(self, url: str, secret: str) -> None:
        """Have Telegram call a webhook. Raises TelegramRefusedError when it will not."""
        while not self._stopping.is_set():
            try:
                await self._application.bot.set_webhook(
                    url, secret_token=secret, allowed_updates=ALLOWED_UPDATES
                )
            except (BadRequest, Forbidden) as error:
                raise TelegramRefusedError(
                    "NEWSBOT_WEBHOOK_URL", f"Telegram does not take it ({error})", "Correct it"
                ) from error
            except TelegramError as error:
                log.warning("could not announce the webhook (%s); trying again", error)
                await self._sleep(_seconds(error) if isinstance(error, RetryAfter) else 5.0)
            else:
                return

    async def poll(self) -> None:
        """Receive updates until stop(). Raises TelegramRefusedError when that is hopeless."""
        offset = await asyncio.to_thread(self._chats.last_update) + 1
        # While a webhook is set, perhaps by an earlier run, Telegram refuses to be polled.
        webhook_may_be_set = True
        pause = 0.0
        while not self._stopping.is_set():
            try:
                if webhook_may_be_set:
                    await self._application.bot.delete_webhook()
                    webhook_may_be_set = False
                updates = await self._application.bot.get_updates(
                    offset=offset if offset > 1 else None,
                    timeout=_POLL_S,
                    allowed_updates=ALLOWED_UPDATES,
                )
            except InvalidToken as error:
                raise TelegramRefusedError(
                    "NEWSBOT_TOKEN", "Telegram does not know this token", "Ask @BotFather for it"
                ) from error
            except Conflict as error:
                raise TelegramRefusedError(
                    "NEWSBOT_TOKEN",
                    "another bot is running with this token, or a webhook is set",
                    "Stop the other one first",
                ) from error
            except RetryAfter as error:
                pause = _seconds(error)
            except TelegramError as error:
                # Also the network's being gone: it comes back, and nothing is lost meanwhile.
                pause = min(max(1.0, pause * 2), _LONGEST_PAUSE_S)
                log.warning("could not receive (%s); trying again in %.0f s", error, pause)
            else:
                pause = 0.0
                await self.receive([update.to_dict() for update in updates])
                if updates:
                    offset = updates[-1].update_id + 1
            if pause:
                await self._sleep(pause)

    async def receive(self, updates: Sequence[dict[str, object]]) -> None:
        """Store updates, then have them handled. When this returns they cannot be lost."""
        self._dispatch(await asyncio.to_thread(self._chats.receive, updates, self._clock()))

    async def idle(self) -> None:
        """Wait until what was received so far is handled."""
        await asyncio.sleep(0.05)
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def stop(self, patience_s: float) -> None:
        """Receive nothing more and finish what is in hand; the rest waits in the inbox."""
        self._stopping.set()
        for queue in self._queues.values():
            queue.clear()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _dispatch(self, waiting: Iterable[Waiting]) -> None:
        for item in waiting:
            queue = self._queues.get(item.chat)
            if queue is not None:
                queue.append(item)
                if len(queue) == TOO_MANY and item.chat is not None:
                    self._start(self._slow_down(item.chat))
                continue
            self._queues[item.chat] = deque([item])
            self._start(self._work(item.chat))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._worked)

    async def _slow_down(self, chat: int) -> None:
        """Tell a chat that asks faster than Telegram lets us answer, once until we caught up."""
        if chat in self._told:
            return
        self._told.add(chat)
        try:
            await self._application.bot.send_message(chat, ENGLISH.slow_down)
        except TelegramError as error:
            log.info("could not tell chat %s to slow down: %s", chat, error)

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("handling a chat's updates failed", exc_info=task.exception())

    async def _work(self, chat: int | None) -> None:
        """Handle one chat's updates in order, until none is left."""
        queue = self._queues[chat]
        try:
            while queue:
                item = queue.popleft()
                await self._handle(item)
        finally:
            del self._queues[chat]
            self._told.discard(chat)

    async def _handle(self, item: Waiting) -> None:
        """Handle one update; again while it surely had no effect, at most MOST_ATTEMPTS times."""
        attempts, pause = item.attempts, 1.0
        while attempts < MOST_ATTEMPTS:
            attempts += 1
            await asyncio.to_thread(self._chats.begin, item.update_id)
            update = Update.de_json(item.payload, self._application.bot)
            await self._application.process_update(update)
            error = self._errors.pop(item.update_id, None)
            if not self._may_repeat(item, error):
                await asyncio.to_thread(
                    self._chats.finish, item.update_id, self._clock(), str(error) if error else None
                )
                return
            assert error is not None
            await self._sleep(_seconds(error) if isinstance(error, RetryAfter) else pause)
            pause = min(pause * 4, _LONGEST_PAUSE_S)
            if self._stopping.is_set():
                return
        log.error("update %s was set aside after %s attempts", item.update_id, attempts)
        await asyncio.to_thread(
            self._chats.finish, item.update_id, self._clock(), "failed too often"
        )

    def _may_repeat(self, item: Waiting, error: Exception | None) -> bool:
        """Whether handling the update again can neither double nor be in vain."""
        if error is None:
            return False
        match fate(error):
            case Fate.LATER | Fate.NOT_SENT:
                return True
            case Fate.UNCERTAIN:
                # It may have arrived: a repetition would say everything twice.
                self.uncertain += 1
                log.warning("update %s: the outcome is unknown (%s)", item.update_id, error)
            case Fate.REFUSED | Fate.BLOCKED | Fate.MIGRATED:
                log.warning("update %s: Telegram refused (%s)", item.update_id, error)
            case Fate.FAULT:
                log.error("update %s could not be handled", item.update_id, exc_info=error)
        return False

    async def _note_error(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        if isinstance(update, Update) and context.error is not None:
            self._errors[update.update_id] = context.error

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but not past stop()."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return float(wait if isinstance(wait, int) else wait.total_seconds())
