"""The real model, with the vectors of texts that it has seen kept in the benchmarks' folder."""

import hashlib
from collections.abc import Sequence

import numpy as np

from index.embedding import Embedder, Matrix
from tests.benchmarks import archives


class RememberingEmbedder(Embedder):
    """The default model; only texts that no run has embedded before cost anything.

    ``name`` is the file's. Call keep() when all is embedded.
    """

    def __init__(self, name: str) -> None:
        super().__init__(threads=1)
        self._path = archives.benchmark_folder() / f"{name}.npz"
        self._kept: dict[str, Matrix] = {}
        if self._path.exists():
            with np.load(self._path) as file:
                self._kept = dict(zip(file["keys"].tolist(), file["vectors"], strict=True))

    def encode(self, texts: Sequence[str]) -> Matrix:
        keys = [hashlib.sha256(f"{self.name}\n{text}".encode()).hexdigest()[:32] for text in texts]
        lacking = {k: text for k, text in zip(keys, texts, strict=True) if k not in self._kept}
        if lacking:
            found = super().encode(list(lacking.values()))
            self._kept.update(zip(lacking, found, strict=True))
        return np.stack([self._kept[key] for key in keys]) if keys else super().encode([])

    def keep(self) -> None:
        """Write what is known, for the next run."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            self._path, keys=np.array(list(self._kept)), vectors=np.stack(list(self._kept.values()))
        )
