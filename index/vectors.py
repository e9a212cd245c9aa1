"""Nearest paragraphs by their vectors: the only file that knows faiss.

The index lives in memory and is derived: the vectors themselves are in the database.
"""

from collections.abc import Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embedding import Matrix

Ids = NDArray[np.int64]

# A search here is one pass over a matrix; more threads would only fight with the model's.
faiss.omp_set_num_threads(1)


class VectorIndex:
    """Exact inner-product search over unit vectors, by paragraph id (FAISS, flat)."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        self._known: set[int] = set()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Ids, vectors: Matrix) -> None:
        """Add ``vectors`` of shape (len(ids), dimension); the ids must be new."""
        if len(ids):
            self._index.add_with_ids(vectors, ids)
            self._known.update(ids.tolist())

    def remove(self, ids: Sequence[int]) -> None:
        """Remove the ids that are there; one pass over the whole index."""
        if ids:
            self._index.remove_ids(faiss.IDSelectorBatch(np.array(ids, dtype=np.int64)))
            self._known.difference_update(ids)

    def ids(self) -> Ids:
        """All ids in the index, in no particular order."""
        return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def search(
        self, query: Matrix, count: int, allowed: Ids | None = None
    ) -> list[tuple[int, float]]:
        """At most ``count`` (id, cosine) for a query of shape (dimension,), best first.

        With ``allowed``, only those ids are considered.
        """
        if not len(self) or (allowed is not None and not len(allowed)):
            return []
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(allowed)
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, ids = self._index.search(
            query.reshape(1, -1), min(count, len(self)), params=parameters
        )
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def cosines(self, query: Matrix, ids: Sequence[int]) -> dict[int, float]:
        """The cosine of the query to each of these ids that the index holds."""
        held = [i for i in ids if i in self._known]
        if not held:
            return {}
        vectors = np.stack([self._index.reconstruct(i) for i in held])
        return dict(zip(held, (vectors @ query).tolist(), strict=True))
