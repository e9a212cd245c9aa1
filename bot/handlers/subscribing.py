"""/subscribe, /subscriptions, /unsubscribe, /schedule, /quiet, /digest."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from telegram import Message, Update
from telegram.ext import ContextTypes

from bot import messages
from bot.answers import Outcome, claim_to_plain
from bot.catalogue import spoken
from bot.changing import sort_of
from bot.deep_links import Target
from bot.handlers.replies import reply
from bot.handlers.settings import may_change
from bot.newsroom import Newsroom
from bot.subscription_messages import list_messages, schedule_text, subscribed_message
from bot.subscriptions import MOST_OF_A_CHAT, Kind, Subscription
from bot.timing import read_quiet, read_schedule
from index.articles import Article

PREVIEW = timedelta(days=7)
_LONGEST_TEXT = 300


def thread_of(message: Message) -> int:
    """The forum's topic of a message, 0 elsewhere."""
    return (message.message_thread_id or 0) if message.is_topic_message else 0


async def on_subscribe(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/subscribe TEXT: a question, a source's name or address, or else a topic."""
    message = update.effective_message
    assert message is not None and message.text is not None
    room: Newsroom = context.bot_data["newsroom"]
    # From the text itself: the arguments have lost the quotation marks' spaces.
    _, _, text = message.text.partition(" ")
    text = " ".join(text.split())[:_LONGEST_TEXT]
    if not text:
        await say(message, spoken().subscribe_what)
        return
    if not await may_change(message.chat, update.effective_user):
        await say(message, spoken().only_chat_admins)
        return
    kind, text = await asyncio.to_thread(_recognised, room, text)
    if kind is None:
        await say(message, spoken().source_unknown)
        return
    await subscribe(room, message, kind, text)


def _recognised(room: Newsroom, text: str) -> tuple[Kind | None, str]:
    """What a text asks to be told of; None for a source that is not read."""
    said = text.casefold()
    for source in room.news.sources.all():
        if said in (source.url.casefold(), (source.title or "").casefold()):
            return Kind.SOURCE, source.url
    for outlet in room.news.outlets():
        if outlet.name and outlet.name.casefold() == said:
            return Kind.SOURCE, outlet.name
    if said.startswith(("http://", "https://")):
        return None, text
    return (Kind.QUESTION if text.endswith("?") else Kind.TOPIC), text


async def subscribe(
    room: Newsroom, message: Message, kind: Kind, text: str, story: int | None = None
) -> None:
    """Keep a subscription, and show what came of it."""
    chat, thread = message.chat_id, thread_of(message)
    await asyncio.to_thread(room.chats.chat, chat, message.chat.type, room.clock())
    there = await asyncio.to_thread(room.subscriptions.of, chat, thread)
    if len(there) >= MOST_OF_A_CHAT:
        await say(message, spoken().already_many.format(count=len(there)))
        return
    new = Subscription(
        id=0,
        chat=chat,
        thread=thread,
        kind=kind,
        text=text,
        breadth=0,
        schedule=None,
        paused=False,
        created=room.clock(),
        story=story,
    )
    answer = await room.answer(text) if kind is Kind.QUESTION else None
    answered = answer is not None and answer.outcome is Outcome.ANSWERED
    if answer is not None and answered:
        new = replace(new, known=claim_to_plain(answer.claims[0]))
    kept = await asyncio.to_thread(room.subscriptions.add, new)
    await show(room, message, kept)
    if answer is not None:
        heading = spoken().answer_now if answered else spoken().no_answer_now
        blocks = [messages.line(heading)]
        if answered:
            blocks += messages.answer_blocks(answer, spoken())
        if sort_of(text) is None:
            blocks.append(messages.line(spoken().first_answer_only))
        await reply(message, messages.messages(blocks))


async def show(room: Newsroom, message: Message, subscription: Subscription) -> None:
    """A subscription with its buttons and preview, as a new message."""
    await reply(message, [await card(room, subscription)])


async def card(room: Newsroom, subscription: Subscription) -> messages.Message:
    """The message that shows a subscription."""
    matching: list[Article] = []
    if subscription.kind is Kind.TOPIC:
        found = await asyncio.to_thread(
            room.watcher.preview,
            subscription.text,
            subscription.breadth,
            room.clock() - PREVIEW,
        )
        matching = [article for article, _ in found]
    manner = await asyncio.to_thread(room.subscriptions.manner, subscription.chat)
    link = "" if subscription.story is None else room.link(Target.STORY, subscription.story)
    return subscribed_message(subscription, matching, manner, link, spoken())


async def on_subscriptions(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/subscriptions: the list, each with a button that opens it."""
    message = update.effective_message
    assert message is not None
    room: Newsroom = context.bot_data["newsroom"]
    found = await asyncio.to_thread(room.subscriptions.of, message.chat_id, thread_of(message))
    manner = await asyncio.to_thread(room.subscriptions.manner, message.chat_id)
    await reply(message, list_messages(found, manner, spoken()))


async def on_unsubscribe(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/unsubscribe NUMBER, as in the list, or the subscription's text."""
    message = update.effective_message
    assert message is not None
    room: Newsroom = context.bot_data["newsroom"]
    wanted = " ".join(context.args or ())
    found = await asyncio.to_thread(room.subscriptions.of, message.chat_id, thread_of(message))
    named = {str(number): s for number, s in enumerate(found, start=1)}
    named |= {s.text: s for s in found}
    subscription = named.get(wanted)
    if subscription is None:
        await say(message, spoken().unsubscribe_what)
    elif not await may_change(message.chat, update.effective_user):
        await say(message, spoken().only_chat_admins)
    else:
        await asyncio.to_thread(room.subscriptions.remove, subscription.id)
        await say(message, spoken().unsubscribed.format(text=subscription.text))


async def on_schedule(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/schedule, or /schedule now, hourly, or times of day, to change it."""
    message = update.effective_message
    assert message is not None
    room: Newsroom = context.bot_data["newsroom"]
    await _kept(room, message)
    manner = await asyncio.to_thread(room.subscriptions.manner, message.chat_id)
    wanted = read_schedule(" ".join(context.args)) if context.args else None
    if wanted is not None:
        if not await may_change(message.chat, update.effective_user):
            await say(message, spoken().only_chat_admins)
            return
        manner = replace(manner, schedule=wanted)
        await asyncio.to_thread(room.subscriptions.set_manner, message.chat_id, manner)
    text = schedule_text(manner.schedule, manner.time_zone, spoken())
    await say(
        message,
        spoken().schedule_how.format(schedule=_small(text), zone=manner.time_zone),
    )


async def on_quiet(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/quiet, or /quiet 22:00-7:00 or off, to change it."""
    message = update.effective_message
    assert message is not None
    room: Newsroom = context.bot_data["newsroom"]
    await _kept(room, message)
    manner = await asyncio.to_thread(room.subscriptions.manner, message.chat_id)
    said = " ".join(context.args or ())
    wanted = read_quiet(said)
    if wanted is not None or said.casefold() == "off":
        if not await may_change(message.chat, update.effective_user):
            await say(message, spoken().only_chat_admins)
            return
        manner = replace(manner, quiet=wanted)
        await asyncio.to_thread(room.subscriptions.set_manner, message.chat_id, manner)
    await say(message, spoken().quiet_how.format(quiet=manner.quiet or spoken().quiet_off))


async def on_digest(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """/digest: what is waiting for this chat, now."""
    message = update.effective_message
    assert message is not None
    room: Newsroom = context.bot_data["newsroom"]
    place = (message.chat_id, thread_of(message))
    if not await asyncio.to_thread(room.outbox.hasten, *place, room.clock()):
        await say(message, spoken().nothing_due)


async def say(message: Message, text: str) -> None:
    """Answer with a line of our own."""
    await reply(message, messages.messages([messages.line(text)]))


async def _kept(room: Newsroom, message: Message) -> None:
    await asyncio.to_thread(room.chats.chat, message.chat_id, message.chat.type, room.clock())


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
