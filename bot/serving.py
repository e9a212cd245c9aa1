"""Running the application: in Telegram until it is told to stop, or on a terminal."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from filelock import FileLock, Timeout

from bot.app import build_application, owner_of_token, started
from bot.candidates import Read
from bot.catalogue import ENGLISH
from bot.chats import Chats
from bot.delivery import Delivery
from bot.intake import AnyApplication, Intake
from bot.newsroom import Newsroom
from bot.settings import Settings
from bot.telling import deliver, recheck, report, watch
from bot.terminal import TOKEN, Terminal
from bot.webhook import Webhook
from index import News
from index.database import storage_errors
from index.errors import BusyError, NewsError

log = logging.getLogger(__name__)

# What is in hand has this long to end; the rest waits in the inbox.
_PATIENCE_S = 8.0
# Work in a thread, as the building of the indexes, cannot be interrupted, and the interpreter
# would wait for it. Whatever is stored survives a kill at any moment, so this does as well.
_LAST_S = 9.5
_LAST_OF_A_CHAT_S = 3.0
_REFRESH_CHECK_S = 60.0


async def run(
    settings: Settings,
    news: News,
    chats: Chats,
    clock: Callable[[], datetime],
    read: Read | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C. ``read`` is the reader's. Raises NewsError when it cannot."""
    with only_one(settings):
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()

        def stop() -> None:
            if not stopping.is_set():
                stopping.set()
                _leave_within(_LAST_S)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        room = Newsroom(news, chats, settings, clock, news.refresh, read)
        application = build_application(settings, room)
        serving = asyncio.create_task(_serve(application, settings, room, stopping))
        told = asyncio.create_task(stopping.wait())
        await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done() and not application.running:
            # Still trying to reach Telegram: there is nothing in hand.
            serving.cancel()
        told.cancel()
        [result] = await asyncio.gather(serving, return_exceptions=True)
        if isinstance(result, Exception):
            raise result


def _leave_within(seconds: float) -> None:
    last = threading.Timer(seconds, _end)
    last.daemon = True
    last.start()


def _end() -> None:
    log.warning("stopped in the middle of work; the next start goes on with it")
    logging.shutdown()
    os._exit(0)


async def _serve(
    application: AnyApplication, settings: Settings, room: Newsroom, stopping: asyncio.Event
) -> None:
    intake = Intake(application, room.chats, room.clock)
    # A wrong address is said before Telegram is asked for anything.
    webhook = _webhook(settings, intake)
    async with started(application, patient=True):
        room.username = application.bot.username
        await intake.start()
        receiving = intake.poll() if webhook is None else _listen(intake, webhook)
        tasks: set[asyncio.Task[None]] = {
            asyncio.create_task(receiving, name="intake"),
            asyncio.create_task(_bring_up(room), name="indexes"),
            asyncio.create_task(_refresh(room), name="refresh"),
            asyncio.create_task(watch(room), name="matching"),
            asyncio.create_task(deliver(_delivery(application, room)), name="delivery"),
            asyncio.create_task(report(room), name="report"),
        }
        if settings.tell_corrections:
            tasks.add(asyncio.create_task(recheck(room), name="rechecking"))
        try:
            await _until(stopping, tasks)
        finally:
            if webhook is not None:
                await webhook.close()
            await intake.stop(_PATIENCE_S)
            for task in tasks:
                task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result


def _delivery(application: AnyApplication, room: Newsroom) -> Delivery:
    return Delivery(application.bot, room.outbox, room.chats, room.news, room.clock)


def _webhook(settings: Settings, intake: Intake) -> Webhook | None:
    if settings.webhook_url is None:
        return None
    return Webhook(
        settings.webhook_url,
        settings.webhook_port,
        settings.webhook_secret,
        intake.receive,
        local=settings.api_url is not None,
    )


async def _listen(intake: Intake, webhook: Webhook) -> None:
    webhook.open()
    await intake.announce(webhook.url, webhook.secret)
    log.info("Telegram calls %s", webhook.url)
    await intake.guard(webhook.url)


async def _until(stopping: asyncio.Event, tasks: set[asyncio.Task[None]]) -> None:
    """Wait for the signal to stop, or for a task that fails."""
    told = asyncio.create_task(stopping.wait())
    running: set[asyncio.Task[Any]] = set(tasks)
    try:
        while not told.done():
            done, _ = await asyncio.wait({told, *running}, return_when=asyncio.FIRST_COMPLETED)
            if any(t is not told and t.exception() is not None for t in done):
                return
            running -= done
    finally:
        told.cancel()


async def chat(
    settings: Settings,
    news: News,
    chats: Chats,
    clock: Callable[[], datetime],
    terminal: Terminal,
    read_line: Callable[[], str],
    read: Read | None = None,
) -> None:
    """Serve the terminal until Ctrl-D or Ctrl-C; Terminal.read() says what ``read_line`` is for.

    What run() does beside the answering is done here as well, so that updates come.
    """
    local = settings.model_copy(update={"token": TOKEN, "api_url": None})
    room = Newsroom(news, chats, local, clock, news.refresh, read)
    application = build_application(local, room, terminal)
    async with started(application):
        intake = Intake(application, chats, clock)
        await intake.start()
        polling = asyncio.create_task(intake.poll())
        talking = asyncio.create_task(_talk(terminal, intake, read_line))
        # A terminal keeps no pace.
        delivery = Delivery(application.bot, room.outbox, chats, news, clock, pace=None)
        beside = [
            asyncio.create_task(_refresh(room)),
            asyncio.create_task(watch(room)),
            asyncio.create_task(deliver(delivery)),
        ]
        try:
            await asyncio.wait({polling, talking}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            # asyncio cancels the main task at Ctrl-C, which ends a conversation as Ctrl-D does.
            log.info("the conversation was ended")
        finally:
            _leave_within(_LAST_OF_A_CHAT_S)
            await _ended([task for task in (polling, talking, *beside) if not task.done()])
            await intake.stop(_PATIENCE_S)
    for task in (polling, talking):
        if not task.cancelled():
            task.result()


async def _talk(terminal: Terminal, intake: Intake, read_line: Callable[[], str]) -> None:
    """Take what is typed, a line after the other is answered, until there is no more."""
    while True:
        try:
            line = (await terminal.read(read_line)).strip()
        except EOFError:
            return
        if line:
            await terminal.type(line)
            await intake.idle()


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def check(settings: Settings, news: News) -> list[str]:
    """What run() needs, looked at one by one; a line each. Raises the first NewsError."""
    lines = [f"data folder: {settings.data}"]
    articles, paragraphs = await asyncio.to_thread(news.archive.counts)
    sources = await asyncio.to_thread(news.sources.all)
    failing = sum(1 for source in sources if source.health.failures)
    counted = ENGLISH.one_article if articles == 1 else ENGLISH.many_articles
    lines.append(f"news: {counted.format(count=articles)}, {paragraphs} paragraphs")
    lines.append(f"sources: {len(sources)}, {failing} of them failing")
    await asyncio.to_thread(news.embedder.load)
    lines.append(f"model: {news.embedder.name}")
    lines.append(f"token: belongs to @{await owner_of_token(settings)}")
    return lines


async def _bring_up(room: Newsroom) -> None:
    for notice in await asyncio.to_thread(room.news.bring_up):
        log.warning(notice)
    if room.read is not None:
        # Its weights are loaded by what is read first; no question should wait for that.
        await asyncio.to_thread(room.read, "Who?", ["Nobody."], ["None."])


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
