"""The table of vectors: what each text that was embedded became, per model."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from index.database import reading, writing
from index.tables import chunks, paragraphs, vectors


class StoredVectors:
    """Vectors by the hash of the text they embed; float32, little-endian, as bytes.

    All methods speak of the one ``model`` that it was made for.
    """

    def __init__(self, engine: sa.Engine, model: str) -> None:
        self._engine = engine
        self._model = model

    def put(self, new_vectors: Mapping[str, bytes]) -> None:
        """Store vectors of texts that are already there, in place of what was there."""
        with writing(self._engine) as connection:
            for chunk in chunks(list(new_vectors)):
                connection.execute(
                    sa.delete(vectors).where(
                        vectors.c.model == self._model, vectors.c.embedded.in_(chunk)
                    )
                )
            rows = [
                {"embedded": e, "model": self._model, "vector": v} for e, v in new_vectors.items()
            ]
            # None are left if another process replaced their paragraphs meanwhile.
            if rows:
                connection.execute(sa.insert(vectors), rows)

    def all(
        self, articles_in: Iterable[int] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], list[bytes]]:
        """Paragraph ids, their articles' ids and their vectors, as stored."""
        query = sa.select(paragraphs.c.id, paragraphs.c.article, vectors.c.vector).join(
            vectors,
            (vectors.c.embedded == paragraphs.c.embedded) & (vectors.c.model == self._model),
        )
        found: list[Any] = []
        with reading(self._engine) as connection:
            if articles_in is None:
                found.extend(connection.execute(query).all())
            else:
                for chunk in chunks(sorted(set(articles_in))):
                    found.extend(
                        connection.execute(query.where(paragraphs.c.article.in_(chunk))).all()
                    )
        return (
            np.array([row[0] for row in found], dtype=np.int64),
            np.array([row[1] for row in found], dtype=np.int64),
            [row[2] for row in found],
        )

    def known(self, embedded: Sequence[str]) -> set[str]:
        """Which of these hashes have a vector of this model."""
        with reading(self._engine) as connection:
            return set(known_vectors(connection, embedded, self._model))

    def missing(self) -> dict[int, str]:
        """Paragraph ids to the hashes of their embedded texts, where this model has no vector."""
        query = (
            sa.select(paragraphs.c.id, paragraphs.c.embedded)
            .outerjoin(
                vectors,
                (vectors.c.embedded == paragraphs.c.embedded) & (vectors.c.model == self._model),
            )
            .where(vectors.c.embedded.is_(None))
        )
        with reading(self._engine) as connection:
            return {row.id: row.embedded for row in connection.execute(query)}

    def drop(self, ids: Sequence[int]) -> None:
        """Delete the vectors of these paragraphs, so that they are embedded again."""
        with writing(self._engine) as connection:
            for chunk in chunks(ids):
                hashes = sa.select(paragraphs.c.embedded).where(paragraphs.c.id.in_(chunk))
                connection.execute(
                    sa.delete(vectors).where(
                        vectors.c.model == self._model, vectors.c.embedded.in_(hashes)
                    )
                )

    def drop_other_models(self) -> None:
        """Delete the vectors of every other model; writes nothing if there are none."""
        others = vectors.c.model != self._model
        with reading(self._engine) as connection:
            if connection.scalar(sa.select(vectors.c.model).where(others).limit(1)) is None:
                return
        with writing(self._engine) as connection:
            connection.execute(sa.delete(vectors).where(others))


def known_vectors(connection: sa.Connection, embedded: Sequence[str], model: str) -> Iterator[str]:
    """Which of these hashes have a vector of this model."""
    for chunk in chunks(embedded):
        yield from connection.scalars(
            sa.select(vectors.c.embedded).where(
                vectors.c.model == model, vectors.c.embedded.in_(chunk)
            )
        )
