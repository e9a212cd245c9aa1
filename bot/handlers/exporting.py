"""/export, and the file that it sends when it comes back, also from another newsbot."""

import asyncio
import logging
from zoneinfo import available_timezones

from telegram import InputFile, Update
from telegram.ext import ContextTypes

from bot.catalogue import spoken
from bot.handlers.settings import may_change
from bot.handlers.subscribing import say, thread_of
from bot.newsroom import Newsroom
from bot.portable import LARGEST_FILE, from_file, to_file
from bot.subscriptions import MOST_OF_A_CHAT

log = logging.getLogger(__name__)

_FILE = "newsbot-subscriptions.json"


async def on_export(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/export: the subscriptions of this chat or topic as a file."""
    message = update.effective_message
    assert message is not None
    room: Newsroom = context.bot_data["newsroom"]
    found = await asyncio.to_thread(room.subscriptions.of, message.chat_id, thread_of(message))
    if not found:
        await say(message, spoken().no_subscriptions)
        return
    manner = await asyncio.to_thread(room.subscriptions.manner, message.chat_id)
    await message.reply_document(
        InputFile(to_file(found, manner), filename=_FILE), caption=spoken().exported
    )


async def on_file(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """A file of subscriptions: what it holds is added to those of this chat or topic."""
    message = update.effective_message
    assert message is not None and message.document is not None
    room: Newsroom = context.bot_data["newsroom"]
    chat, thread = message.chat_id, thread_of(message)
    if not await may_change(message.chat, update.effective_user):
        await say(message, spoken().only_chat_admins)
        return
    if (message.document.file_size or 0) > LARGEST_FILE:
        await say(message, spoken().import_unreadable)
        return
    file = await message.document.get_file()
    content = bytes(await file.download_as_bytearray())
    there = await asyncio.to_thread(room.subscriptions.of, chat, thread)
    restored = from_file(
        content,
        chat,
        thread,
        room.clock(),
        frozenset(available_timezones()),
        MOST_OF_A_CHAT - len(there),
    )
    if restored is None:
        await say(message, spoken().import_unreadable)
        return
    await asyncio.to_thread(room.chats.chat, chat, message.chat.type, room.clock())
    for subscription in restored.subscriptions:
        kept = await asyncio.to_thread(room.subscriptions.add, subscription)
        if subscription.paused:
            await asyncio.to_thread(room.subscriptions.change, kept.id, paused=True)
    if not there:
        # A chat that has its own ways keeps them.
        await asyncio.to_thread(room.subscriptions.set_manner, chat, restored.manner)
    await say(message, spoken().imported.format(count=len(restored.subscriptions)))
