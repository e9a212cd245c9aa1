"""newsbot's serving in a process of its own, with the stand-in model: many starts stay cheap.

    python -m tests.servable [--unresolved N]

It takes its settings from the environment, as ``newsbot run`` does, and runs the same
``serving.run``. A question with the word ``slowly`` takes a minute to work out. With
--unresolved the host name ``telegram.test`` is looked up in vain N times, then found here.
"""

import argparse
import asyncio
import gc
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.embedding import Matrix
from tests.bot import process
from tests.bot.process import SAMPLE, Running
from tests.botapi import BotApiServer
from tests.fakes import StandInEmbedder

HOST = "telegram.test"
SLOWLY = "slowly"
_SLOWLY_S = 60


class Thinking(StandInEmbedder):
    """The stand-in, which has to think about some questions."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        if any(SLOWLY in text for text in texts):
            time.sleep(_SLOWLY_S)
        return super().encode(texts)


def with_the_sample(folder: Path) -> Path:
    """Make the folder one that follows the sample articles, read with the stand-in."""
    from index import News

    news = News(folder, embedder=StandInEmbedder())
    asyncio.run(news.add([str(SAMPLE)]))
    news.close()
    return folder


def start(server: BotApiServer, data: Path, *arguments: str, **environment: str) -> Running:
    """Start a process in the background."""
    return process.start(server, data, ("-m", "tests.servable", *arguments), **environment)


@contextmanager
def serving(
    server: BotApiServer, data: Path, *arguments: str, **environment: str
) -> Iterator[Running]:
    """A process that serves; stopped at the end unless it has ended."""
    bot = start(server, data, *arguments, **environment)
    try:
        yield bot
    finally:
        if bot.process.poll() is None:
            bot.stop()


def fail_to_resolve(times: int) -> None:
    """Break the look-up of HOST for a while, as a fault of the network does."""
    real, left = socket.getaddrinfo, times

    def getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal left
        if host in (HOST, HOST.encode()):
            left -= 1
            if left >= 0:
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            host = "127.0.0.1"
        return real(host, *arguments, **named)

    socket.getaddrinfo = getaddrinfo


def main() -> None:
    """What the process does."""
    from bot.chats import Chats
    from bot.cli import _log_what_happens
    from bot.serving import run
    from bot.settings import read_settings
    from index import News, NewsError

    parser = argparse.ArgumentParser()
    parser.add_argument("--unresolved", type=int, default=0)
    fail_to_resolve(parser.parse_args().unresolved)
    _log_what_happens()
    try:
        settings = read_settings()
    except NewsError as error:
        sys.exit(str(error))
    news = News(settings.data, embedder=Thinking(), allow_private=settings.allow_private)
    chats = Chats(f"sqlite:///{settings.data / 'chats.db'}")
    try:
        asyncio.run(run(settings, news, chats, lambda: datetime.now(UTC)))
    except NewsError as error:
        sys.exit(str(error))
    finally:
        chats.close()
        news.close()
        gc.freeze()


if __name__ == "__main__":
    main()
