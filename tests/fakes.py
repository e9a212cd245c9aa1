"""The only fakes: clocks, faults, and a stand-in for the model where starts must be cheap.

Everything else in the tests is the real thing.
"""

import zlib
from collections.abc import Sequence

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
