"""New articles against subscriptions: which match, by which sentence, and what is new. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answers import Citation, Claim
from bot.candidates import asked_terms
from bot.features import asked, of_kind, share, words
from index.archive import Row
from index.articles import Article
from index.paragraphs import Span, split_sentences

Matrix = NDArray[np.float32]
Rarities = Mapping[str, float]

# What an article is about stands at its beginning; further down, it is background.
LEADING = 4
_QUOTED_FROM = 12
# A topic matches when cosine and word share, half and half, reach this; a step narrower or
# broader moves it. See `python -m tests.benchmarks matching`.
THRESHOLD = 0.55
STEP = 0.06
# Of a follow-up, a sentence is new when so many of its words, and so great a share of them,
# were in no earlier article of the story.
_NEW_WORDS, _NEW_SHARE = 4, 0.5


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it was written: ``words`` that name something, stemmed; what must not be
    there (``-word``), stemmed; and what must be there exactly (``"some words"``).
    """

    text: str
    words: tuple[str, ...]
    excluded: frozenset[str]
    exact: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A new article made ready: its paragraphs in order, the vectors of the leading ones
    (shape (at most LEADING, dimension)), and all its words.
    """

    article: Article
    rows: tuple[Row, ...]
    leading: Matrix
    words: frozenset[str]

    @property
    def text(self) -> str:
        """The title and all paragraphs."""
        return "\n".join((self.article.title, *(row.text for row in self.rows)))


def read_topic(text: str) -> Topic:
    """Part a topic's exclusions and exact words from the rest."""
    exact = tuple(re.findall(r'["“”„]([^"“”„]+)["“”„]', text))
    rest = re.sub(r'["“”„]', " ", text)
    excluded = re.findall(r"(?:^|\s)[-−–](\w[\w’'-]*)", rest)
    rest = " ".join(re.sub(r"(?:^|\s)[-−–]\w[\w’'-]*", " ", rest).split())
    return Topic(
        text=rest,
        words=tuple(asked_terms(rest)),
        excluded=frozenset(w for word in excluded for w in words(word)),
        exact=tuple(" ".join(phrase.casefold().split()) for phrase in exact),
    )


def arrived(rows: Sequence[Row], vectors: Matrix) -> Arrived:
    """An article's paragraphs, in order, and their vectors, shape (paragraphs, dimension)."""
    article = rows[0].article
    text = "\n".join((article.title, *(row.text for row in rows)))
    return Arrived(article, tuple(rows), vectors[:LEADING], frozenset(words(text)))


def similarities(topics: Matrix, articles: Sequence[Arrived]) -> Matrix:
    """The greatest cosine of each topic to each article; shape (topics, articles)."""
    if not len(topics) or not articles:
        return np.zeros((len(topics), len(articles)), dtype=np.float32)
    starts = np.cumsum([0, *(len(a.leading) for a in articles[:-1])])
    cosines = topics @ np.concatenate([a.leading for a in articles]).T
    return np.asarray(np.maximum.reduceat(cosines, starts, axis=1), dtype=np.float32)


def threshold(breadth: int) -> float:
    """What topics of this breadth must reach."""
    return THRESHOLD - STEP * breadth


def relevance(topic: Topic, article: Arrived, cosine: float, rarities: Rarities) -> float:
    """How much an article is about a topic, 0..1; 0 where the topic rules it out."""
    if not topic.excluded.isdisjoint(article.words):
        return 0.0
    if topic.exact:
        text = " ".join(article.text.casefold().split())
        if not all(re.search(rf"\b{re.escape(phrase)}\b", text) for phrase in topic.exact):
            return 0.0
    named = {word: rarities.get(word, 0.0) + 2.0 for word in topic.words}
    if not named:
        return 1.0 if topic.exact else max(0.0, cosine)
    return (max(0.0, cosine) + share(named, article.words)) / 2


def best_sentence(article: Arrived, topic: Topic, rarities: Rarities) -> Claim:
    """The sentence that says most of a topic; the earliest of several."""
    named = {word: rarities.get(word, 0.0) + 2.0 for word in topic.words}
    best, at = -1.0, (article.rows[0], _first_sentence(article.rows[0]))
    for row, span in _sentences(article.rows[:_QUOTED_FROM]):
        text = row.text[span.start : span.end]
        said = share(named, words(text))
        said += sum(phrase in text.casefold() for phrase in topic.exact)
        if said > best + 1e-9:
            best, at = said, (row, span)
    return _claim(*at, max(0.0, best))


def new_sentence(article: Arrived, told: frozenset[str]) -> Claim | None:
    """The sentence with most that no earlier article of its story said; None if none has."""
    best, found = 0, None
    for row, span in _sentences(article.rows[:_QUOTED_FROM]):
        said = set(words(row.text[span.start : span.end]))
        new = said - told
        if len(new) > best and len(new) >= max(_NEW_WORDS, _NEW_SHARE * len(said)):
            best, found = len(new), _claim(row, span, len(new) / len(said))
    return found


def answer_changed(question: str, before: Claim, now: Claim) -> bool:
    """Whether a question's answer is another one, and not the same in other words.

    It is when both sentences have something of the kind asked for, and nothing in common.
    """
    sought = asked(question, {})
    if sought.kind is None or before.quote == now.quote:
        return False
    old, new = of_kind(sought, before.quote), of_kind(sought, now.quote)
    return bool(old and new and old.isdisjoint(new))


def _sentences(rows: Iterable[Row]) -> Iterable[tuple[Row, Span]]:
    for row in rows:
        for span in split_sentences(row.text, 0, len(row.text)):
            yield row, span


def _first_sentence(row: Row) -> Span:
    return split_sentences(row.text, 0, len(row.text))[0]


def _claim(row: Row, span: Span, score: float) -> Claim:
    paragraph = row.paragraph
    return Claim(
        quote=row.text[span.start : span.end],
        citation=Citation(
            article=row.article.id,
            version=paragraph.version,
            paragraph=paragraph.number,
            start=paragraph.start + span.start,
            end=paragraph.start + span.end,
            sha256=row.version_sha256,
        ),
        article=row.article,
        score=min(1.0, score),
    )
