"""How much new articles are about topics, by meaning and by words, all against all. Pure."""

from collections.abc import Iterable, Sequence

import numpy as np

from bot.features import LONG_STEM, held
from bot.matching import LEADING, Arrived, Matrix, Rarities, Topic, weighed

# A topic matches when its cosine to a leading paragraph and the share of its words in one,
# weighted so, reach this; a step narrower or broader moves it. Fitted on half of the
# labelled pairs of `python -m tests.benchmarks matching`.
WORDS = 0.3
THRESHOLD = 0.6
STEP = 0.06


def threshold(breadth: int) -> float:
    """What topics of this breadth must reach."""
    return THRESHOLD - STEP * breadth


def relevances(
    topics: Sequence[Topic], vectors: Matrix, articles: Sequence[Arrived], rarities: Rarities
) -> Matrix:
    """How much each article is about each topic, 0..1; shape (topics, articles).

    ``vectors`` are the topics', shape (topics, dimension). What a topic excludes or requires
    is not looked at here; see matching.rules_out(). Costs little more than the product of
    the vectors.
    """
    shape = (len(topics), len(articles))
    cosines, shares = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    if not topics or not articles:
        return cosines
    asked = _Asked(topics, rarities)
    for place in range(LEADING):
        # An article of fewer paragraphs shows its last again.
        leading = np.stack([a.leading[min(place, len(a.leading) - 1)] for a in articles])
        np.maximum(cosines, vectors @ leading.T, out=cosines)
        said = [a.beginnings[place : place + 1] for a in articles]
        np.maximum(shares, asked.shares([s[0] if s else () for s in said]), out=shares)
    for number, topic in enumerate(topics):
        if not topic.words:
            # Nothing but exact words is asked for, or nothing that could be looked for.
            shares[number] = cosines[number] = 1.0 if topic.exact else cosines[number]
    cosines *= 1 - WORDS
    shares *= WORDS
    cosines += shares
    return cosines


def similarities(questions: Matrix, articles: Sequence[Arrived]) -> Matrix:
    """The greatest cosine of each question to each article; shape (questions, articles)."""
    if not len(questions) or not articles:
        return np.zeros((len(questions), len(articles)), dtype=np.float32)
    starts = np.cumsum([0, *(len(a.leading) for a in articles[:-1])])
    cosines = questions @ np.concatenate([a.leading for a in articles]).T
    return np.asarray(np.maximum.reduceat(cosines, starts, axis=1), dtype=np.float32)


class _Asked:
    """Which topics ask for which word, and what it weighs in each."""

    def __init__(self, topics: Sequence[Topic], rarities: Rarities) -> None:
        self._count = len(topics)
        asking: dict[str, tuple[list[int], list[float]]] = {}
        for number, topic in enumerate(topics):
            named = weighed(topic, rarities)
            whole = sum(named.values())
            for word, weight in named.items():
                numbers, weights = asking.setdefault(word, ([], []))
                numbers.append(number)
                weights.append(weight / whole)
        self._asking = {
            word: (np.array(numbers), np.array(weights, np.float32)[:, None])
            for word, (numbers, weights) in asking.items()
        }
        self._alike: dict[str, list[str]] = {}
        self._by_beginning: dict[str, list[str]] = {}
        for word in asking:
            self._by_beginning.setdefault(word[:LONG_STEM], []).append(word)

    def shares(self, paragraphs: Sequence[Iterable[str]]) -> Matrix:
        """The share of each topic's words that each has; shape (topics, paragraphs)."""
        holding: dict[str, set[int]] = {}
        for at, paragraph in enumerate(paragraphs):
            for word in paragraph:
                for wanted in self._wanted(word):
                    holding.setdefault(wanted, set()).add(at)
        shares = np.zeros((self._count, len(paragraphs)), np.float32)
        for wanted, found in holding.items():
            numbers, weights = self._asking[wanted]
            shares[numbers[:, None], list(found)] += weights
        return shares

    def _wanted(self, word: str) -> list[str]:
        """The words that topics ask for and that this one is a form of."""
        if word not in self._alike:
            self._alike[word] = held(self._by_beginning.get(word[:LONG_STEM], ()), (word,))
        return self._alike[word]
