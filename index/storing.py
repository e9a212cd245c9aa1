"""Articles into the database: new ones, changed ones, and what was seen of each entry."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from index.archive import article_of
from index.articles import Article, Document
from index.database import reading, writing
from index.paragraphs import Span
from index.stored_vectors import known_vectors
from index.tables import articles, changes, chunks, entries, paragraphs, vectors, versions


def sha256(text: str) -> str:
    """The hex digest of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article ready to be stored, as ``source`` gave it under the name ``entry``.

    ``fingerprint`` is the hash of what the source said, by which it is recognised
    unread next time. ``spans`` are the text's paragraphs and ``embedded`` the hashes of
    the texts embedded for them, in the same order. ``again`` is when its page is to be read
    once more, if it came from one behind a summary.
    """

    source: int
    entry: str
    fingerprint: str
    key: str
    document: Document
    spans: tuple[Span, ...]
    embedded: tuple[str, ...]
    again: datetime | None = None


class Store:
    """Where arrivals go. Every write is one transaction: a kill leaves all of it or nothing."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def put(
        self,
        arrivals: Sequence[Arrival],
        new_vectors: Mapping[str, bytes],
        model: str,
        now: datetime,
    ) -> list[int]:
        """Store articles with the vectors that are new; the ids, in the arrivals' order."""
        with writing(self._engine) as connection:
            if new_vectors:
                known = set(known_vectors(connection, list(new_vectors), model))
                rows = [
                    {"embedded": e, "model": model, "vector": v}
                    for e, v in new_vectors.items()
                    if e not in known
                ]
                if rows:
                    connection.execute(sa.insert(vectors), rows)
            return [_store_one(connection, arrival, now) for arrival in arrivals]

    def known(self, source: int, entry: str, key: str) -> tuple[Article, str] | None:
        """The article that this entry or key names, with its newest text's hash."""
        with reading(self._engine) as connection:
            found = _known(connection, source, entry, key)
            if found is None:
                return None
            row = connection.execute(
                sa.select(articles, versions.c.sha256)
                .join(
                    versions,
                    (versions.c.article == articles.c.id)
                    & (versions.c.number == articles.c.version),
                )
                .where(articles.c.id == found[0])
            ).one()
        return article_of(row._mapping), row.sha256

    def note_entry(
        self,
        source: int,
        entry: str,
        fingerprint: str,
        article: int | None,
        *,
        failures: int = 0,
        due: datetime | None = None,
        error: str | None = None,
    ) -> None:
        """Record what was seen of an entry whose article is unchanged, or could not be read."""
        with writing(self._engine) as connection:
            _put_entry(
                connection,
                source,
                entry,
                fingerprint,
                article,
                failures=failures,
                due=due,
                error=error,
            )

    def entries(self, source: int) -> dict[str, sa.RowMapping]:
        """What is known of a source's entries: sha256, article, failures, due, error."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(entries).where(entries.c.source == source))
            return {row.entry: row._mapping for row in rows}


def _known(connection: sa.Connection, source: int, entry: str, key: str) -> tuple[int, int] | None:
    """The id and version number of the article; the entry counts more than the key."""
    row = (
        connection.execute(
            sa.select(entries.c.article, articles.c.version)
            .join(articles, articles.c.id == entries.c.article)
            .where(entries.c.source == source, entries.c.entry == entry)
        ).first()
        or connection.execute(
            sa.select(articles.c.id, articles.c.version).where(articles.c.key == key)
        ).first()
    )
    return None if row is None else (row[0], row[1])


def _store_one(connection: sa.Connection, arrival: Arrival, now: datetime) -> int:
    document = arrival.document
    known = _known(connection, arrival.source, arrival.entry, arrival.key)
    described = {
        "url": document.url,
        "title": document.title,
        "outlet": document.outlet,
        "section": document.section,
        "authors": list(document.authors),
        "published": document.published,
        "language": document.language,
    }
    digest = sha256(document.text)
    if known is None:
        inserted = connection.execute(
            sa.insert(articles).values(key=arrival.key, first_seen=now, version=1, **described)
        )
        assert inserted.inserted_primary_key is not None
        article, number, text_changed = int(inserted.inserted_primary_key[0]), 1, True
    else:
        article, number = known
        text_changed = digest != connection.scalar(
            sa.select(versions.c.sha256).where(
                versions.c.article == article, versions.c.number == number
            )
        )
        number += text_changed
        connection.execute(
            sa.update(articles).where(articles.c.id == article).values(version=number, **described)
        )
        old = list(
            connection.scalars(
                sa.select(paragraphs.c.embedded).where(paragraphs.c.article == article)
            )
        )
        connection.execute(sa.delete(paragraphs).where(paragraphs.c.article == article))
        _drop_unused(connection, set(old) - set(arrival.embedded))
    if text_changed:
        connection.execute(
            sa.insert(versions).values(
                article=article, number=number, fetched=now, sha256=digest, text=document.text
            )
        )
    connection.execute(
        sa.insert(paragraphs),
        [
            {
                "article": article,
                "version": number,
                "number": i,
                "start": span.start,
                "end": span.end,
                "embedded": embedded,
            }
            for i, (span, embedded) in enumerate(
                zip(arrival.spans, arrival.embedded, strict=True), start=1
            )
        ],
    )
    connection.execute(sa.insert(changes).values(article=article, kind="stored"))
    _put_entry(
        connection,
        arrival.source,
        arrival.entry,
        arrival.fingerprint,
        article,
        due=arrival.again,
    )
    return article


def _drop_unused(connection: sa.Connection, embedded: set[str]) -> None:
    for chunk in chunks(sorted(embedded)):
        used = sa.select(paragraphs.c.embedded).where(paragraphs.c.embedded.in_(chunk))
        connection.execute(
            sa.delete(vectors).where(vectors.c.embedded.in_(chunk), vectors.c.embedded.not_in(used))
        )


def _put_entry(
    connection: sa.Connection,
    source: int,
    entry: str,
    fingerprint: str,
    article: int | None,
    *,
    failures: int = 0,
    due: datetime | None = None,
    error: str | None = None,
) -> None:
    values = {
        "sha256": fingerprint,
        "article": article,
        "failures": failures,
        "due": due,
        "error": error,
    }
    name = (entries.c.source == source) & (entries.c.entry == entry)
    if not connection.execute(sa.update(entries).where(name).values(values)).rowcount:
        connection.execute(sa.insert(entries).values(source=source, entry=entry, **values))
