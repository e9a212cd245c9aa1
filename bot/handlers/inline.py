"""Asked in chats that newsbot is not in: inline, with answers to insert, and as a guest."""

from collections.abc import Sequence
from dataclasses import replace

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import ContextTypes

from bot import messages
from bot.answers import Answer, Outcome
from bot.catalogue import spoken
from bot.handlers.asking import mentioned
from bot.handlers.replies import markup_refused
from bot.newsroom import Newsroom

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
    answer = await room.answer(query.query)
    parts = whole(alternatives(answer))[:_MOST]
    button = None
    if not parts:
        # A list without results says nothing, so this stands above it.
        button = InlineQueryResultsButton(spoken().not_in_sources, start_parameter="ask")
    results = [_result(part, i) for i, part in enumerate(parts)]
    try:
        await query.answer(results, cache_time=_CACHE_S, is_personal=False, button=button)
    except BadRequest as error:
        if not markup_refused(error):
            raise
        results = [_result(part, i, plain=True) for i, part in enumerate(parts)]
        await query.answer(results, cache_time=_CACHE_S, is_personal=False, button=button)


async def on_guest(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """A mention in a chat that newsbot is not in, where Telegram lets it answer once."""
    message = update.guest_message
    assert message is not None
    if message.guest_query_id is None:
        return
    room: Newsroom = context.bot_data["newsroom"]
    question = mentioned(message, context.bot.username) or message.text or ""
    answer = await room.answer(question)
    # What is too long for the one message that a guest may send is shown in part, never cut.
    answer = next(iter(whole([answer, *alternatives(answer)[1:]])), answer)
    try:
        await context.bot.answer_guest_query(message.guest_query_id, _result(answer, 0))
    except BadRequest as error:
        if not markup_refused(error):
            raise
        plain = _result(answer, 0, plain=True)
        await context.bot.answer_guest_query(message.guest_query_id, plain)


def _result(answer: Answer, number: int, *, plain: bool = False) -> InlineQueryResultArticle:
    shown = messages.answer_messages(answer, 0, words=spoken())[0]
    return InlineQueryResultArticle(
        id=str(number),
        title=_title(answer),
        description=_description(answer),
        input_message_content=InputTextMessageContent(
            shown.text if plain else shown.html,
            parse_mode=None if plain else ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        ),
    )


def alternatives(answer: Answer) -> list[Answer]:
    """The whole answer and, if it has several claims, each alone. Pure."""
    if answer.outcome is Outcome.NOT_IN_SOURCES:
        return []
    # Who else carries it is told of the first claim only.
    alone = [
        replace(answer, claims=(claim,), carriers=answer.carriers if i == 0 else (), parts=())
        for i, claim in enumerate(answer.claims)
    ]
    return [answer, *alone] if len(alone) > 1 else [answer]


def whole(answers: Sequence[Answer]) -> list[Answer]:
    """Those that fit into one message, with all their sources. Pure."""
    return [a for a in answers if len(messages.answer_messages(a, 0, words=spoken())) == 1]


def _title(answer: Answer) -> str:
    if answer.outcome is Outcome.CLOSEST:
        return spoken().closest
    if not answer.claims:
        return spoken().not_in_sources
    return answer.short or answer.claims[0].article.title or spoken().sources_heading


def _description(answer: Answer) -> str:
    return answer.claims[0].quote if answer.claims else messages.covers(answer.coverage, spoken())
