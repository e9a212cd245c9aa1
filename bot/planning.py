"""Which chat is told what of a batch of new articles. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from bot.answers import Claim
from bot.matching import (
    Arrived,
    Matrix,
    Rarities,
    Topic,
    best_sentence,
    new_sentence,
    rules_out,
)
from bot.relevance import threshold
from bot.subscriptions import Kind, Subscription
from bot.updates import Planned, Update

# An article that was published so long before we first saw it is no news.
STALE = timedelta(days=3)
# Fewer would hide what several outlets say of one story, more would be a list.
_CLAIMS = 3

Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Placed:
    """A new article in its story: the story's title, and the words and outlets of what it had
    before. ``carriers`` are the URLs of the sources that carry the article.
    """

    article: Arrived
    story: int
    title: str
    copy_of: int | None
    words: frozenset[str]
    outlets: tuple[str, ...]
    carriers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may be told: all subscriptions, the numbers of the topics among them by their texts,
    how much the articles are about each (shape (topics, articles)), who was told of which
    story, and who mutes it.
    """

    subscriptions: Sequence[Subscription]
    numbers: Mapping[str, int]
    topics: Sequence[Topic]
    relevances: Matrix
    rarities: Rarities
    told: AbstractSet[Place]
    muted: AbstractSet[Place]


@dataclass(slots=True)
class _Draft:
    """An update that grows while the batch is read."""

    subscription: Subscription
    change: str
    placed: Placed
    claims: list[Claim]
    outlets: dict[str, None]
    words: frozenset[str]
    follows: bool = False


@dataclass(slots=True)
class _Drafts:
    of_story: dict[Place, _Draft] = field(default_factory=dict)
    others: list[_Draft] = field(default_factory=list)


def plan(articles: Sequence[Placed], audience: Audience) -> list[Planned]:
    """The updates of a batch, at most one per chat, topic and story; oldest article first.

    Whoever was told of a story is told again only what is new in it, and of a copy nothing.
    """
    drafts = _Drafts()
    matches = Matches(audience)
    for i, placed in enumerate(articles):
        for subscription in matches.of(i, placed):
            if is_news(placed.article, subscription.created):
                _draft(drafts, subscription, placed, audience)
    return [_planned(d) for d in (*drafts.of_story.values(), *drafts.others)]


def is_news(article: Arrived, since: datetime) -> bool:
    """Whether an article came after this moment, and was not old when it came."""
    seen, published = article.article.first_seen, article.article.published
    return seen >= since and (published is None or seen - published <= STALE)


class Matches:
    """The subscriptions that an article matches, whatever their kind; questions left out."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._by_text: dict[str, list[Subscription]] = {}
        self._of_story: dict[int, list[Subscription]] = {}
        self._of_source: dict[str, list[Subscription]] = {}
        for subscription in audience.subscriptions:
            match subscription.kind:
                case Kind.TOPIC:
                    self._by_text.setdefault(subscription.text, []).append(subscription)
                case Kind.STORY if subscription.story is not None:
                    self._of_story.setdefault(subscription.story, []).append(subscription)
                case Kind.SOURCE:
                    name = subscription.text.casefold()
                    self._of_source.setdefault(name, []).append(subscription)
        self._texts = {number: text for text, number in audience.numbers.items()}
        # What an article must reach to match any subscription to a topic.
        self._least = np.full(len(audience.topics), np.inf)
        for text, number in audience.numbers.items():
            of_text = self._by_text.get(text, ())
            self._least[number] = min((threshold(s.breadth) for s in of_text), default=np.inf)

    def of(self, i: int, placed: Placed) -> Iterator[Subscription]:
        """Those that the ``i``-th article matches, each once, by id."""
        found: dict[int, Subscription] = {}
        for subscription in (
            *self._of_story.get(placed.story, ()),
            *self._topics(i, placed.article),
            *(s for name in _names(placed) for s in self._of_source.get(name, ())),
        ):
            found.setdefault(subscription.id, subscription)
        yield from (found[number] for number in sorted(found))

    def _topics(self, i: int, article: Arrived) -> Iterator[Subscription]:
        reached = self._audience.relevances[:, i]
        for number in np.flatnonzero(reached >= self._least).tolist():
            text = self._texts[number]
            if rules_out(self._audience.topics[number], article):
                continue
            for subscription in self._by_text[text]:
                if reached[number] >= threshold(subscription.breadth):
                    yield subscription


def _names(placed: Placed) -> set[str]:
    outlet = placed.article.article.outlet
    return {name.casefold() for name in (*placed.carriers, *((outlet,) if outlet else ()))}


def _draft(drafts: _Drafts, subscription: Subscription, placed: Placed, audience: Audience) -> None:
    place = (subscription.chat, subscription.thread, placed.story)
    if place in audience.muted:
        return
    draft = drafts.of_story.get(place)
    if draft is not None:
        _extend(draft, placed)
    elif place in audience.told or subscription.kind is Kind.STORY:
        claim = new_sentence(placed.article, placed.words) if placed.copy_of is None else None
        if claim is not None:
            change = f"more:{_digest(placed.article.article.key)}"
            drafts.of_story[place] = _new(subscription, change, placed, claim, follows=True)
    else:
        claim = _first_claim(subscription, placed, audience)
        drafts.of_story[place] = _new(subscription, "story", placed, claim)


def _first_claim(subscription: Subscription, placed: Placed, audience: Audience) -> Claim:
    topic = Topic("", (), frozenset(), ())
    if subscription.kind is Kind.TOPIC:
        topic = audience.topics[audience.numbers[subscription.text]]
    return best_sentence(placed.article, topic, audience.rarities)


def _new(
    subscription: Subscription, change: str, placed: Placed, claim: Claim, *, follows: bool = False
) -> _Draft:
    return _Draft(
        subscription,
        change,
        placed,
        [claim],
        # Who told the rest earlier has no part in what is new.
        {} if follows else dict.fromkeys(placed.outlets),
        placed.words | placed.article.words,
        follows,
    )


def _extend(draft: _Draft, placed: Placed) -> None:
    """Add what another article of the same batch and story says."""
    claim = new_sentence(placed.article, draft.words) if placed.copy_of is None else None
    if claim is not None and len(draft.claims) < _CLAIMS:
        draft.claims.append(claim)
    elif placed.article.article.outlet:
        draft.outlets[placed.article.article.outlet] = None
    draft.words |= placed.article.words


def _planned(draft: _Draft) -> Planned:
    s = draft.subscription
    quoted = {claim.article.outlet for claim in draft.claims}
    return Planned(
        chat=s.chat,
        thread=s.thread,
        subscription=s.id,
        change=draft.change,
        update=Update(
            kind=s.kind,
            because=s.text,
            story=draft.placed.story,
            title=draft.placed.title,
            claims=tuple(draft.claims),
            also=tuple(outlet for outlet in draft.outlets if outlet not in quoted),
            follows=draft.follows,
        ),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def answer_update(
    question: Subscription, before: Claim | None, now: Claim, story: int, title: str
) -> Planned:
    """The update that tells of a question's new answer."""
    return Planned(
        chat=question.chat,
        thread=question.thread,
        subscription=question.id,
        change=f"answer:{question.id}:{_digest(now.quote)}",
        update=Update(
            kind=Kind.QUESTION,
            because=question.text,
            story=story,
            title=title,
            claims=(now,),
            before=before,
        ),
    )


def outlets_of(articles: Iterable[Arrived]) -> tuple[str, ...]:
    """The outlets of articles, each once, in their order."""
    names = (article.article.outlet for article in articles)
    return tuple(dict.fromkeys(name for name in names if name))
