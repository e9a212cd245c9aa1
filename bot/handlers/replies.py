"""Sending what messages.py made, and falling back when Telegram refuses its markup."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from telegram import (
    Bot,
    CallbackQuery,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, NetworkError, TelegramError

from bot import messages
from bot.outcomes import Fate, fate, out_of_reach
from bot.pacing import Pace

log = logging.getLogger(__name__)

# While Telegram cannot be reached a request waits; while it fails, only so many times.
_MOST_FAILURES = 5
_LONGEST_PAUSE_S = 30.0

Result = TypeVar("Result")


def keyboard(buttons: tuple[tuple[messages.Button, ...], ...]) -> InlineKeyboardMarkup | None:
    """The buttons as Telegram takes them; None for none."""
    if not buttons:
        return None
    return InlineKeyboardMarkup([[_button(b) for b in row] for row in buttons])


def _button(button: messages.Button) -> InlineKeyboardButton:
    if button.copied:
        return InlineKeyboardButton(button.label, copy_text=CopyTextButton(button.copied))
    return InlineKeyboardButton(button.label, callback_data=button.data)


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

    if pace is not None:
        # Whoever keeps a pace of its own also decides what is tried again, and when.
        return await marked_up(attempt, part)
    return await _arriving(lambda: marked_up(attempt, part))


async def marked_up(
    attempt: Callable[[str, str | None], Awaitable[Result]], part: messages.Message
) -> Result:
    """``attempt`` with a message's HTML; with its plain text if Telegram refuses the markup."""
    try:
        return await attempt(part.html, ParseMode.HTML)
    except BadRequest as error:
        if not markup_refused(error):
            raise
        return await attempt(part.text, None)


def markup_refused(error: TelegramError) -> bool:
    """Whether Telegram could not parse our markup, which is our fault and goes to the log."""
    if "parse entities" not in str(error).lower():
        return False
    log.error("Telegram refused our markup (%s); sending it as plain text", error)
    return True


async def _arriving(request: Callable[[], Awaitable[Result]]) -> Result:
    """Make a request, again while it surely was not carried out.

    To handle the whole update again instead would repeat what was done before this request.
    """
    pause, failures = 1.0, 0
    while True:
        try:
            return await request()
        except NetworkError as error:
            failures += not out_of_reach(error)
            if fate(error) is not Fate.NOT_SENT or failures >= _MOST_FAILURES:
                raise
            log.warning("could not send (%s); trying again in %.0f s", error, pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_S)


async def acknowledge(query: CallbackQuery, text: str | None = None) -> None:
    """Answer a press. One that waited too long for that must still do what it is for."""
    try:
        await query.answer(text)
    except BadRequest as error:
        if "query is too old" not in str(error).lower():
            raise
        log.info("a press was answered too late")


async def edit(message: Message, part: messages.Message, *, previews: bool = False) -> None:
    """Put other text and buttons in place of a message's; the same again is no error."""

    async def attempt(text: str, parse_mode: str | None) -> object:
        return await message.get_bot().edit_message_text(
            text=text,
            parse_mode=parse_mode,
            chat_id=message.chat_id,
            message_id=message.message_id,
            reply_markup=keyboard(part.buttons),
            link_preview_options=LinkPreviewOptions(is_disabled=not previews),
        )

    try:
        await _arriving(lambda: marked_up(attempt, part))
    except BadRequest as error:
        if "not modified" not in str(error).lower():
            raise
