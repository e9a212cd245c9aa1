"""What a bot gets to see of what people do, and how it answers their queries."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)
from telegram.error import BadRequest

from tests.botapi import BotApiServer, Chat, Status, User


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(repoll_guard=False, webhook_delay=0.02) as server:
        yield server


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with Bot(server.token, base_url=server.base_url) as bot:
        yield bot


@pytest.fixture
def ann(server: BotApiServer) -> User:
    return server.add_user("Ann", "ann")


@pytest.fixture
def chat(server: BotApiServer, ann: User) -> Chat:
    return server.private_chat(ann)


# What a bot sees in groups


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("hello all", False),
        ("@news_test_bot what happened?", False),
        ("/ask what happened?", True),
        ("/ask@News_Test_Bot what?", True),
        ("/ask@other_bot what?", False),
        ("well /ask", False),
    ],
)
async def test_privacy_mode(server: BotApiServer, ann: User, text: str, seen: bool) -> None:
    """With privacy mode on, a group shows a bot the commands meant for it and no mention."""
    group = server.add_group("Group", [ann])
    assert (server.user_says(group, ann, text).update_id is not None) == seen
    admin = server.add_group("Group", [ann], bot=Status.ADMINISTRATOR)
    assert server.user_says(admin, ann, text).update_id is not None


async def test_privacy_mode_and_replies(bot: Bot, server: BotApiServer, ann: User) -> None:
    """Replies to the bot and to commands for it reach it; other people's do not."""
    group = server.add_group("Group", [ann])
    await bot.send_message(group.id, "x")
    answer = server.sent(group)[0]
    command = server.user_says(group, ann, "/ask x")
    chatter = server.user_says(group, ann, "hm")
    for replied, seen in ((answer, True), (command, True), (chatter, False)):
        reply = server.user_says(group, ann, "and?", reply_to=replied)
        assert (reply.update_id is not None) == seen


async def test_bare_commands_go_to_the_last_bot(bot: Bot, server: BotApiServer, ann: User) -> None:
    """After another bot has spoken, /ask needs the bot's name until ours speaks again."""
    group = server.add_group("Group", [ann])
    server.other_bot_says(group, "beep")
    assert server.user_says(group, ann, "/ask").update_id is None
    await bot.send_message(group.id, "x")
    assert server.user_says(group, ann, "/ask").update_id is not None


async def test_membership_is_told(bot: Bot, server: BotApiServer, ann: User, chat: Chat) -> None:
    """Blocking, adding and promoting come as my_chat_member with both standings."""
    group = server.add_group("Group", [ann], bot=None)
    server.user_blocks(ann)
    server.add_to_group(group, ann)
    server.promote_bot(group, ann)
    changes = [u.my_chat_member for u in await bot.get_updates() if u.my_chat_member]
    assert [(c.old_chat_member.status, c.new_chat_member.status) for c in changes] == [
        ("member", "kicked"),
        ("left", "member"),
        ("member", "administrator"),
    ]


async def test_edits_and_start_payloads(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """A deep link arrives as /start with its payload; an edit as edited_message."""
    message = server.user_starts(ann, "story_12")
    server.user_edits(message, "never mind")
    start, edit = await bot.get_updates()
    assert start.message and start.message.text == "/start story_12"
    assert edit.edited_message and edit.edited_message.text == "never mind"
    with pytest.raises(ValueError, match="payload"):
        server.user_starts(ann, "a.b")


# Queries


async def test_buttons_are_answered_once(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """A press comes with its message and is answered once, in time."""
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="m:1")]])
    await bot.send_message(chat.id, "x", reply_markup=markup)
    [message] = server.sent(chat)
    press = server.user_presses(message, "More")
    [update] = await bot.get_updates()
    query = update.callback_query
    assert query and query.data == "m:1" and query.message and query.message.message_id == 1
    with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
        await query.answer("x" * 201)
    await query.answer("done", show_alert=True)
    assert press.answer and press.answer["text"] == "done"
    with pytest.raises(BadRequest, match="Query is too old"):
        await query.answer()
    late = server.user_presses(message, "m:1")
    server.advance(16)
    with pytest.raises(BadRequest, match=r"(?i)query id is invalid"):
        await bot.answer_callback_query(late.id)
    with pytest.raises(ValueError, match="no button"):
        server.user_presses(message, "Less")


def article(id: str, text: str = "<b>x</b>", **fields: Any) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        id, "title", InputTextMessageContent(text, parse_mode="HTML"), **fields
    )


async def test_inline_mode(bot: Bot, server: BotApiServer, ann: User, chat: Chat) -> None:
    """An inline question is answered once; the chosen result can be edited by its id."""
    asked = server.user_asks_inline(ann, "karabakh")
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="m")]])
    with pytest.raises(BadRequest, match=r"(?i)can't parse entities"):
        await bot.answer_inline_query(asked.id, [article("1", "<b>x")])
    with pytest.raises(BadRequest, match=r"(?i)results_too_much"):
        await bot.answer_inline_query(asked.id, [article(str(n)) for n in range(51)])
    with pytest.raises(BadRequest, match=r"(?i)result_id_duplicate"):
        await bot.answer_inline_query(asked.id, [article("1"), article("1")])
    results = [article("1", reply_markup=markup)]
    await bot.answer_inline_query(asked.id, results, next_offset="2")
    assert asked.results and asked.results[0]["message"].text == "x"
    assert asked.next_offset == "2"
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_inline_query(asked.id, results)
    group = server.add_group("Group", [ann])
    message = server.user_chooses(asked, "1", group)
    chosen = (await bot.get_updates())[1].chosen_inline_result
    assert chosen and chosen.inline_message_id
    assert await bot.edit_message_text("y", inline_message_id=chosen.inline_message_id)
    assert message.text == "y"
    assert server.strictness == []


async def test_guest_mode(bot: Bot, server: BotApiServer, ann: User) -> None:
    """A mention where the bot is no member is answered once, with one article."""
    group = server.add_group("Group", [ann], bot=None)
    query = server.user_summons(group, ann, "@news_test_bot what happened?")
    [update] = await bot.get_updates()
    assert update.guest_message and update.guest_message.guest_query_id == query.id
    sent = await bot.answer_guest_query(query.id, article("1"))
    assert query.answer and query.answer.text == "x"
    assert sent.inline_message_id == query.answer.inline_id
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_guest_query(query.id, article("1"))


async def test_raw_json_of_an_update(server: BotApiServer, ann: User, chat: Chat) -> None:
    """What goes over the wire is the documented shape, entities found as apps find them."""
    server.user_says(chat, ann, "/ask @other_bot")
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{server.base_url}{server.token}/getUpdates?timeout=0")
    [update] = answer.json()["result"]
    assert update["message"]["entities"] == [
        {"offset": 0, "length": 4, "type": "bot_command"},
        {"offset": 5, "length": 10, "type": "mention"},
    ]
    assert update["message"]["chat"]["type"] == "private"
