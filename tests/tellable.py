"""A newsbot in a process of its own that tells subscribers, and can be killed at a boundary.

It adds a folder of articles, matches and delivers until nothing is left, and ends. At the
nth time that it comes to a boundary it kills itself with SIGKILL. Everything is the real
thing but the model, and all of it is imported once for many processes, so that many starts
stay cheap.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# In the data folder: a line for each kill, with the messages that it caught being sent.
CAUGHT = "caught.txt"
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
    process = _CONTEXT.Process(target=_tell, args=(data, articles, base_url, token, boundary, nth))
    process.start()
    process.join(120)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


# Forked from a process that has imported everything, and done nothing else.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["bot.newsroom", "bot.delivery", "telegram.ext", "tests.fakes"])


def _tell(data: Path, articles: Path, base_url: str, token: str, boundary: str, nth: int) -> None:
    asyncio.run(tell(data, articles, base_url, token, Killer(boundary, nth, data / CAUGHT)))


class Killer:
    """Kills this process at one moment.

    ``sending`` are the chats to which a message is on its way or has arrived, and is not
    recorded yet; how many the kill caught so is added to the file ``note`` right before it.
    """

    def __init__(self, boundary: str, nth: int, note: Path) -> None:
        self._boundary, self._left, self._note = boundary, nth, note
        self.sending: set[int] = set()

    def reached(self, boundary: str) -> None:
        """The process has come to a boundary."""
        if boundary == self._boundary:
            self._left -= 1
            if self._left <= 0:
                with self._note.open("a", encoding="ascii") as note:
                    note.write(f"{len(self.sending)}\n")
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
    outbox.record = lambda *a, **k: _recorded(record, outbox, killer, a, k)
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


def _recorded(record: Any, outbox: Any, killer: Killer, args: Any, kwargs: Any) -> None:
    killer.reached("after send")
    record(*args, **kwargs)
    due, _ = outbox.get(args[0][0])
    killer.sending.discard(due.chat)
    killer.reached("recorded")


class _Bot:
    """The real bot, with a boundary before each message."""

    def __init__(self, bot: Any, killer: Killer) -> None:
        self._bot, self._killer = bot, killer

    async def send_message(self, *args: Any, **kwargs: Any) -> Any:
        self._killer.reached("before send")
        self._killer.sending.add(kwargs["chat_id"])
        return await self._bot.send_message(*args, **kwargs)
