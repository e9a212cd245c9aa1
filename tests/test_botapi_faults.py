"""Scripted faults, the pace audit, and the Bot API test server in a thread of its own."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, Update
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.botapi import (
    BotApiServer,
    Chat,
    Kind,
    Send,
    audit,
    cut,
    delay,
    fail,
    flood,
    garbage,
    most_in_window,
)


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as server:
        yield server


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with Bot(server.token, base_url=server.base_url) as bot:
        yield bot


@pytest.fixture
def chat(server: BotApiServer) -> Chat:
    return server.private_chat(server.add_user("Ann"))


# Faults


async def test_flood_strikes_once(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """A scripted 429 refuses the chosen call and no other."""
    other = server.private_chat(server.add_user("Bob"))
    fault = server.inject(flood(3, method="sendMessage", chat=chat.id, skip=1))
    await bot.send_message(chat.id, "1")
    await bot.send_message(other.id, "x")
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(chat.id, "2")
    assert caught.value._retry_after.total_seconds() == 3
    await bot.send_message(chat.id, "3")
    assert fault.hits == 1
    assert [m.text for m in server.sent(chat)] == ["1", "3"]
    assert server.audit().in_penalty == ()


async def test_penalty_is_kept_up(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """In a penalty every write to the chat is refused and logged, others go on."""
    server.inject(flood(300, chat=chat.id, keep=True))
    for _ in range(2):
        with pytest.raises(RetryAfter):
            await bot.send_message(chat.id, "x")
    with pytest.raises(RetryAfter):
        await bot.send_chat_action(chat.id, "typing")
    other = server.private_chat(server.add_user("Bob"))
    await bot.send_message(other.id, "x")
    judged = server.audit()
    assert [(s.chat, s.kind) for s in judged.in_penalty] == [
        (chat.id, Kind.MESSAGE),
        (chat.id, Kind.ACTION),
    ]
    assert judged.sends == 1
    server.clear_faults()
    await bot.send_message(chat.id, "x")


async def test_penalty_ends(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """After retry_after seconds the chat takes messages again."""
    server.inject(flood(1, keep=True))
    with pytest.raises(RetryAfter):
        await bot.send_message(chat.id, "x")
    await asyncio.sleep(1.0)
    await bot.send_message(chat.id, "y")
    assert server.audit().in_penalty == ()


async def test_errors(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """Any status with any text can be answered, and nothing is carried out."""
    server.inject(fail(502, "Bad Gateway"))
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(chat.id, "x")
    server.inject(fail(400, "Bad Request: can't parse entities: no", method="sendMessage"))
    with pytest.raises(BadRequest):
        await bot.send_message(chat.id, "x")
    assert server.sent(chat) == []


@pytest.mark.parametrize("executed", [True, False])
async def test_cut_connections(bot: Bot, server: BotApiServer, chat: Chat, executed: bool) -> None:
    """A cut looks the same to the bot whether the message was stored or not."""
    server.inject(cut(executed=executed))
    with pytest.raises(NetworkError) as caught:
        await bot.send_message(chat.id, "x")
    assert not isinstance(caught.value, TimedOut)
    assert len(server.sent(chat)) == server.audit().sends == (1 if executed else 0)
    assert [call.status for call in server.calls("sendMessage")] == [0]
    await bot.send_message(chat.id, "y")


@pytest.mark.parametrize("executed", [True, False])
async def test_timeouts(bot: Bot, server: BotApiServer, chat: Chat, executed: bool) -> None:
    """A slow call times out in the bot and is carried out all the same, now or later."""
    server.inject(delay(0.5, executed=executed))
    with pytest.raises(TimedOut):
        await bot.send_message(chat.id, "x", read_timeout=0.1)
    assert len(server.sent(chat)) == (1 if executed else 0)
    await server.wait_for(lambda: server.sent(chat))


async def test_garbage(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """An answer that is not JSON follows a message that was stored."""
    server.inject(garbage())
    with pytest.raises(TelegramError):
        await bot.send_message(chat.id, "x")
    assert len(server.sent(chat)) == 1


async def test_network_gone(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """The port refuses connections for a while, then is back with everything kept."""
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    server.network_gone(0.4)
    with pytest.raises(NetworkError):
        await poll
    with pytest.raises(NetworkError, match="ConnectError"):
        await bot.send_message(chat.id, "x")
    assert chat.user
    server.user_says(chat, chat.user, "while you were out")
    await asyncio.sleep(0.5)
    [update] = await bot.get_updates()
    assert update.message and update.message.text == "while you were out"


# Pace


def sends(*times: float, chat: int = 1, private: bool = True) -> list[Send]:
    return [Send(time, Kind.MESSAGE, chat, private) for time in times]


def test_windows_are_rolling_and_half_open() -> None:
    """Two sends exactly a window apart do not share it; any nearer they do."""
    assert most_in_window([], 1.0) == 0
    assert most_in_window([0.0, 1.0, 2.0], 1.0) == 1
    assert most_in_window([0.0, 0.999, 1.5], 1.0) == 2
    assert most_in_window([0.9, 1.0, 1.1, 5.0], 1.0) == 3


@given(st.lists(st.integers(0, 300)), st.integers(1, 100))
def test_windows_agree_with_counting(times: list[int], width: int) -> None:
    """The sliding count is the largest of the counts from each send on."""
    naive = max((sum(t <= u < t + width for u in times) for t in times), default=0)
    assert most_in_window(times, width) == naive


def test_audit_judges_each_kind_of_chat() -> None:
    """Private chats by the second, groups by the minute, all together by the second."""
    log = [
        *sends(0.0, 0.5, chat=1),
        *sends(0.2, chat=2),
        *sends(*(3.0 * n for n in range(21)), chat=-1, private=False),
        Send(70.0, Kind.MESSAGE, -2, False, accepted=False),
        Send(0.3, Kind.EDIT, 1, True),
        Send(0.3, Kind.DELETE, 1, True),
    ]
    judged = audit(log)
    assert (judged.private_per_second, judged.busiest_private) == (3, 1)
    assert (judged.group_per_minute, judged.busiest_group) == (20, -1)
    assert judged.overall_per_second == 5
    assert [send.chat for send in judged.in_penalty] == [-2]
    assert audit(log, {Kind.MESSAGE}).private_per_second == 2
    assert audit(sends(0.0, 0.995)).private_per_second == 2
    assert audit(sends(0.0, 0.995), slack=0.01).private_per_second == 1


async def test_every_write_is_logged(bot: Bot, server: BotApiServer, chat: Chat) -> None:
    """Messages, edits, actions and drafts are logged with their kind; refusals are not."""
    sent = await bot.send_message(chat.id, "x")
    await bot.edit_message_text("y", chat.id, sent.id)
    await bot.send_chat_action(chat.id, "typing")
    await bot.send_message_draft(chat.id, 1, "z")
    with pytest.raises(BadRequest):
        await bot.send_message(chat.id, "<b>", parse_mode="HTML")
    assert [send.kind for send in server.world.sends] == ["message", "edit", "action", "draft"]
    assert server.world.sends[1].message == sent.id
    assert server.audit({Kind.MESSAGE}).sends == 1


# A thread of its own


def test_thread_variant_serves_a_real_application() -> None:
    """The library's own Application talks to a server that runs in another thread."""

    async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message and update.message.text
        await update.message.reply_text(update.message.text.upper(), do_quote=True)

    with BotApiServer() as server:
        ann = server.add_user("Ann")
        chat = server.private_chat(ann)

        async def run() -> None:
            application = (
                Application.builder().token(server.token).base_url(server.base_url).build()
            )
            application.add_handler(MessageHandler(filters.TEXT, echo))
            async with application:
                assert application.updater
                await application.start()
                await application.updater.start_polling(timeout=10)
                server.user_says(chat, ann, "hello")
                await server.wait_for(lambda: server.sent(chat))
                await application.updater.stop()
                await application.stop()

        asyncio.run(run())
        [message] = server.wait(lambda: server.sent(chat))
        assert (message.text, message.reply_to and message.reply_to.text) == ("HELLO", "hello")
        assert server.strictness == []
        server.network_gone(0.1)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.base_url}{server.token}/getMe")


def test_it_keeps_up_with_a_burst() -> None:
    """A thousand pipelined sends are taken far faster than any pace a bot may keep."""
    with BotApiServer() as server:
        chat = server.private_chat(server.add_user("Ann"))
        body = f"chat_id={chat.id}&parse_mode=HTML&text=%3Cb%3Ehello%3C%2Fb%3E+world"
        request = (
            f"POST /bot{server.token}/sendMessage HTTP/1.1\r\nHost: x\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            started = time.monotonic()
            line.sendall(request * 1000)
            server.wait(lambda: len(server.world.sends) == 1000, timeout=60)
            elapsed = time.monotonic() - started
        # Thirty a second is what Telegram grants; ten times that leaves room for load.
        assert 1000 / elapsed > 300
        assert len(server.sent(chat)) == 1000
