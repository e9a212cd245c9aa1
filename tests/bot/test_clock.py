"""Digests over changes of the clocks, with newsbot down or stalled: one each, late, not lost."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from telegram.ext import Application

from bot.chats import Chats
from bot.delivery import Delivery
from bot.outbox import Outbox, State
from bot.pacing import Pacing
from bot.storylines import Matched, Storylines
from bot.subscriptions import Manner, Subscriptions
from bot.telling import deliver
from bot.timing import AT_ONCE, Quiet, Schedule, due
from bot.updates import Planned
from index import News
from tests.benchmarks.broadcast import make_news, story_update
from tests.bot.test_delivery import Post, opened
from tests.botapi import Chat
from tests.fakes import InlineExecutor, StandInEmbedder, StandInTelegram, VirtualTimeLoop

# The days on which the clocks change, forward and back, in 2026; one by half an hour.
CHANGES = [
    ("Europe/Vienna", datetime(2026, 3, 29, tzinfo=UTC)),
    ("Europe/Vienna", datetime(2026, 10, 25, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
]
EVERY = timedelta(hours=4)


def put(post: Post, chat: Chat, schedule: Schedule, quiet: Quiet | None, zone: ZoneInfo) -> None:
    """A new story for a chat, due as the watcher would have it."""
    moment = due(post.clock(), schedule, quiet, zone)
    post.put([chat], f"Story {post.stories}", hours=(moment - post.clock()) / timedelta(hours=1))


def stories(post: Post, chat: Chat) -> list[list[str]]:
    """The stories that each message of a chat tells of."""
    return [
        [line for line in (m.text or "").splitlines() if line.startswith("Story ")]
        for m in post.server.sent(chat)
    ]


@pytest.mark.parametrize(("name", "day"), CHANGES)
async def test_one_digest_a_day_over_a_change_of_the_clocks(
    tmp_path: Path, name: str, day: datetime
) -> None:
    """With digests at 2:30, which a change goes over, each local day has one, and all is told."""
    zone = ZoneInfo(name)
    async with opened(tmp_path, paced=False) as post:
        reader, days = post.chat("Reader"), []
        post.clock.set(day - timedelta(days=2))
        while post.clock() < day + timedelta(days=2):
            put(post, reader, Schedule(times=(time(2, 30),)), None, zone)
            post.clock.advance(EVERY)
            before = post.count(reader)
            await post.deliver()
            days += [post.clock().astimezone(zone).date()] * (post.count(reader) - before)
        assert days == [days[0] + timedelta(days=i) for i in range(len(days))]
        assert len(days) == 4
        post.clock.advance(timedelta(days=1))
        await post.deliver()
        told = [story for message in stories(post, reader) for story in message]
        assert told == [f"Story {number}" for number in range(post.stories)]


@pytest.mark.parametrize(("name", "day"), CHANGES)
async def test_quiet_hours_over_midnight_and_a_change_of_the_clocks(
    tmp_path: Path, name: str, day: datetime
) -> None:
    """What comes between 22:00 and 7:00 is one digest after 7:00; the rest comes at once."""
    zone, quiet = ZoneInfo(name), Quiet(time(22), time(7))
    async with opened(tmp_path, paced=False) as post:
        reader = post.chat("Reader")
        post.clock.set(day - timedelta(days=1, hours=12))
        held = 0
        while post.clock() < day + timedelta(days=1, hours=12):
            put(post, reader, AT_ONCE, quiet, zone)
            before = post.count(reader)
            await post.deliver()
            came = post.server.sent(reader)[before:]
            if quiet.holds(post.clock().astimezone(zone).time()):
                assert not came
                held += 1
            elif held:
                # The digest of the night, and what has just come.
                assert sorted(len(s) for s in stories(post, reader)[before:]) == [1, held]
                held = 0
            else:
                assert len(came) == 1
            post.clock.advance(EVERY)
        post.clock.advance(timedelta(hours=12))
        await post.deliver()
        told = sorted(int(s.split()[1]) for message in stories(post, reader) for s in message)
        assert told == list(range(post.stories))


async def test_digests_that_were_missed_while_newsbot_was_down_come_as_one(
    tmp_path: Path,
) -> None:
    """Down over two digests, and with one of them in hand: one digest of all at the start."""
    zone = ZoneInfo("Europe/Vienna")
    async with opened(tmp_path, paced=False) as post:
        reader = post.chat("Reader")
        morning = Schedule(times=(time(8),))
        for _ in range(2):
            put(post, reader, morning, None, zone)
            post.clock.advance(timedelta(days=1))
        assert len(post.outbox.lease(post.clock() + timedelta(days=1), 10)) == 2
        post.clock.advance(timedelta(days=2))
        await post.delivery.start()
        await post.deliver()
        assert stories(post, reader) == [["Story 0", "Story 1"]]
        assert post.states() == {State.SENT: 2}


async def test_what_quiet_hours_overtook_waits_for_their_end(tmp_path: Path) -> None:
    """Down from before until into the quiet hours: nothing is sent in them, unless asked for."""
    async with opened(tmp_path, paced=False) as post:
        reader = post.chat("Reader")
        kept = Subscriptions(post.chats.engine)
        kept.set_manner(reader.id, Manner(AT_ONCE, Quiet(time(22), time(7)), "Europe/Vienna"))
        post.clock.set(datetime(2026, 6, 1, 21, tzinfo=ZoneInfo("Europe/Vienna")))
        post.put([reader], "Story 0")
        post.put([reader], "Story 1")
        post.clock.advance(timedelta(hours=3))
        await post.deliver()
        assert (post.count(reader), post.states()) == (0, {State.DUE: 2})
        post.clock.advance(timedelta(hours=7))
        await post.deliver()
        assert stories(post, reader) == [["Story 0", "Story 1"]]
        post.clock.advance(timedelta(hours=16))
        post.put([reader], "Story 2", hours=5)
        assert post.outbox.hasten(reader.id, 0, post.clock()) == 1
        await post.deliver()
        assert stories(post, reader)[1:] == [["Story 2"]]


def test_a_stalled_loop_sends_late_and_once(tmp_path: Path) -> None:
    """Blocked for 30 seconds over the moment at which an update is due: it comes right after."""
    make_news(tmp_path / "data")
    loop = VirtualTimeLoop()
    loop.set_default_executor(InlineExecutor())
    server = loop.run_until_complete(_stalled(tmp_path / "data"))
    loop.close()
    [sent] = server.sent
    assert 35.0 <= sent.at <= 40.0


async def _stalled(data: Path) -> StandInTelegram:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    began, epoch = loop.time(), datetime(2026, 3, 2, tzinfo=UTC)

    def clock() -> datetime:
        return epoch + timedelta(seconds=loop.time() - began)

    news, chats = News(data, embedder=StandInEmbedder()), Chats(f"sqlite:///{data / 'chats.db'}")
    chats.chat(1, "private", clock())
    planned = [(Planned(1, 0, 1, "story", story_update(news, 1)), clock() + timedelta(seconds=20))]
    matched = Matched(1, (), [(*p, True) for p in planned], (), ())
    assert Storylines(chats.engine).commit(matched, None, clock()) == 1
    server = StandInTelegram()
    builder = Application.builder().token("1:stand-in").request(server).updater(None)
    async with builder.get_updates_request(server).rate_limiter(Pacing()).build() as application:
        outbox = Outbox(chats.engine)
        delivering = asyncio.create_task(
            deliver(Delivery(application.bot, outbox, chats, news, clock))
        )
        await asyncio.sleep(5.0)
        loop.jump(30.0)
        await asyncio.sleep(60.0)
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
    chats.close()
    news.close()
    server.sent = [type(s)(s.at - began, s.chat, s.text) for s in server.sent]
    return server
