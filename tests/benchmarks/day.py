"""A day of 500 feeds on a fake clock: what is left to do at each hour, and the memory.

Feeds on a real web server, each read twice an hour, with new articles now and then;
subscribers to each of their outlets and to topics. Everything is the real thing but the
clock, the model and Telegram.
"""

import asyncio
import gc
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from telegram.ext import Application

from bot.chats import Chats
from bot.delivery import Delivery
from bot.newsroom import Newsroom
from bot.outbox import State
from bot.settings import Settings
from bot.subscriptions import Kind, Subscription
from index import News
from index.articles import Source, SourceKind
from tests.fakes import SettableClock, StandInEmbedder, StandInTelegram
from tests.webserver import Page, WebServer

FEEDS, HOURS, SUBSCRIBERS = 500, 24, 200
_TICK = timedelta(minutes=15)
# New articles of an hour, over all feeds.
_AN_HOUR = 40
_BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
# Hours until all caches are warm; from then on memory is compared.
_WARM = 4


def run(console: Console | None = None) -> dict[str, Any]:
    """Live through the day; prints a table, returns all figures."""
    console = console or Console()
    with tempfile.TemporaryDirectory(prefix="newsbot-day-") as name:
        figures = asyncio.run(_day(Path(name), console))
    return figures


async def _day(folder: Path, console: Console) -> dict[str, Any]:
    chance, clock = random.Random(1), SettableClock(_BEGAN)
    words = ["".join(chance.choices("abdefgiklmnoprstuv", k=7)) for _ in range(5_000)]
    news = News(folder, embedder=StandInEmbedder(), clock=clock, allow_private=True)
    chats = Chats(f"sqlite:///{folder / 'chats.db'}")
    room = Newsroom(news, chats, Settings(data=folder, _env_file=None), clock, news.refresh)
    _subscribe(room, words, chance)
    table = Table("hour", "articles", "to match", "due", "sent", "memory, MiB", "took, s")
    hours: list[dict[str, float]] = []
    async with WebServer() as server:
        # A feed without entries is no feed; what was there before is no news.
        old = _BEGAN - timedelta(days=9)
        entries = {number: [_entry(old, words, chance)] for number in range(FEEDS)}
        for number in range(FEEDS):
            url = f"{server.url}/{number}.xml"
            news.sources.put(Source(0, url, SourceKind.FEED, f"Outlet {number}", clock()))
            server.pages[f"/{number}.xml"] = _feed(number, entries[number])
        telegram = StandInTelegram(latency_s=0.0)
        application = (
            Application.builder()
            .token("1:stand-in")
            .request(telegram)
            .get_updates_request(telegram)
            .updater(None)
            .build()
        )
        async with application:
            delivery = Delivery(application.bot, room.outbox, chats, news, clock, None)
            news.bring_up()
            for hour in range(1, HOURS + 1):
                began = time.perf_counter()
                for _ in range(int(timedelta(hours=1) / _TICK)):
                    clock.advance(_TICK)
                    for _ in range(_AN_HOUR * _TICK // timedelta(hours=1)):
                        number = chance.randrange(FEEDS)
                        entries[number].append(_entry(clock(), words, chance))
                        server.pages[f"/{number}.xml"] = _feed(number, entries[number][-20:])
                    await news.refresh()
                    while await asyncio.to_thread(room.watcher.step):
                        pass
                    await delivery.step()
                server.requests.clear()
                counts = room.outbox.counts()
                row = {
                    "articles": news.archive.counts()[0],
                    "to match": news.archive.last_change() - (room.storylines.cursor() or 0),
                    "due": counts[State.DUE] + counts[State.LEASED],
                    "sent": counts[State.SENT],
                    "memory, MiB": _memory(),
                    "took, s": time.perf_counter() - began,
                }
                hours.append(row)
                table.add_row(
                    str(hour),
                    *(f"{v:.1f}" if isinstance(v, float) else str(v) for v in row.values()),
                )
    console.print(table)
    chats.close()
    news.close()
    return {
        "hours": hours,
        "largest backlog": max(h["to match"] + h["due"] for h in hours),
        "memory after the first hours, MiB": hours[_WARM - 1]["memory, MiB"],
        "memory at the end, MiB": hours[-1]["memory, MiB"],
    }


def _memory() -> float:
    """What this process has in memory now, in MiB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def _subscribe(room: Newsroom, words: list[str], chance: random.Random) -> None:
    for number in range(1, SUBSCRIBERS + 1):
        room.chats.chat(number, "private", _BEGAN)
        outlet, topic = f"Outlet {number % FEEDS}", " ".join(chance.sample(words, k=2))
        for kind, text in ((Kind.SOURCE, outlet), (Kind.TOPIC, topic)):
            room.subscriptions.add(Subscription(0, number, 0, kind, text, 0, None, False, _BEGAN))


def _entry(now: datetime, words: list[str], chance: random.Random) -> str:
    number = chance.getrandbits(60)
    said = [" ".join(chance.choices(words, k=30)).capitalize() + "." for _ in range(5)]
    body = "".join(f"<p>{paragraph}</p>" for paragraph in said)
    return (
        f"<item><title>{' '.join(chance.choices(words, k=5)).capitalize()}</title>"
        f"<guid>https://example.org/{number}</guid><link>https://example.org/{number}</link>"
        f"<pubDate>{now:%a, %d %b %Y %H:%M:%S +0000}</pubDate>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
    )


def _feed(number: int, items: list[str]) -> Page:
    body = (
        '<?xml version="1.0"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Outlet {number}</title><link>https://example.org/</link>{''.join(items)}"
        "</channel></rss>"
    )
    etag = f'"{len(items)}-{hash(body)}"'
    return Page(body.encode(), content_type="application/rss+xml", etag=etag)
