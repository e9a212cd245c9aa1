"""What the handlers share: the news, the chats, the settings, the clock."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.answering import ask
from bot.answers import Answer
from bot.candidates import Read
from bot.chats import Chats
from bot.citations import Citations
from bot.deep_links import DeepLink, Target
from bot.newest import Newest, newest_asked
from bot.outbox import Outbox
from bot.rechecking import Rechecker
from bot.settings import Settings
from bot.storylines import Storylines
from bot.subscriptions import Subscriptions
from bot.watching import Watcher
from index import Filters, News

# One waits for the disk while another computes.
AT_ONCE = max(2, os.cpu_count() or 1)


@dataclass(slots=True)
class Newsroom:
    """One for the whole application. ``refresh`` reads the sources that are due, or all."""

    news: News
    chats: Chats
    settings: Settings
    clock: Callable[[], datetime]
    refresh: Callable[[], Awaitable[object]]
    # The span reader's read(); answers are found without it, but fewer told apart.
    read: Read | None = None
    # Answers computed at the same time; more would only slow each other down.
    thinking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    # Writing to the news from two handlers at once would only make one of them fail.
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    # The bot's, once Telegram has told it; a terminal has none that a link could lead to.
    username: str = ""

    subscriptions: Subscriptions = field(init=False)
    outbox: Outbox = field(init=False)
    storylines: Storylines = field(init=False)
    watcher: Watcher = field(init=False)
    rechecker: Rechecker = field(init=False)

    def __post_init__(self) -> None:
        engine = self.chats.engine
        self.subscriptions, self.outbox = Subscriptions(engine), Outbox(engine)
        self.storylines = Storylines(engine)
        self.watcher = Watcher(
            self.news, self.storylines, self.subscriptions, self.clock, self.read
        )
        self.rechecker = Rechecker(
            self.news, Citations(engine), self.storylines, self.subscriptions, self.clock
        )

    async def answer(self, question: str, time_zone: str = "UTC") -> Answer:
        """What the news says to a question asked in this zone, worked out in a worker thread."""
        zone = ZoneInfo(time_zone)
        async with self.thinking:
            return await asyncio.to_thread(
                ask, self.news, question, Filters(), self.clock(), self.read, zone
            )

    async def newest(self, question: str, time_zone: str = "UTC") -> Newest | None:
        """The newest articles, if a question asks for those; see newest_asked()."""
        zone = ZoneInfo(time_zone)
        return await asyncio.to_thread(
            newest_asked, self.news, question, Filters(), self.clock(), zone
        )

    def link(self, target: Target, number: int) -> str:
        """The link that opens an answer or a story, "" where there is none; see deep_links.py."""
        if not self.username:
            return ""
        return DeepLink(target, number).address(self.username, self.settings.token or "")
