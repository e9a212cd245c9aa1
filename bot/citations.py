"""Which answers cite which articles: what is looked up when an article changes."""

from collections.abc import Collection, Iterator
from datetime import datetime

import sqlalchemy as sa

from bot.chat_tables import answers, citations
from bot.chats import Given, given_of
from index.database import reading
from index.tables import chunks


class Citations:
    """The answers given, by what they cite. Blocks; belongs in worker threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def since(self, moment: datetime | None = None) -> Iterator[Given]:
        """Every answer that was given since then, oldest first, read as it is asked for."""
        last = 0
        while True:
            query = sa.select(answers).where(answers.c.id > last)
            if moment is not None:
                query = query.where(answers.c.given >= moment)
            with reading(self._engine) as connection:
                rows = connection.execute(query.order_by(answers.c.id).limit(500)).all()
            if not rows:
                return
            yield from map(given_of, rows)
            last = rows[-1].id

    def count(self, moment: datetime | None = None) -> int:
        """How many answers since() gives."""
        query = sa.select(sa.func.count()).select_from(answers)
        if moment is not None:
            query = query.where(answers.c.given >= moment)
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def shown(self, articles: Collection[int], keys: Collection[str]) -> list[Given]:
        """The answers to questions that chats have seen and that cite any of these articles.

        An article is named by its number, which one that was removed still has, or by its
        key, which it keeps in an archive that was made anew.
        """
        found: set[int] = set()
        with reading(self._engine) as connection:
            for numbers in chunks(sorted(articles)):
                query = sa.select(citations.c.answer).where(citations.c.article.in_(numbers))
                found |= set(connection.scalars(query))
            for names in chunks(sorted(keys)):
                query = sa.select(citations.c.answer).where(citations.c.key.in_(names))
                found |= set(connection.scalars(query))
            given: list[Given] = []
            for chunk in chunks(sorted(found)):
                rows = sa.select(answers).where(
                    answers.c.id.in_(chunk),
                    answers.c.shown_message.is_not(None),
                    answers.c.asked_message.is_not(None),
                )
                given += map(given_of, connection.execute(rows.order_by(answers.c.id)))
        return given
