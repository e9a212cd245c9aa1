"""The loops beside the answering: match what is new, recheck what was said, send what is due.

Neither keeps anything in memory that a kill could lose: what is to be done next is read
from the tables each time.
"""

import asyncio
import logging

from bot.delivery import Delivery
from bot.newsroom import Newsroom
from bot.progress import read_progress
from index.errors import NewsError

log = logging.getLogger(__name__)

# How soon after it is stored an article is matched, and an update is sent after it is due.
_LOOK_S = 2.0
# After a fault, as of the disk, that the next attempt may not meet.
_PAUSE_S = 15.0
_REPORT_S = 60.0


async def watch(room: Newsroom) -> None:
    """Match new articles for ever. A fault is logged, and the same articles matched again."""
    while True:
        pause = _LOOK_S
        try:
            # Before the indexes are up a question's new answer could not be looked for.
            while room.news.ready and await asyncio.to_thread(room.watcher.step) > 0:
                pass
        except NewsError as error:
            log.warning("new articles were not matched: %s", error)
            pause = _PAUSE_S
        await asyncio.sleep(pause)


async def recheck(room: Newsroom) -> None:
    """Hold answers given against the articles that change, for ever."""
    while True:
        # Longer than an answer takes from its reading of the news to its being stored.
        pause = _LOOK_S
        try:
            await asyncio.to_thread(room.rechecker.round)
        except NewsError as error:
            log.warning("answers given were not rechecked: %s", error)
            pause = _PAUSE_S
        await asyncio.sleep(pause)


async def deliver(delivery: Delivery) -> None:
    """Send what is due for ever."""
    started = False
    while True:
        pause = _LOOK_S
        try:
            if not started:
                await delivery.start()
                started = True
            await delivery.step()
        except NewsError as error:
            log.warning("updates were not sent: %s", error)
            pause = _PAUSE_S
        await asyncio.sleep(pause)


async def report(room: Newsroom) -> None:
    """Log how the telling goes, once a minute when it changed."""
    last = ""
    while True:
        try:
            found = await asyncio.to_thread(read_progress, room.news, room.storylines, room.outbox)
            line = str(found)
        except NewsError as error:
            line = str(error)
        if line != last:
            log.info("%s", line)
            last = line
        await asyncio.sleep(_REPORT_S)
