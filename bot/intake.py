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

from bot.catalogue import LANGUAGES, speak, spoken
from bot.chats import Chats
from bot.inbox import MOST_ATTEMPTS, Inbox, Waiting
from bot.outcomes import Fate, fate, in_telegrams_words, out_of_reach
from index.errors import NewsError, StorageError

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
# An update whose handling Telegram refuses for the moment so often must not hold up its chat.
_MOST_REFUSALS = 5
# Of two bots with one token each ends the other's poll. One that has served for this long
# stays, and by polling again ends the newcomer's; only if that does not leave does it give up.
_SETTLED_S = 10.0
_MOST_CONFLICTS = 10
_CONFLICT_PAUSE_S = 2.0
_GUARD_S = 60.0

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
        self._inbox = Inbox(chats.engine)
        self._clock = clock
        self._queues: dict[int | None, deque[Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: set[int | None] = set()
        self._errors: dict[int, Exception] = {}
        self._conflicts = 0
        self._stopping = asyncio.Event()
        self.uncertain = 0
        application.add_error_handler(self._note_error)

    async def start(self) -> None:
        """Take up what an earlier process left unhandled."""
        self._dispatch(await asyncio.to_thread(self._inbox.waiting))

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

    async def guard(self, url: str) -> None:
        """See to it that Telegram still calls that webhook, until stop().

        Another newsbot with this token takes it away, and nothing else would tell of it.
        Raises TelegramRefusedError then.
        """
        while True:
            await self._sleep(_GUARD_S)
            if self._stopping.is_set():
                return
            try:
                info = await self._application.bot.get_webhook_info()
            except TelegramError as error:
                log.warning("could not look after the webhook (%s)", error)
                continue
            if info.url != url:
                raise TelegramRefusedError(
                    "NEWSBOT_TOKEN",
                    "another bot is running with this token and took the webhook away",
                    "Stop one of the two",
                )

    async def poll(self) -> None:
        """Receive updates until stop(). Raises TelegramRefusedError when that is hopeless."""
        offset = await asyncio.to_thread(self._inbox.last_update) + 1
        # While a webhook is set, perhaps by an earlier run, Telegram refuses to be polled.
        webhook_may_be_set = True
        pause = 0.0
        began = asyncio.get_running_loop().time()
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
                # Before the next offset confirms them to Telegram.
                await self.receive([update.to_dict() for update in updates])
            except RetryAfter as error:
                pause = _seconds(error)
            except (InvalidToken, Conflict) as error:
                settled = asyncio.get_running_loop().time() - began >= _SETTLED_S
                self._endure(error, settled=settled)
                pause = _CONFLICT_PAUSE_S
            except (TelegramError, StorageError) as error:
                # Also the network's being gone: it comes back, and nothing is lost meanwhile.
                pause = min(max(1.0, pause * 2), _LONGEST_PAUSE_S)
                log.warning("could not receive (%s); trying again in %.0f s", error, pause)
            else:
                pause = 0.0
                self._conflicts = 0
                if updates:
                    offset = updates[-1].update_id + 1
            if pause:
                await self._sleep(pause)

    def _endure(self, error: InvalidToken | Conflict, *, settled: bool) -> None:
        """Return if polling may go on after this. Raises TelegramRefusedError otherwise."""
        if not in_telegrams_words(error):
            log.warning("could not receive (%s)", error)
        elif isinstance(error, InvalidToken):
            raise TelegramRefusedError(
                "NEWSBOT_TOKEN", "Telegram does not know this token", "Ask @BotFather for it"
            ) from error
        else:
            self._conflicts += 1
            if not settled or self._conflicts >= _MOST_CONFLICTS:
                raise TelegramRefusedError(
                    "NEWSBOT_TOKEN",
                    "another bot is running with this token, or a webhook is set",
                    "Stop the other one first",
                ) from error
            log.warning("another bot tries to run with this token (%s)", error)

    async def receive(self, updates: Sequence[dict[str, object]]) -> None:
        """Store updates, then have them handled. When this returns they cannot be lost."""
        self._dispatch(await asyncio.to_thread(self._inbox.receive, updates, self._clock()))

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
        await self._speak_to(chat)
        await self._say(chat, spoken().slow_down)

    async def _apologise(self, item: Waiting) -> None:
        """Where something was asked in words, it must not look as if nobody had heard."""
        message = item.payload.get("message")
        if isinstance(message, dict) and item.chat is not None:
            topic = message.get("message_thread_id") if message.get("is_topic_message") else None
            await self._say(item.chat, spoken().fault, topic)

    async def _say(self, chat: int, text: str, topic: int | None = None) -> None:
        """Tell a chat something; that it cannot be told is no matter."""
        try:
            await self._application.bot.send_message(chat, text, message_thread_id=topic)
        except TelegramError as error:
            log.info("could not tell chat %s: %s", chat, error)

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
        """Handle one update; again as long as that surely has had no effect."""
        if item.attempts >= MOST_ATTEMPTS:
            log.error("update %s was in hand at %s ends", item.update_id, item.attempts)
            await self._finish(item, "newsbot ended too often while it was in hand")
            return
        await self._stored(self._inbox.begin, item.update_id)
        pause, refusals = 1.0, 0
        while True:
            error = await self._process(item)
            if error is None or fate(error) not in (Fate.LATER, Fate.NOT_SENT):
                break
            # While nothing reaches Telegram, that says nothing of this update.
            refusals += not out_of_reach(error)
            if refusals >= _MOST_REFUSALS:
                break
            await self._sleep(_seconds(error) if isinstance(error, RetryAfter) else pause)
            pause = min(pause * 4, _LONGEST_PAUSE_S)
            if self._stopping.is_set():
                return
        if error is not None:
            await self._failed(item, error)
        await self._finish(item, str(error) if error else None)

    async def _process(self, item: Waiting) -> Exception | None:
        """Have the handlers handle an update; the error that they met."""
        try:
            update = Update.de_json(item.payload, self._application.bot)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return error
        user = update.effective_user
        await self._speak_to(item.chat, user.language_code if user else None)
        await self._application.process_update(update)
        return self._errors.pop(item.update_id, None)

    async def _speak_to(self, chat: int | None, apps: str | None = None) -> None:
        """Answer in the language that was chosen for a chat, else in that of the user's app."""
        chosen = None
        if len(LANGUAGES) > 1 and chat is not None:
            try:
                chosen = await asyncio.to_thread(self._chats.language, chat)
            except StorageError as error:
                log.warning("the language of chat %s could not be read: %s", chat, error)
        speak(chosen, apps)

    async def _failed(self, item: Waiting, error: Exception) -> None:
        """An update's handling has come to nothing: say so, where that helps."""
        match fate(error):
            case Fate.UNCERTAIN:
                # It may have arrived: a repetition would say everything twice.
                self.uncertain += 1
                log.warning(
                    "update %s: the outcome is unknown (%s); %s such since the start",
                    item.update_id,
                    error,
                    self.uncertain,
                )
            case Fate.BLOCKED:
                log.warning("chat %s cannot be written to (%s)", item.chat, error)
                if item.chat is not None:
                    await self._stored(self._chats.suspend, item.chat, self._clock())
            case Fate.FAULT:
                log.error("update %s could not be handled", item.update_id, exc_info=error)
                await self._apologise(item)
            case _:
                log.warning("update %s: Telegram refused (%s)", item.update_id, error)

    async def _finish(self, item: Waiting, error: str | None) -> None:
        await self._stored(self._inbox.finish, item.update_id, self._clock(), error)

    async def _stored(self, store: Callable[..., None], *values: object) -> None:
        """Store something, however long the storage takes to come back; not past stop()."""
        pause = 1.0
        while True:
            try:
                return await asyncio.to_thread(store, *values)
            except StorageError as error:
                log.error("%s; trying again in %.0f s", error, pause)
            await self._sleep(pause)
            if self._stopping.is_set():
                return
            pause = min(pause * 2, _LONGEST_PAUSE_S)

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
