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
from bot.pacing import Pace

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
    chat, thread, pointing = to.chat_id, None, True
    if to.is_topic_message:
        thread = to.message_thread_id
    sent: list[Message] = []
    rest = list(parts)
    while rest:
        # Only the first points back: a chain of arrows helps nobody.
        answered = to.message_id if pointing and not sent else None
        try:
            message = await send(
                to.get_bot(), chat, rest[0], thread=thread, reply_to=answered, previews=previews
            )
        except ChatMigrated as error:
            # Neither topics nor the message that is answered exist there.
            chat, thread, pointing = error.new_chat_id, None, False
            continue
        sent.append(message)
        del rest[0]
    return sent


async def send(
    bot: Bot,
    chat: int,
    part: messages.Message,
    *,
    thread: int | None,
    reply_to: int | None,
    previews: bool,
    pace: Pace | None = None,
) -> Message:
    """Send one message, as plain text if Telegram refuses its markup.

    ``pace`` says how it waits for its turn, where the bot keeps one. Raises TelegramError.
    """
    pointing = None
    if reply_to is not None:
        pointing = ReplyParameters(reply_to, allow_sending_without_reply=True)
    paced = {} if pace is None else {"rate_limit_args": pace}

    async def attempt(text: str, parse_mode: str | None) -> Message:
        return await bot.send_message(
            chat_id=chat,
            text=text,
            parse_mode=parse_mode,
            message_thread_id=thread,
            reply_markup=keyboard(part.buttons),
            link_preview_options=LinkPreviewOptions(is_disabled=not previews),
            reply_parameters=pointing,
            **paced,  # type: ignore[arg-type]
        )

    try:
        return await attempt(part.html, ParseMode.HTML)
    except BadRequest as error:
        if "parse entities" not in str(error).lower():
            raise
        log.error("Telegram refused our markup (%s); sending it as plain text", error)
        return await attempt(part.text, None)


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
