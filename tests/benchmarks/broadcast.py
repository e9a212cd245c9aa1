"""Updates to thousands of chats at Telegram's pace: how fast, how much memory, who waits.

The outbox, the delivery and the pacing are the real ones; the server is a stand-in and the
clock a virtual one, so that minutes take seconds and are exact.
"""

import asyncio
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table
from telegram.ext import Application

from bot.chats import Chats
from bot.delivery import Delivery
from bot.matching import arrived, best_sentence, read_topic
from bot.outbox import Outbox, State
from bot.pacing import Pacing
from bot.schedule import OVERALL_GAP_S
from bot.storylines import Matched, Storylines
from bot.subscriptions import Kind
from bot.updates import Planned, Update
from index import News
from tests.benchmarks.archives import benchmark_folder
from tests.fakes import InlineExecutor, SentTo, StandInEmbedder, StandInTelegram, VirtualTimeLoop

MESSAGES = 10_000
PRIVATE, GROUP, PENALTY_S = 1_000, -5, 300
_BEGAN = datetime(2026, 3, 2, 12, tzinfo=UTC)
_TOKEN = "1:stand-in"
_QUOTE = "The harbour bridge at Lundholm opened on Monday."

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What a broadcast came to; seconds of virtual time, but for ``work_s``."""

    sent: list[SentTo]
    states: dict[State, int]
    refused: int
    virtual_s: float
    work_s: float
    memory_mib: tuple[float, float]


def run(console: Console | None = None) -> dict[str, Any]:
    """Both broadcasts; prints a table, returns all figures."""
    console = console or Console()
    many = broadcast(list(range(1, MESSAGES + 1)))
    gaps = Counter(int(s.at) for s in many.sent)
    table = Table("figure", "value", title=f"{MESSAGES:,} messages due at once")
    figures: dict[str, Any] = {
        "sent": many.states.get(State.SENT, 0),
        "sent twice": len(many.sent) - len({s.chat for s in many.sent}),
        "seconds, virtual": round(many.virtual_s, 1),
        "seconds at the pace": round(MESSAGES * OVERALL_GAP_S, 1),
        "most in a second": max(gaps.values()),
        "work per message, ms": round(1000 * many.work_s / MESSAGES, 2),
        "memory after a tenth, MiB": round(many.memory_mib[0], 1),
        "memory at the end, MiB": round(many.memory_mib[1], 1),
    }
    for name, value in figures.items():
        table.add_row(name, str(value))
    console.print(table)
    figures["storm"] = _storm(console)
    return figures


def _storm(console: Console) -> dict[str, Any]:
    """A group under a penalty among private chats: how much later anybody else is."""
    chats = [GROUP, *range(1, PRIVATE + 1)]
    calm = broadcast(chats, updates=2)
    storm = broadcast(chats, updates=2, flooded=True)
    late = [
        after.at - before.at
        for chat in range(1, PRIVATE + 1)
        for before, after in zip(_to(calm, chat), _to(storm, chat), strict=True)
    ]
    figures: dict[str, Any] = {
        "sent to others": len(late),
        "later than without it, at most, s": round(max(late), 3),
        "to the group": len(_to(storm, GROUP)),
        "the group's first after, s": round(_to(storm, GROUP)[0].at, 1),
        "in order": all(
            [s.text for s in _to(storm, chat)] == [s.text for s in _to(calm, chat)]
            for chat in chats
        ),
        "refused by the server": storm.refused,
        "all delivered": storm.states == {State.SENT: 2 * len(chats)},
    }
    table = Table("figure", "value", title=f"retry_after={PENALTY_S} in one group")
    for name, value in figures.items():
        table.add_row(name, str(value))
    console.print(table)
    return figures


def _to(sent: Broadcast, chat: int) -> list[SentTo]:
    return [s for s in sent.sent if s.chat == chat]


def broadcast(chats: list[int], *, updates: int = 1, flooded: bool = False) -> Broadcast:
    """Send so many updates of stories of their own to each chat, all due at once."""
    with tempfile.TemporaryDirectory(prefix="newsbot-broadcast-", dir=_disk()) as name:
        data = Path(name) / "data"
        make_news(data)
        return _in_virtual_time(_broadcast(data, chats, updates, flooded))


def _disk() -> Path:
    folder = benchmark_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _in_virtual_time(main: Coroutine[Any, Any, Result]) -> Result:
    loop = VirtualTimeLoop()
    loop.set_default_executor(InlineExecutor())
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


async def _broadcast(data: Path, ids: list[int], updates: int, flooded: bool) -> Broadcast:
    loop = asyncio.get_running_loop()
    began = loop.time()

    def clock() -> datetime:
        return _BEGAN + timedelta(seconds=loop.time() - began)

    news, chats = News(data, embedder=StandInEmbedder()), Chats(f"sqlite:///{data / 'chats.db'}")
    _put(news, chats, ids, updates)
    server = _Measured(len(ids) * updates // 10)
    if flooded:
        server.flooded[GROUP] = began + PENALTY_S
    application = (
        Application.builder()
        .token(_TOKEN)
        .request(server)
        .get_updates_request(server)
        .updater(None)
        .rate_limiter(Pacing())
        .build()
    )
    outbox = Outbox(chats.engine)
    async with application:
        delivery = Delivery(application.bot, outbox, chats, news, clock)
        started, sending = time.perf_counter(), loop.time()
        while not _is_done(outbox):
            if not await delivery.step():
                await asyncio.sleep(2.0)
        work, took = time.perf_counter() - started, server.sent[-1].at - sending
    states = {state: count for state, count in outbox.counts().items() if count}
    chats.close()
    news.close()
    sent = [SentTo(s.at - sending, s.chat, s.text) for s in server.sent]
    return Broadcast(sent, states, server.refused, took, work, (server.early, _memory()))


def _is_done(outbox: Outbox) -> bool:
    counts = outbox.counts()
    return not counts[State.DUE] and not counts[State.LEASED]


class _Measured(StandInTelegram):
    """Notes how much memory is in use when so many are sent."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self.early = 0.0

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Take a message."""
        if len(self.sent) == self._count:
            self.early = _memory()
        return await super().do_request(*args, **kwargs)


def _memory() -> float:
    """The most memory that this process has had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make_news(data: Path) -> None:
    """A data folder with one article."""
    article = data.with_name("article.md")
    article.write_text(f"---\ntitle: Bridge\noutlet: Post\n---\n{_QUOTE}\n", encoding="utf-8")
    news = News(data, embedder=StandInEmbedder())
    asyncio.run(news.add([str(article)]))
    news.close()


def story_update(news: News, story: int) -> Update:
    """An update that quotes the one article, of a story with this number."""
    [article] = news.archive.newest(1)
    ready = arrived(news.paragraphs(article.id), news.embedder.encode(["x"]))
    claim = best_sentence(ready, read_topic("harbour bridge"), {})
    return Update(Kind.TOPIC, "bridge", story, f"Story {story}", (claim,))


def _put(news: News, chats: Chats, ids: list[int], updates: int) -> None:
    for chat in ids:
        chats.chat(chat, "private" if chat > 0 else "group", _BEGAN)
    planned = [
        (Planned(chat, 0, 1, "story", update), _BEGAN, False)
        for update in (story_update(news, story) for story in range(1, updates + 1))
        for chat in ids
    ]
    assert Storylines(chats.engine).commit(Matched(1, (), planned, (), ()), None, _BEGAN)
