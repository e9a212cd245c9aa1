"""/latest, and questions for no matter of their own: the newest articles."""

import asyncio

from telegram import Message, Update
from telegram.ext import ContextTypes

from bot import messages
from bot.catalogue import spoken
from bot.handlers.replies import reply
from bot.limit_messages import limited
from bot.newest import NEWEST, Newest
from bot.newsroom import Newsroom


async def on_latest(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/latest: the newest articles."""
    room: Newsroom = context.bot_data["newsroom"]
    message = update.effective_message
    assert message is not None
    articles = await asyncio.to_thread(room.news.archive.newest, NEWEST)
    await reply_newest(message, Newest(tuple(articles), None))


async def reply_newest(message: Message, newest: Newest) -> None:
    """A list of the newest articles, and which limits of the question they keep."""
    if not newest.articles:
        await reply(message, messages.messages([messages.line(spoken().no_articles)]))
        return
    blocks = [messages.line(spoken().latest_heading, bold=True)]
    if newest.limits is not None:
        blocks.append(messages.line(limited(newest.limits, spoken())))
    blocks += messages.article_blocks(newest.articles, spoken())
    await reply(message, messages.messages(blocks))
