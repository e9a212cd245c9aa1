"""New articles to stories, to the subscriptions that they match, to the outbox.

Each batch of changes is worked out first and then written in one transaction, with the
cursor that says how far the news was matched: a kill leaves all of a batch or nothing.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from bot.answering import ask
from bot.answers import Claim, Outcome, claim_from_plain, claim_to_plain
from bot.matching import (
    Arrived,
    Matrix,
    Rarities,
    Topic,
    answer_changed,
    arrived,
    read_topic,
    relevance,
    similarities,
    threshold,
)
from bot.planning import Audience, Placed, answer_update, is_news, outlets_of
from bot.planning import plan as plan_updates
from bot.stories import WINDOW, Recent, Sketch, sketch
from bot.storylines import Matched, StoryArticle, Storylines
from bot.subscriptions import Kind, Manner, Subscription, Subscriptions
from bot.timing import due
from bot.updates import Planned
from index import Filters, News
from index.archive import Row
from index.articles import Article

log = logging.getLogger(__name__)

# Changes of one transaction.
BATCH = 200
# From this likeness on a question is asked again: far below that of a topic, because a new
# answer may be said in other words.
_ASKED_AGAIN = 0.3
_PREVIEWED = 400


@dataclass(slots=True)
class _Batch:
    """What one step comes to."""

    placed: list[Placed]
    rows: list[StoryArticle]
    new_stories: list[tuple[int, str]]


class Watcher:
    """Matches what is new. Blocks; belongs in one worker thread at a time."""

    def __init__(
        self,
        news: News,
        storylines: Storylines,
        subscriptions: Subscriptions,
        clock: Callable[[], datetime],
    ) -> None:
        self._news = news
        self._storylines = storylines
        self._subscriptions = subscriptions
        self._clock = clock
        self._recent: Recent | None = None
        self._topics: dict[str, tuple[Topic, Matrix]] = {}

    def step(self) -> int:
        """Match the next changes; how many. 0 when all are matched."""
        now, seen = self._clock(), self._storylines.cursor()
        newest = self._news.archive.last_change()
        if seen is not None and seen > newest:
            # The news were restored from an older copy. What comes next is matched, and what
            # was told already is known by its articles' keys.
            self._storylines.commit(Matched(newest, (), (), (), ()), seen, now)
            return 0
        changes = self._news.archive.changes_after(seen or 0, BATCH)
        if not changes:
            return 0
        matched = self._match(changes[-1][0], {article for _, article in changes}, now)
        written = self._storylines.commit(matched, seen, now)
        if written:
            log.info("%s updates from %s new articles", written, len(matched.articles))
        if self._storylines.cursor() != matched.cursor:
            # Another process matched these; its stories are read anew.
            self._recent = None
        return len(changes)

    def _match(self, cursor: int, changed: Collection[int], now: datetime) -> Matched:
        if self._recent is None:
            self._recent = self._read_recent(now)
        articles = self._read(changed)
        known = self._storylines.known_articles([a.article.key for a in articles])
        new = [a for a in articles if a.article.key not in known]
        batch = self._place(new)
        subscriptions = self._subscriptions.active()
        audience = self._audience(subscriptions, batch.placed)
        planned = plan_updates(batch.placed, audience)
        answers, answered = self._ask_again(subscriptions, articles, batch.placed, now)
        manners = self._subscriptions.manners()
        by_id = {s.id: s for s in subscriptions}
        return Matched(
            cursor,
            batch.rows,
            [_timed(p, by_id[p.subscription], manners, now) for p in (*planned, *answers)],
            answered,
            batch.new_stories,
        )

    def _read(self, ids: Collection[int]) -> list[Arrived]:
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

    # Stories

    def _read_recent(self, now: datetime) -> Recent:
        """The stories of the last days, as they were told apart then."""
        recent = Recent()
        places = {s.article: s for s in self._storylines.articles_since(now - WINDOW)}
        for article in self._read(places):
            place = places[article.article.id]
            recent.add(_sketch(article), place.story, place.copy_of)
        return recent

    def _place(self, articles: Sequence[Arrived]) -> _Batch:
        """Each article in a story, a new one where none fits."""
        assert self._recent is not None
        carriers = self._news.sources.carrying([a.article.id for a in articles])
        batch, members = _Batch([], [], []), dict[int, list[Arrived]]()
        number = self._storylines.last_story()
        for article in articles:
            sketched = _sketch(article)
            found = self._recent.place(sketched)
            story = found.story
            if story is None:
                number += 1
                story = number
                batch.new_stories.append((story, article.article.title))
                members[story] = []
            elif story not in members:
                ids = [s.article for s in self._storylines.articles_of(story)]
                members[story] = self._read(ids)
            self._recent.add(sketched, story, found.copy_of)
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

    # Subscriptions

    def _audience(
        self, subscriptions: Sequence[Subscription], placed: Sequence[Placed]
    ) -> Audience:
        texts = sorted({s.text for s in subscriptions if s.kind is Kind.TOPIC})
        topics, vectors = self.topics(texts)
        stories = {p.story for p in placed}
        return Audience(
            subscriptions,
            {text: (i, topic) for i, (text, topic) in enumerate(zip(texts, topics, strict=True))},
            similarities(vectors, [p.article for p in placed]),
            self.rarities(topics),
            self._storylines.told(stories),
            self._subscriptions.muted(),
        )

    def topics(self, texts: Sequence[str]) -> tuple[list[Topic], Matrix]:
        """Topics as they are read, and their vectors, shape (topics, dimension)."""
        new = [text for text in texts if text not in self._topics]
        read = [read_topic(text) for text in new]
        if new:
            vectors = self._news.embedder.encode(
                [topic.text or text for topic, text in zip(read, new, strict=True)]
            )
            self._topics |= {x: (t, v) for x, t, v in zip(new, read, vectors, strict=True)}
        found = [self._topics[text] for text in texts]
        if not found:
            return [], np.zeros((0, 0), dtype=np.float32)
        return [topic for topic, _ in found], np.stack([vector for _, vector in found])

    def rarities(self, topics: Iterable[Topic]) -> Rarities:
        """How rare the words of topics are in the news."""
        words = sorted({word for topic in topics for word in topic.words})
        return dict(zip(words, self._news.rarities(words), strict=True)) if words else {}

    def _ask_again(
        self,
        subscriptions: Sequence[Subscription],
        articles: Sequence[Arrived],
        placed: Sequence[Placed],
        now: datetime,
    ) -> tuple[list[Planned], list[tuple[int, dict[str, Any]]]]:
        """The questions whose answers these articles changed: updates, and what is known now."""
        questions = [s for s in subscriptions if s.kind is Kind.QUESTION]
        texts = sorted({s.text for s in questions})
        _, vectors = self.topics(texts)
        cosines = similarities(vectors, articles)
        places = {p.article.article.id: p for p in placed}
        planned: list[Planned] = []
        known: list[tuple[int, dict[str, Any]]] = []
        for text, row in zip(texts, cosines, strict=True):
            near = {
                a.article.id: a for a, c in zip(articles, row, strict=True) if c >= _ASKED_AGAIN
            }
            if not near:
                continue
            answer = ask(self._news, text, Filters(), now)
            # That an older article is found first by now is no change of the news.
            if answer.outcome is not Outcome.ANSWERED or answer.claims[0].article.id not in near:
                continue
            claim = answer.claims[0]
            for question in questions:
                if question.text != text or not is_news(near[claim.article.id], question.created):
                    continue
                before = claim_from_plain(question.known) if question.known else None
                if before is not None and not answer_changed(text, before, claim):
                    continue
                place = places.get(claim.article.id)
                story, title = (place.story, place.title) if place else self._story_of(claim)
                planned.append(answer_update(question, before, claim, story, title))
                known.append((question.id, claim_to_plain(claim)))
        return planned, known

    def _story_of(self, claim: Claim) -> tuple[int, str]:
        """The story of an article that had its place before it changed."""
        place = self._storylines.story_of(claim.article.key)
        return (place.story if place else 0), claim.article.title

    def preview(self, text: str, breadth: int, since: datetime) -> list[tuple[Article, float]]:
        """What a topic would have matched since then, most relevant first."""
        newest = self._news.archive.newest(_PREVIEWED, Filters(since=since))
        articles = self._read([article.id for article in newest])
        [topic], vectors = self.topics([text])
        cosines = similarities(vectors, articles)
        rarities = self.rarities([topic])
        scored = [
            (a.article, relevance(topic, a, float(c), rarities))
            for a, c in zip(articles, cosines[0], strict=True)
        ]
        matching = [(a, r) for a, r in scored if r >= threshold(breadth)]
        return sorted(matching, key=lambda item: -item[1])


def moment_of(article: Article) -> datetime:
    """When an article came out, as far as can be believed: never after it was first seen."""
    return min(article.published or article.first_seen, article.first_seen)


def _sketch(article: Arrived) -> Sketch:
    return sketch(article.article, article.text, article.leading)


def _timed(
    planned: Planned, subscription: Subscription, manners: dict[int, Manner], now: datetime
) -> tuple[Planned, datetime, bool]:
    """With when it is due, and whether it waits for a digest."""
    manner = manners.get(planned.chat, Manner())
    schedule = subscription.schedule or manner.schedule
    moment = due(now, schedule, manner.quiet, ZoneInfo(manner.time_zone))
    return planned, moment, moment > now
