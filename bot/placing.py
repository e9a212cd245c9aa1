"""New articles, read with their vectors and put into stories. Nothing is written here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from bot.matching import Arrived, arrived
from bot.planning import Placed, outlets_of
from bot.sketches import Sketch, sketch
from bot.stories import Known, Recent
from bot.stories import Placed as InStory
from bot.stories import place as place_in_stories
from bot.stories import window as oldest
from bot.storylines import StoryArticle, Storylines
from index import News
from index.archive import Row
from index.articles import Article


@dataclass(frozen=True, slots=True)
class StoryWindow:
    """The stories of the last days. ``numbers`` are theirs in the table, by the article that
    stories.py knows each by; an article's id may come again in a restored archive, a
    story's number never.
    """

    recent: Recent
    numbers: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Where new articles belong: as matching wants it, as it is stored, and the window then."""

    placed: list[Placed]
    rows: list[StoryArticle]
    new_stories: list[tuple[int, str]]
    window: StoryWindow


class Placing:
    """Reads articles and places them. Blocks; belongs in a worker thread."""

    def __init__(self, news: News, storylines: Storylines) -> None:
        self._news = news
        self._storylines = storylines

    def read(self, ids: Collection[int]) -> list[Arrived]:
        """The articles with these ids that are still there, oldest first."""
        rows: dict[int, list[Row]] = {}
        for row in self._news.archive.rows(articles_in=ids):
            rows.setdefault(row.article.id, []).append(row)
        vectors = self._news.vectors(list(rows))
        read = []
        for article, of_article in rows.items():
            of_article.sort(key=lambda row: row.paragraph.number)
            stored = vectors.get(article, {})
            with_vector = [stored[i] for r in of_article if (i := r.paragraph.id) in stored]
            if with_vector:
                read.append(arrived(of_article, np.stack(with_vector)))
        return sorted(read, key=lambda a: (a.article.first_seen, a.article.id))

    def window(self, now: datetime) -> StoryWindow:
        """The stories of the last days, as they were told apart then."""
        places = {s.article: s for s in self._storylines.articles_since(oldest(now))}
        # An archive that was restored may have given an article's id to another one.
        articles = [a for a in self.read(places) if places[a.article.id].key == a.article.key]
        begun: dict[int, int] = {}
        for article in articles:
            begun.setdefault(places[article.article.id].story, article.article.id)
        known = []
        for article, sketched in zip(articles, self._sketched(articles), strict=True):
            at = places[article.article.id]
            known.append(Known(sketched, InStory(at.article, begun[at.story], at.copy_of)))
        return StoryWindow(Recent(known), {first: story for story, first in begun.items()})

    def place(self, articles: Sequence[Arrived], before: StoryWindow, now: datetime) -> Batch:
        """Each article in a story, a new one where none fits."""
        in_stories, after = place_in_stories(
            self._sketched(articles), before.recent.since(oldest(now))
        )
        carriers = self._news.sources.carrying([a.article.id for a in articles])
        numbers, next_number = dict(before.numbers), self._storylines.last_story() + 1
        members: dict[int, list[Arrived]] = {}
        batch = Batch([], [], [], StoryWindow(after, numbers))
        in_time = sorted(
            zip(articles, in_stories, strict=True),
            key=lambda item: (moment_of(item[0].article), item[0].article.id),
        )
        for article, found in in_time:
            story = numbers.get(found.story)
            if story is None:
                story = numbers[found.story] = next_number
                next_number += 1
                batch.new_stories.append((story, article.article.title))
                members[story] = []
            elif story not in members:
                ids = [s.article for s in self._storylines.articles_of(story)]
                members[story] = self.read(ids)
            earlier = members[story]
            batch.placed.append(
                Placed(
                    article,
                    story,
                    earlier[0].article.title if earlier else article.article.title,
                    found.copy_of,
                    frozenset().union(*(a.words for a in earlier)),
                    outlets_of(earlier),
                    frozenset(carriers.get(article.article.id, ())),
                )
            )
            batch.rows.append(
                StoryArticle(
                    article.article.key,
                    article.article.id,
                    story,
                    found.copy_of,
                    moment_of(article.article),
                )
            )
            members[story] = [*earlier, article]
        return batch

    def _sketched(self, articles: Sequence[Arrived]) -> list[Sketch]:
        vectors = self._news.vectors([a.article.id for a in articles])
        dimension = self._news.embedder.dimension
        return [
            sketch(
                a.article,
                "\n".join(row.text for row in a.rows),
                np.array(list(vectors.get(a.article.id, {}).values()), dtype=np.float32).reshape(
                    -1, dimension
                ),
            )
            for a in articles
        ]


def moment_of(article: Article) -> datetime:
    """When an article came out, as far as can be believed: never after it was first seen."""
    return min(article.published or article.first_seen, article.first_seen)
