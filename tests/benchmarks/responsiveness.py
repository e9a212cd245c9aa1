"""How soon a question is answered while the bot is busy, against the same bot when idle.

Busy once with adding articles, when the event loop's lag is measured too, and once with a
broadcast, when the server's log shows whether Telegram's pace was kept. The bot and the Bot
API server share one process, so the server's work counts against the bot.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from telegram import Bot
from telegram.error import RetryAfter, TelegramError

from bot.app import build_application, started
from bot.chats import Chats
from bot.intake import Intake
from bot.newsroom import Newsroom
from bot.pacing import Pace, Priority
from bot.reader.reading import Reader
from bot.settings import Settings
from index import News
from index.sample import read_sample
from tests.benchmarks.newsqa import article_files
from tests.botapi import BotApiServer, Chat
from tests.botapi.faults import flood
from tests.botapi.model import Message

QUESTIONS = (
    "who brokered the ceasefire?",
    "Who won the Nobel Peace Prize?",
    "How strong was the earthquake in Turkey?",
    "Who lit the Olympic cauldron?",
    "Where did India's spacecraft land?",
)
ASKED_IDLE = 60
PRIVATE, GROUP_MESSAGES, GROUPS = 1000, 200, 10
PENALTY_S = 300
_TICK_S = 0.005


@dataclass(slots=True)
class Busy:
    """A bot with its server, and the news behind it."""

    server: BotApiServer
    bot: Bot
    news: News


def run(articles: int = 500) -> dict[str, Any]:
    """Both loads, one after the other; figures in seconds."""
    figures = asyncio.run(_run(articles))
    for load, figure in figures.items():
        table = Table("figure", "value", title=f"Asked during {load}")
        table.add_row("questions", str(figure["asked"]))
        table.add_row("answered within, p50", f"{figure['p50']:.3f} s")
        table.add_row("answered within, p95", f"{figure['p95']:.3f} s")
        table.add_row("p95 when idle", f"{figure['idle_p95']:.3f} s")
        table.add_row("p95, busy to idle", f"{figure['ratio']:.2f}")
        for name, value in figure["else"].items():
            table.add_row(name, str(value))
        Console().print(table)
    return figures


async def _run(articles: int) -> dict[str, Any]:
    figures = {}
    async with _serving() as busy:
        # The first answer loads the model.
        await _ask(busy, 3)
        idle = await _ask(busy, ASKED_IDLE)
        figures["the adding of articles"] = await _while_adding(busy, articles, idle)
        idle = await _ask(busy, ASKED_IDLE)
        figures["a broadcast"] = await _while_broadcasting(busy, idle)
    return figures


@asynccontextmanager
async def _serving() -> AsyncIterator[Busy]:
    with tempfile.TemporaryDirectory(prefix="newsbot-busy-") as name, BotApiServer() as server:
        data = Path(name)
        news, chats = News(data), Chats(f"sqlite:///{data / 'chats.db'}")
        await asyncio.to_thread(read_sample, news)
        settings = Settings(data=data, token=server.token, api_url=server.base_url, _env_file=None)

        def clock() -> datetime:
            return datetime.now(UTC)

        room = Newsroom(news, chats, settings, clock, news.refresh, Reader().read)
        application = build_application(settings, room)
        async with started(application):
            await asyncio.to_thread(news.bring_up)
            intake = Intake(application, chats, clock)
            await intake.start()
            polling = asyncio.create_task(intake.poll())
            yield Busy(server, application.bot, news)
            polling.cancel()
            await intake.stop(5)
        chats.close()
        news.close()


async def _ask(busy: Busy, count: int, go_on: Callable[[], bool] = lambda: True) -> list[float]:
    """Ask one question after the other, each from a person of its own; seconds to each answer."""
    took = []
    for number in range(count):
        if not go_on():
            break
        asking = asyncio.to_thread(_ask_one, busy.server, QUESTIONS[number % len(QUESTIONS)])
        took.append(await asking)
        await asyncio.sleep(0.05)
    return took


def _ask_one(server: BotApiServer, question: str) -> float:
    user = server.add_user("Ann")
    server.user_starts(user)
    chat = server.private_chat(user)
    # The greeting counts against the chat's pace, so it must be past.
    server.wait(lambda: server.sent(chat), timeout=60)
    time.sleep(1.1)
    began = time.monotonic()
    asked = server.user_says(chat, user, question)
    answer: Message = server.wait(lambda: _answer(server, chat, asked), timeout=60)
    assert answer.arrived
    return answer.arrived - began


def _answer(server: BotApiServer, chat: Chat, asked: Message) -> Message | None:
    found = (m for m in server.sent(chat, after=asked) if m.reply_to is asked)
    return next(found, None)


async def _while_adding(busy: Busy, articles: int, idle: list[float]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="newsbot-added-") as name:
        article_files(Path(name), articles)
        adding = asyncio.create_task(busy.news.add([name]))
        lags: list[float] = []
        measuring = asyncio.create_task(_measure_lag(lags))
        began = time.monotonic()
        took = await _ask(busy, 10_000, lambda: not adding.done())
        [added] = await adding
        seconds = time.monotonic() - began
        measuring.cancel()
    return _figures(
        took,
        idle,
        {
            "articles": sum(r.new for r in added.refreshed),
            "seconds": round(seconds, 1),
            "loop lag p50": f"{statistics.median(lags) * 1000:.1f} ms",
            "loop lag p99": f"{_quantile(lags, 0.99) * 1000:.1f} ms",
            "loop lag max": f"{max(lags) * 1000:.1f} ms",
        },
    )


async def _measure_lag(lags: list[float]) -> None:
    """How much later than asked for the loop comes back, again and again."""
    while True:
        due = time.perf_counter() + _TICK_S
        await asyncio.sleep(_TICK_S)
        lags.append(max(0.0, time.perf_counter() - due))


async def _while_broadcasting(busy: Busy, idle: list[float]) -> dict[str, Any]:
    server = busy.server
    readers = [server.add_user(f"Reader {i}") for i in range(PRIVATE // 2)]
    chats = [server.private_chat(reader) for reader in readers]
    groups = [server.add_group(f"Group {i}", readers[:2]) for i in range(GROUPS)]
    # The first message to this group meets the penalty.
    punished = server.add_group("Punished", readers[:2])
    server.inject(flood(PENALTY_S, chat=punished.id, keep=True))
    due = [chat.id for chat in chats] * 2
    due += [group.id for group in groups] * (GROUP_MESSAGES // GROUPS)
    random.Random(1).shuffle(due)
    due.insert(0, punished.id)
    sent_before = len(server.world.sends)
    pace = Pace(Priority.UPDATE, wait=False)
    began = time.monotonic()
    sending = [asyncio.create_task(_sent(_update(busy.bot, chat, pace))) for chat in due]
    took = await _ask(busy, 10_000, lambda: not all(t.done() for t in sending))
    outcomes = await asyncio.gather(*sending)
    seconds = time.monotonic() - began
    judged = server.audit()
    return _figures(
        took,
        idle,
        {
            "sent": f"{outcomes.count(True)} of {len(due)}",
            "seconds": round(seconds, 1),
            "private a second": judged.private_per_second,
            "group a minute": judged.group_per_minute,
            "overall a second": judged.overall_per_second,
            "inside the penalty": len(judged.in_penalty),
            "calls": len(server.world.sends) - sent_before,
        },
    )


def _update(bot: Bot, chat: int, pace: Pace) -> Awaitable[Any]:
    return bot.send_message(chat, "An update", rate_limit_args=pace)  # type: ignore[call-arg]


async def _sent(sending: Awaitable[Any]) -> bool:
    try:
        await sending
    except RetryAfter:
        return False
    except TelegramError as error:
        raise AssertionError(f"an update was refused: {error}") from error
    return True


def _figures(took: list[float], idle: list[float], more: dict[str, Any]) -> dict[str, Any]:
    p95, idle_p95 = _quantile(took, 0.95), _quantile(idle, 0.95)
    return {
        "asked": len(took),
        "p50": statistics.median(took),
        "p95": p95,
        "idle_p95": idle_p95,
        "ratio": p95 / idle_p95,
        "else": more,
    }


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
