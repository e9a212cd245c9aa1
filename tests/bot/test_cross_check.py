"""The same application, driven by somebody else's idea of Telegram: tg-auto-test from PyPI.

It plays one private chat in memory, by Telethon's names. It is not among what the tests
install, because it says that it needs Python 3.12; it runs on 3.11 all the same:

    pip install --ignore-requires-python tg-auto-test
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import build_application
from bot.chats import Chats
from bot.newsroom import Newsroom
from bot.settings import Settings
from index import News
from index.sample import read_sample
from tests.bot.process import QUESTION
from tests.fakes import StandInEmbedder

tested_by = pytest.importorskip(
    "tg_auto_test.test_utils.serverless_telegram_client",
    reason="tg-auto-test is not installed, see the head of this file",
)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Any]:
    """Its client, connected to our application; its request object stands in for the network."""
    news = News(tmp_path, embedder=StandInEmbedder())
    chats = Chats(f"sqlite:///{tmp_path / 'chats.db'}")
    await asyncio.to_thread(read_sample, news)
    news.bring_up()
    settings = Settings(data=tmp_path, token="123:ABC", _env_file=None)
    room = Newsroom(news, chats, settings, lambda: datetime.now(UTC), news.refresh)

    def build(builder: Any) -> Any:
        return build_application(settings, room, builder.build().bot.request)

    made = tested_by.ServerlessTelegramClient(build_application=build)
    await made.connect()
    yield made
    await made.disconnect()
    chats.close()
    news.close()


async def test_it_sees_the_same_conversation(client: Any) -> None:
    """Question, answer with its buttons, Passage, More, a follow-up, a refusal and settings."""
    async with client.conversation("newsbot") as chat:

        async def said(text: str) -> Any:
            await chat.send_message(text)
            return await chat.get_response()

        async def pressed(message: Any, label: str) -> Any:
            buttons = [b for row in message.buttons for b in row]
            await message.click(data=next(b.data for b in buttons if b.text == label))
            return await chat.get_response()

        answer = await said(QUESTION)
        assert "brokered by Russia" in answer.raw_text
        assert "Newsbot Sample · 21 September 2023 · paragraph 1" in answer.raw_text
        labels = [button.text for row in answer.buttons for button in row]
        assert labels == ["Passage", "More", "Follow", "Right", "Wrong"]
        assert "2  It ended 24 hours" in (await pressed(answer, "Passage")).raw_text
        assert (await pressed(answer, "More")).raw_text.startswith("More passages")
        follow = await said("and when did it take effect?")
        assert follow.raw_text.startswith("I read this as:")
        declined = await said("Who won the election in Peru?")
        assert declined.raw_text.startswith("Not in my sources.")
        assert "Time zone: UTC" in (await said("/settings")).raw_text
        refused = await said("/add https://example.org/")
        assert refused.raw_text == "Only those who run me can do that."
