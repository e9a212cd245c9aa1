"""The outbox to Telegram: leased, sent at Telegram's pace, and every outcome recorded."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, RetryAfter, TelegramError

from bot.catalogue import ENGLISH, LANGUAGES, Catalogue, language_of
from bot.chats import Chats
from bot.handlers.replies import send
from bot.messages import Message
from bot.outbox import Due, Outbox, State
from bot.outcomes import Fate, fate
from bot.pacing import Pace, Priority
from bot.requoting import is_gone, requoted
from bot.subscriptions import Subscriptions
from bot.timing import AT_ONCE, overtaken
from bot.timing import due as when_due
from bot.update_messages import digests, update_messages
from index import News
from index.errors import NewsError

log = logging.getLogger(__name__)

# Places (chats, topics) that are sent to at the same time; the pace lets fewer through.
_PLACES_AT_ONCE = 50
# While the last of them wait, others may become due.
_LOOK_AGAIN_S = 2.0
# When newsbot stops; the longest answer of Telegram that was seen is well below.
_TO_ARRIVE_S = 1.0
_STORAGE_PAUSE_S = 5.0
# An article that is not there is looked for so often, and so long after its update was made.
_LOOK_FOR_IT = timedelta(minutes=10)
_MAY_COME_BACK = timedelta(days=2)
# What Telegram could not take for its own reasons is tried again after this, doubled each time.
_FIRST_RETRY = timedelta(seconds=15)
_LAST_RETRY = timedelta(hours=1)
_MOST_ATTEMPTS = 12
_TOPIC_GONE = ("topic_closed", "topic_deleted", "message thread not found", "topic_id_invalid")
_CHAT_GONE = ("chat not found", "peer_id_invalid", "not enough rights", "have no rights")

Result = TypeVar("Result")

AN_UPDATE = Pace(Priority.UPDATE, wait=False)


class Delivery:
    """Sends what is due, and records what became of it before it takes on more."""

    def __init__(
        self,
        bot: Bot,
        outbox: Outbox,
        chats: Chats,
        news: News,
        clock: Callable[[], datetime],
        pace: Pace | None = AN_UPDATE,
    ) -> None:
        self._bot = bot
        self._outbox = outbox
        self._chats = chats
        self._subscriptions = Subscriptions(chats.engine)
        self._news = news
        self._clock = clock
        self._pace = pace

    async def start(self) -> None:
        """Take up what an earlier process had in hand."""
        again = await asyncio.to_thread(self._outbox.recover)
        if again:
            log.warning("%s updates were in hand when newsbot ended; they are sent again", again)

    async def step(self) -> int:
        """Send until nothing is due; how many updates were taken in hand.

        One place that must wait keeps only its own waiting: as soon as there is room, what
        is due to others is taken up.
        """
        taken, running = 0, dict[asyncio.Task[None], tuple[int, int]]()
        try:
            while True:
                if len(running) <= _PLACES_AT_ONCE // 2:
                    leased = await asyncio.to_thread(
                        self._outbox.lease,
                        self._clock(),
                        _PLACES_AT_ONCE - len(running),
                        set(running.values()),
                    )
                    taken += len(leased)
                    for place, dues in groupby(sorted(leased, key=_place), key=_place):
                        running[asyncio.create_task(self._deliver(list(dues)))] = place
                if not running:
                    return taken
                done, _ = await asyncio.wait(
                    running, timeout=_LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    del running[task]
                    task.result()
        finally:
            await self._finish(set(running))

    async def _finish(self, running: set[asyncio.Task[None]]) -> None:
        """Let what is on its way arrive and be recorded; what waits for its turn stays leased."""
        if running:
            await asyncio.wait(running, timeout=_TO_ARRIVE_S)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _deliver(self, dues: list[Due]) -> None:
        """Send to one place, in order, until something keeps the rest from being sent."""
        awake = await self._awake(dues)
        sound = [due for due in [await self._checked(due) for due in awake] if due is not None]
        at_once = [due for due in sound if not due.digest]
        held = [due for due in sound if due.digest]
        # One update that waited for its digest is shown like any other.
        if len(held) == 1:
            at_once, held = [*at_once, *held], []
        words = await self._words(dues[0].chat)
        items = [([due], update_messages(due, words)) for due in at_once] + digests(held, words)
        for i, (of, parts) in enumerate(items):
            try:
                await self._send(of, parts)
            except TelegramError as error:
                rest = [due for others, _ in items[i + 1 :] for due in others]
                await self._failed(of, rest, error)
                return

    async def _words(self, chat: int) -> Catalogue:
        """The language that was chosen for a chat; of what its users' apps say nothing is kept."""
        if len(LANGUAGES) == 1:
            return ENGLISH
        return language_of([await self._stored(self._chats.language, chat)], LANGUAGES)

    async def _awake(self, dues: list[Due]) -> list[Due]:
        """Without those that should have gone before the chat's quiet hours, which it is now."""
        manner = await self._stored(self._subscriptions.manner, dues[0].chat)
        now, zone = self._clock(), ZoneInfo(manner.time_zone)
        late = [due for due in dues if overtaken(due.due, now, manner.quiet, zone)]
        if late:
            end = when_due(now, AT_ONCE, manner.quiet, zone)
            await self._stored(self._outbox.put_off, [due.id for due in late], end)
        return [due for due in dues if due not in late]

    async def _stored(self, act: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
        """Read or write the storage; while that fails, what was sent must not be sent again."""
        while True:
            try:
                return await asyncio.to_thread(act, *args, **kwargs)
            except NewsError as error:
                log.warning("an update is held up: %s", error)
            await asyncio.sleep(_STORAGE_PAUSE_S)

    async def _checked(self, due: Due) -> Due | None:
        """The update with only those quotes that are in the store, word for word, now."""
        checked = due.update.checked
        if checked is not None:
            # What the article said before may be gone; what it is said to say now must stand.
            stands = [c for c in (checked.now, checked.correction) if c is not None]
            if all([await self._stored(requoted, self._news, claim) for claim in stands]):
                return due
        found = [await self._stored(requoted, self._news, claim) for claim in due.update.claims]
        claims = tuple(claim for claim in found if claim is not None)
        before = due.update.before
        if before is not None:
            before = await self._stored(requoted, self._news, before)
        if claims:
            return replace(due, update=replace(due.update, claims=claims, before=before))
        if any(
            [await self._stored(is_gone, self._news, claim) for claim in due.update.claims]
        ) and (self._clock() - due.made < _MAY_COME_BACK):
            # The news were restored from an older copy, and the sources are not read again yet.
            await self._stored(self._outbox.put_off, [due.id], self._clock() + _LOOK_FOR_IT)
            return None
        await self._record(
            [due], State.FAILED, error="its quotes are no longer in the store word for word"
        )
        return None

    async def _send(self, of: Sequence[Due], parts: Sequence[Message]) -> None:
        place, pointing = of[0], len(of) == 1
        sent = [
            await send(
                self._bot,
                place.chat,
                part,
                thread=place.thread or None,
                reply_to=(place.update.answered or place.first) if pointing and i == 0 else None,
                previews=False,
                pace=self._pace,
            )
            for i, part in enumerate(parts)
        ]
        # Only when all of it is out: a kill between two parts must not lose the second.
        await self._record(of, State.SENT, message=sent[0].message_id)

    async def _failed(self, of: list[Due], rest: list[Due], error: TelegramError) -> None:
        """Record a failure to send ``of``; ``rest`` was not tried and is due again."""
        place, now = of[0], self._clock()
        said = str(error).lower()
        match fate(error):
            case Fate.LATER:
                assert isinstance(error, RetryAfter)
                wait = error.retry_after
                pause = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
                await self._again([*of, *rest], now + pause)
                return
            case Fate.NOT_SENT if place.attempts < _MOST_ATTEMPTS:
                pause = min(_FIRST_RETRY * 2 ** (place.attempts - 1), _LAST_RETRY)
                await self._again([*of, *rest], now + pause)
                return
            case Fate.UNCERTAIN:
                log.warning("chat %s: unknown whether an update arrived (%s)", place.chat, error)
                await self._record(of, State.UNCERTAIN, error=str(error))
            case Fate.MIGRATED:
                assert isinstance(error, ChatMigrated)
                await self._stored(self._chats.migrate, place.chat, error.new_chat_id)
                await self._again([*of, *rest], now)
                return
            case Fate.BLOCKED:
                await self._suspend([*of, *rest], error)
                return
            case Fate.REFUSED if isinstance(error, BadRequest) and any(
                mark in said for mark in _CHAT_GONE
            ):
                await self._suspend([*of, *rest], error)
                return
            case Fate.REFUSED if any(mark in said for mark in _TOPIC_GONE):
                log.warning("topic %s of %s is closed: %s", place.thread, place.chat, error)
                await self._stored(self._outbox.hold_topic, place.chat, place.thread)
                return
            case _:
                log.error("chat %s: an update was refused (%s)", place.chat, error)
                await self._record(of, State.FAILED, error=str(error))
        await self._again(rest, now)

    async def _suspend(self, dues: list[Due], error: TelegramError) -> None:
        """The chat cannot be written to: its updates wait until it can."""
        log.warning("chat %s cannot be written to (%s)", dues[0].chat, error)
        await self._stored(self._chats.suspend, dues[0].chat, self._clock())
        await self._again(dues, self._clock())

    async def _again(self, dues: Sequence[Due], due: datetime) -> None:
        if dues:
            ids = [d.id for d in dues]
            await self._stored(self._outbox.record, ids, State.DUE, self._clock(), due=due)

    async def _record(
        self,
        dues: Sequence[Due],
        state: State,
        *,
        message: int | None = None,
        error: str | None = None,
    ) -> None:
        ids = [due.id for due in dues]
        await self._stored(
            self._outbox.record, ids, state, self._clock(), message=message, error=error
        )


def _place(due: Due) -> tuple[int, int]:
    return due.chat, due.thread
