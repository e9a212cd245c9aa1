"""A newsbot in a process of its own that tells subscribers, and can be killed at a boundary.

    python -m tests.tellable DATA ARTICLES BASE_URL TOKEN [BOUNDARY NTH]

It adds the folder ARTICLES, matches and delivers until nothing is left, and ends. At the
NTH time that it comes to BOUNDARY it kills itself with SIGKILL. Everything is the real
thing but the model, so that many starts stay cheap.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import killable

# In the order in which one update comes to them.
BOUNDARIES = (
    "fetch",
    "commit",
    "match",
    "matched",
    "lease",
    "before send",
    "after send",
    "recorded",
)


def run(
    data: Path, articles: Path, base_url: str, token: str, boundary: str = "", nth: int = 0
) -> bool:
    """Run a process to its end; whether it was killed. AssertionError if it failed otherwise."""
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.tellable",
            str(data),
            str(articles),
            base_url,
            token,
            boundary,
            str(nth),
        ],
        cwd=killable.ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode != 0


class Killer:
    """Kills this process at one moment."""

    def __init__(self, boundary: str, nth: int) -> None:
        self._boundary, self._left = boundary, nth

    def reached(self, boundary: str) -> None:
        """The process has come to a boundary."""
        if boundary == self._boundary:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, act: Callable[..., Any], before: str, after: str = "") -> Callable[..., Any]:
        """``act`` with boundaries on both sides."""

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.reached(before)
            result = act(*args, **kwargs)
            if after and result:
                self.reached(after)
            return result

        return wrapped


async def tell(data: Path, articles: Path, base_url: str, token: str, killer: Killer) -> None:
    """Add, match, deliver, with the boundaries in between."""
    from telegram.ext import Application

    from bot.chats import Chats
    from bot.delivery import Delivery
    from bot.newsroom import Newsroom
    from bot.pacing import Pacing
    from bot.settings import Settings
    from index import News
    from tests.fakes import StandInEmbedder

    news = News(data, embedder=StandInEmbedder())
    chats = Chats(f"sqlite:///{data / 'chats.db'}")
    settings = Settings(data=data, _env_file=None)
    room = Newsroom(news, chats, settings, lambda: datetime.now(UTC), news.refresh)
    store: Any = news._store
    store.put = killer.around(store.put, "commit")
    lines: Any = room.storylines
    lines.commit = killer.around(lines.commit, "match", "matched")
    outbox: Any = room.outbox
    lease = outbox.lease
    outbox.lease = lambda *a: _leased(lease(*a), killer)
    record = outbox.record
    outbox.record = lambda *a, **k: _recorded(record, killer, a, k)
    application = (
        Application.builder()
        .token(token)
        .base_url(base_url)
        .updater(None)
        .rate_limiter(Pacing())
        .build()
    )
    async with application:
        news.bring_up()
        killer.reached("fetch")
        await news.add([str(articles)])
        while room.watcher.step():
            pass
        delivery = Delivery(_Bot(application.bot, killer), outbox, chats, news, room.clock)  # type: ignore[arg-type]
        await delivery.start()
        await delivery.step()


def _leased(dues: list[Any], killer: Killer) -> list[Any]:
    if dues:
        killer.reached("lease")
    return dues


def _recorded(record: Any, killer: Killer, args: Any, kwargs: Any) -> None:
    killer.reached("after send")
    record(*args, **kwargs)
    killer.reached("recorded")


class _Bot:
    """The real bot, with a boundary before each message."""

    def __init__(self, bot: Any, killer: Killer) -> None:
        self._bot, self._killer = bot, killer

    async def send_message(self, *args: Any, **kwargs: Any) -> Any:
        self._killer.reached("before send")
        return await self._bot.send_message(*args, **kwargs)


if __name__ == "__main__":
    folder, files, url, bot_token, *moment = sys.argv[1:]
    asyncio.run(tell(Path(folder), Path(files), url, bot_token, Killer(moment[0], int(moment[1]))))
