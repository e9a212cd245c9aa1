"""A copy of the data folder, taken while newsbot runs, goes on where that was."""

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from telegram.ext import Application

from bot.chats import Chats
from bot.delivery import Delivery
from bot.newsroom import Newsroom
from bot.outbox import State
from bot.settings import Settings
from bot.subscriptions import Kind, Subscription
from index import News
from tests.botapi import BotApiServer
from tests.fakes import SettableClock, StandInEmbedder

WORDS = "amber birch cedar dune ember fjord grove heath islet juniper kelp loch".split()


@dataclass
class House:
    """A newsbot on one data folder, as far as telling goes."""

    room: Newsroom
    delivery: Delivery
    clock: SettableClock

    async def read(self, articles: Path) -> None:
        """Read the sources, and match what is new."""
        self.room.news.bring_up()
        await self.room.news.add([str(articles)])
        while self.room.watcher.step():
            pass

    async def tell(self) -> None:
        """Send what is due."""
        await self.delivery.start()
        await self.delivery.step()


@asynccontextmanager
async def house(data: Path, server: BotApiServer) -> AsyncIterator[House]:
    clock = SettableClock(datetime.now(UTC))
    news = News(data, embedder=StandInEmbedder())
    chats = Chats(f"sqlite:///{data / 'chats.db'}")
    room = Newsroom(news, chats, Settings(data=data, _env_file=None), clock, news.refresh)
    builder = Application.builder().token(server.token).base_url(server.base_url).updater(None)
    async with builder.build() as application:
        delivery = Delivery(application.bot, room.outbox, chats, news, clock, None)
        yield House(room, delivery, clock)
    chats.close()
    news.close()


def write(articles: Path, numbers: range) -> None:
    """Articles that have no word in common."""
    for number in numbers:
        said = " ".join(f"{word}{number}" for word in WORDS)
        (articles / f"{number}.md").write_text(
            f"---\ntitle: Report {number}\noutlet: Post\n---\n{said.capitalize()}.\n"
        )


def told(server: BotApiServer, chat: int) -> Counter[str]:
    """How often each article was told in a chat."""
    texts = [message.text or "" for message in server.sent(server.world.chats[chat])]
    return Counter(f"Report {n}" for n in range(9) for text in texts if f"Report {n}\n" in text)


def subscribe(room: Newsroom, server: BotApiServer, articles: Path) -> list[int]:
    found = []
    for name in ("Ann", "Bob"):
        user = server.add_user(name)
        server.user_starts(user)
        chat = server.private_chat(user).id
        found.append(chat)
        room.chats.chat(chat, "private", room.clock())
        room.subscriptions.add(
            Subscription(0, chat, 0, Kind.SOURCE, str(articles), 0, None, False, room.clock())
        )
    return found


@pytest.mark.parametrize(
    "older", [set(), {"news", "keywords"}, {"chats"}], ids=("neither", "news", "chats")
)
async def test_a_copy_of_the_data_folder_neither_floods_nor_skips(
    tmp_path: Path, older: set[str]
) -> None:
    """Whichever database was copied first: opened elsewhere, everyone has everything, and twice
    only what was sent after the copy was taken."""
    data, copy, articles = tmp_path / "data", tmp_path / "copy", tmp_path / "articles"
    articles.mkdir()
    write(articles, range(3))
    with BotApiServer() as server:
        async with house(data, server) as first:
            chats = subscribe(first.room, server, articles)
            await first.read(articles)
            await first.tell()
            _copy(data, copy, older)
            write(articles, range(3, 6))
            await first.read(articles)
            # All open, nothing written back from the logs, and some updates in hand.
            assert first.room.outbox.lease(first.clock(), 1)
            _copy(data, copy, {"news", "chats", "keywords"} - older)
            before = {chat: told(server, chat) for chat in chats}
            await first.tell()
        write(articles, range(6, 9))
        async with house(copy, server) as second:
            await second.tell()
            await second.read(articles)
            await second.tell()
            second.clock.advance(timedelta(minutes=15))
            await second.tell()
            counts = second.room.outbox.counts()
        assert {s: n for s, n in counts.items() if n and s is not State.SENT} == {}
        for chat in chats:
            now = told(server, chat)
            assert now.keys() == {f"Report {number}" for number in range(9)}
            assert {title for title, times in now.items() if times > 1} <= (
                now.keys() - before[chat].keys()
            )
            assert max(now.values()) <= 2


async def test_what_older_news_take_in_first_is_told_too(tmp_path: Path) -> None:
    """News restored from an older copy number new articles as ones that were told: they are told,
    and the others not again, whichever the restored news take in first."""
    data, copy, articles = tmp_path / "data", tmp_path / "copy", tmp_path / "articles"
    articles.mkdir()
    write(articles, range(3))
    with BotApiServer() as server:
        async with house(data, server) as first:
            chats = subscribe(first.room, server, articles)
            await first.read(articles)
            _copy(data, copy, {"news", "keywords"})
            write(articles, range(3, 6))
            await first.read(articles)
            await first.tell()
            _copy(data, copy, {"chats"})
        for number in range(3, 6):
            (articles / f"{number}.md").rename(tmp_path / f"{number}.md")
        write(articles, range(6, 8))
        async with house(copy, server) as second:
            await second.read(articles)
            await second.tell()
            for number in range(3, 6):
                (tmp_path / f"{number}.md").rename(articles / f"{number}.md")
            await second.read(articles)
            await second.tell()
        for chat in chats:
            assert told(server, chat) == dict.fromkeys((f"Report {n}" for n in range(8)), 1)


def _copy(data: Path, copy: Path, names: set[str]) -> None:
    """Copy what has these names before the dot, as a file manager does, file by file."""
    copy.mkdir(exist_ok=True)
    for file in data.iterdir():
        if file.name.split(".")[0] in names:
            if file.is_dir():
                shutil.copytree(file, copy / file.name)
            else:
                shutil.copy(file, copy / file.name)
