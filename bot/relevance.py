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


class Asked:
    """Topics made ready to be held against articles: which ask for which word, and how much
    it weighs in each. Made once for many batches; safe in one thread at a time.
    """

    def __init__(self, topics: Sequence[Topic], vectors: Matrix, rarities: Rarities) -> None:
        """``vectors`` are the topics', shape (topics, dimension)."""
        self.topics, self.rarities = topics, rarities
        self._vectors = vectors
        # Of nothing but exact words; and of nothing that could be looked for.
        self._only_exact = [i for i, t in enumerate(topics) if not t.words and t.exact]
        self._wordless = [i for i, t in enumerate(topics) if not t.words and not t.exact]
        asking: dict[str, tuple[list[int], list[float]]] = {}
        for number, topic in enumerate(topics):
            named = weighed(topic, rarities)
            whole = sum(named.values())
            for word, weight in named.items():
                numbers, weights = asking.setdefault(word, ([], []))
                numbers.append(number)
                weights.append(weight / whole)
        self._asking = {
            word: (np.array(numbers)[:, None], np.array(weights, np.float32)[:, None])
            for word, (numbers, weights) in asking.items()
        }
        self._by_beginning: dict[str, list[str]] = {}
        for word in asking:
            self._by_beginning.setdefault(word[:LONG_STEM], []).append(word)

    def relevances(self, articles: Sequence[Arrived]) -> Matrix:
        """How much each article is about each topic, 0..1; shape (topics, articles).

        What a topic excludes or requires is not looked at here; see matching.rules_out().
        Costs little more than the product of the vectors.
        """
        shape = (len(self.topics), len(articles))
        reached, shares = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        if not self.topics or not articles:
            return reached
        alike: dict[str, list[str]] = {}
        for place in range(LEADING):
            # An article of fewer paragraphs shows its last again.
            leading = np.stack([a.leading[min(place, len(a.leading) - 1)] for a in articles])
            np.maximum(reached, self._vectors @ leading.T, out=reached)
            said = [a.beginnings[place] if place < len(a.beginnings) else () for a in articles]
            np.maximum(shares, self._shares(said, alike), out=shares)
        shares[self._wordless] = reached[self._wordless]
        reached *= 1 - WORDS
        shares *= WORDS
        reached += shares
        reached[self._only_exact] = 1.0
        return reached

    def _shares(self, paragraphs: Sequence[Iterable[str]], alike: dict[str, list[str]]) -> Matrix:
        """The share of each topic's words that each has; shape (topics, paragraphs).

        ``alike`` remembers the words that topics ask for and that another is a form of.
        """
        holding: dict[str, set[int]] = {}
        for at, paragraph in enumerate(paragraphs):
            for word in paragraph:
                wanted = alike.get(word)
                if wanted is None:
                    among = self._by_beginning.get(word[:LONG_STEM], ())
                    wanted = alike[word] = held(among, (word,)) if among else []
                for asked in wanted:
                    holding.setdefault(asked, set()).add(at)
        shares = np.zeros((len(self.topics), len(paragraphs)), np.float32)
        for asked, found in holding.items():
            numbers, weights = self._asking[asked]
            shares[numbers, list(found)] += weights
        return shares


def similarities(questions: Matrix, articles: Sequence[Arrived]) -> Matrix:
    """The greatest cosine of each question to each article; shape (questions, articles)."""
    if not len(questions) or not articles:
        return np.zeros((len(questions), len(articles)), dtype=np.float32)
    starts = np.cumsum([0, *(len(a.leading) for a in articles[:-1])])
    cosines = questions @ np.concatenate([a.leading for a in articles]).T
    return np.asarray(np.maximum.reduceat(cosines, starts, axis=1), dtype=np.float32)
