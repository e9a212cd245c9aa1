"""The stories, and how far the news was matched: what matching writes, in one transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.chat_tables import cursors, outbox, stories, story_articles, subscriptions
from bot.outbox import State
from bot.plain import plain
from bot.updates import Planned
from index.database import reading, writing
from index.tables import chunks

# The cursors: how far the news was matched, and how far answers given were held against it.
MATCHING, CHECKING = "matching", "checking"


@dataclass(frozen=True, slots=True)
class StoryArticle:
    """An article's place among the stories; ``copy_of`` is the article that had its text first."""

    key: str
    article: int
    story: int
    copy_of: int | None
    moment: datetime


@dataclass(frozen=True, slots=True)
class Matched:
    """All that one batch of changed articles comes to.

    ``cursor`` is the change that was matched last, ``stored`` when the newest text of the
    batch had been stored (None: it has none). ``planned`` are updates, each with when
    it is due and whether it may go into a digest; ``known`` the answers that questions have
    now; ``new_stories`` numbers, above last_story(), and titles.
    """

    cursor: int
    articles: Sequence[StoryArticle]
    planned: Sequence[tuple[Planned, datetime, bool]]
    known: Sequence[tuple[int, dict[str, Any]]]
    new_stories: Sequence[tuple[int, str]]
    stored: datetime | None = None


class Storylines:
    """The stories and the matching cursor. Blocks; belongs in worker threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def cursor(self, name: str = MATCHING) -> int | None:
        """The number of the last change of the news that was matched; None before the first."""
        with reading(self._engine) as connection:
            return connection.scalar(sa.select(cursors.c.number).where(cursors.c.name == name))

    def stored(self, name: str = MATCHING) -> datetime | None:
        """When the newest text that was matched had been stored; None if that is not known."""
        with reading(self._engine) as connection:
            return connection.scalar(sa.select(cursors.c.stored).where(cursors.c.name == name))

    def last_story(self) -> int:
        """The highest number that a story ever had; the next ones follow it."""
        with reading(self._engine) as connection:
            return connection.scalar(sa.select(sa.func.max(stories.c.id))) or 0

    def commit(
        self, matched: Matched, seen: int | None, now: datetime, name: str = MATCHING
    ) -> int | None:
        """Move the cursor from ``seen``, and write all that comes with it, in one transaction.

        The number of updates that are new. Nothing is written, and None returned, if another
        process moved the cursor meanwhile.
        """
        with writing(self._engine) as connection:
            at = sa.select(cursors.c.number, cursors.c.stored).where(cursors.c.name == name)
            number, stored = connection.execute(at).first() or (None, None)
            if number != seen:
                return None
            newest = max((t for t in (stored, matched.stored) if t is not None), default=None)
            connection.execute(sa.delete(cursors).where(cursors.c.name == name))
            connection.execute(
                sa.insert(cursors).values(name=name, number=matched.cursor, stored=newest)
            )
            if matched.new_stories:
                connection.execute(
                    sa.insert(stories),
                    [{"id": i, "title": t, "begun": now} for i, t in matched.new_stories],
                )
            for chunk in chunks([a.key for a in matched.articles]):
                connection.execute(sa.delete(story_articles).where(story_articles.c.key.in_(chunk)))
            if matched.articles:
                connection.execute(
                    sa.insert(story_articles),
                    [
                        {
                            "key": a.key,
                            "article": a.article,
                            "story": a.story,
                            "copy_of": a.copy_of,
                            "moment": a.moment,
                        }
                        for a in matched.articles
                    ],
                )
            for subscription, known in matched.known:
                connection.execute(
                    sa.update(subscriptions)
                    .where(subscriptions.c.id == subscription)
                    .values(known=known)
                )
            return self._put(connection, matched.planned, now)

    def _put(
        self,
        connection: sa.Connection,
        planned: Iterable[tuple[Planned, datetime, bool]],
        now: datetime,
    ) -> int:
        rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        for p, due, digest in planned:
            once = (p.chat, p.thread, p.update.story, p.change)
            rows.setdefault(
                once,
                {
                    "chat": p.chat,
                    "thread": p.thread,
                    "story": p.update.story,
                    "change": p.change,
                    "subscription": p.subscription,
                    "update": plain(p.update),
                    "made": now,
                    "due": due,
                    "digest": digest,
                    "state": State.DUE,
                    "attempts": 0,
                },
            )
        there: set[tuple[Any, ...]] = set()
        columns = (outbox.c.chat, outbox.c.thread, outbox.c.story, outbox.c.change)
        for chunk in chunks(sorted({once[2] for once in rows})):
            query = sa.select(*columns).where(outbox.c.story.in_(chunk))
            there |= {tuple(row) for row in connection.execute(query)}
        new = [row for once, row in rows.items() if once not in there]
        if new:
            connection.execute(sa.insert(outbox), new)
        return len(new)

    def known_articles(self, keys: Collection[str]) -> set[str]:
        """Those of the keys that have a place in a story."""
        found: set[str] = set()
        with reading(self._engine) as connection:
            for chunk in chunks(sorted(keys)):
                query = sa.select(story_articles.c.key).where(story_articles.c.key.in_(chunk))
                found |= set(connection.scalars(query))
        return found

    def articles_since(self, moment: datetime) -> list[StoryArticle]:
        """The articles of stories from this moment on, oldest first."""
        query = sa.select(story_articles).where(story_articles.c.moment >= moment)
        with reading(self._engine) as connection:
            return [
                StoryArticle(r.key, r.article, r.story, r.copy_of, r.moment)
                for r in connection.execute(query.order_by(story_articles.c.moment))
            ]

    def story_of(self, key: str) -> StoryArticle | None:
        """The place of the article with this key, or None."""
        query = sa.select(story_articles).where(story_articles.c.key == key)
        with reading(self._engine) as connection:
            r = connection.execute(query).first()
        return None if r is None else StoryArticle(r.key, r.article, r.story, r.copy_of, r.moment)

    def articles_of(self, story: int) -> list[StoryArticle]:
        """The articles of a story, oldest first."""
        query = sa.select(story_articles).where(story_articles.c.story == story)
        with reading(self._engine) as connection:
            return [
                StoryArticle(r.key, r.article, r.story, r.copy_of, r.moment)
                for r in connection.execute(query.order_by(story_articles.c.moment))
            ]

    def title_of(self, story: int) -> str | None:
        """A story's title, or None."""
        with reading(self._engine) as connection:
            return connection.scalar(sa.select(stories.c.title).where(stories.c.id == story))

    def told(self, story_ids: Collection[int]) -> set[tuple[int, int, int]]:
        """The (chat, thread, story) of these stories that have any update."""
        found: set[tuple[int, int, int]] = set()
        columns = (outbox.c.chat, outbox.c.thread, outbox.c.story)
        with reading(self._engine) as connection:
            for chunk in chunks(sorted(story_ids)):
                query = sa.select(*columns).where(outbox.c.story.in_(chunk)).distinct()
                found |= {tuple(row) for row in connection.execute(query)}
        return found
