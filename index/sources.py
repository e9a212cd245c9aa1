"""The table of sources: what is followed, how it does, and when it is due."""

from collections.abc import Iterable

import sqlalchemy as sa

from index import tables
from index.articles import Health, Source, SourceKind
from index.database import reading, writing
from index.tables import articles, changes, chunks, entries, sources


class Sources:
    """Where the news comes from."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self) -> list[Source]:
        """Every source with the number of articles that it carries, oldest first."""
        count = (
            sa.select(sa.func.count(entries.c.article))
            .where(entries.c.source == sources.c.id)
            .scalar_subquery()
        )
        with reading(self._engine) as connection:
            rows = connection.execute(
                sa.select(sources, count.label("articles")).order_by(sources.c.id)
            ).all()
        return [_source(row) for row in rows]

    def find(self, url: str) -> Source | None:
        """The source with this URL or path, or None."""
        return next((source for source in self.all() if source.url == url), None)

    def carrying(self, articles_in: Iterable[int]) -> dict[int, set[str]]:
        """The URLs of the sources that carry each of these articles."""
        found: dict[int, set[str]] = {}
        query = sa.select(entries.c.article, sources.c.url).join(
            sources, sources.c.id == entries.c.source
        )
        with reading(self._engine) as connection:
            for chunk in chunks(sorted(set(articles_in))):
                for article, url in connection.execute(query.where(entries.c.article.in_(chunk))):
                    found.setdefault(article, set()).add(url)
        return found

    def put(self, source: Source) -> Source:
        """Store a new source (``id`` 0) or what has changed of a known one."""
        values = {
            "url": source.url,
            "kind": source.kind.value,
            "title": source.title,
            "added": source.added,
            "due": source.health.due,
            "checked": source.health.checked,
            "succeeded": source.health.succeeded,
            "failures": source.health.failures,
            "error": source.health.error,
            "etag": source.etag,
            "last_modified": source.last_modified,
        }
        with writing(self._engine) as connection:
            if source.id:
                connection.execute(
                    sa.update(sources).where(sources.c.id == source.id).values(values)
                )
            else:
                known = connection.scalar(
                    sa.select(sources.c.id).where(sources.c.url == source.url)
                )
                if known is None:
                    connection.execute(sa.insert(sources).values(values))
        stored = self.find(source.url)
        assert stored is not None
        return stored

    def remove(self, source: Source) -> int:
        """Remove a source and the articles that no other source carries; their number."""
        with writing(self._engine) as connection:
            carried = sa.select(entries.c.article).where(entries.c.source == source.id)
            elsewhere = sa.select(entries.c.article).where(
                entries.c.source != source.id, entries.c.article.is_not(None)
            )
            gone = list(
                connection.scalars(
                    sa.select(articles.c.id).where(
                        articles.c.id.in_(carried), articles.c.id.not_in(elsewhere)
                    )
                )
            )
            connection.execute(sa.delete(sources).where(sources.c.id == source.id))
            for start in range(0, len(gone), 500):
                ids = gone[start : start + 500]
                connection.execute(sa.delete(articles).where(articles.c.id.in_(ids)))
                connection.execute(
                    sa.insert(changes), [{"article": i, "kind": "removed"} for i in ids]
                )
            drop_unused_vectors(connection)
        return len(gone)


def drop_unused_vectors(connection: sa.Connection) -> None:
    """Delete the vectors of texts that no paragraph has any more."""
    used = sa.select(tables.paragraphs.c.embedded).where(
        tables.paragraphs.c.embedded == tables.vectors.c.embedded
    )
    connection.execute(sa.delete(tables.vectors).where(~used.exists()))


def _source(row: sa.Row[tuple[object, ...]]) -> Source:
    values = row._mapping
    return Source(
        id=values["id"],
        url=values["url"],
        kind=SourceKind(values["kind"]),
        title=values["title"],
        added=values["added"],
        health=Health(
            due=values["due"],
            checked=values["checked"],
            succeeded=values["succeeded"],
            failures=values["failures"],
            error=values["error"],
        ),
        etag=values["etag"],
        last_modified=values["last_modified"],
        articles=values["articles"],
    )
