"""The outbox to Telegram: leased, sent at Telegram's pace, and every outcome recorded."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, RetryAfter, TelegramError

from bot.answers import Claim
from bot.chats import Chats
from bot.handlers.replies import send
from bot.messages import Message
from bot.outbox import Due, Outbox, State
from bot.outcomes import Fate, fate
from bot.pacing import Pace, Priority
from bot.update_messages import digests, update_messages
from index import News

log = logging.getLogger(__name__)

# Places (chats, topics) that are sent to at the same time; the pace lets fewer through.
_PLACES_AT_ONCE = 50
# What Telegram could not take for its own reasons is tried again after this, doubled each time.
_FIRST_RETRY = timedelta(seconds=15)
_LAST_RETRY = timedelta(hours=1)
_MOST_ATTEMPTS = 12
_TOPIC_GONE = ("topic_closed", "topic_deleted", "message thread not found", "topic_id_invalid")
_CHAT_GONE = ("chat not found", "peer_id_invalid", "not enough rights", "have no rights")

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
        self._news = news
        self._clock = clock
        self._pace = pace

    async def start(self) -> None:
        """Take up what an earlier process had in hand."""
        again = await asyncio.to_thread(self._outbox.recover)
        if again:
            log.warning("%s updates were in hand when newsbot ended; they are sent again", again)

    async def step(self) -> int:
        """Send what is due now, to some places; how many updates were taken in hand."""
        leased = await asyncio.to_thread(self._outbox.lease, self._clock(), _PLACES_AT_ONCE)
        places = [list(g) for _, g in groupby(sorted(leased, key=_place), key=_place)]
        await asyncio.gather(*(self._deliver(dues) for dues in places))
        return len(leased)

    async def _deliver(self, dues: list[Due]) -> None:
        """Send to one place, in order, until something keeps the rest from being sent."""
        sound = [due for due in [await self._checked(due) for due in dues] if due is not None]
        at_once = [due for due in sound if not due.digest]
        held = [due for due in sound if due.digest]
        # One update that waited for its digest is shown like any other.
        if len(held) == 1:
            at_once, held = [*at_once, *held], []
        items = [([due], update_messages(due)) for due in at_once] + digests(held)
        for i, (of, parts) in enumerate(items):
            try:
                await self._send(of, parts)
            except TelegramError as error:
                rest = [due for others, _ in items[i + 1 :] for due in others]
                await self._failed(of, rest, error)
                return

    async def _checked(self, due: Due) -> Due | None:
        """The update with only those quotes that are in the store, word for word, now."""
        checked = due.update.checked
        if checked is not None:
            # What the article said before may be gone; what it is said to say now must stand.
            found = [c for c in (checked.now, checked.correction) if c is not None]
            sound = [await self._is_sound(claim) for claim in found]
            if all(sound):
                return due
        else:
            claims = tuple([c for c in due.update.claims if await self._is_sound(c)])
            if claims:
                return replace(due, update=replace(due.update, claims=claims))
        await self._record(
            [due], State.FAILED, error="its quotes are no longer in the store word for word"
        )
        return None

    async def _is_sound(self, claim: Claim) -> bool:
        at = claim.citation
        stored = await asyncio.to_thread(
            self._news.quote, at.article, at.version, at.start, at.end, at.sha256
        )
        return stored == claim.quote

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
                await asyncio.to_thread(self._chats.migrate, place.chat, error.new_chat_id)
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
                await asyncio.to_thread(self._outbox.hold_topic, place.chat, place.thread)
                return
            case _:
                log.error("chat %s: an update was refused (%s)", place.chat, error)
                await self._record(of, State.FAILED, error=str(error))
        await self._again(rest, now)

    async def _suspend(self, dues: list[Due], error: TelegramError) -> None:
        """The chat cannot be written to: its updates wait until it can."""
        log.warning("chat %s cannot be written to (%s)", dues[0].chat, error)
        await asyncio.to_thread(self._chats.suspend, dues[0].chat, self._clock())
        await self._again(dues, self._clock())

    async def _again(self, dues: Sequence[Due], due: datetime) -> None:
        if dues:
            ids = [d.id for d in dues]
            await asyncio.to_thread(self._outbox.record, ids, State.DUE, self._clock(), due=due)

    async def _record(
        self,
        dues: Sequence[Due],
        state: State,
        *,
        message: int | None = None,
        error: str | None = None,
    ) -> None:
        ids = [due.id for due in dues]
        await asyncio.to_thread(
            self._outbox.record, ids, state, self._clock(), message=message, error=error
        )


def _place(due: Due) -> tuple[int, int]:
    return due.chat, due.thread
