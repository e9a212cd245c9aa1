"""Wiring: settings to objects to a running application."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from filelock import FileLock, Timeout
from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import InvalidToken, TelegramError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest

from bot.catalogue import ENGLISH
from bot.chats import Chats
from bot.handlers import admin, asking, buttons, commands, inline
from bot.handlers import settings as chat_settings
from bot.intake import AnyApplication, Intake, TelegramRefusedError
from bot.newsroom import Newsroom
from bot.settings import Settings
from bot.terminal import TOKEN, Terminal
from index import News
from index.database import storage_errors
from index.errors import BusyError, NewsError

log = logging.getLogger(__name__)

# What is in hand has this long to end; the rest waits in the inbox.
_PATIENCE_S = 8.0
_REFRESH_CHECK_S = 60.0


def build_application(
    settings: Settings, room: Newsroom, request: BaseRequest | None = None
) -> AnyApplication:
    """The application with all handlers; ``request`` stands in for the network."""
    builder = Application.builder().token(settings.token or "").updater(None)
    if request is not None:
        builder = builder.request(request).get_updates_request(request)
    if settings.api_url:
        builder = builder.base_url(settings.api_url)
    application = builder.build()
    application.bot_data["newsroom"] = room
    texts = filters.TEXT & ~filters.COMMAND
    for name, handler in (
        ("start", commands.on_start),
        ("help", commands.on_help),
        ("ask", asking.on_ask),
        ("latest", commands.on_latest),
        ("sources", commands.on_sources),
        ("status", commands.on_status),
        ("settings", chat_settings.on_settings),
        ("forget", chat_settings.on_forget),
        ("add", admin.on_add),
        ("remove", admin.on_remove),
        ("refresh", admin.on_refresh),
    ):
        application.add_handler(CommandHandler(name, handler))
    application.add_handler(MessageHandler(filters.Document.ALL, admin.on_document))
    application.add_handler(MessageHandler(texts, asking.on_message))
    application.add_handler(CallbackQueryHandler(buttons.on_press))
    application.add_handler(InlineQueryHandler(inline.on_inline))
    return application


async def run(settings: Settings, news: News, chats: Chats, clock: Callable[[], datetime]) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises NewsError when it cannot."""
    with only_one(settings):
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        room = Newsroom(news, chats, settings, clock, news.refresh)
        application = build_application(settings, room)
        async with started(application):
            intake = Intake(application, chats, clock)
            await intake.start()
            tasks = {
                asyncio.create_task(intake.poll(), name="intake"),
                asyncio.create_task(_bring_up(news), name="indexes"),
                asyncio.create_task(_refresh(room), name="refresh"),
            }
            waiting = asyncio.create_task(stopping.wait())
            await _until(waiting, tasks)
            await intake.stop(_PATIENCE_S)
            waiting.cancel()
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, NewsError):
                    raise result


async def chat(
    settings: Settings,
    news: News,
    chats: Chats,
    clock: Callable[[], datetime],
    terminal: Terminal,
    read_line: Callable[[], str],
) -> None:
    """Serve the terminal until ``read_line`` raises EOFError."""
    local = settings.model_copy(update={"token": TOKEN, "api_url": None})
    room = Newsroom(news, chats, local, clock, news.refresh)
    application = build_application(local, room, terminal)
    async with started(application):
        intake = Intake(application, chats, clock)
        await intake.start()
        polling = asyncio.create_task(intake.poll())
        try:
            while True:
                line = (await asyncio.to_thread(read_line)).strip()
                if line and not terminal.type(line):
                    terminal.say("There is no such button.")
                await intake.idle()
        except EOFError:
            log.info("the conversation ended")
        finally:
            polling.cancel()
            await intake.stop(_PATIENCE_S)


async def check(settings: Settings, news: News) -> list[str]:
    """What run() needs, looked at one by one; a line each. Raises the first NewsError."""
    lines = [f"data folder: {settings.data}"]
    articles, paragraphs = await asyncio.to_thread(news.archive.counts)
    sources = await asyncio.to_thread(news.sources.all)
    failing = sum(1 for source in sources if source.health.failures)
    lines.append(f"news: {articles} articles, {paragraphs} paragraphs")
    lines.append(f"sources: {len(sources)}, {failing} of them failing")
    await asyncio.to_thread(news.embedder.load)
    lines.append(f"model: {news.embedder.name}")
    bot = Application.builder().token(settings.token or "").updater(None)
    if settings.api_url:
        bot = bot.base_url(settings.api_url)
    application = bot.build()
    async with started(application):
        lines.append(f"token: belongs to @{application.bot.username}")
    return lines


async def _until(waiting: asyncio.Task[bool], tasks: set[asyncio.Task[None]]) -> None:
    """Wait for the signal to stop, or for a task that fails."""
    while not waiting.done():
        done, _ = await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        failed = [t for t in done if t is not waiting and t.exception() is not None]
        if failed:
            return
        tasks -= {t for t in done if t is not waiting}


@asynccontextmanager
async def started(application: AnyApplication) -> AsyncIterator[None]:
    """The application, initialised and its commands registered; shut down at the end."""
    try:
        await application.initialize()
    except InvalidToken as error:
        raise TelegramRefusedError(
            "NEWSBOT_TOKEN", "Telegram does not know this token", "Ask @BotFather for it"
        ) from error
    except TelegramError as error:
        raise TelegramRefusedError(
            "Telegram", f"it cannot be reached ({error})", "Check the network and NEWSBOT_API_URL"
        ) from error
    try:
        await _register_commands(application)
        await application.start()
        yield
        await application.stop()
    finally:
        await application.shutdown()


async def _register_commands(application: AnyApplication) -> None:
    shown = [BotCommand(name, text) for name, text in ENGLISH.command_help.items()]
    for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
        try:
            await application.bot.set_my_commands(shown, scope=scope)
        except TelegramError as error:
            log.warning("could not register the commands: %s", error)


async def _bring_up(news: News) -> None:
    for notice in await asyncio.to_thread(news.bring_up):
        log.warning(notice)


async def _refresh(room: Newsroom) -> None:
    """Read what is due, now and then; that one round fails does not end the next."""
    while True:
        try:
            async with room.writing:
                for result in await room.news.refresh():
                    if result.new or result.changed or result.error:
                        log.info(
                            "%s: %s new, %s changed%s",
                            result.source.url,
                            result.new,
                            result.changed,
                            f", {result.error}" if result.error else "",
                        )
        except NewsError as error:
            log.warning("not refreshed: %s", error)
        await asyncio.sleep(_REFRESH_CHECK_S)


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the data folder as its one running bot. Raises BusyError if there is another."""
    lock = FileLock(settings.data / "running.lock")
    with storage_errors(str(settings.data)):
        settings.data.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise BusyError(
                str(settings.data),
                "another newsbot is running on this data folder",
                "Stop it first, or set NEWSBOT_DATA to another folder",
            ) from error
    try:
        yield
    finally:
        lock.release()
