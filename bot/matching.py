"""New articles against subscriptions: which match, by which sentence, and what is new. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answers import Citation, Claim
from bot.candidates import asked_terms
from bot.features import share, words
from index.archive import Row
from index.articles import Article
from index.paragraphs import Span, split_sentences

Matrix = NDArray[np.float32]
Rarities = Mapping[str, float]

# What an article is about stands at its beginning; further down, it is background.
LEADING = 4
_QUOTED_FROM = 12
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


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A sentence of an article, and its words()."""

    row: Row
    span: Span
    words: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """A new article made ready: its paragraphs in order; of each leading one its vector
    (shape (at most LEADING, dimension)) and the words() of it and the title; all its words;
    the sentences that may be quoted of it; title and text in lower case.
    """

    article: Article
    rows: tuple[Row, ...]
    leading: Matrix
    beginnings: tuple[frozenset[str], ...]
    words: frozenset[str]
    sentences: tuple[Said, ...]
    folded: str


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
        exact=tuple(_folded(phrase) for phrase in exact),
    )


def arrived(rows: Sequence[Row], vectors: Matrix) -> Arrived:
    """An article's paragraphs, in order, and their vectors, shape (paragraphs, dimension)."""
    article = rows[0].article
    title = frozenset(words(article.title))
    said = [
        [_said(row, span) for span in split_sentences(row.text, 0, len(row.text))] for row in rows
    ]
    of_rows = [title.union(*(sentence.words for sentence in of_row)) for of_row in said]
    return Arrived(
        article,
        tuple(rows),
        vectors[:LEADING],
        tuple(of_rows[:LEADING]),
        frozenset().union(*of_rows),
        tuple(sentence for of_row in said[:_QUOTED_FROM] for sentence in of_row),
        _folded("\n".join((article.title, *(row.text for row in rows)))),
    )


def _said(row: Row, span: Span) -> Said:
    return Said(row, span, frozenset(words(row.text[span.start : span.end])))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def rules_out(topic: Topic, article: Arrived) -> bool:
    """Whether an article has a word that a topic excludes, or lacks one that it requires."""
    if not topic.excluded.isdisjoint(article.words):
        return True
    if not topic.exact:
        return False
    text = article.folded
    return not all(
        phrase in text and re.search(rf"\b{re.escape(phrase)}\b", text) for phrase in topic.exact
    )


def best_sentence(article: Arrived, topic: Topic, rarities: Rarities) -> Claim:
    """The sentence that says most of a topic; the earliest of several."""
    named = weighed(topic, rarities)
    best, found = -1.0, article.sentences[0]
    for sentence in article.sentences:
        said = share(named, sentence.words)
        if topic.exact:
            text = sentence.row.text[sentence.span.start : sentence.span.end].casefold()
            said += sum(phrase in text for phrase in topic.exact)
        if said > best + 1e-9:
            best, found = said, sentence
    return _claim(found, max(0.0, best))


def weighed(topic: Topic, rarities: Rarities) -> dict[str, float]:
    """The words that a topic names, each with what it weighs."""
    return {word: rarities.get(word, 0.0) + 2.0 for word in topic.words}


def new_sentence(article: Arrived, told: frozenset[str]) -> Claim | None:
    """The sentence with most that no earlier article of its story said; None if none has."""
    best, found = 0, None
    for sentence in article.sentences:
        new = len(sentence.words - told)
        if new > best and new >= max(_NEW_WORDS, _NEW_SHARE * len(sentence.words)):
            best, found = new, _claim(sentence, new / len(sentence.words))
    return found


def _claim(said: Said, score: float) -> Claim:
    row, span, paragraph = said.row, said.span, said.row.paragraph
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
