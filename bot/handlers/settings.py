"""/settings and /forget: what a chat may choose, and the end of what is kept about it."""

import asyncio
from dataclasses import replace
from zoneinfo import available_timezones

from telegram import Chat as TelegramChat
from telegram import Update, User
from telegram.constants import ChatID, ChatMemberStatus, ChatType
from telegram.ext import ContextTypes

from bot import messages
from bot.catalogue import LANGUAGES, Catalogue, spoken
from bot.chats import Chat
from bot.handlers.replies import reply
from bot.newsroom import Newsroom


def settings_message(chat: Chat) -> messages.Message:
    """The settings with their buttons. Pure."""
    words = spoken()
    state = words.settings_on if chat.previews else words.settings_off
    blocks = [
        messages.line(words.settings, bold=True),
        messages.line(words.language_button.format(name=words.name)),
        messages.line(words.time_zone_button.format(zone=chat.time_zone)),
        messages.line(words.time_zone_how),
    ]
    rows = [(messages.Button(words.previews_button.format(state=state), "previews"),)]
    if len(LANGUAGES) > 1:
        # What it says is what a press leads to, in its own language.
        following = next_language(words.language)
        label = following.language_button.format(name=following.name)
        rows.append((messages.Button(label, "language"),))
    return messages.messages(blocks, tuple(rows))[0]


def next_language(language: str) -> Catalogue:
    """The one after this, round and round."""
    tags = sorted(LANGUAGES)
    return LANGUAGES[tags[(tags.index(language) + 1) % len(tags)]]


async def on_settings(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/settings, or /settings ZONE to set the time zone."""
    room: Newsroom = context.bot_data["newsroom"]
    message = update.effective_message
    assert message is not None
    chat = await asyncio.to_thread(
        room.chats.chat, message.chat_id, message.chat.type, room.clock()
    )
    if context.args:
        zone = context.args[0]
        if zone not in available_timezones():
            text = spoken().time_zone_unknown.format(zone=zone)
        elif not await may_change(message.chat, update.effective_user):
            text = spoken().only_chat_admins
        else:
            await asyncio.to_thread(room.chats.set, replace(chat, time_zone=zone))
            text = spoken().time_zone_set.format(zone=zone)
        await reply(message, messages.messages([messages.line(text)]))
        return
    await reply(message, [settings_message(chat)])


async def on_forget(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/forget: asks before anything is deleted."""
    message = update.effective_message
    assert message is not None
    buttons = (
        (
            messages.Button(spoken().forget_yes, "forget"),
            messages.Button(spoken().forget_no, "keep"),
        ),
    )
    await reply(message, messages.messages([messages.line(spoken().forget_ask)], buttons))


async def may_change(chat: TelegramChat, user: User | None) -> bool:
    """Whether a user may change a chat: anyone in private, its administrators elsewhere."""
    if chat.type == ChatType.PRIVATE:
        return user is not None and user.id == chat.id
    if user is None:
        # Only posts of a channel come from nobody, and only its administrators post.
        return chat.type == ChatType.CHANNEL
    if user.id == ChatID.ANONYMOUS_ADMIN:
        return True
    member = await chat.get_member(user.id)
    return member.status in (ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER)
