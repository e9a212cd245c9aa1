"""Presses on the buttons of subscriptions and updates. Everything in a press is untrusted."""

import asyncio
import re

from telegram import CallbackQuery, ForceReply, Message

from bot import messages
from bot.answering import coverage
from bot.answers import Answer, Outcome
from bot.bylines import name
from bot.catalogue import spoken
from bot.chats import Given
from bot.handlers.replies import edit
from bot.handlers.settings import may_change
from bot.handlers.subscribing import card, say, show, subscribe, thread_of
from bot.newsroom import Newsroom
from bot.outbox import Due
from bot.subscriptions import BROADEST, NARROWEST, Kind, Subscription
from bot.timing import AT_ONCE, Schedule, read_schedule

DATA = re.compile(r"(?P<of>[suw]):(?P<what>[a-z]):(?P<number>\d{1,12})")
# What a press on "When" goes through; None is the chat's own schedule.
_SCHEDULES: tuple[Schedule | None, ...] = (
    None,
    AT_ONCE,
    Schedule(hourly=True),
    read_schedule("8:00"),
    read_schedule("8:00 18:00"),
)


async def on_subscription_press(
    room: Newsroom, query: CallbackQuery, message: Message, what: str, number: int
) -> None:
    """A press under a subscription: open, pause, narrower, broader, when, remove."""
    found = await asyncio.to_thread(room.subscriptions.get, number)
    if found is None:
        await query.answer(spoken().gone)
        return
    if (found.chat, found.thread) != (message.chat_id, thread_of(message)):
        await query.answer(spoken().not_yours)
        return
    if what == "o":
        await query.answer()
        await show(room, message, found)
        return
    if not await may_change(message.chat, query.from_user):
        await query.answer(spoken().only_chat_admins)
        return
    await query.answer()
    if what == "r":
        await asyncio.to_thread(room.subscriptions.remove, found.id)
        text = spoken().unsubscribed.format(text=found.text)
        await edit(message, messages.messages([messages.line(text)])[0])
        return
    values = _changed(found, what)
    if values:
        await asyncio.to_thread(room.subscriptions.change, found.id, **values)
    changed = await asyncio.to_thread(room.subscriptions.get, number)
    if changed is not None:
        await edit(message, await card(room, changed))


def _changed(subscription: Subscription, what: str) -> dict[str, object]:
    """What a press changes. Pure."""
    match what:
        case "p":
            return {"paused": not subscription.paused}
        case "n":
            return {"breadth": max(NARROWEST, subscription.breadth - 1)}
        case "b":
            return {"breadth": min(BROADEST, subscription.breadth + 1)}
        case "t":
            at = (
                _SCHEDULES.index(subscription.schedule)
                if (subscription.schedule in _SCHEDULES)
                else -1
            )
            return {"schedule": _SCHEDULES[(at + 1) % len(_SCHEDULES)]}
        case _:
            return {}


async def on_update_press(
    room: Newsroom, query: CallbackQuery, message: Message, what: str, number: int
) -> None:
    """A press under an update: why, ask, mute, less, follow."""
    found = await asyncio.to_thread(room.outbox.get, number)
    if found is None:
        await query.answer(spoken().gone)
        return
    due, _ = found
    if (due.chat, due.thread) != (message.chat_id, thread_of(message)):
        await query.answer(spoken().not_yours)
        return
    if what == "w":
        await query.answer()
        await _why(room, message, due)
        return
    if what == "a":
        await query.answer()
        await _ask(room, message, due)
        return
    if not await may_change(message.chat, query.from_user):
        await query.answer(spoken().only_chat_admins)
    elif what == "m":
        await asyncio.to_thread(room.subscriptions.mute, due.chat, due.thread, due.update.story)
        await query.answer(spoken().muted)
    elif what == "l":
        subscription = await asyncio.to_thread(room.subscriptions.get, due.subscription)
        if subscription is not None:
            breadth = max(NARROWEST, subscription.breadth - 1)
            await asyncio.to_thread(room.subscriptions.change, subscription.id, breadth=breadth)
        await query.answer(spoken().less)
    elif what == "f":
        await query.answer()
        await subscribe(room, message, Kind.STORY, due.update.title, due.update.story)
    else:
        await query.answer(spoken().gone)


async def _why(room: Newsroom, message: Message, due: Due) -> None:
    subscription = await asyncio.to_thread(room.subscriptions.get, due.subscription)
    if subscription is None:
        await say(message, spoken().unsubscribed.format(text=due.update.because))
    else:
        await show(room, message, subscription)


async def _ask(room: Newsroom, message: Message, due: Due) -> None:
    """Make the reply to the next message a question about this story."""
    prompt = f"{spoken().ask_about}{name(due.update.title)}"
    sent = await message.get_bot().send_message(
        message.chat_id,
        prompt,
        message_thread_id=due.thread or None,
        reply_markup=ForceReply(selective=True),
    )
    answer = Answer(
        question=due.update.title,
        outcome=Outcome.ANSWERED,
        claims=due.update.claims,
        coverage=await asyncio.to_thread(coverage, room.news),
        as_of=room.clock(),
    )
    given = Given(0, due.chat, due.update.title, due.update.title, answer, room.clock())
    number = await asyncio.to_thread(room.chats.give, given, None)
    await asyncio.to_thread(room.chats.shown, number, sent.message_id)


async def on_follow(room: Newsroom, query: CallbackQuery, message: Message, number: int) -> None:
    """*Follow* under an answer: the story of the first article that it cites."""
    given = await asyncio.to_thread(room.chats.given, number)
    if given is None or not given.answer.claims:
        await query.answer(spoken().gone)
        return
    if given.chat != message.chat_id:
        await query.answer(spoken().not_yours)
        return
    if not await may_change(message.chat, query.from_user):
        await query.answer(spoken().only_chat_admins)
        return
    place = await asyncio.to_thread(room.storylines.story_of, given.answer.claims[0].article.key)
    if place is None:
        await query.answer(spoken().still_indexing)
        return
    await query.answer()
    title = await asyncio.to_thread(room.storylines.title_of, place.story)
    text = title or given.answer.claims[0].article.title
    await subscribe(room, message, Kind.STORY, text, place.story)


async def on_follow_story(
    room: Newsroom, query: CallbackQuery, message: Message, number: int
) -> None:
    """*Follow* under a story itself."""
    title = await asyncio.to_thread(room.storylines.title_of, number)
    if title is None:
        await query.answer(spoken().story_gone)
    elif not await may_change(message.chat, query.from_user):
        await query.answer(spoken().only_chat_admins)
    else:
        await query.answer()
        await subscribe(room, message, Kind.STORY, title, number)
