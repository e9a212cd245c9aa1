"""/add, /remove, /refresh and OPML files: for those who run newsbot, named in its settings."""

import asyncio
import tempfile
from pathlib import Path

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import ContextTypes

from bot import messages
from bot.catalogue import spoken
from bot.handlers.replies import reply
from bot.newsroom import Newsroom
from index import Added, NewsError

# Telegram hands bots no larger files than this, and no list of feeds comes near it.
_LARGEST_FILE = 2 * 1024 * 1024


async def on_add(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/add URL: only URLs, because a path would be one of the machine that we run on."""
    message = update.effective_message
    assert message is not None
    room: Newsroom = context.bot_data["newsroom"]
    if not await _is_admin(update, message, room):
        return
    urls = [a if "://" in a else f"https://{a}" for a in context.args or ()]
    if not urls:
        await _say(message, spoken().add_what)
        return
    await _add(message, room, urls)


async def on_document(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """An OPML file from an administrator: every feed in it is added."""
    message = update.effective_message
    assert message is not None
    document = message.document
    if document is None or not (document.file_name or "").lower().endswith((".opml", ".xml")):
        return
    room: Newsroom = context.bot_data["newsroom"]
    user = update.effective_user
    if message.chat.type != ChatType.PRIVATE and (
        user is None or user.id not in room.settings.admins
    ):
        # In a group people send each other files that are no business of ours.
        return
    if not await _is_admin(update, message, room):
        return
    if (document.file_size or 0) > _LARGEST_FILE:
        await _say(message, spoken().add_what)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "subscriptions.opml"
        file = await document.get_file()
        await file.download_to_drive(path)
        await _add(message, room, [str(path)])


async def on_remove(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/remove NUMBER"""
    message = update.effective_message
    assert message is not None
    room: Newsroom = context.bot_data["newsroom"]
    if not await _is_admin(update, message, room):
        return
    wanted = context.args[0] if context.args else ""
    sources = await asyncio.to_thread(room.news.sources.all)
    found = next((s for s in sources if wanted in (str(s.id), s.url)), None)
    if found is None:
        await _say(message, spoken().remove_what)
        return
    async with room.writing:
        count = await asyncio.to_thread(room.news.remove, found)
    articles = spoken().one_article if count == 1 else spoken().many_articles
    await _say(
        message,
        spoken().removed.format(
            source=found.title or found.url, articles=articles.format(count=count)
        ),
    )


async def on_refresh(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/refresh: reads every source now."""
    message = update.effective_message
    assert message is not None
    room: Newsroom = context.bot_data["newsroom"]
    if not await _is_admin(update, message, room):
        return
    try:
        async with room.writing:
            results = await room.news.refresh(everything=True)
    except NewsError as error:
        await _say(message, str(error))
        return
    await _say(
        message,
        spoken().refreshed.format(
            new=sum(r.new for r in results),
            changed=sum(r.changed for r in results),
            failing=sum(r.error is not None for r in results),
        ),
    )


async def _add(message: Message, room: Newsroom, targets: list[str]) -> None:
    try:
        async with room.writing:
            results = await room.news.add(targets)
    except NewsError as error:
        await _say(message, str(error))
        return
    lines = [messages.line(text) for added in results for text in _added_lines(added)]
    await reply(message, messages.messages(lines))


def _added_lines(added: Added) -> list[str]:
    """What adding one target came to, a line for each source."""
    if added.error is not None:
        return [str(added.error)]
    return [
        f"{r.source.title or r.source.url}: "
        + (str(r.error) if r.error else f"{r.new} new, {r.changed} changed")
        for r in added.refreshed
    ]


async def _is_admin(update: Update, message: Message, room: Newsroom) -> bool:
    user = update.effective_user
    if user is not None and user.id in room.settings.admins:
        return True
    await _say(message, spoken().only_admins)
    return False


async def _say(message: Message, text: str) -> None:
    await reply(message, messages.messages([messages.line(text)]))
