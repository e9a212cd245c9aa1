"""What happens when a button is pressed. Everything in the press is untrusted."""

import asyncio
import re
from dataclasses import replace

from telegram import CallbackQuery, Message, Update
from telegram.ext import ContextTypes

from bot import messages
from bot.candidates import PASSAGES
from bot.catalogue import speak, spoken
from bot.chats import Given
from bot.handlers import subscription_buttons
from bot.handlers.replies import acknowledge, edit, reply
from bot.handlers.settings import may_change, next_language, settings_message
from bot.limits import within
from bot.newsroom import Newsroom
from index import Filters

_DATA = re.compile(
    r"(?P<what>[pmf]):(?P<answer>\d{1,12}):(?P<rest>\w{1,12})|(?P<chat>forget|keep|previews|language)"
)
_MORE = 3


async def on_press(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """A press on one of our buttons; a forged or foreign one is answered and does nothing."""
    query = update.callback_query
    assert query is not None
    room: Newsroom = context.bot_data["newsroom"]
    pressed = _DATA.fullmatch(query.data or "")
    message = query.message
    told = subscription_buttons.DATA.fullmatch(query.data or "")
    if told is not None and isinstance(message, Message):
        number = int(told["number"])
        match told["of"]:
            case "s":
                act = subscription_buttons.on_subscription_press
                await act(room, query, message, told["what"], number)
            case "u":
                await subscription_buttons.on_update_press(
                    room, query, message, told["what"], number
                )
            case _ if told["what"] == "s":
                await subscription_buttons.on_follow_story(room, query, message, number)
            case _:
                await subscription_buttons.on_follow(room, query, message, number)
        return
    if pressed is None or not isinstance(message, Message):
        await acknowledge(query, spoken().gone)
        return
    if pressed["chat"]:
        await _press_of_chat(room, query, message, pressed["chat"])
        return
    given = await asyncio.to_thread(room.chats.given, int(pressed["answer"]))
    if given is None:
        await acknowledge(query, spoken().gone)
    elif given.chat != message.chat_id:
        await acknowledge(query, spoken().not_yours)
    elif pressed["what"] == "f" and pressed["rest"] in ("right", "wrong"):
        await asyncio.to_thread(room.chats.feedback, given.id, pressed["rest"])
        await acknowledge(query, spoken().thanks)
    elif pressed["what"] == "p" and given.answer.claims:
        await acknowledge(query)
        await _show_passage(room, message, given)
    elif pressed["what"] == "m" and pressed["rest"].isdecimal():
        await acknowledge(query)
        await _show_more(room, message, given, int(pressed["rest"]))
    else:
        await acknowledge(query, spoken().gone)


async def _press_of_chat(room: Newsroom, query: CallbackQuery, message: Message, what: str) -> None:
    if not await may_change(message.chat, query.from_user):
        await acknowledge(query, spoken().only_chat_admins)
        return
    await acknowledge(query)
    if what in ("previews", "language"):
        chat = await asyncio.to_thread(
            room.chats.chat, message.chat_id, message.chat.type, room.clock()
        )
        if what == "previews":
            chat = await asyncio.to_thread(room.chats.toggle_previews, chat)
        else:
            chat = replace(chat, language=next_language(spoken().language).language)
            await asyncio.to_thread(room.chats.set, chat)
            speak(chat.language)
        await edit(message, settings_message(chat))
        return
    if what == "forget":
        await asyncio.to_thread(room.chats.forget, message.chat_id)
    text = spoken().forgotten if what == "forget" else spoken().kept
    await edit(message, messages.messages([messages.line(text)])[0])


async def _show_passage(room: Newsroom, message: Message, given: Given) -> None:
    """The cited paragraph of the version that was cited, with its neighbours."""
    claim = given.answer.claims[0]
    at = claim.citation
    cited = await asyncio.to_thread(room.news.cited, at.article, at.version, at.sha256)
    near = [(i, text) for i, text in enumerate(cited, start=1) if abs(i - at.paragraph) <= 1]
    if not near:
        await reply(message, messages.messages([messages.line(spoken().gone)]))
        return
    parts = messages.passage_messages(
        claim.article, near, claim.citation.paragraph, claim.quote, spoken()
    )
    await reply(message, parts)


async def _show_more(room: Newsroom, message: Message, given: Given, page: int) -> None:
    """The next passages after those that the answer quotes."""
    shown = {(c.article.id, c.citation.paragraph) for c in given.answer.claims}
    limits = within(Filters(), given.answer.limits)
    found = await asyncio.to_thread(room.news.search, given.read_as, PASSAGES * 3, limits)
    rest = [p for p in found if (p.article.id, p.paragraph.number) not in shown]
    passages = rest[page * _MORE : (page + 1) * _MORE]
    if not passages:
        await reply(message, messages.messages([messages.line(spoken().no_more)]))
        return
    more = len(rest) > (page + 1) * _MORE
    await reply(
        message, messages.more_messages(passages, given.id, page + 1 if more else None, spoken())
    )
