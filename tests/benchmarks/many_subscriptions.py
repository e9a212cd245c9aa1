"""Ten thousand subscriptions against a thousand new articles, and what that costs at least.

The least is one product of the vectors, and for each topic that excludes or requires words a
look at each article. Texts and vectors are made up: themes that topics and articles share,
so that about as many match as would among people's.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bot.matching import LEADING, Arrived, arrived, read_topic, rules_out
from bot.planning import Audience, Matches, Placed, plan
from bot.relevance import Asked
from bot.subscriptions import Kind, Subscription
from bot.watching import BATCH
from index.archive import Row
from index.articles import Article, Paragraph
from index.paragraphs import split_paragraphs
from index.search import rarity

SUBSCRIPTIONS, ARTICLES, DIMENSION = 10_000, 1_000, 384
_THEMES, _THEME_WORDS, _OTHER_WORDS = 1_000, 12, 20_000
_PARAGRAPHS, _SENTENCE_WORDS = 12, 18
_NOISE = 0.55
_ROUNDS = 3
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

Matrix = NDArray[np.float32]


def run(console: Console | None = None) -> dict[str, Any]:
    """Measure; prints a table, returns all figures, in seconds."""
    console = console or Console()
    made = _Made(random.Random(1), np.random.default_rng(1))
    audience_of = made.audience
    product = _best(made.product)
    filters = _best(made.filter_all)
    matched = 0

    def match() -> None:
        nonlocal matched
        matched = 0
        for batch in made.batches:
            matches = Matches(audience_of(batch))
            matched += sum(sum(1 for _ in matches.of(i, p)) for i, p in enumerate(batch))

    matching = _best(match)
    ready = [audience_of(batch) for batch in made.batches]
    began = time.process_time()
    updates = sum(len(plan(b, a)) for b, a in zip(made.batches, ready, strict=True))
    planning = time.process_time() - began
    figures = {
        "product of the vectors": product,
        "keyword filters": filters,
        "making the topics ready": _best(made.ask),
        "matching": matching,
        "matching, to product and filters": matching / (product + filters),
        "matches": matched,
        "updates made of them": updates,
        "making them": planning,
    }
    table = Table(
        "figure", "value", title=f"{SUBSCRIPTIONS:,} subscriptions, {ARTICLES:,} new articles"
    )
    for name, value in figures.items():
        table.add_row(name, f"{value:.2f}" if isinstance(value, float) else f"{value:,}")
    console.print(table)
    return figures


def _best(act: Callable[[], object]) -> float:
    """The least processor time of some runs: what else the machine does only ever adds."""
    took = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        act()
        took.append(time.process_time() - began)
    return min(took)


class _Made:
    """Topics and articles of shared themes."""

    def __init__(self, chance: random.Random, noise: np.random.Generator) -> None:
        self._chance, self._noise = chance, noise
        self._themes = _units(noise.standard_normal((_THEMES, DIMENSION)))
        self._words = [_word(chance) for _ in range(_THEMES * _THEME_WORDS + _OTHER_WORDS)]
        of_topics = [chance.randrange(_THEMES) for _ in range(SUBSCRIPTIONS)]
        texts = list(dict.fromkeys(self._topic(theme) for theme in of_topics))
        self._subscriptions = [
            Subscription(i, i, 0, Kind.TOPIC, text, 0, None, False, _NOW)
            for i, text in enumerate(texts, start=1)
        ]
        self._topics = [read_topic(text) for text in texts]
        self._vectors = self._near(of_topics[: len(texts)])
        self.articles = [self._article(i) for i in range(1, ARTICLES + 1)]
        placed = [
            Placed(a, a.article.id, a.article.title, None, frozenset(), (), frozenset())
            for a in self.articles
        ]
        self.batches = [placed[i : i + BATCH] for i in range(0, ARTICLES, BATCH)]
        sentences = [s.words for a in self.articles for s in a.sentences]
        found: dict[str, int] = {}
        for sentence in sentences:
            for word in sentence:
                found[word] = found.get(word, 0) + 1
        named = sorted({word for topic in self._topics for word in topic.words})
        weights = rarity(len(sentences), [found.get(word, 0) for word in named])
        self._rarities = dict(zip(named, weights, strict=True))
        self._numbers = {s.text: i for i, s in enumerate(self._subscriptions)}
        self.asked = self.ask()

    def audience(self, batch: Sequence[Placed]) -> Audience:
        """What the watcher makes for a batch."""
        return Audience(
            self._subscriptions,
            self._numbers,
            self._topics,
            self.asked.relevances([placed.article for placed in batch]),
            self._rarities,
            set(),
            set(),
        )

    def ask(self) -> Asked:
        """What the watcher makes of the topics when one of them is new, or once an hour."""
        return Asked(self._topics, self._vectors, self._rarities)

    def product(self) -> Matrix:
        """Every topic's vector with that of every leading paragraph."""
        leading = np.concatenate([a.leading for a in self.articles])
        return np.asarray(self._vectors @ leading.T)

    def filter_all(self) -> int:
        """Every topic that excludes or requires words, with every article."""
        filtered = [t for t in self._topics if t.excluded or t.exact]
        return sum(rules_out(topic, article) for article in self.articles for topic in filtered)

    def _near(self, themes: Sequence[int]) -> Matrix:
        noise = self._noise.standard_normal((len(themes), DIMENSION))
        return _units(self._themes[list(themes)] + _NOISE * _units(noise))

    def _topic(self, theme: int) -> str:
        words = self._chance.sample(self._of_theme(theme), k=self._chance.randint(2, 3))
        text = " ".join(words)
        # One in ten excludes a word, one in twenty requires its first two as they stand.
        kind = self._chance.random()
        if kind < 0.1:
            return f"{text} -{self._chance.choice(self._words)}"
        return f'"{words[0]} {words[1]}" {text}' if kind < 0.15 else text

    def _of_theme(self, theme: int) -> list[str]:
        return self._words[theme * _THEME_WORDS : (theme + 1) * _THEME_WORDS]

    def _article(self, number: int) -> Arrived:
        theme = self._chance.randrange(_THEMES)
        own, every = self._of_theme(theme), self._words
        paragraphs = []
        for place in range(_PARAGRAPHS):
            words = self._chance.choices(every, k=2 * _SENTENCE_WORDS)
            for word in self._chance.sample(own, k=4 if place < LEADING else 2):
                words[self._chance.randrange(len(words))] = word
            first, second = words[:_SENTENCE_WORDS], words[_SENTENCE_WORDS:]
            paragraphs.append(f"{' '.join(first).capitalize()}. {' '.join(second).capitalize()}.")
        text = "\n\n".join(paragraphs)
        title = " ".join(self._chance.sample(own, k=3)).capitalize()
        article = Article(
            id=number,
            key=str(number),
            url=None,
            title=title,
            outlet="Post",
            section=None,
            authors=(),
            published=_NOW,
            language="en",
            first_seen=_NOW,
            version=1,
        )
        rows = [
            Row(
                Paragraph(n, number, 1, n, span.start, span.end),
                article,
                "",
                text[span.start : span.end],
            )
            for n, span in enumerate(split_paragraphs(text), start=1)
        ]
        return arrived(rows, self._near([theme] * len(rows)))


def _units(vectors: NDArray[Any]) -> Matrix:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def _word(chance: random.Random) -> str:
    return "".join(
        chance.choices("bcdfghklmnprstv", k=1)[0] + chance.choice("aeiou") for _ in range(4)
    )
