"""Questions: in private, in groups when we are meant, edited, and as follow-ups."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from telegram import Message, Update
from telegram.constants import ChatAction, ChatType, MessageEntityType
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import messages
from bot.answering import LONGEST_QUESTION
from bot.answers import Answer
from bot.catalogue import spoken
from bot.chats import Given
from bot.deep_links import Target
from bot.follow_ups import Reading, read_question
from bot.handlers.latest import reply_newest
from bot.handlers.membership import welcome_back
from bot.handlers.replies import edit, reply
from bot.handlers.subscribing import thread_of
from bot.newsroom import Newsroom

log = logging.getLogger(__name__)

# An edit within this time changes the answer; later it is a new question nobody asked.
_EDITABLE = timedelta(minutes=2)
# Telegram shows "typing" for five seconds. It counts as a message of that second, so it is
# shown only where the answer is not there at once, and not in groups, which get few.
_TYPING_AFTER_S = 0.25
_TYPING_S = 4.5
# Late it is worth nothing, and the answer must not wait for it.
_SOON_S = 1.0


async def on_message(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """A text: in private every one is a question, in a group only one that is meant for us."""
    message = update.effective_message
    if message is None or message.text is None:
        return
    question = meant_for_us(message, context.bot.username, context.bot.id)
    if question is not None:
        await answer_question(update, context, question)


async def on_ask(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/ask QUESTION, also as a reply to the question."""
    message = update.effective_message
    if message is None:
        return
    question = " ".join(context.args or ())
    if not question and message.reply_to_message is not None:
        question = message.reply_to_message.text or ""
    if not question:
        await reply(message, messages.messages([messages.line(spoken().ask_what)]))
        return
    await answer_question(update, context, question)


def meant_for_us(message: Message, username: str, our_id: int) -> str | None:
    """The question in a message, without our name; None if it is not meant for us. Pure."""
    text = message.text or ""
    if message.chat.type == ChatType.PRIVATE:
        return text
    answered = message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.id == our_id:
        return text
    return mentioned(message, username)


def mentioned(message: Message, username: str) -> str | None:
    """The rest of a message in which we are mentioned by name; None if we are not. Pure."""
    text = message.text or ""
    for entity, mention in message.parse_entities([MessageEntityType.MENTION]).items():
        if mention.casefold() == f"@{username}".casefold():
            encoded = text.encode("utf-16-le")
            start, end = entity.offset * 2, (entity.offset + entity.length) * 2
            rest = (encoded[:start] + encoded[end:]).decode("utf-16-le")
            return " ".join(rest.split()).strip(" ,:") or None
    return None


async def answer_question(
    update: Update, context: ContextTypes.DEFAULT_TYPE, question: str
) -> None:
    """Answer a message, or put the new answer in place of the one to its earlier text."""
    room: Newsroom = context.bot_data["newsroom"]
    message = update.effective_message
    assert message is not None
    async with typing(message):
        if await asyncio.to_thread(room.chats.given_for, update.update_id):
            # Sent by a process that died before it could note the update as handled.
            return
        earlier = None
        if update.edited_message is not None:
            earlier = await asyncio.to_thread(
                room.chats.given_to, message.chat_id, message.message_id
            )
            if earlier is None or earlier.shown_message is None:
                return
            # By Telegram's own times: an outage in between is not the asker's fault.
            if (message.edit_date or room.clock()) - message.date > _EDITABLE:
                return
        chat = await asyncio.to_thread(
            room.chats.chat, message.chat_id, message.chat.type, room.clock()
        )
        reading = await _read(room, message, question[:LONGEST_QUESTION], earlier)
        newest = None
        if earlier is None:
            newest = await room.newest(reading.search, chat.time_zone)
        if newest is None:
            answer = await room.answer(reading.search, chat.time_zone)
    if newest is not None:
        await reply_newest(message, newest)
        return
    notes = _notes(reading, answer, room.news.ready)
    if earlier is not None:
        await asyncio.to_thread(room.chats.replace_answer, earlier.id, answer.question, answer)
        link = room.link(Target.ANSWER, earlier.id)
        parts = messages.answer_messages(answer, earlier.id, notes=notes, link=link, words=spoken())
        assert earlier.shown_message is not None
        await _edit_answer(message, earlier.shown_message, parts[0], previews=chat.previews)
        if parts[1:]:
            await reply(message, parts[1:], previews=chat.previews)
        return
    given = Given(
        id=0,
        chat=message.chat_id,
        question=question,
        read_as=answer.question,
        answer=answer,
        given=room.clock(),
        asked_message=message.message_id,
        thread=thread_of(message),
    )
    answer_id = await asyncio.to_thread(room.chats.give, given, update.update_id)
    link = room.link(Target.ANSWER, answer_id)
    parts = messages.answer_messages(answer, answer_id, notes=notes, link=link, words=spoken())
    [first, *_] = await reply(message, parts, previews=chat.previews)
    await asyncio.to_thread(room.chats.shown, answer_id, first.message_id)
    if first.chat_id != message.chat_id:
        # The group became a supergroup meanwhile; the answer must be found there.
        await asyncio.to_thread(room.chats.migrate, message.chat_id, first.chat_id)
    if chat.suspended is not None:
        await welcome_back(room, first.chat_id)


async def _edit_answer(
    question: Message, shown: int, part: messages.Message, *, previews: bool
) -> None:
    stands = Message(message_id=shown, date=question.date, chat=question.chat, text=part.text)
    stands.set_bot(question.get_bot())
    await edit(stands, part, previews=previews)


async def _read(room: Newsroom, message: Message, question: str, earlier: Given | None) -> Reading:
    """Understand the question from the answer that it replies to, or the chat's last one."""
    replied = message.reply_to_message
    last = None
    if replied is not None:
        last = await asyncio.to_thread(room.chats.given_in, message.chat_id, replied.message_id)
    is_reply = last is not None
    if last is None and message.chat.type == ChatType.PRIVATE:
        last = await asyncio.to_thread(room.chats.last_given, message.chat_id)
    if earlier is not None and last is not None and last.id == earlier.id:
        # An edited question does not follow its own answer.
        return read_question(question, None, is_reply=False)
    return read_question(question, last.answer if last else None, is_reply=is_reply)


def _notes(reading: Reading, answer: Answer, ready: bool) -> list[str]:
    notes = []
    # Where words were mended too the answer itself says how all of it was read.
    if reading.search != reading.question and answer.typed is None:
        notes.append(spoken().read_as.format(question=reading.search))
    if not ready:
        notes.append(spoken().still_indexing)
    return notes


@asynccontextmanager
async def typing(message: Message) -> AsyncIterator[None]:
    """Show "typing" while something takes its time; that it fails is no reason not to answer."""

    done = asyncio.Event()

    async def show() -> None:
        pause = _TYPING_AFTER_S
        while not await _comes_within(done, pause):
            shown = True
            try:
                shown = await message.reply_chat_action(
                    ChatAction.TYPING,
                    connect_timeout=_SOON_S,
                    write_timeout=_SOON_S,
                    read_timeout=_SOON_S,
                    pool_timeout=_SOON_S,
                )
            except TelegramError as error:
                log.info("could not show typing: %s", error)
            # After another message the chat must be left alone for a second.
            pause = _TYPING_S if shown else _TYPING_AFTER_S

    if message.chat.type != ChatType.PRIVATE:
        yield
        return
    task = asyncio.create_task(show())
    try:
        yield
    finally:
        # One that is under way has its end waited for: nobody could tell when a cancelled one
        # arrives, and the answer is to come a second after it.
        done.set()
        await task


async def _comes_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
