"""/check: whether an answer still stands."""

import asyncio

from telegram import Message, Update
from telegram.ext import ContextTypes

from bot import messages
from bot.catalogue import spoken
from bot.chats import Given
from bot.check_messages import check_blocks
from bot.checking import check
from bot.handlers.replies import reply
from bot.handlers.subscribing import thread_of
from bot.newsroom import Newsroom


async def on_check(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/check, as a reply to an answer or to its question; else of the last answer here."""
    message = update.effective_message
    assert message is not None
    room: Newsroom = context.bot_data["newsroom"]
    given = await asyncio.to_thread(_meant, room, message)
    if given is None:
        await reply(message, messages.messages([messages.line(spoken().check_what)]))
        return
    checked = await asyncio.to_thread(check, room.news, given.answer)
    blocks = check_blocks(given.question, given.given, checked, spoken())
    await reply(message, messages.messages(blocks))


def _meant(room: Newsroom, message: Message) -> Given | None:
    chat, replied = message.chat_id, message.reply_to_message
    # In a forum every message is a reply to the one that began its topic.
    if replied is None or replied.forum_topic_created is not None:
        return room.chats.last_given(chat, thread_of(message))
    return room.chats.given_in(chat, replied.message_id) or room.chats.given_to(
        chat, replied.message_id
    )
