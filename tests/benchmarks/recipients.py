"""An update to a thousand chats of all kinds, at Telegram's real pace, through the whole bot.

A tenth has blocked the bot, some groups become supergroups while it is sent, some topics of a
forum are closed. Then those who blocked it come back, and the topics are opened again. The
strict Bot API server is the judge.
"""

import asyncio
import functools
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.app import build_application, started
from bot.chats import Chats
from bot.delivery import Delivery
from bot.intake import Intake
from bot.newsroom import Newsroom
from bot.outbox import State
from bot.settings import Settings
from bot.storylines import Matched
from bot.subscriptions import Kind, Subscription
from bot.updates import Planned
from index import News
from tests.benchmarks.broadcast import make_news, story_update
from tests.botapi import BotApiServer, Chat, User
from tests.fakes import StandInEmbedder

READERS, BLOCKED, GROUPS, TOPICS, CLOSED = 930, 100, 50, 20, 10
_MIGRATE_AFTER_S = 10.0


@dataclass(slots=True)
class Recipients:
    """The chats and topics, and who owns them."""

    readers: list[Chat]
    groups: list[Chat]
    forum: Chat
    topics: list[int]
    owner: User


def run(console: Console | None = None) -> dict[str, Any]:
    """Send; prints a table, returns all figures."""
    console = console or Console()
    with tempfile.TemporaryDirectory(prefix="newsbot-recipients-") as name:
        figures = asyncio.run(_run(Path(name)))
    table = Table("figure", "value", title=f"{READERS + GROUPS + TOPICS:,} recipients")
    for figure, value in figures.items():
        table.add_row(figure, str(value))
    console.print(table)
    return figures


async def _run(folder: Path) -> dict[str, Any]:
    data = folder / "data"
    await asyncio.to_thread(make_news, data)
    news = News(data, embedder=StandInEmbedder())
    chats = Chats(f"sqlite:///{data / 'chats.db'}")
    with BotApiServer() as server:
        settings = Settings(data=data, token=server.token, api_url=server.base_url, _env_file=None)

        def clock() -> datetime:
            return datetime.now(UTC)

        room = Newsroom(news, chats, settings, clock, news.refresh)
        application = build_application(settings, room)
        people = await asyncio.to_thread(_people, server, room)
        async with started(application):
            delivery = Delivery(application.bot, room.outbox, chats, news, clock)
            intake = Intake(application, chats, clock)
            await intake.start()
            polling = asyncio.create_task(intake.poll())
            # Those who start a bot are greeted first.
            greeted = functools.partial(_are_greeted, server, people)
            await asyncio.to_thread(server.wait, greeted, timeout=300)
            await asyncio.to_thread(_keep_away, server, people)
            await intake.idle()
            figures = await _send(server, room, delivery, people)
            polling.cancel()
            await intake.stop(5)
        figures["calls that were wrong"] = len(server.strictness)
        figures["most in a second"] = server.audit().overall_per_second
    chats.close()
    news.close()
    return figures


def _people(server: BotApiServer, room: Newsroom) -> Recipients:
    owner = server.add_user("Owner")
    users = [server.add_user(f"Reader {i}") for i in range(READERS)]
    readers = []
    for user in users:
        server.user_starts(user)
        readers.append(server.private_chat(user))
    groups = [server.add_group(f"Group {i}", [owner], basic=True) for i in range(GROUPS)]
    forum = server.add_group("Forum", [owner], forum=True)
    topics = [server.create_topic(forum, owner, f"Topic {i}") for i in range(TOPICS)]
    now = room.clock()
    for chat, thread in [
        *((c, 0) for c in (*readers, *groups)),
        *((forum, topic) for topic in topics),
    ]:
        room.chats.chat(chat.id, chat.type.value, now)
        room.subscriptions.add(
            Subscription(0, chat.id, thread, Kind.TOPIC, "bridge", 0, None, False, now)
        )
    return Recipients(readers, groups, forum, topics, owner)


def _are_greeted(server: BotApiServer, people: Recipients) -> bool:
    return all(server.sent(chat) for chat in people.readers)


def _keep_away(server: BotApiServer, people: Recipients) -> None:
    for chat in people.readers[:BLOCKED]:
        assert chat.user is not None
        server.user_blocks(chat.user)
    for topic in people.topics[:CLOSED]:
        server.close_topic(people.forum, topic, people.owner)


async def _send(
    server: BotApiServer, room: Newsroom, delivery: Delivery, people: Recipients
) -> dict[str, Any]:
    places = [(c.id, 0) for c in (*people.readers, *people.groups)]
    places += [(people.forum.id, topic) for topic in people.topics]
    _put(room, places, 1)
    began = time.monotonic()
    sending = asyncio.create_task(delivery.step())
    await asyncio.sleep(_MIGRATE_AFTER_S)
    moved = [await asyncio.to_thread(server.migrate, group) for group in people.groups]
    await sending
    await delivery.step()
    took = time.monotonic() - began
    reachable = people.readers[BLOCKED:]
    in_topics = Counter(m.thread_id for m in server.sent(people.forum))
    figures: dict[str, Any] = {
        "seconds": round(took, 1),
        "readers with exactly one": sum(_told(server, c) == 1 for c in reachable),
        "of": len(reachable),
        "groups that moved, with exactly one": sum(
            _told(server, old) + _told(server, new) == 1
            for old, new in zip(people.groups, moved, strict=True)
        ),
        "of groups": len(moved),
        "groups whose subscriptions moved": sum(
            len(room.subscriptions.of(new.id, 0)) == 1 for new in moved
        ),
        "open topics with exactly one": sum(
            in_topics[topic] == 1 for topic in people.topics[CLOSED:]
        ),
        "closed topics with any": sum(in_topics[topic] > 0 for topic in people.topics[:CLOSED]),
    }
    # A second story, which those who are away miss as well.
    away = [(c.id, 0) for c in people.readers[:BLOCKED]]
    _put(room, away, 2)
    await delivery.step()
    figures["blocked ones with any"] = sum(_told(server, c) > 0 for c in people.readers[:BLOCKED])
    for chat in people.readers[:BLOCKED]:
        assert chat.user is not None
        await asyncio.to_thread(server.user_unblocks, chat.user)
        await asyncio.to_thread(server.user_starts, chat.user)
    for topic in people.topics[:CLOSED]:
        await asyncio.to_thread(server.reopen_topic, people.forum, topic, people.owner)
    for _ in range(60):
        await delivery.step()
        counts = await asyncio.to_thread(room.outbox.counts)
        if not counts[State.DUE] and not counts[State.HELD]:
            break
        await asyncio.sleep(1.0)
    digests = [
        [m for m in server.sent(c) if (m.text or "").startswith("2 updates")]
        for c in people.readers[:BLOCKED]
    ]
    figures["back again, with one digest of both"] = sum(len(d) == 1 for d in digests)
    in_topics = Counter(m.thread_id for m in server.sent(people.forum))
    figures["reopened topics with exactly one"] = sum(
        in_topics[topic] == 1 for topic in people.topics[:CLOSED]
    )
    counts = await asyncio.to_thread(room.outbox.counts)
    figures["states"] = {state.value: count for state, count in counts.items() if count}
    return figures


def _told(server: BotApiServer, chat: Chat) -> int:
    """How many messages of a chat tell of a story; a bot greets those who start it as well."""
    return sum("Story " in (message.text or "") for message in server.sent(chat))


def _put(room: Newsroom, places: list[tuple[int, int]], story: int) -> None:
    update = story_update(room.news, story)
    now = room.clock()
    planned = [(Planned(chat, thread, 1, "story", update), now, False) for chat, thread in places]
    seen = room.storylines.cursor()
    assert room.storylines.commit(Matched(story, (), planned, (), ()), seen, now)
