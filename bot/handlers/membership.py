"""Where newsbot is and may write: added to groups, blocked, started again, groups that move."""

import asyncio
import logging

from telegram import ChatMember, Update
from telegram.constants import ChatType
from telegram.ext import ContextTypes

from bot import messages
from bot.catalogue import spoken
from bot.newsroom import Newsroom

log = logging.getLogger(__name__)

_AWAY = (ChatMember.LEFT, ChatMember.BANNED)


async def on_membership(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Our own standing in a chat has changed: a new group is greeted, a block is noted."""
    room: Newsroom = context.bot_data["newsroom"]
    changed = update.my_chat_member
    assert changed is not None
    chat = changed.chat
    away = changed.new_chat_member.status in _AWAY
    if away:
        await asyncio.to_thread(room.chats.suspend, chat.id, room.clock())
    else:
        await asyncio.to_thread(room.chats.chat, chat.id, chat.type, room.clock())
        await welcome_back(room, chat.id)
    was_away = changed.old_chat_member.status in _AWAY
    if was_away and not away and chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
        [greeting] = messages.messages(
            [messages.line(spoken().start_group.format(name=context.bot.username))]
        )
        await context.bot.send_message(chat.id, greeting.text)


async def welcome_back(room: Newsroom, chat: int) -> None:
    """A chat can be written to again: what it missed comes as one digest."""
    await asyncio.to_thread(room.outbox.take_back, chat, room.clock())


async def on_topic_reopened(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """A forum's topic is open again: its subscriptions go on, what waited for it comes."""
    room: Newsroom = context.bot_data["newsroom"]
    message = update.effective_message
    assert message is not None
    if message.message_thread_id is not None:
        await asyncio.to_thread(
            room.outbox.release_topic, message.chat_id, message.message_thread_id, room.clock()
        )


async def on_migration(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """A group became a supergroup, with a new id; what is kept about it moves along."""
    room: Newsroom = context.bot_data["newsroom"]
    message = update.effective_message
    assert message is not None
    old, new = message.migrate_from_chat_id, message.migrate_to_chat_id
    if old is None:
        old = message.chat_id
    if new is None:
        new = message.chat_id
    await asyncio.to_thread(room.chats.migrate, old, new)
    log.info("group %s is now %s", old, new)
