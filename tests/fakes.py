"""The only fakes: clocks, faults, and a stand-in for the model where starts must be cheap.

Everything else in the tests is the real thing.
"""

import asyncio
import json
import math
import selectors
import zlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from telegram.request import BaseRequest, RequestData

from index.embedding import Embedder, Matrix
from index.keywords import terms


class StandInEmbedder(Embedder):
    """A deterministic embedding by hashed words.

    Loading the real model takes seconds; tests that start newsbot many times, or that
    are about storage and not about meaning, use this one.
    """

    def __init__(self, name: str = "stand-in", dimension: int = 64) -> None:
        super().__init__(name)
        self._size = dimension
        self.encoded = 0

    def load(self) -> None:
        """There is nothing to load."""

    @property
    def dimension(self) -> int:
        return self._size

    def known(self, words: Iterable[str]) -> set[str]:
        """It has no vocabulary."""
        return set()

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.encoded += len(texts)
        vectors = np.zeros((len(texts), self._size), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in terms(text):
                vectors[row, zlib.crc32(word.encode()) % self._size] += 1.0
            vectors[row, 0] += 0.01
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class SettableClock:
    """A clock that stands still until a test moves it: waits of days must not take days."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Set the time."""
        self._now = now

    def advance(self, duration: timedelta) -> None:
        """Move the time on."""
        self._now += duration


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose sleeps take no time: its clock jumps to the next timer.

    Pacing over minutes is about order and waits, which must be exact and must not make
    the tests take minutes. Only for code without sockets or threads.
    """

    def __init__(self) -> None:
        self._now = 1000.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        """Move the clock on."""
        self._now += seconds


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self._loop.jump(timeout)
        return ready


class InlineExecutor(ThreadPoolExecutor):
    """Does at once, in the caller's thread, what is handed to it.

    With it as a VirtualTimeLoop's default executor, work in threads takes no virtual time.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call it now."""
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to who asked for it
            done.set_exception(error)
        return done


@dataclass(frozen=True, slots=True)
class SentTo:
    """A message that StandInTelegram took: when, on the loop's clock, for whom, its text."""

    at: float
    chat: int
    text: str


class StandInTelegram(BaseRequest):
    """Takes messages for the bot in the same process, after a wait on the loop's clock.

    For tens of thousands of messages, or minutes of virtual time; tests/botapi is the strict
    one. ``flooded`` are chats under a penalty and when it ends, on the loop's clock.
    """

    def __init__(self, latency_s: float = 0.05) -> None:
        self.sent: list[SentTo] = []
        self.flooded: dict[int, float] = {}
        self.refused = 0
        self._latency_s = latency_s

    @property
    def read_timeout(self) -> float | None:
        """As a real one's."""
        return 5.0

    async def initialize(self) -> None:
        """Nothing is to be prepared."""

    async def shutdown(self) -> None:
        """Nothing is to be closed."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        """Answer getMe and sendMessage."""
        await asyncio.sleep(self._latency_s)
        if url.endswith("getMe"):
            me = {"id": 1, "is_bot": True, "first_name": "Newsbot", "username": "newsbot"}
            return 200, json.dumps({"ok": True, "result": me}).encode()
        assert request_data is not None and url.endswith("sendMessage"), url
        parameters = request_data.json_parameters
        chat, now = int(parameters["chat_id"]), asyncio.get_running_loop().time()
        if now < self.flooded.get(chat, 0.0):
            self.refused += 1
            wait = math.ceil(self.flooded[chat] - now)
            refusal = {
                "ok": False,
                "error_code": 429,
                "description": f"Too Many Requests: retry after {wait}",
                "parameters": {"retry_after": wait},
            }
            return 429, json.dumps(refusal).encode()
        self.sent.append(SentTo(now, chat, parameters["text"]))
        message = {
            "message_id": len(self.sent),
            "date": 1,
            "chat": {"id": chat, "type": "private" if chat > 0 else "group"},
        }
        return 200, json.dumps({"ok": True, "result": message}).encode()
