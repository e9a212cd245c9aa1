"""@bot question in any chat: cited answers to insert."""

import asyncio
from dataclasses import replace

from telegram import (
    InlineQueryResultArticle,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ParseMode
from telegram.ext import ContextTypes

from bot import messages
from bot.answering import ask
from bot.answers import Answer, Outcome
from bot.catalogue import ENGLISH
from bot.newsroom import Newsroom
from index import Filters

_MOST = 5
_SHORTEST = 3
_CACHE_S = 60


async def on_inline(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Up to five results: the answer, then each of its claims alone."""
    query = update.inline_query
    assert query is not None
    room: Newsroom = context.bot_data["newsroom"]
    if len(query.query.strip()) < _SHORTEST:
        await query.answer([], cache_time=_CACHE_S)
        return
    answer = await asyncio.to_thread(ask, room.news, query.query, Filters(), room.clock())
    results = [
        InlineQueryResultArticle(
            id=str(number),
            title=_title(part),
            description=_description(part),
            input_message_content=InputTextMessageContent(
                messages.answer_messages(part, 0)[0].html,
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            ),
        )
        for number, part in enumerate(alternatives(answer)[:_MOST])
    ]
    await query.answer(results, cache_time=_CACHE_S, is_personal=False)


def alternatives(answer: Answer) -> list[Answer]:
    """The whole answer and, if it has several claims, each alone. Pure."""
    if answer.outcome is Outcome.NOT_IN_SOURCES:
        return []
    alone = [replace(answer, claims=(claim,)) for claim in answer.claims]
    return [answer, *alone] if len(alone) > 1 else [answer]


def _title(answer: Answer) -> str:
    if answer.outcome is Outcome.CLOSEST:
        return ENGLISH.closest
    return answer.short or answer.claims[0].article.title or ENGLISH.sources_heading


def _description(answer: Answer) -> str:
    return answer.claims[0].quote
