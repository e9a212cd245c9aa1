"""New articles to stories, to the subscriptions that they match, to the outbox.

Each batch of changes is worked out first and then written in one transaction, with the
cursor that says how far the news was matched: a kill leaves all of a batch or nothing.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from bot.answering import ask
from bot.answers import Claim, Outcome, claim_from_plain, claim_to_plain
from bot.candidates import Read
from bot.changing import answer_changed
from bot.matching import (
    Arrived,
    Matrix,
    Rarities,
    Topic,
    read_topic,
    rules_out,
)
from bot.placing import Placing, StoryWindow
from bot.planning import Audience, Placed, answer_update, is_news
from bot.planning import plan as plan_updates
from bot.relevance import Asked, similarities, threshold
from bot.resuming import goes_on_after
from bot.storylines import MATCHING, Matched, Storylines
from bot.subscriptions import Kind, Manner, Subscription, Subscriptions
from bot.timing import due
from bot.updates import Planned
from index import Filters, News
from index.articles import Article

log = logging.getLogger(__name__)

# Changes of one transaction.
BATCH = 200
# From this likeness on a question is asked again: far below that of a topic, because a new
# answer may be said in other words.
_ASKED_AGAIN = 0.3
# How likely right an answer must be that nobody asked for just now. On the questions for tuning
# of `python -m tests.benchmarks matching` 4 of 8 updates are right, 6 of 13 at 0.4, 2 of 3 at 0.75.
_SURE = 0.65
_PREVIEWED = 400
_RARITIES_HOLD = timedelta(hours=1)


class Watcher:
    """Matches what is new. Blocks; belongs in one worker thread at a time."""

    def __init__(
        self,
        news: News,
        storylines: Storylines,
        subscriptions: Subscriptions,
        clock: Callable[[], datetime],
        read: Read | None = None,
    ) -> None:
        self._news = news
        self._read = read
        self._storylines = storylines
        self._subscriptions = subscriptions
        self._clock = clock
        self._window: StoryWindow | None = None
        self._resumed = False
        self._placing = Placing(news, storylines)
        self._topics: dict[str, tuple[Topic, Matrix]] = {}
        self._texts: tuple[str, ...] = ()
        self._asked = Asked([], np.zeros((0, 0), np.float32), {})
        self._asked_until = datetime.min.replace(tzinfo=UTC)

    def step(self) -> int:
        """Match the next changes; how many. 0 when all are matched."""
        now, seen = self._clock(), self._storylines.cursor()
        after = seen or 0
        if not self._resumed:
            # Of what it finds, that which was told already is known by its articles' keys.
            after = goes_on_after(self._news.archive, self._storylines, MATCHING)
        newest = self._news.archive.last_change()
        if after > newest:
            # The news were restored from an older copy, and have nothing new yet.
            self._storylines.commit(Matched(newest, (), (), (), ()), seen, now)
            return 0
        changes = self._news.archive.changes_after(after, BATCH)
        if not changes:
            self._resumed = True
            return 0
        before = self._window or self._placing.window(now)
        # Known again only once all of it is written: after a fault it is read anew.
        self._window = None
        changed = {article for _, article in changes}
        matched, window = self._match(changes[-1][0], changed, before, now)
        written = self._storylines.commit(matched, seen, now)
        if written is not None:
            self._window = window
            self._resumed = True
            if written:
                log.info("%s updates from %s new articles", written, len(matched.articles))
        return len(changes)

    def _match(
        self, cursor: int, changed: Collection[int], before: StoryWindow, now: datetime
    ) -> tuple[Matched, StoryWindow]:
        articles = self._placing.read(changed)
        known = self._storylines.known_articles([a.article.key for a in articles])
        new = [a for a in articles if a.article.key not in known]
        batch = self._placing.place(new, before, now)
        subscriptions = self._subscriptions.active()
        audience = self._audience(subscriptions, batch.placed, now)
        planned = plan_updates(batch.placed, audience)
        answers, answered = self._ask_again(subscriptions, articles, batch.placed, now)
        manners = self._subscriptions.manners()
        by_id = {s.id: s for s in subscriptions}
        timed = [_timed(p, by_id[p.subscription], manners, now) for p in (*planned, *answers)]
        stored = self._news.archive.stored(changed)
        matched = Matched(cursor, batch.rows, timed, answered, batch.new_stories, stored)
        return matched, batch.window

    def _audience(
        self, subscriptions: Sequence[Subscription], placed: Sequence[Placed], now: datetime
    ) -> Audience:
        texts = tuple(sorted({s.text for s in subscriptions if s.kind is Kind.TOPIC}))
        # How rare words are changes slowly, and takes longer to find out than all the rest.
        if texts != self._texts or now >= self._asked_until:
            topics, vectors = self.topics(texts)
            self._asked = Asked(topics, vectors, self.rarities(topics))
            self._texts, self._asked_until = texts, now + _RARITIES_HOLD
            # Not those that were only previewed, or have ended.
            kept = {s.text for s in subscriptions}
            self._topics = {text: read for text, read in self._topics.items() if text in kept}
        return Audience(
            subscriptions,
            {text: number for number, text in enumerate(texts)},
            self._asked.topics,
            self._asked.relevances([p.article for p in placed]),
            self._asked.rarities,
            self._storylines.told({p.story for p in placed}),
            self._subscriptions.muted(),
        )

    def topics(self, texts: Sequence[str]) -> tuple[list[Topic], Matrix]:
        """Topics as they are read, and their vectors, shape (topics, dimension)."""
        known = self._topics
        new = [text for text in texts if text not in known]
        read = [read_topic(text) for text in new]
        if new:
            vectors = self._news.embedder.encode(
                [topic.text or text for topic, text in zip(read, new, strict=True)]
            )
            known |= {x: (t, v) for x, t, v in zip(new, read, vectors, strict=True)}
        found = [known[text] for text in texts]
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
            # What older articles say is known, and would come first for as long as it is there.
            answer = ask(self._news, text, Filters(articles=frozenset(near)), now, self._read)
            if answer.outcome is not Outcome.ANSWERED:
                continue
            sure = [c for c in answer.claims if c.score >= _SURE]
            for question in questions:
                if question.text != text:
                    continue
                before = claim_from_plain(question.known) if question.known else None
                # Of articles that came together one may say what is known, and another not.
                claim = next(
                    (
                        c
                        for c in sure
                        if is_news(near[c.article.id], question.created)
                        and (before is None or answer_changed(text, before.quote, c.quote))
                    ),
                    None,
                )
                if claim is None:
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
        articles = self._placing.read([article.id for article in newest])
        [topic], vectors = self.topics([text])
        reached = Asked([topic], vectors, self.rarities([topic])).relevances(articles)[0]
        scored = [
            (a.article, 0.0 if rules_out(topic, a) else float(r))
            for a, r in zip(articles, reached, strict=True)
        ]
        matching = [(a, r) for a, r in scored if r >= threshold(breadth)]
        return sorted(matching, key=lambda item: -item[1])


def _timed(
    planned: Planned, subscription: Subscription, manners: dict[int, Manner], now: datetime
) -> tuple[Planned, datetime, bool]:
    """With when it is due, and whether it waits for a digest."""
    manner = manners.get(planned.chat, Manner())
    schedule = subscription.schedule or manner.schedule
    moment = due(now, schedule, manner.quiet, ZoneInfo(manner.time_zone))
    return planned, moment, moment > now
