"""The outbox to a strict server: everyone once, whatever becomes of single messages."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from telegram.ext import Application

from bot import catalogue
from bot.catalogue import ENGLISH
from bot.chats import Chats
from bot.delivery import AN_UPDATE, Delivery
from bot.matching import arrived, best_sentence, read_topic
from bot.outbox import Outbox, State
from bot.pacing import Pacing
from bot.storylines import Matched, Storylines
from bot.subscriptions import Kind, Subscription, Subscriptions
from bot.updates import Planned, Update
from index import News
from tests.benchmarks.broadcast import GROUP, PENALTY_S, Broadcast, broadcast
from tests.bot.test_languages import LOUD
from tests.botapi import BotApiServer, Chat
from tests.botapi.faults import cut, fail, flood
from tests.fakes import SentTo, SettableClock, StandInEmbedder

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUOTE = "The harbour bridge at Lundholm opened on Monday."
# Markup, entities half written, directions, and more than Telegram takes.
POISON = "<b>&amp;</i> [x](y) *_~`> \u202e\u2067 “" + "🧨" * 3000 + " end."


@dataclass
class Post:
    """An outbox with a server, a clock that tests move, and one article to tell of."""

    server: BotApiServer
    news: News
    chats: Chats
    outbox: Outbox
    clock: SettableClock
    delivery: Delivery
    data: Path
    stories: int = 0

    def chat(self, name: str) -> Chat:
        user = self.server.add_user(name)
        self.server.user_starts(user)
        chat = self.server.private_chat(user)
        self.known(chat)
        return chat

    def known(self, chat: Chat, thread: int = 0) -> Chat:
        self.chats.chat(chat.id, chat.type.value, NOW)
        Subscriptions(self.chats.engine).add(
            Subscription(0, chat.id, thread, Kind.TOPIC, "bridge", 0, None, False, NOW)
        )
        return chat

    def put(
        self, chats: list[Chat], title: str = "Bridge", *, thread: int = 0, hours: float = 0
    ) -> None:
        """A story of its own, due to all these chats; after ``hours`` as part of a digest."""
        [article] = self.news.archive.newest(1)
        rows = self.news.paragraphs(article.id)
        claim = best_sentence(
            arrived(rows, self.news.embedder.encode(["x"])), read_topic("harbour bridge"), {}
        )
        self.stories += 1
        update = Update(Kind.TOPIC, "bridge", self.stories, title, (claim,))
        lines = Storylines(self.chats.engine)
        due = self.clock() + timedelta(hours=hours)
        planned = [(Planned(c.id, thread, 1, "story", update), due, hours > 0) for c in chats]
        seen = lines.cursor()
        matched = Matched((seen or 0) + 1, (), planned, (), ())
        assert lines.commit(matched, seen, self.clock()) == len(chats)

    async def deliver(self) -> None:
        while await self.delivery.step():
            pass

    def count(self, chat: Chat) -> int:
        """How many messages are in the chat, without the one that began it."""
        return len(self.server.sent(chat))

    def states(self) -> dict[State, int]:
        return {state: n for state, n in self.outbox.counts().items() if n}


@asynccontextmanager
async def opened(tmp_path: Path, text: str = QUOTE, *, paced: bool = True) -> AsyncIterator[Post]:
    (tmp_path / "article.md").write_text(
        f"---\ntitle: Bridge\noutlet: Post\n---\n{text}\n", encoding="utf-8"
    )
    data = tmp_path / "data"
    news = News(data, embedder=StandInEmbedder())
    await news.add([str(tmp_path / "article.md")])
    chats = Chats(f"sqlite:///{data / 'chats.db'}")
    clock = SettableClock(NOW)
    with BotApiServer() as server:
        builder = Application.builder().token(server.token).base_url(server.base_url).updater(None)
        if paced:
            builder = builder.rate_limiter(Pacing())
        async with builder.build() as application:
            outbox, pace = Outbox(chats.engine), AN_UPDATE if paced else None
            delivery = Delivery(application.bot, outbox, chats, news, clock, pace)
            yield Post(server, news, chats, outbox, clock, delivery, data)
        assert server.strictness == []
    chats.close()
    news.close()


async def test_mixed_recipients_get_exactly_one_each(tmp_path: Path) -> None:
    """Blocked chats are suspended, a migrated one is followed, a closed topic held; the rest
    get one each."""
    async with opened(tmp_path) as post:
        readers = [post.chat(f"Reader {i}") for i in range(20)]
        owner = post.server.add_user("Owner")
        group = post.known(post.server.add_group("Old", [owner], basic=True))
        forum = post.server.add_group("Forum", [owner], forum=True)
        topic = post.server.create_topic(forum, owner, "Bridges")
        post.known(forum, topic)
        for reader in readers[:2]:
            assert reader.user is not None
            post.server.user_blocks(reader.user)
        moved = post.server.migrate(group)
        post.server.close_topic(forum, topic, owner)
        post.put([*readers, group])
        post.put([forum], thread=topic)
        await post.deliver()
        assert [post.count(r) for r in readers] == [0, 0] + [1] * 18
        assert post.count(moved) == 1
        assert post.states() == {State.SENT: 19, State.DUE: 2, State.HELD: 1}
        kept = Subscriptions(post.chats.engine)
        assert [s.chat for s in kept.of(moved.id, 0)] == [moved.id]
        # Back again, a blocked one gets what it missed as one digest.
        post.put(readers[:1], "Another")
        await post.deliver()
        assert readers[0].user is not None
        post.server.user_unblocks(readers[0].user)
        assert post.outbox.take_back(readers[0].id, post.clock())
        assert not post.outbox.take_back(readers[0].id, post.clock())
        await post.deliver()
        [digest] = post.server.sent(readers[0])
        assert (digest.text or "").startswith("2 updates")
        # The topic too.
        post.server.reopen_topic(forum, topic, owner)
        post.outbox.release_topic(forum.id, topic, post.clock())
        await post.deliver()
        assert len(post.server.sent(forum)) == 1
        assert post.states() == {State.SENT: 22, State.DUE: 1}


async def test_a_penalty_delays_nobody_else(tmp_path: Path) -> None:
    """Under retry_after a group's updates wait, in order; the others' leave at once."""
    async with opened(tmp_path) as post:
        readers = [post.chat(f"Reader {i}") for i in range(10)]
        group = post.known(post.server.add_group("Group", [post.server.add_user("Owner")]))
        fault = post.server.inject(flood(300, chat=group.id, keep=True))
        for title in ("One", "Two"):
            post.put([group, *readers], title)
        await post.deliver()
        assert [post.count(r) for r in readers] == [2] * 10
        assert (post.count(group), fault.hits) == (0, 1)
        assert post.states() == {State.SENT: 20, State.DUE: 2}
        await post.deliver()
        assert post.server.audit().in_penalty == ()
        post.server.clear_faults()
        post.clock.advance(timedelta(seconds=301))
        # The pacing's own clock has not moved, so a new one, as after a restart.
        post.delivery._bot.rate_limiter._schedule._chats.clear()  # type: ignore[attr-defined]
        await post.deliver()
        titles = [(m.text or "").splitlines()[0] for m in post.server.sent(group)]
        assert titles == ["One", "Two"]


async def test_what_is_tried_again_later_is_not_overtaken(tmp_path: Path) -> None:
    """What becomes due to a chat while an earlier update waits there comes after it."""
    async with opened(tmp_path) as post:
        group = post.known(post.server.add_group("Group", [post.server.add_user("Owner")]))
        reader = post.chat("Reader")
        post.server.inject(flood(300, chat=group.id, keep=True))
        post.put([group], "One")
        await post.deliver()
        post.clock.advance(timedelta(seconds=30))
        post.put([group, reader], "Two")
        await post.deliver()
        assert (post.count(reader), post.states()) == (1, {State.SENT: 1, State.DUE: 2})
        post.server.clear_faults()
        post.clock.advance(timedelta(seconds=271))
        post.delivery._bot.rate_limiter._schedule._chats.clear()  # type: ignore[attr-defined]
        await post.deliver()
        titles = [(m.text or "").splitlines()[0] for m in post.server.sent(group)]
        assert titles == ["One", "Two"]


def test_a_storm_makes_nobody_else_later() -> None:
    """With and without a penalty in a group, every other message leaves at the same moment."""
    chats = [GROUP, *range(1, 31)]
    calm, storm = broadcast(chats, updates=2), broadcast(chats, updates=2, flooded=True)
    assert calm.states == storm.states == {State.SENT: 2 * len(chats)}

    def others(sent: Broadcast) -> list[SentTo]:
        return [s for s in sent.sent if s.chat != GROUP]

    assert [(s.chat, s.text) for s in others(storm)] == [(s.chat, s.text) for s in others(calm)]
    late = [a.at - b.at for a, b in zip(others(storm), others(calm), strict=True)]
    assert max(late) <= 0.001
    to_group = [s for s in storm.sent if s.chat == GROUP]
    assert [s.text.splitlines()[0] for s in to_group] == ["<b>Story 1</b>", "<b>Story 2</b>"]
    assert to_group[0].at >= PENALTY_S - 1


async def test_what_may_have_arrived_is_counted_and_not_repeated(tmp_path: Path) -> None:
    """A line cut after the server took the message: one message, recorded as uncertain."""
    async with opened(tmp_path) as post:
        reader = post.chat("Reader")
        post.server.inject(cut(executed=True, method="sendMessage", chat=reader.id))
        post.put([reader])
        await post.deliver()
        await post.deliver()
        assert post.count(reader) == 1
        assert post.states() == {State.UNCERTAIN: 1}


async def test_what_surely_did_not_arrive_is_sent_again_later(tmp_path: Path) -> None:
    """A server's error 500 is followed by another attempt when its pause is over."""
    async with opened(tmp_path) as post:
        reader = post.chat("Reader")
        post.server.inject(fail(500, method="sendMessage", chat=reader.id))
        post.put([reader])
        await post.deliver()
        assert post.states() == {State.DUE: 1}
        post.clock.advance(timedelta(minutes=1))
        await post.deliver()
        assert (post.count(reader), post.states()) == (1, {State.SENT: 1})


async def test_a_poisonous_article_stops_nobody(tmp_path: Path) -> None:
    """An article of markup and of more than a message holds: everyone gets that, and the rest."""
    async with opened(tmp_path, f"The harbour bridge {POISON}") as post:
        readers = [post.chat(f"Reader {i}") for i in range(3)]
        post.put(readers, "<a href='x'>& " + "title " * 300)
        post.put(readers, "A plain one")
        await post.deliver()
        assert post.states() == {State.SENT: 6}
        for reader in readers:
            texts = [m.text or "" for m in post.server.sent(reader)]
            assert any("🧨" in text for text in texts)
            assert any(text.startswith("A plain one") for text in texts)


async def test_updates_of_a_digest_come_in_one_message(tmp_path: Path) -> None:
    """What waited for the same time comes together, and nothing before its time."""
    async with opened(tmp_path) as post:
        reader = post.chat("Reader")
        for i in range(5):
            post.put([reader], f"Story {i}", hours=2)
        await post.deliver()
        assert post.count(reader) == 0
        post.clock.advance(timedelta(hours=2))
        await post.deliver()
        [digest] = post.server.sent(reader)
        assert [f"Story {i}" in (digest.text or "") for i in range(5)] == [True] * 5
        assert post.states() == {State.SENT: 5}


async def test_updates_and_digests_come_in_the_language_of_the_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one chosen in /settings; where none was, English."""
    monkeypatch.setitem(catalogue.LANGUAGES, "xx", LOUD)
    async with opened(tmp_path, paced=False) as post:
        loud, other = post.chat("Loud"), post.chat("Other")
        known = post.chats.chat(loud.id, "private", NOW)
        post.chats.set(replace(known, language="xx"))
        post.put([loud, other])
        await post.deliver()
        for chat, words in ((loud, LOUD), (other, ENGLISH)):
            text = post.server.sent(chat)[-1].text or ""
            assert words.because["topic"] in text
        post.put([loud], "First", hours=1)
        post.put([loud], "Second", hours=1)
        post.clock.advance(timedelta(hours=2))
        await post.deliver()
        assert LOUD.digest_of.format(count=2) in (post.server.sent(loud)[-1].text or "")


async def test_a_changed_store_is_not_quoted(tmp_path: Path) -> None:
    """An update whose quote no longer stands in the store word for word is not sent."""
    async with opened(tmp_path) as post:
        reader = post.chat("Reader")
        post.put([reader])
        with sqlite3.connect(post.data / "news.db") as database:
            database.execute("UPDATE versions SET text = replace(text, 'opened', 'closed')")
        await post.deliver()
        assert (post.count(reader), post.states()) == (0, {State.FAILED: 1})


async def test_what_a_dead_process_had_leased_is_sent_by_the_next(tmp_path: Path) -> None:
    """Leased and not recorded is due again at the next start."""
    async with opened(tmp_path) as post:
        reader = post.chat("Reader")
        post.put([reader])
        assert len(post.outbox.lease(NOW, 10)) == 1
        await post.deliver()
        assert post.count(reader) == 0
        await post.delivery.start()
        await post.deliver()
        assert post.count(reader) == 1


async def test_two_processes_do_not_send_the_same(tmp_path: Path) -> None:
    """What one has leased, another does not lease."""
    async with opened(tmp_path) as post:
        readers = [post.chat(f"Reader {i}") for i in range(8)]
        post.put(readers)
        other = Delivery(
            post.delivery._bot, Outbox(post.chats.engine), post.chats, post.news, post.clock
        )
        await asyncio.gather(post.deliver(), other.step(), other.step())
        assert Counter(post.count(r) for r in readers) == {1: 8}
