"""The articles as they are stored: versions, paragraphs, outlets, and what changed when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from index.articles import Article, Paragraph, Version
from index.database import reading
from index.tables import articles, changes, chunks, paragraphs, versions


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles a search may answer from; empty fields do not filter.

    ``outlets`` are names as they are stored; ``since`` is included, ``until`` is not.
    ``articles`` are ids. An article without a date passes no time filter.
    """

    outlets: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    articles: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.outlets or self.since or self.until or self.articles)


@dataclass(frozen=True, slots=True)
class Outlet:
    """What one outlet (None: not named) has in the archive; ``page`` is any article's address."""

    name: str | None
    articles: int
    earliest: datetime | None
    latest: datetime | None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of the newest version with its text and article, for indexing and showing."""

    paragraph: Paragraph
    article: Article
    version_sha256: str
    text: str


class Archive:
    """The articles, as they can be read."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def by_key(self, key: str) -> Article | None:
        """The article with this identity, or None."""
        return self._one(articles.c.key == key)

    def article(self, article: int) -> Article | None:
        """The article with this id, or None."""
        return self._one(articles.c.id == article)

    def _one(self, condition: sa.ColumnElement[bool]) -> Article | None:
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(articles).where(condition)).first()
        return None if row is None else article_of(row._mapping)

    def newest(self, count: int, filters: Filters = Filters()) -> list[Article]:
        """The articles published or, undated, first seen last; newest first."""
        moment = sa.func.coalesce(articles.c.published, articles.c.first_seen)
        query = sa.select(articles).where(*_conditions(filters)).order_by(moment.desc())
        with reading(self._engine) as connection:
            return [article_of(row._mapping) for row in connection.execute(query.limit(count))]

    def version(self, article: int, number: int) -> Version | None:
        """One version of an article, or None if it is not there (any more)."""
        with reading(self._engine) as connection:
            row = connection.execute(
                sa.select(versions).where(
                    versions.c.article == article, versions.c.number == number
                )
            ).first()
        return None if row is None else Version(*row)

    def rows(
        self, *, articles_in: Iterable[int] | None = None, ids: Iterable[int] | None = None
    ) -> Iterator[Row]:
        """The newest paragraphs, all or of some articles or with some ids, by id."""
        if articles_in is None and ids is None:
            yield from self._rows(sa.true())
            return
        column = paragraphs.c.article if articles_in is not None else paragraphs.c.id
        for chunk in chunks(sorted(set(articles_in if articles_in is not None else ids or ()))):
            yield from self._rows(column.in_(chunk))

    def _rows(self, condition: sa.ColumnElement[bool]) -> Iterator[Row]:
        text = sa.func.substr(
            versions.c.text, paragraphs.c.start + 1, paragraphs.c.end - paragraphs.c.start
        )
        query = (
            sa.select(
                paragraphs.c.id.label("p_id"),
                paragraphs.c.version.label("p_version"),
                paragraphs.c.number,
                paragraphs.c.start,
                paragraphs.c.end,
                versions.c.sha256,
                text.label("text"),
                articles,
            )
            .join(articles, articles.c.id == paragraphs.c.article)
            .join(
                versions,
                (versions.c.article == paragraphs.c.article)
                & (versions.c.number == paragraphs.c.version),
            )
            .where(condition)
            .order_by(paragraphs.c.id)
        )
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                v = row._mapping
                yield Row(
                    Paragraph(
                        v["p_id"], v["id"], v["p_version"], v["number"], v["start"], v["end"]
                    ),
                    article_of(v),
                    v["sha256"],
                    v["text"],
                )

    def texts(self, ids: Iterable[int]) -> dict[int, str]:
        """The whole newest texts of these articles."""
        query = sa.select(versions.c.article, versions.c.text).join(
            articles,
            (articles.c.id == versions.c.article) & (articles.c.version == versions.c.number),
        )
        found: dict[int, str] = {}
        with reading(self._engine) as connection:
            for chunk in chunks(sorted(set(ids))):
                rows = connection.execute(query.where(articles.c.id.in_(chunk)))
                found |= {row[0]: row[1] for row in rows}
        return found

    def paragraph_ids(self, filters: Filters) -> NDArray[np.int64]:
        """The ids of the newest paragraphs that pass the filters."""
        query = (
            sa.select(paragraphs.c.id)
            .join(articles, articles.c.id == paragraphs.c.article)
            .where(*_conditions(filters))
        )
        with reading(self._engine) as connection:
            return np.array(list(connection.scalars(query)), dtype=np.int64)

    def numbers(self, ids: Iterable[int]) -> dict[int, int]:
        """The place of each of these paragraphs in its article, from 1."""
        query = sa.select(paragraphs.c.id, paragraphs.c.number)
        found: dict[int, int] = {}
        with reading(self._engine) as connection:
            for chunk in chunks(sorted(set(ids))):
                rows = connection.execute(query.where(paragraphs.c.id.in_(chunk)))
                found |= {row[0]: row[1] for row in rows}
        return found

    def moments(self, ids: Iterable[int]) -> dict[int, datetime]:
        """When the articles of these paragraphs were published or, undated, first seen."""
        found: dict[int, datetime] = {}
        moment = sa.func.coalesce(articles.c.published, articles.c.first_seen)
        query = sa.select(paragraphs.c.id, moment).join(
            articles, articles.c.id == paragraphs.c.article
        )
        with reading(self._engine) as connection:
            for chunk in chunks(sorted(set(ids))):
                rows = connection.execute(query.where(paragraphs.c.id.in_(chunk)))
                found |= {row[0]: row[1] for row in rows}
        return found

    def last_change(self) -> int:
        """The number of the newest change, 0 when there was none."""
        with reading(self._engine) as connection:
            return connection.scalar(sa.select(sa.func.max(changes.c.number))) or 0

    def changed_since(self, number: int) -> tuple[int, list[int]]:
        """The newest change's number and the articles changed or removed after ``number``."""
        with reading(self._engine) as connection:
            last = connection.scalar(sa.select(sa.func.max(changes.c.number))) or 0
            if last <= number:
                return last, []
            ids = connection.scalars(
                sa.select(changes.c.article).where(changes.c.number > number).distinct()
            )
            return last, list(ids)

    def changes_after(self, number: int, count: int) -> list[tuple[int, int]]:
        """The next changes after ``number``, oldest first: (number, article) each."""
        query = sa.select(changes.c.number, changes.c.article).where(changes.c.number > number)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(changes.c.number).limit(count))
            return [(row.number, row.article) for row in rows]

    def stored(self, ids: Iterable[int] | None = None) -> datetime | None:
        """When the newest text, of all or of these articles, was stored; None if none is there."""
        found: list[datetime] = []
        newest = sa.select(sa.func.max(versions.c.fetched))
        with reading(self._engine) as connection:
            if ids is None:
                everywhere: datetime | None = connection.scalar(newest)
                return everywhere
            for chunk in chunks(sorted(set(ids))):
                moment = connection.scalar(newest.where(versions.c.article.in_(chunk)))
                found += [] if moment is None else [moment]
        return max(found, default=None)

    def unseen(self, number: int, moment: datetime) -> int | None:
        """The first change up to ``number`` whose article was stored after ``moment``, or None.

        There is one if the archive was restored from an older copy and has taken in more
        since: what followed the changes up to ``number`` only ever has higher numbers.
        """
        last = (
            sa.select(changes.c.article, sa.func.max(changes.c.number).label("number"))
            .group_by(changes.c.article)
            .subquery()
        )
        query = (
            sa.select(sa.func.min(last.c.number))
            .join(versions, versions.c.article == last.c.article)
            .where(last.c.number <= number, versions.c.fetched > moment)
        )
        with reading(self._engine) as connection:
            found: int | None = connection.scalar(query)
        return found

    def counts(self) -> tuple[int, int]:
        """How many articles and how many paragraphs there are."""
        with reading(self._engine) as connection:
            return (
                connection.scalar(sa.select(sa.func.count()).select_from(articles)) or 0,
                connection.scalar(sa.select(sa.func.count()).select_from(paragraphs)) or 0,
            )

    def outlets(self) -> list[Outlet]:
        """What each outlet has, newest outlet first."""
        query = sa.select(
            articles.c.outlet,
            sa.func.count(),
            sa.func.min(articles.c.published),
            sa.func.max(articles.c.published),
            sa.func.max(articles.c.url),
        ).group_by(articles.c.outlet)
        with reading(self._engine) as connection:
            found = [Outlet(*row) for row in connection.execute(query)]
        return sorted(found, key=lambda o: (o.latest is None, -(o.latest or _NEVER).timestamp()))


_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.outlets:
        conditions.append(articles.c.outlet.in_(filters.outlets))
    if filters.since:
        conditions.append(articles.c.published >= filters.since)
    if filters.until:
        conditions.append(articles.c.published < filters.until)
    if filters.articles:
        conditions.append(articles.c.id.in_(filters.articles))
    return conditions


def article_of(values: Mapping[Any, Any]) -> Article:
    """A row of the table of articles as a value."""
    return Article(
        id=values["id"],
        key=values["key"],
        url=values["url"],
        title=values["title"],
        outlet=values["outlet"],
        section=values["section"],
        authors=tuple(values["authors"]),
        published=values["published"],
        language=values["language"],
        first_seen=values["first_seen"],
        version=values["version"],
    )
