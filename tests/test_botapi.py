"""Whom the Bot API test server lets in, and which texts and buttons it takes."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
)
from telegram.error import BadRequest, InvalidToken

from tests.botapi import BotApiServer, Chat, User, utf16_slice


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


# Identity


async def test_library_logs_in(server: BotApiServer, bot: Bot) -> None:
    """python-telegram-bot's initialize() is answered with the bot's own user."""
    assert bot.username == server.bot.username
    assert bot.bot.supports_guest_queries
    assert not bot.bot.can_read_all_group_messages


async def test_strange_tokens(server: BotApiServer) -> None:
    """A malformed token is 404, a well-formed wrong one 401, an unknown method 404."""
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{server.base_url}nonsense/getMe")).status_code == 404
        wrong = await client.get(f"{server.base_url}1:{'x' * 35}/getMe")
        assert wrong.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    status, answer = await call(server, "sendCake", chat_id=1)
    assert (status, answer["description"]) == (404, "Not Found: method not found")
    assert server.strictness == ["sendCake: no such method here"]
    with pytest.raises(InvalidToken):
        await Bot(f"1:{'x' * 35}", base_url=server.base_url).initialize()


async def test_parameters_come_in_every_form(server: BotApiServer, chat: Chat) -> None:
    """URL, form and multipart arguments do the same as a JSON body."""
    url = f"{server.base_url}{server.token}/SENDMESSAGE"
    fields = {"chat_id": str(chat.id), "text": "hello"}
    async with httpx.AsyncClient() as client:
        for sent in (
            client.get(url, params=fields),
            client.post(url, data=fields),
            client.post(url, data=fields, files={"unused": b"x"}),
        ):
            assert (await sent).json()["result"]["text"] == "hello"
    assert server.strictness == ["sendMessage: unknown parameter unused"]


# Text


async def test_text_is_kept_as_people_see_it(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """HTML becomes plain text with entities in UTF-16 units, trimmed like Telegram does."""
    html = " 😀 <b>Bo</b> &lt;<blockquote expandable>q</blockquote>\n\n"
    sent = await bot.send_message(chat.id, html, parse_mode="HTML")
    [message] = server.sent(chat)
    assert sent.text == message.text == "😀 Bo <q"
    assert message.raw == html
    shown = {e["type"]: utf16_slice(sent.text, e["offset"], e["length"]) for e in message.entities}
    assert shown == {"bold": "Bo", "expandable_blockquote": "q"}
    assert sent.parse_entities() == {e: shown[e.type] for e in sent.entities}


async def test_markdown_and_given_entities(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """MarkdownV2 and an entities list give the same; Markdown signs in plain text stay."""
    await bot.send_message(chat.id, "*a* \\*b\\*", parse_mode="MarkdownV2")
    await bot.send_message(chat.id, "a *b*", entities=[MessageEntity("bold", 0, 1)])
    one, two = server.sent(chat)
    assert (
        (one.text, one.entities)
        == (two.text, two.entities)
        == (
            "a *b*",
            ({"offset": 0, "length": 1, "type": "bold"},),
        )
    )


async def test_direction_marks_are_cleaned_like_tdlib(
    bot: Bot, server: BotApiServer, chat: Chat
) -> None:
    """TDLib drops embedding marks and carriage returns, and moves the entities along."""
    await bot.send_message(chat.id, "a\u202b\r<b>שלום</b>\u2067", parse_mode="HTML")
    [message] = server.sent(chat)
    assert message.text == "aשלום\u2067"
    assert message.entities[0]["offset"] == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "message text is empty"),
        (" \n ", "text must be non-empty"),
        ("<i></i>", "text must be non-empty"),
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
        ("<b></b>" * 4682, "text is too long"),
        ("a <b>b", "can't parse entities: can't find end tag corresponding to start tag \"b\""),
        ("<u>x</b>", "can't parse entities: unmatched end tag"),
    ],
)
async def test_refused_texts(bot: Bot, chat: Chat, text: str, reason: str) -> None:
    """Empty, overlong and malformed texts are refused in the server's words."""
    assert reason in await refused(bot.send_message(chat.id, text, parse_mode="HTML"))


async def test_limit_counts_after_parsing(bot: Bot, chat: Chat) -> None:
    """4096 UTF-16 units of text pass, however much markup is around them."""
    sent = await bot.send_message(chat.id, f"<b>{'😀' * 2048}</b>", parse_mode="HTML")
    assert sent.text == "😀" * 2048


async def test_losses_are_remarked(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """Entities over 100, nested quotations and bad links vanish with no error, but are noted."""
    await bot.send_message(chat.id, "<b>x</b> " * 101, parse_mode="HTML")
    nested = "<blockquote>a<blockquote>b</blockquote></blockquote>"
    await bot.send_message(chat.id, nested, parse_mode="HTML")
    await bot.send_message(chat.id, '<a href="nowhere">c</a>', parse_mode="HTML")
    many, quoted, unlinked = server.sent(chat)
    assert len(many.entities) == 100
    assert len(quoted.entities) == 1
    assert unlinked.entities == ()
    assert len(server.strictness) == 3


async def test_links_found_in_text(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """Bare URLs and commands become entities; the label of a link does not."""
    text = '/ask https://a.example/x <a href="https://b.example">c.example</a>'
    await bot.send_message(chat.id, text, parse_mode="HTML")
    [message] = server.sent(chat)
    assert [e["type"] for e in message.entities] == ["bot_command", "url", "text_link"]


async def test_improper_use_is_remarked(server: BotApiServer, chat: Chat) -> None:
    """Unknown parameters and fields, bad numbers and dead deep links are written down."""
    link = f"https://t.me/{server.bot.username}?start=a.b"
    status, _ = await call(
        server,
        "sendMessage",
        chat_id=chat.id,
        text="x",
        disable_web_page_preview=True,
        message_thread_id="none",
        link_preview_options={"disabled": True},
        reply_markup={"inline_keyboard": [[{"text": "t", "url": link}]]},
    )
    assert status == 200
    assert len(server.strictness) == 4


# Buttons


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[{"text": "t", "callback_data": "é" * 33}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "t", "callback_data": ""}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "t", "copy_text": {"text": "x" * 257}}]], "BUTTON_COPY_TEXT_INVALID"),
        ([[{"text": "t"}]], "Text buttons are unallowed"),
        ([[{"text": "t", "url": "https://nowhere"}]], "Wrong HTTP URL"),
        ([[{"text": "t", "callback_data": "d"}] * 9], "reply markup is too long"),
        ([[{"text": "t", "callback_data": "d"}] * 5] * 21, "reply markup is too long"),
        ([{"text": "t"}], "must be an Array of Arrays"),
    ],
)
async def test_refused_buttons(
    server: BotApiServer, chat: Chat, rows: list[Any], reason: str
) -> None:
    """Buttons that Telegram would refuse are refused, and nothing is sent."""
    status, answer = await call(
        server, "sendMessage", chat_id=chat.id, text="x", reply_markup={"inline_keyboard": rows}
    )
    assert status == 400
    assert reason in answer["description"]
    assert server.sent(chat) == []


async def test_buttons_at_the_limit(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """64 bytes of callback data pass and can be read off the message."""
    markup = keyboard([InlineKeyboardButton("Passage", callback_data="d" * 64)])
    await bot.send_message(chat.id, "x", reply_markup=markup)
    [message] = server.sent(chat)
    assert message.button("Passage").data == "d" * 64
    assert server.strictness == []
