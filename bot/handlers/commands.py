"""/start, /help, /latest, /sources, /status: what newsbot tells of itself and of the news."""

import asyncio

from telegram import Update
from telegram.ext import ContextTypes

from bot import messages
from bot.catalogue import spoken
from bot.console import ago
from bot.handlers.deep_links import follow_link
from bot.handlers.membership import welcome_back
from bot.handlers.replies import reply
from bot.newsroom import Newsroom
from bot.progress import Progress, read_progress
from bot.status import Status, read_status


async def on_start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/start; with what a link has behind it, the answer or story that it leads to."""
    room: Newsroom = context.bot_data["newsroom"]
    message = update.effective_message
    assert message is not None
    await asyncio.to_thread(room.chats.chat, message.chat_id, message.chat.type, room.clock())
    await welcome_back(room, message.chat_id)
    payload = context.args[0] if context.args else ""
    if await follow_link(room, message, payload, update.update_id):
        return
    example = messages.line("who brokered the ceasefire?", bold=True)
    await reply(message, messages.messages([messages.line(spoken().start), example]))


async def on_help(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/help"""
    message = update.effective_message
    assert message is not None
    await reply(message, messages.messages([messages.line(spoken().help)]))


async def on_sources(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/sources: what is read, with numbers for /remove."""
    room: Newsroom = context.bot_data["newsroom"]
    message = update.effective_message
    assert message is not None
    sources = await asyncio.to_thread(room.news.sources.all)
    if not sources:
        await reply(message, messages.messages([messages.line(spoken().no_sources)]))
        return
    lines = [messages.line(spoken().sources_list, bold=True)]
    for source in sources:
        name = source.title or source.url
        state = f" · {spoken().source_failing}" if source.health.failures else ""
        articles = spoken().one_article if source.articles == 1 else spoken().many_articles
        count = articles.format(count=source.articles)
        lines.append(messages.line(f"{source.id}  {name} · {count}{state}"))
    await reply(message, messages.messages(lines))


async def on_status(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/status: how much there is and how it does."""
    room: Newsroom = context.bot_data["newsroom"]
    message = update.effective_message
    assert message is not None
    told = await asyncio.to_thread(read_progress, room.news, room.storylines, room.outbox)
    status = await asyncio.to_thread(read_status, room.news, told)
    refreshed = ago(status.last_refresh, room.clock())
    lines = [messages.line(status_line(status, refreshed)), messages.line(told_line(told))]
    await reply(message, messages.messages(lines))


def status_line(status: Status, refreshed: str) -> str:
    """The state in a sentence. Pure."""
    articles = spoken().one_article if status.articles == 1 else spoken().many_articles
    sources = spoken().one_source if len(status.sources) == 1 else spoken().many_sources
    return spoken().status.format(
        articles=articles.format(count=status.articles),
        sources=sources.format(count=len(status.sources)),
        failing=sum(1 for source in status.sources if source.health.failures),
        refreshed=refreshed,
    )


def told_line(told: Progress) -> str:
    """What became of the updates, in a sentence. Pure."""
    return spoken().status_told.format(
        to_match=told.to_match,
        due=told.due,
        sent=told.sent,
        uncertain=told.uncertain,
        failed=told.failed,
    )
