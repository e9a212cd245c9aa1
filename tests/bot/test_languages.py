"""Another language is one more catalogue: what is said, the menus, what /settings changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import catalogue
from bot.app import build_application, started
from bot.catalogue import ENGLISH, Catalogue, language_of
from bot.chats import Chats
from bot.intake import Intake
from bot.newsroom import Newsroom
from bot.settings import Settings
from index import News
from index.sample import read_sample
from tests.botapi import BotApiServer, Message, User
from tests.fakes import StandInEmbedder


def shouted(value: Any) -> Any:
    """A language of its own: English in capitals, but for what is filled in."""
    if isinstance(value, dict):
        return {key: shouted(text) for key, text in value.items()}
    parts = value.split("{")
    rest = [f"{{{part.partition('}')[0]}}}{part.partition('}')[2].upper()}" for part in parts[1:]]
    return parts[0].upper() + "".join(rest)


LOUD: Catalogue = replace(
    ENGLISH,
    **{f.name: shouted(getattr(ENGLISH, f.name)) for f in fields(ENGLISH)} | {"language": "xx"},
)


@asynccontextmanager
async def serving(data: Path) -> AsyncIterator[BotApiServer]:
    """The application in this process, where a test can add a language."""
    news = News(data, embedder=StandInEmbedder())
    chats = Chats(f"sqlite:///{data / 'chats.db'}")
    await asyncio.to_thread(read_sample, news)
    news.bring_up()
    with BotApiServer() as server:
        settings = Settings(data=data, token=server.token, api_url=server.base_url, _env_file=None)
        room = Newsroom(news, chats, settings, lambda: datetime.now(UTC), news.refresh)
        application = build_application(settings, room)
        async with started(application):
            intake = Intake(application, chats, room.clock)
            polling = asyncio.create_task(intake.poll())
            yield server
            polling.cancel()
            await intake.stop(5)
        assert server.strictness == []
    chats.close()
    news.close()


async def told(server: BotApiServer, person: User, text: str) -> Message:
    """What the bot answers to a text."""
    chat = server.private_chat(person)
    asked = server.user_says(chat, person, text)
    found: list[Message] = await server.wait_for(lambda: server.sent(chat, after=asked), 30)
    return found[0]


async def test_everybody_is_answered_in_their_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app's language is used where there is one of ours, else English; /settings changes it
    for the chat, and the menus come in both.
    """
    monkeypatch.setitem(catalogue.LANGUAGES, "xx", LOUD)
    async with serving(tmp_path / "data") as server:
        loud = server.add_user("Loud", language_code="xx-YY")
        other = server.add_user("Other", language_code="de")
        assert (await told(server, loud, "/help")).text == LOUD.help
        assert (await told(server, other, "/help")).text == ENGLISH.help
        declined = (await told(server, loud, "Who won the election in Peru?")).text or ""
        assert declined.startswith("NOT IN MY SOURCES.")
        assert "MY SOURCES COVER 12 ARTICLES" in declined
        settings = await told(server, other, "/settings")
        assert "Language: English" in (settings.text or "")
        server.user_presses(settings, f"LANGUAGE: {LOUD.name}")
        await server.wait_for(lambda: "TIME ZONE: UTC" in (settings.text or ""), 30)
        assert (await told(server, other, "/help")).text == LOUD.help
        for code, words in (("xx", LOUD), ("fr", ENGLISH)):
            person = server.add_user("New", language_code=code)
            shown = server.commands_shown(server.private_chat(person), person)
            assert {c["command"]: c["description"] for c in shown} == words.command_help


def test_a_wish_is_met_by_its_tag_or_its_language() -> None:
    """The first wish that there is a catalogue for; without one, English."""
    known = {"en": ENGLISH, "xx": LOUD}
    assert language_of(["xx"], known) is LOUD
    assert language_of([None, "XX-yy"], known) is LOUD
    assert language_of(["de", "xx"], known) is LOUD
    assert language_of(["de", None, ""], known) is ENGLISH
