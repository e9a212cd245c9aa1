"""What the Bot API test server keeps of messages, chats and files, and what it refuses."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.botapi import BotApiServer, Chat, Status, User


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as server:
        yield server


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with Bot(
        server.token, base_url=server.base_url, base_file_url=server.base_file_url
    ) as bot:
        yield bot


@pytest.fixture
def ann(server: BotApiServer) -> User:
    return server.add_user("Ann", "ann")


@pytest.fixture
def chat(server: BotApiServer, ann: User) -> Chat:
    return server.private_chat(ann)


async def call(server: BotApiServer, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
    """Call with a JSON body; the status and the answer."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{server.base_url}{server.token}/{method}", json=params)
    return answer.status_code, answer.json()


def keyboard(*rows: list[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(rows)


async def refused(coroutine: Any) -> str:
    """The error's text, in lower case as the library re-cases it."""
    with pytest.raises(BadRequest) as caught:
        await coroutine
    return str(caught.value).lower()


# Edits and deletions


async def test_edits(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """An edit changes the stored message, drops an unnamed keyboard, and must change something."""
    markup = keyboard([InlineKeyboardButton("More", callback_data="m")])
    sent = await bot.send_message(chat.id, "<b>one</b>", parse_mode="HTML", reply_markup=markup)
    again = bot.edit_message_text("<b>one</b> ", chat.id, sent.id, parse_mode="HTML",
                                  reply_markup=markup)  # fmt: skip
    assert "message is not modified: specified new message content" in await refused(again)
    await bot.edit_message_text("two", chat.id, sent.id)
    [message] = server.sent(chat)
    assert (message.text, message.buttons, message.earlier) == ("two", (), ["one"])
    assert "not modified" in await refused(bot.edit_message_reply_markup(chat.id, sent.id))
    await bot.edit_message_reply_markup(chat.id, sent.id, reply_markup=markup)
    assert message.button("More")


async def test_edits_of_others(bot: Bot, server: BotApiServer, ann: User, chat: Chat) -> None:
    """What is not there or not the bot's own cannot be edited."""
    theirs = server.user_says(chat, ann, "hello")
    assert "can't be edited" in await refused(bot.edit_message_text("x", chat.id, theirs.id))
    assert "message to edit not found" in await refused(bot.edit_message_text("x", chat.id, 99))


async def test_deletions(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """A message is deleted once, and only within 48 hours."""
    old = await bot.send_message(chat.id, "old")
    server.advance(48 * 3600)
    assert "can't be deleted" in await refused(bot.delete_message(chat.id, old.id))
    new = await bot.send_message(chat.id, "new")
    await bot.delete_message(chat.id, new.id)
    assert "message to delete not found" in await refused(bot.delete_message(chat.id, new.id))
    assert [m.text for m in server.sent(chat)] == ["old"]


# Replies, topics, who may write


async def test_replies(bot: Bot, server: BotApiServer, ann: User, chat: Chat) -> None:
    """A reply names a message that is there, or says that it may go without."""
    asked = server.user_says(chat, ann, "what happened?")
    sent = await bot.send_message(chat.id, "x", reply_parameters=ReplyParameters(asked.id))
    assert sent.reply_to_message and sent.reply_to_message.text == "what happened?"
    server.user_deletes(asked)
    gone = bot.send_message(chat.id, "x", reply_parameters=ReplyParameters(asked.id))
    assert "message to be replied not found" in await refused(gone)
    without = ReplyParameters(asked.id, allow_sending_without_reply=True)
    assert (await bot.send_message(chat.id, "x", reply_parameters=without)).text == "x"


async def test_topics(bot: Bot, server: BotApiServer, ann: User) -> None:
    """Messages stay in their topic; a missing one and a closed one are refused."""
    forum = server.add_group("Forum", [ann], forum=True)
    news = server.create_topic(forum, ann, "News")
    asked = server.user_says(forum, ann, "/ask this", thread=news)
    assert asked.json()["reply_to_message"]["forum_topic_created"]["name"] == "News"
    sent = await bot.send_message(forum.id, "x", message_thread_id=news)
    assert (sent.message_thread_id, sent.is_topic_message) == (news, True)
    reply = await bot.send_message(forum.id, "x", reply_parameters=ReplyParameters(asked.id))
    assert reply.message_thread_id == news
    for missing in (1, 999):
        lost = bot.send_message(forum.id, "x", message_thread_id=missing)
        assert "message thread not found" in await refused(lost)
    server.close_topic(forum, news, ann)
    assert "topic_closed" in await refused(bot.send_message(forum.id, "x", message_thread_id=news))
    assert (await bot.send_message(forum.id, "general")).message_thread_id is None


async def test_who_may_not_be_written_to(bot: Bot, server: BotApiServer, ann: User) -> None:
    """Strangers, blockers, deleted accounts and groups that threw the bot out say so."""
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(ann.id, "x")
    assert "chat not found" in await refused(bot.send_message(12345, "x"))
    server.user_starts(ann)
    server.user_blocks(ann)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ann.id, "x")
    server.user_unblocks(ann)
    await bot.send_message(ann.id, "x")
    server.user_deactivates(ann)
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_chat_action(ann.id, "typing")
    group = server.add_group("Group", [ann])
    server.kick_bot(group, ann)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group.id, "x")


async def test_migration(bot: Bot, server: BotApiServer, ann: User) -> None:
    """A group that became a supergroup answers with the new id, where the bot may write."""
    group = server.add_group("Group", [ann], basic=True)
    new = server.migrate(group)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(group.id, "x")
    assert caught.value.new_chat_id == new.id
    await bot.send_message(new.id, "x")
    updates = await bot.get_updates()
    assert [u.message.migrate_to_chat_id for u in updates if u.message] == [new.id, None]


async def test_channels(bot: Bot, server: BotApiServer, ann: User) -> None:
    """A post reaches the bot and its discussion group; only an admin bot may post."""
    group = server.add_group("Talk", [ann])
    channel = server.add_channel("Daily", ann, username="daily", discussion=group)
    server.channel_posts(channel, "headline")
    post, copy = await bot.get_updates()
    assert post.channel_post and post.channel_post.text == "headline"
    assert copy.message and copy.message.is_automatic_forward
    sent = await bot.send_message("@daily", "x")
    assert sent.sender_chat and sent.sender_chat.id == channel.id
    server.promote_bot(channel, ann, admin=False)
    assert "administrator rights" in await refused(bot.send_message("@daily", "x"))


async def test_message_ids_grow_within_each_chat(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """Two chats have the same message ids: alone they name nothing."""
    other = server.private_chat(server.add_user("Bob"))
    ids = [(await bot.send_message(place.id, "x")).id for place in (chat, chat, other)]
    assert ids == [1, 2, 1]


# Files, drafts, actions, profile


async def test_documents(bot: Bot, server: BotApiServer, ann: User, chat: Chat) -> None:
    """Files go both ways byte for byte; captions hold 1024 units."""
    sent = await bot.send_document(chat.id, b"<opml/>", caption="<b>c</b>", parse_mode="HTML",
                                   filename="feeds.opml")  # fmt: skip
    assert sent.document and sent.document.file_name == "feeds.opml"
    assert sent.caption == "c"
    assert "caption is too long" in await refused(
        bot.send_document(chat.id, b"x", caption="x" * 1025)
    )
    server.user_sends_document(chat, ann, "mine.opml", b"\x00\xff", caption="/add")
    [update] = await bot.get_updates()
    assert update.message and update.message.document
    file = await update.message.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"\x00\xff"
    assert server.strictness == []


async def test_drafts(bot: Bot, server: BotApiServer, ann: User, chat: Chat) -> None:
    """A draft shows until the message is sent or 30 s pass, in private chats only."""
    await bot.send_message_draft(chat.id, 7, "thinking <b>hard</b>", parse_mode="HTML")
    assert server.draft(chat) == "thinking hard"
    await bot.send_message(chat.id, "done")
    assert server.draft(chat) is None
    await bot.send_message_draft(chat.id, 8, "")
    assert server.draft(chat) == ""
    server.advance(31)
    assert server.draft(chat) is None
    group = server.add_group("Group", [ann])
    assert "private chats" in await refused(bot.send_message_draft(group.id, 9, "x"))


async def test_chat_actions_and_reactions(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """Actions are logged; a reaction must be one that Telegram has."""
    await bot.send_chat_action(chat.id, "typing")
    assert [(a.chat, a.action) for a in server.world.actions] == [(chat.id, "typing")]
    status, _ = await call(server, "sendChatAction", chat_id=chat.id, action="juggling")
    assert status == 400
    sent = await bot.send_message(chat.id, "x")
    await bot.set_message_reaction(chat.id, sent.id, "👍")
    assert server.sent(chat)[0].reactions == [{"type": "emoji", "emoji": "👍"}]
    wrong = bot.set_message_reaction(chat.id, sent.id, "x")
    assert "reaction_invalid" in await refused(wrong)


async def test_commands_by_scope_and_language(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """A user's menu is the narrowest scope in their language that is set."""
    everywhere, private, here = (BotCommand("ask", word) for word in ("a", "b", "c"))
    await bot.set_my_commands([everywhere])
    await bot.set_my_commands([private], BotCommandScopeAllPrivateChats(), "de")
    bob = server.add_user("Bob", language_code="de")
    shown = [
        server.commands_shown(server.private_chat(user), user)[0]["description"]
        for user in (chat.user, bob)
        if user
    ]
    assert shown == ["a", "b"]
    await bot.set_my_commands([here], BotCommandScopeChat(chat.id))
    assert chat.user and server.commands_shown(chat, chat.user)[0]["description"] == "c"
    await bot.delete_my_commands(BotCommandScopeChat(chat.id))
    assert await bot.get_my_commands() == (everywhere,)
    assert "bot_command_invalid" in await refused(bot.set_my_commands([("Ask", "x")]))


async def test_descriptions_and_names(bot: Bot) -> None:
    """What the bot says of itself is kept by language, within its limits."""
    await bot.set_my_description("long", "de")
    await bot.set_my_short_description("short")
    assert (await bot.get_my_description("de")).description == "long"
    assert (await bot.get_my_description()).description == ""
    assert (await bot.get_my_short_description("de")).short_description == "short"
    assert (await bot.get_my_name()).name == "Newsbot"
    assert "too long" in await refused(bot.set_my_short_description("x" * 121))


async def test_chats_and_members(bot: Bot, server: BotApiServer, ann: User) -> None:
    """Chats, members and admins can be looked up; a chat can be left."""
    group = server.add_group("Group", [ann], bot=Status.ADMINISTRATOR)
    assert (await bot.get_chat(group.id)).title == "Group"
    assert (await bot.get_chat_member(group.id, ann.id)).status == "creator"
    assert {m.user.id for m in await bot.get_chat_administrators(group.id)} == {ann.id, bot.id}
    assert await bot.leave_chat(group.id)
    with pytest.raises(Forbidden, match="not a member of the supergroup"):
        await bot.send_message(group.id, "x")


async def test_previews(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """Link preview options are kept with the message."""
    off = LinkPreviewOptions(is_disabled=True)
    sent = await bot.send_message(chat.id, "https://a.example", link_preview_options=off)
    assert sent.link_preview_options == off
    assert server.sent(chat)[0].link_preview == {"is_disabled": True}
