"""Pacing in virtual time: never too fast, in order, and nobody waits for another's penalty."""

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import RetryAfter

from bot.pacing import Pace, Pacing, Priority
from tests.botapi.rates import Kind, Send, audit
from tests.fakes import VirtualTimeLoop


class Server:
    """Records when each request arrives, after a latency, as a server sees it."""

    def __init__(self, seed: int = 0, latency: float = 0.2) -> None:
        self.log: list[Send] = []
        self.texts: list[tuple[int, str, float]] = []
        self.penalty: dict[int, float] = {}
        self._chance = random.Random(seed)
        self._latency = latency

    async def call(self, endpoint: str, data: dict[str, Any]) -> bool:
        await asyncio.sleep(self._chance.uniform(0, self._latency))
        now = asyncio.get_running_loop().time()
        chat = data["chat_id"]
        left = self.penalty.get(chat, 0.0) - now
        self.log.append(Send(now, Kind.MESSAGE, chat, chat > 0, accepted=left <= 0))
        if left > 0:
            raise RetryAfter(int(left) + 1)
        self.texts.append((chat, data.get("text", ""), now))
        await asyncio.sleep(self._chance.uniform(0, self._latency))
        return True


def in_virtual_time(main: Coroutine[Any, Any, float]) -> float:
    loop = VirtualTimeLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


async def send(
    pacing: Pacing, server: Server, chat: int, text: str, pace: Pace | None = None
) -> Any:
    data = {"chat_id": chat, "text": text}
    return await pacing.process_request(
        server.call, ("sendMessage", data), {}, "sendMessage", data, pace
    )


def elapsed(since: float) -> float:
    return asyncio.get_running_loop().time() - since


def test_a_thousand_private_and_two_hundred_group_messages() -> None:
    """The server sees at most 1 a second in a private chat, 20 a minute in a group, 30 overall."""
    server = Server()

    async def main() -> float:
        pacing, began = Pacing(), asyncio.get_running_loop().time()
        jobs = [send(pacing, server, 1 + i % 500, str(i)) for i in range(1000)]
        jobs += [send(pacing, server, -1 - i % 5, str(i)) for i in range(200)]
        random.Random(5).shuffle(jobs)
        await asyncio.gather(*jobs)
        return elapsed(began)

    took = in_virtual_time(main())
    judged = audit(server.log)
    assert judged.sends == 1200
    assert judged.private_per_second == 1
    assert judged.group_per_minute <= 20
    assert judged.overall_per_second <= 30
    # Forty messages to each group begin among a thousand others and need a second minute.
    assert 60 < took < 100


def test_one_group_s_penalty_delays_nobody_else() -> None:
    """A group told to wait 300 s slows no other chat, and gets nothing inside its penalty."""

    def run(penalty: bool) -> tuple[float, Server]:
        server = Server()

        async def main() -> float:
            pacing, loop = Pacing(), asyncio.get_running_loop()
            began = loop.time()
            if penalty:
                server.penalty[-1] = began + 300
            group = [asyncio.create_task(send(pacing, server, -1, str(i))) for i in range(5)]
            await asyncio.gather(*(send(pacing, server, i, "x") for i in range(1, 501)))
            others = elapsed(began)
            await asyncio.gather(*group)
            return others

        return in_virtual_time(main()), server

    with_penalty, server = run(True)
    without, _ = run(False)
    assert with_penalty <= without + 0.5
    refused = [s for s in server.log if not s.accepted]
    assert len(refused) == 1
    assert [text for chat, text, _ in server.texts if chat == -1] == ["0", "1", "2", "3", "4"]


def test_a_sender_that_will_not_wait_is_told_at_once() -> None:
    """With wait=False a penalty is raised, so that an outbox can note when it is due."""
    server = Server()

    async def main() -> float:
        pacing, loop = Pacing(), asyncio.get_running_loop()
        server.penalty[7] = loop.time() + 300
        began = loop.time()
        try:
            await send(pacing, server, 7, "x", Pace(Priority.UPDATE, wait=False))
        except RetryAfter:
            assert pacing.penalty_until(7) > loop.time() + 290
            return elapsed(began)
        raise AssertionError("the penalty was not raised")

    assert in_virtual_time(main()) < 1


def test_answers_overtake_updates_and_updates_are_not_starved() -> None:
    """An answer asked for in the midst of a broadcast leaves within a second; updates go on."""
    server = Server()

    async def main() -> float:
        pacing, loop = Pacing(), asyncio.get_running_loop()
        update = Pace(Priority.UPDATE)
        broadcast = [
            asyncio.create_task(send(pacing, server, i, "update", update)) for i in range(1, 1001)
        ]
        await asyncio.sleep(5)
        began = loop.time()
        await send(pacing, server, 5000, "answer")
        waited = elapsed(began)
        answers = [
            asyncio.create_task(send(pacing, server, 6000 + i, "answer")) for i in range(500)
        ]
        before = sum(text == "update" for _, text, _ in server.texts)
        await asyncio.sleep(10)
        assert sum(text == "update" for _, text, _ in server.texts) - before >= 40
        await asyncio.gather(*broadcast, *answers)
        return waited

    assert in_virtual_time(main()) < 1.0


def test_what_is_worth_nothing_late_is_dropped() -> None:
    """A chat action that would have to wait is not sent, and its sender is told so."""
    server = Server()

    async def main() -> float:
        pacing = Pacing()
        data = {"chat_id": 1}
        await send(pacing, server, 1, "x")
        shown = await pacing.process_request(
            server.call, ("sendChatAction", data), {}, "sendChatAction", data, None
        )
        assert shown is False
        assert pacing.counters.dropped == 1
        return 0.0

    in_virtual_time(main())
    assert len(server.log) == 1


def test_a_cancelled_sender_leaves_no_gap() -> None:
    """Those who wait behind a sender that gave up still go, in order."""
    server = Server()

    async def main() -> float:
        pacing = Pacing()
        tasks = [asyncio.create_task(send(pacing, server, 1, str(i))) for i in range(6)]
        await asyncio.sleep(0.5)
        tasks[1].cancel()
        tasks[3].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return 0.0

    in_virtual_time(main())
    assert [text for _, text, _ in server.texts] == ["0", "2", "4", "5"]


def test_memory_stays_flat() -> None:
    """After ten thousand chats were served and a minute has passed, hardly one is kept."""
    server = Server(latency=0.01)

    async def main() -> float:
        pacing = Pacing()
        await asyncio.gather(*(send(pacing, server, i, "x") for i in range(1, 10_001)))
        await asyncio.sleep(70)
        await send(pacing, server, 1, "x")
        return float(len(pacing._schedule))

    assert in_virtual_time(main()) <= 2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.integers(-3, 6).filter(bool), st.sampled_from(Priority)),
        min_size=1,
        max_size=120,
    ),
    st.integers(0, 1000),
)
def test_any_arrivals_keep_every_limit_and_their_order(
    arrivals: list[tuple[float, int, Priority]], seed: int
) -> None:
    """Whatever comes when: limits hold at the server, and each chat's order is kept."""
    server = Server(seed)
    asked: list[int] = []

    async def main() -> float:
        pacing = Pacing()

        async def one(at: float, chat: int, priority: Priority) -> None:
            await asyncio.sleep(at)
            asked.append(chat)
            await send(pacing, server, chat, f"{priority.name} {len(asked):04}", Pace(priority))

        await asyncio.gather(*(one(*arrival) for arrival in arrivals))
        return 0.0

    in_virtual_time(main())
    judged = audit(server.log)
    assert judged.sends == len(arrivals)
    assert judged.private_per_second <= 1
    assert judged.group_per_minute <= 20
    assert judged.overall_per_second <= 30
    for chat in {chat for _, chat, _ in arrivals}:
        for priority in Priority:
            texts = [t for c, t, _ in server.texts if c == chat and t.startswith(priority.name)]
            assert texts == sorted(texts)
