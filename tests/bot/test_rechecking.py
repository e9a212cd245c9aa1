"""Chats that got an answer which no longer stands: by /check, or told once."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.answers import Answer, Citation, Claim, Coverage, Outcome
from bot.chats import Chats, Given
from bot.citations import Citations
from bot.delivery import Delivery
from bot.outbox import Due, Outbox, State
from bot.rechecking import Rechecker
from bot.storylines import CHECKING, Storylines
from bot.subscriptions import Manner, Subscriptions
from bot.timing import read_quiet
from index import News
from tests.bot.process import answer_to, said
from tests.botapi import BotApiServer, Chat, Message, User
from tests.fakes import SettableClock, StandInEmbedder
from tests.servable import serving

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUESTION = "How many million crowns did the bridge at Lundholm cost the council?"
FIRST = "The harbour bridge at Lundholm opened on Monday after years of work."
COST = "The bridge at Lundholm cost 97 million crowns, the council said."
NEW_COST = "The bridge at Lundholm cost 120 million crowns, the council said."
LANE = "Cyclists share the eastern lane with buses."


@dataclass
class Desk:
    """A folder with one article, followed by a newsbot, and what it keeps of chats."""

    folder: Path
    data: Path
    news: News

    def write(self, *paragraphs: str) -> None:
        text = "\n\n".join(paragraphs)
        head = "---\ntitle: Bridge opens in Lundholm\noutlet: Lundholm Post\n---\n"
        (self.folder / "bridge.md").write_text(f"{head}{text}\n", encoding="utf-8")

    def publish(self, *paragraphs: str) -> None:
        """The article is these paragraphs from now on, and is read."""
        self.write(*paragraphs)
        [refreshed] = asyncio.run(self.news.refresh(everything=True))
        assert refreshed.changed == 1

    def remove(self) -> None:
        [source] = self.news.sources.all()
        assert self.news.remove(source) == 1

    def chats(self) -> Chats:
        return Chats(f"sqlite:///{self.data / 'chats.db'}")

    def answer(self, outcome: Outcome = Outcome.ANSWERED) -> Answer:
        """An answer that quotes what the bridge cost."""
        [article] = self.news.archive.newest(1)
        version = self.news.archive.version(article.id, article.version)
        assert version is not None
        start = version.text.index(COST)
        at = Citation(article.id, version.number, 2, start, start + len(COST), version.sha256)
        claim = Claim(COST, at, article, 0.9)
        return Answer(QUESTION, outcome, (claim,), Coverage(1, None, None, ()), NOW)

    def give(self, chats: Chats, chat: int, shown: int, answer: Answer, thread: int = 0) -> int:
        """A chat has got an answer in the message ``shown``."""
        chats.chat(chat, "private", NOW)
        given = Given(0, chat, QUESTION, QUESTION, answer, NOW, shown - 1, thread=thread)
        number = chats.give(given, None)
        chats.shown(number, shown)
        return number


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "articles"
    folder.mkdir()
    news = News(tmp_path / "data", embedder=StandInEmbedder())
    made = Desk(folder, tmp_path / "data", news)
    made.write(FIRST, COST, LANE)
    asyncio.run(news.add([str(folder)]))
    yield made
    news.close()


@dataclass
class Round:
    """What a process keeps while it runs; another one is another process."""

    desk: Desk
    chats: Chats
    clock: SettableClock
    rechecker: Rechecker
    outbox: Outbox

    def go(self) -> None:
        """Two rounds: a change is looked at in the one after that in which it was seen."""
        self.rechecker.round()
        self.rechecker.round()

    def told(self) -> list[Due]:
        """What is due by now and was not taken before."""
        return self.outbox.lease(self.clock(), 100)


def begun(desk: Desk) -> Round:
    chats, clock = desk.chats(), SettableClock(NOW)
    engine = chats.engine
    rechecker = Rechecker(
        desk.news, Citations(engine), Storylines(engine), Subscriptions(engine), clock
    )
    return Round(desk, chats, clock, rechecker, Outbox(engine))


def standing(due: Due) -> str:
    assert due.update.checked is not None
    return due.update.checked.standing.value


class TestTold:
    """Which chats are told of what."""

    def test_each_chat_is_told_once_of_what_the_article_says_now(self, desk: Desk) -> None:
        """Old and new, as a reply to the answer, in its topic; nothing again of what is the
        same, also not by another process; again of what is new, and of the removal."""
        one = begun(desk)
        one.go()
        for chat, thread in ((5, 0), (6, 9)):
            desk.give(one.chats, chat, 70, desk.answer(), thread)
        one.go()
        assert one.told() == []
        desk.publish(FIRST, NEW_COST, LANE)
        one.go()
        told = one.told()
        assert [(d.chat, d.thread, standing(d)) for d in told] == [
            (5, 0, "changed"),
            (6, 9, "changed"),
        ]
        checked = told[0].update.checked
        assert checked is not None and checked.now is not None
        assert (checked.claim.quote, checked.now.quote) == (COST, NEW_COST)
        assert told[0].update.answered == 70
        one.chats.close()
        two = begun(desk)
        two.go()
        # Another version, in which the same stands in the place of what was quoted.
        desk.publish(FIRST, NEW_COST)
        two.go()
        assert two.told() == []
        desk.publish(FIRST, NEW_COST.replace("120", "130"))
        two.go()
        assert [standing(d) for d in two.told()] == ["changed", "changed"]
        desk.remove()
        two.go()
        assert [standing(d) for d in two.told()] == ["removed", "removed"]
        two.chats.close()

    def test_what_still_stands_and_what_was_no_answer_is_not_told(self, desk: Desk) -> None:
        """Another paragraph's change is no news, nor is any to whom the quote was no answer."""
        one = begun(desk)
        one.go()
        desk.give(one.chats, 5, 70, desk.answer())
        desk.give(one.chats, 6, 70, desk.answer(Outcome.CLOSEST))
        desk.publish(FIRST.replace("years", "decades"), COST)
        one.go()
        assert one.told() == []
        desk.publish(FIRST, NEW_COST)
        one.go()
        assert [d.chat for d in one.told()] == [5]
        one.chats.close()

    def test_nobody_is_told_of_what_was_before(self, desk: Desk) -> None:
        """Turned on for the first time it begins with what changes from then on."""
        one = begun(desk)
        desk.give(one.chats, 5, 70, desk.answer())
        desk.publish(FIRST, NEW_COST)
        one.go()
        assert one.told() == []
        assert Storylines(one.chats.engine).cursor(CHECKING) == desk.news.archive.last_change()
        one.chats.close()

    def test_an_answer_that_was_in_the_making_is_not_missed(self, desk: Desk) -> None:
        """Worked out before a change and stored after it was first seen, it is told of as well."""
        one = begun(desk)
        one.go()
        old = desk.answer()
        desk.publish(FIRST, NEW_COST)
        one.rechecker.round()
        desk.give(one.chats, 5, 70, old)
        one.rechecker.round()
        assert [d.chat for d in one.told()] == [5]
        one.chats.close()

    def test_a_change_that_restored_news_take_in_first_is_not_missed(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        """News restored from an older copy number it as one that was looked at already."""
        older = tmp_path / "older"
        older.mkdir()
        with (
            closing(sqlite3.connect(desk.data / "news.db")) as news,
            closing(sqlite3.connect(older / "news.db")) as copy,
        ):
            news.backup(copy)
        one = begun(desk)
        one.go()
        desk.give(one.chats, 5, 70, desk.answer())
        desk.publish(FIRST, COST)
        one.go()
        assert one.told() == []
        passed = Storylines(one.chats.engine).cursor(CHECKING)
        one.chats.close()
        restored = Desk(desk.folder, desk.data, News(older, embedder=StandInEmbedder()))
        restored.publish(FIRST, NEW_COST, LANE)
        assert restored.news.archive.last_change() == passed
        two = begun(restored)
        two.go()
        assert [standing(d) for d in two.told()] == ["changed"]
        two.chats.close()
        restored.news.close()

    def test_quiet_hours_are_kept(self, desk: Desk) -> None:
        """What is found in a chat's quiet hours is due when they end."""
        one = begun(desk)
        one.go()
        desk.give(one.chats, 5, 70, desk.answer())
        manner = Manner(quiet=read_quiet("11:00-14:00"))
        Subscriptions(one.chats.engine).set_manner(5, manner)
        desk.publish(FIRST, NEW_COST)
        one.go()
        assert one.told() == []
        one.clock.advance(timedelta(hours=2))
        assert [d.chat for d in one.told()] == [5]
        one.chats.close()

    def test_forgotten_chats_are_not_told(self, desk: Desk) -> None:
        """After /forget there is nothing to tell of, nor what was due."""
        one = begun(desk)
        one.go()
        for chat in (5, 6):
            desk.give(one.chats, chat, 70, desk.answer())
        one.chats.forget(5)
        desk.publish(FIRST, NEW_COST)
        one.go()
        one.chats.forget(6)
        assert one.told() == []
        one.chats.close()

    async def test_a_damaged_store_is_not_quoted(self, desk: Desk) -> None:
        """When the new sentence is not in the store word for word at sending, nothing is sent."""
        one = begun(desk)
        one.go()
        desk.give(one.chats, 5, 70, desk.answer())
        await asyncio.to_thread(desk.publish, FIRST, NEW_COST)
        one.go()
        with sqlite3.connect(desk.data / "news.db") as database:
            database.execute("UPDATE versions SET text = replace(text, '120', '121')")
        nobody: Any = None
        delivery = Delivery(nobody, one.outbox, one.chats, desk.news, one.clock)
        assert await delivery.step() == 1
        assert one.outbox.counts()[State.FAILED] == 1
        one.chats.close()


class TestInTelegram:
    """The whole bot against a strict server, and an article that changes meanwhile."""

    @pytest.fixture
    def server(self) -> Iterator[BotApiServer]:
        with BotApiServer(privacy_mode=False) as running:
            yield running
            assert running.strictness == []

    @pytest.fixture
    def ann(self, server: BotApiServer) -> User:
        user = server.add_user("Ann")
        server.user_starts(user)
        return user

    def test_check_says_what_became_of_an_answer(
        self, desk: Desk, server: BotApiServer, ann: User
    ) -> None:
        """Still stands; changed, with old and new; removed. Nobody is told who did not ask,
        and *Passage* still shows what was quoted."""
        chat = server.private_chat(ann)
        forum = server.add_group("Forum", [ann], forum=True)
        topic, other = (server.create_topic(forum, ann, name) for name in ("Bridges", "Else"))

        def check(where: Chat, reply: Message | None = None, thread: int | None = None) -> str:
            asked = server.user_says(where, ann, "/check", reply_to=reply, thread=thread)
            return said(answer_to(server, asked))

        with serving(server, desk.data):
            assert check(chat).startswith("Reply to one of my answers with /check")
            asked = server.user_says(chat, ann, QUESTION)
            answer = answer_to(server, asked)
            assert COST in said(answer)
            in_topic = server.user_says(forum, ann, f"/ask {QUESTION}", thread=topic)
            answer_to(server, in_topic)
            assert "Still stands:" in check(chat)
            desk.publish(FIRST, NEW_COST, LANE)
            found = check(chat, answer)
            assert found.startswith(QUESTION)
            assert found.index(COST) < found.index("Now it says:") < found.index(NEW_COST)
            assert "[1] Bridge opens in Lundholm · Lundholm Post · no date · paragraph 2" in found
            assert check(chat, asked) == found == check(forum, thread=topic)
            assert check(forum, thread=other).startswith("Reply to one of my answers")
            server.user_presses(answer, "Passage")
            # Of the version that was quoted.
            assert f"2  {COST}" in said(answer_to(server, answer))
            stranger = server.user_says(chat, ann, "/help")
            assert check(chat, answer_to(server, stranger)).startswith("Reply to one of my")
            desk.publish(FIRST, LANE)
            assert "no longer says this:" in check(chat, answer)
            desk.remove()
            removed = check(chat, answer)
            assert "Removed: this article is no longer among my sources. It said:" in removed
            assert COST in removed
        chats = desk.chats()
        assert Storylines(chats.engine).cursor(CHECKING) is None
        assert sum(Outbox(chats.engine).counts().values()) == 0
        chats.close()

    def test_with_the_setting_a_chat_is_told_once(
        self, desk: Desk, server: BotApiServer, ann: User
    ) -> None:
        """It comes as a reply to the answer, without being asked, and not again after a restart."""
        chat = server.private_chat(ann)
        chats = desk.chats()
        lines = Storylines(chats.engine)

        def wait_until_all_is_looked_at() -> None:
            deadline = time.monotonic() + 90
            while lines.cursor(CHECKING) != desk.news.archive.last_change():
                assert time.monotonic() < deadline
                time.sleep(0.1)

        with serving(server, desk.data, NEWSBOT_TELL_CORRECTIONS="1"):
            shown = answer_to(server, server.user_says(chat, ann, "/help"))
            desk.give(chats, chat.id, shown.id, desk.answer())
            wait_until_all_is_looked_at()
            desk.publish(FIRST, NEW_COST, LANE)
            told = answer_to(server, shown)
            assert said(told).startswith(f"No longer as I answered: {QUESTION}")
            assert said(told).index(COST) < said(told).index(NEW_COST)
            assert not told.buttons
        desk.publish(FIRST, NEW_COST)
        with serving(server, desk.data, NEWSBOT_TELL_CORRECTIONS="1"):
            wait_until_all_is_looked_at()
            count = len(server.sent(chat))
            desk.remove()
            removed = answer_to(server, shown, nth=1)
            assert "Removed: this article is no longer among my sources." in said(removed)
            assert len(server.sent(chat)) == count + 1
        assert Outbox(chats.engine).counts()[State.SENT] == 2
        chats.close()
