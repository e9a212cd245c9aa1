"""What the handlers share: the news, the chats, the settings, the clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.chats import Chats
from bot.settings import Settings
from index import News


@dataclass(slots=True)
class Newsroom:
    """One for the whole application. ``refresh`` reads the sources that are due, or all."""

    news: News
    chats: Chats
    settings: Settings
    clock: Callable[[], datetime]
    refresh: Callable[[], Awaitable[object]]
    # Writing to the news from two handlers at once would only make one of them fail.
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
