"""Sending what messages.py made, and falling back when Telegram refuses its markup."""

import logging
from collections.abc import Sequence

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated

from bot import messages

log = logging.getLogger(__name__)


def keyboard(buttons: tuple[tuple[messages.Button, ...], ...]) -> InlineKeyboardMarkup | None:
    """The buttons as Telegram takes them; None for none."""
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.label, callback_data=b.data) for b in row] for row in buttons]
    )


async def reply(
    to: Message, parts: Sequence[messages.Message], *, previews: bool = False
) -> list[Message]:
    """Send messages in answer to one, in its topic; what was sent."""
    sent = []
    for i, part in enumerate(parts):
        sent.append(
            await _send(
                to.get_bot(),
                to.chat_id,
                part,
                thread=to.message_thread_id if to.is_topic_message else None,
                # Only the first points back: a chain of arrows helps nobody.
                reply_to=to.message_id if i == 0 else None,
                previews=previews,
            )
        )
    return sent


async def _send(
    bot: Bot,
    chat: int,
    part: messages.Message,
    *,
    thread: int | None,
    reply_to: int | None,
    previews: bool,
) -> Message:
    pointing = None
    if reply_to is not None:
        pointing = ReplyParameters(reply_to, allow_sending_without_reply=True)

    async def send(text: str, parse_mode: str | None) -> Message:
        return await bot.send_message(
            chat_id=chat,
            text=text,
            parse_mode=parse_mode,
            message_thread_id=thread,
            reply_markup=keyboard(part.buttons),
            link_preview_options=LinkPreviewOptions(is_disabled=not previews),
            reply_parameters=pointing,
        )

    try:
        return await send(part.html, ParseMode.HTML)
    except BadRequest as error:
        if "parse entities" not in str(error).lower():
            raise
        log.error("Telegram refused our markup (%s); sending it as plain text", error)
        return await send(part.text, None)
    except ChatMigrated as error:
        # Neither topics nor the message that is answered exist there.
        return await _send(
            bot, error.new_chat_id, part, thread=None, reply_to=None, previews=previews
        )


async def edit(message: Message, part: messages.Message, *, previews: bool = False) -> None:
    """Put other text and buttons in place of a message's; the same again is no error."""
    try:
        await message.get_bot().edit_message_text(
            text=part.html,
            parse_mode=ParseMode.HTML,
            chat_id=message.chat_id,
            message_id=message.message_id,
            reply_markup=keyboard(part.buttons),
            link_preview_options=LinkPreviewOptions(is_disabled=not previews),
        )
    except BadRequest as error:
        if "not modified" not in str(error).lower():
            raise
