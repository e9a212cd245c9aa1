"""The only fakes: clocks, faults, and a stand-in for the model where starts must be cheap.

Everything else in the tests is the real thing.
"""

import asyncio
import selectors
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

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
