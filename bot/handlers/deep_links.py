"""/start with something behind it: a link to an answer or to a story was followed."""

import asyncio
from dataclasses import replace

from telegram import Message

from bot import messages
from bot.answering import verified
from bot.catalogue import spoken
from bot.deep_links import Target, read_payload
from bot.handlers.replies import reply
from bot.handlers.subscribing import thread_of
from bot.newsroom import Newsroom

_MOST_ARTICLES = 10


async def follow_link(room: Newsroom, message: Message, payload: str, update_id: int) -> bool:
    """Show what a link leads to; False if it leads nowhere."""
    link = read_payload(payload, room.settings.token or "")
    if link is None:
        return False
    if link.target is Target.ANSWER:
        await _show_answer(room, message, link.number, update_id)
    else:
        await show_story(room, message, link.number)
    return True


async def _show_answer(room: Newsroom, message: Message, number: int, update_id: int) -> None:
    """Give an answer again, in this chat, where its buttons and follow-ups then work."""
    if await asyncio.to_thread(room.chats.given_for, update_id):
        return
    given = await asyncio.to_thread(room.chats.given, number)
    if given is None:
        await reply(message, messages.messages([messages.line(spoken().gone)]))
        return
    answer = await asyncio.to_thread(verified, given.answer, room.news.quote)
    again = replace(
        given,
        chat=message.chat_id,
        thread=thread_of(message),
        answer=answer,
        given=room.clock(),
        asked_message=None,
    )
    answer_id = await asyncio.to_thread(room.chats.give, again, update_id)
    link = room.link(Target.ANSWER, answer_id)
    note = spoken().asked.format(question=given.read_as)
    parts = messages.answer_messages(answer, answer_id, notes=[note], link=link, words=spoken())
    [first, *_] = await reply(message, parts)
    await asyncio.to_thread(room.chats.shown, answer_id, first.message_id)


async def show_story(room: Newsroom, message: Message, number: int) -> None:
    """A story with its newest articles, copies left out, and a button to follow it."""
    title = await asyncio.to_thread(room.storylines.title_of, number)
    if title is None:
        await reply(message, messages.messages([messages.line(spoken().story_gone)]))
        return
    places = await asyncio.to_thread(room.storylines.articles_of, number)
    places = sorted((p for p in places if p.copy_of is None), key=lambda p: p.moment, reverse=True)
    found = [
        await asyncio.to_thread(room.news.archive.article, place.article)
        for place in places[:_MOST_ARTICLES]
    ]
    link = room.link(Target.STORY, number)
    articles = [article for article in found if article is not None]
    await reply(message, messages.story_messages(title, articles, number, link, spoken()))
