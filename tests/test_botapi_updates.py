"""How the Bot API test server hands updates over, by polling and by webhook."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telegram import (
    Bot,
)
from telegram.error import BadRequest, Conflict, NetworkError
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine
from tornado.netutil import bind_sockets

from tests.botapi import BotApiServer, Chat, User, cut


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


async def texts(bot: Bot, **params: Any) -> list[str | None]:
    updates = await bot.get_updates(**params)
    return [update.effective_message.text for update in updates if update.effective_message]


# Polling


async def test_updates_repeat_until_confirmed(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """An update comes again until a higher offset is asked for."""
    for text in "abc":
        server.user_says(chat, ann, text)
    assert await texts(bot) == await texts(bot) == ["a", "b", "c"]
    assert await texts(bot, limit=2) == ["a", "b"]
    first = (await bot.get_updates())[0].update_id
    assert await texts(bot, offset=first + 1) == ["b", "c"]
    assert await texts(bot) == ["b", "c"]
    assert await texts(bot, offset=first + 3) == []
    assert server.pending() == 0


async def test_negative_offset_keeps_the_newest(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """Offset -1 gives the newest update and forgets all before it."""
    for text in "abc":
        server.user_says(chat, ann, text)
    assert await texts(bot, offset=-1) == ["c"]
    assert await texts(bot) == ["c"]


async def test_an_offset_far_ahead_confirms_nothing(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """An offset that can only be another bot's is read as none."""
    server.user_says(chat, ann, "a")
    assert await texts(bot, offset=2_000_000_000) == ["a"]


async def test_updates_are_kept_a_day(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """What nobody fetched for 24 hours is gone."""
    server.user_says(chat, ann, "old")
    server.advance(24 * 3600 + 1)
    server.user_says(chat, ann, "new")
    assert await texts(bot) == ["new"]


async def test_long_poll_ends_with_an_update(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """A long poll answers when something happens, not when its time is over."""
    poll = asyncio.create_task(texts(bot, timeout=30))
    await asyncio.sleep(0.05)
    assert not poll.done()
    server.user_says(chat, ann, "now")
    assert await asyncio.wait_for(poll, 10) == ["now"]


async def test_the_older_poller_is_thrown_out(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """Of two long polls the first gets 409, the second the updates."""
    older = asyncio.create_task(texts(bot, timeout=30))
    await asyncio.sleep(0.05)
    async with Bot(server.token, base_url=server.base_url) as second:
        newer = asyncio.create_task(texts(second, timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await older
        server.user_says(chat, ann, "now")
        assert await newer == ["now"]


async def test_a_dead_poller_loses_nothing(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """An update that was handed to a poller which had died, or was cut off, comes again."""
    _, dead = await asyncio.open_connection("127.0.0.1", server.port)
    dead.write(f"GET /bot{server.token}/getUpdates?timeout=30 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await server.wait_for(lambda: server.polling)
    dead.transport.abort()
    server.user_says(chat, ann, "a")
    await server.wait_for(lambda: server.calls("getUpdates"))
    server.inject(cut(executed=True, method="getUpdates"))
    with pytest.raises(NetworkError):
        await texts(bot)
    assert await texts(bot) == ["a"]


async def test_repeated_polls_are_slowed() -> None:
    """With the guard on, a repeated offset waits 3 s or gets one update, as in production."""
    async with (
        BotApiServer() as server,
        Bot(server.token, base_url=server.base_url) as bot,
    ):
        ann = server.add_user("Ann")
        for text in "ab":
            server.user_says(server.private_chat(ann), ann, text)
        assert await texts(bot) == ["a", "b"]
        assert await texts(bot) == ["a"]
        started = time.monotonic()
        for _ in range(2):
            await texts(bot, offset=server.world.updates.next_id)
        assert time.monotonic() - started >= 2.9


async def test_allowed_updates_stay_set(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """Types that were not asked for are not even queued; the choice holds until changed."""
    await bot.get_updates(allowed_updates=["callback_query"])
    await bot.get_updates()
    assert server.user_says(chat, ann, "unseen").update_id is None
    await bot.get_updates(allowed_updates=[])
    message = server.user_says(chat, ann, "seen")
    assert message.update_id is not None
    server.user_reacts(message, ann, "👍")
    assert await texts(bot) == ["seen"]


# Webhooks


@asynccontextmanager
async def listener(
    decide: Callable[[int], tuple[int, dict[str, str], bytes]],
) -> AsyncIterator[tuple[str, list[HTTPServerRequest]]]:
    """A bot's webhook; ``decide`` gives status, headers and body for each call's number."""
    got: list[HTTPServerRequest] = []

    def handle(request: HTTPServerRequest) -> None:
        got.append(request)
        status, headers, body = decide(len(got))
        assert request.connection is not None
        headers = {**headers, "Content-Length": str(len(body))}
        line = ResponseStartLine("HTTP/1.1", status, "")
        request.connection.write_headers(line, HTTPHeaders(headers), body)
        request.connection.finish()

    http = HTTPServer(handle)
    sockets = bind_sockets(0, "127.0.0.1")
    http.add_sockets(sockets)
    yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}/hook", got
    http.stop()
    await http.close_all_connections()


def said(request: HTTPServerRequest) -> str:
    return str(json.loads(request.body)["message"]["text"])


async def test_webhook_delivers_in_order(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """Updates come with the secret, a chat's one after the other, and then are gone."""
    async with listener(lambda _: (200, {}, b"")) as (url, got):
        server.user_says(chat, ann, "before")
        await bot.set_webhook(url, secret_token="s3cret")
        server.user_says(chat, ann, "after")
        await server.wait_for(lambda: not server.pending())
        assert [said(request) for request in got] == ["before", "after"]
        assert {r.headers["X-Telegram-Bot-Api-Secret-Token"] for r in got} == {"s3cret"}
        assert (await bot.get_webhook_info()).url == url


async def test_webhook_retries_until_taken(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """A refused update stays pending, holds back the chat's next, and comes again."""
    async with listener(lambda n: (500 if n < 4 else 200, {}, b"")) as (url, got):
        await bot.set_webhook(url)
        server.user_says(chat, ann, "a")
        server.user_says(chat, ann, "b")
        await server.wait_for(lambda: len(got) == 1)
        assert server.pending() == 2
        await server.wait_for(lambda: not server.pending())
        assert [said(request) for request in got] == ["a", "a", "a", "a", "b"]
        info = await bot.get_webhook_info()
        assert (
            info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
        )


async def test_webhook_honours_retry_after(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """Retry-After takes the place of the server's own back-off."""
    times: list[float] = []

    def decide(number: int) -> tuple[int, dict[str, str], bytes]:
        times.append(time.monotonic())
        return (429, {"Retry-After": "1"}, b"") if number == 1 else (200, {}, b"")

    async with listener(decide) as (url, _):
        await bot.set_webhook(url)
        server.user_says(chat, ann, "a")
        await server.wait_for(lambda: not server.pending())
        assert times[1] - times[0] >= 1.0


async def test_webhook_reply_is_executed(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """A method in the reply's body is carried out, but not one that would read."""
    reply = {"method": "sendMessage", "chat_id": chat.id, "text": "hello"}
    async with listener(lambda _: (200, {}, json.dumps(reply).encode())) as (url, _):
        await bot.set_webhook(url)
        server.user_says(chat, ann, "hi")
        await server.wait_for(lambda: server.sent(chat))
        assert [m.text for m in server.sent(chat)] == ["hello"]
        assert server.audit().sends == 1


async def test_webhook_and_polling_exclude_each_other(
    bot: Bot, server: BotApiServer, ann: User, chat: Chat
) -> None:
    """Setting a webhook ends a poll with 409; after deleting it the updates are still there."""
    poll = asyncio.create_task(texts(bot, timeout=30))
    await asyncio.sleep(0.05)
    await bot.set_webhook("http://127.0.0.1:9/nobody")
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await poll
    server.user_says(chat, ann, "kept")
    await server.wait_for(lambda: server.world.webhook and server.world.webhook.error)
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await texts(bot) == ["kept"]
    await bot.delete_webhook(drop_pending_updates=True)
    assert await texts(bot) == []


async def test_webhook_addresses_are_checked() -> None:
    """The public server takes HTTPS on four ports only, and plain secrets."""
    async with (
        BotApiServer(local_mode=False) as server,
        Bot(server.token, base_url=server.base_url) as bot,
    ):
        for url, secret, reason in (
            ("http://bot.example", "s", "(?i)https url must be provided"),
            ("https://bot.example:8080", "s", "only on ports 80, 88, 443 or 8443"),
            ("https://bot.example", "not secret", "unallowed characters"),
        ):
            with pytest.raises(BadRequest, match=reason):
                await bot.set_webhook(url, secret_token=secret)
