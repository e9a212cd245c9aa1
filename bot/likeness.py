"""How like two articles are: whether one is a copy, and how likely both tell one story. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log1p

import numpy as np
from numpy.typing import NDArray

from bot.sketches import Hashes, Sketch, Terms


@dataclass(frozen=True, slots=True)
class Rules:
    """When an article is a copy, and when it joins a story.

    Of copies: ``contained`` and ``lead`` are the shares of the shorter text's shingles, and
    of its lead's, that the other has too (a follow-up that reuses background has another
    lead); ``names`` the share of its names and numbers (another event in the same words
    has others); ``alike`` the cosine (a page's furniture has the same text under another
    title). Of stories: the ``w_`` are the weights of a logistic regression that gives the
    chance that two articles tell one story; ``join`` is the mean chance, over the most
    similar ``share`` of a story's members, from which on an article joins it. Articles
    further apart than the days never meet. Fitted on half of the labelled pairs of
    tests/benchmarks/stories.py.
    """

    copy_days: float = 7.0
    contained: float = 0.6
    lead: float = 0.4
    names: float = 0.75
    alike: float = 0.55
    story_days: float = 14.0
    w_constant: float = -4.61
    w_cosine: float = 4.25
    w_names: float = 4.77
    w_headline: float = 2.26
    w_days: float = -0.46
    w_outlet: float = -0.65
    join: float = 0.65
    share: float = 0.34


RULES = Rules()

# In so many more articles a word is taken not to stand, so that in a young archive of a
# few articles a word that two share still counts as rare.
_PRIOR = 1000


def is_copy(one: Sketch, other: Sketch, cosine: float, rules: Rules = RULES) -> bool:
    """Whether two texts are one but for light editing: cut, reordered, a few words changed."""
    shorter, longer = sorted((one, other), key=lambda s: len(s.shingles))
    return (
        cosine >= rules.alike
        and shared(shorter.shingles, longer.shingles) >= rules.contained
        and shared(shorter.lead, longer.shingles) >= rules.lead
        and shared(shorter.names.hashes, longer.names.hashes, empty=1.0) >= rules.names
    )


def shared(part: Hashes, whole: Hashes, empty: float = 0.0) -> float:
    """The share of ``part`` that ``whole`` has too; ``empty`` if there is nothing to share."""
    if not len(part):
        return empty
    return len(np.intersect1d(part, whole, assume_unique=True)) / len(part)


class Rarity:
    """How rare each word is in a set of articles (inverse document frequency)."""

    def __init__(self, documents: Sequence[Terms]) -> None:
        hashes = [d.hashes for d in documents]
        self._words, counts = np.unique(
            np.concatenate(hashes) if hashes else np.empty(0, dtype=np.uint64), return_counts=True
        )
        self._rarity = np.log((len(documents) + _PRIOR + 1) / (counts + 0.5))

    def of(self, terms: Terms) -> dict[int, float]:
        """The words of one of the articles, by count and rarity, as a unit vector."""
        weights = terms.weights * self._rarity[np.searchsorted(self._words, terms.hashes)]
        length = float(np.linalg.norm(weights)) or 1.0
        return dict(zip(terms.hashes.tolist(), (weights / length).tolist(), strict=True))


class Comparison:
    """Compares articles of one set, by their places in it."""

    def __init__(self, sketches: Sequence[Sketch], rules: Rules) -> None:
        self._sketches = sketches
        self._rules = rules
        self._names = Rarity([s.names for s in sketches])
        self._terms = Rarity([s.terms for s in sketches])
        self._weighed: dict[int, tuple[dict[int, float], dict[int, float]]] = {}

    def features(self, one: int, other: int, cosine: float, days: float) -> NDArray[np.float64]:
        """What the chance is made of, shape (5,).

        Cosines of vectors and of names; the share of headlines that the other's
        beginning holds; the logarithm of the days between; whether the outlet is the same,
        which alone makes articles alike (0.5 if one is not known).
        """
        a, b = self._sketches[one].outlet, self._sketches[other].outlet
        names, terms = self._weigh(one)
        other_names, other_terms = self._weigh(other)
        headline = (
            self._headline(one, terms, other_terms),
            self._headline(other, other_terms, terms),
        )
        return np.array(
            [
                cosine,
                _dot(names, other_names),
                sum(headline) / 2,
                log1p(days),
                0.5 if a is None or b is None else float(a == b),
            ]
        )

    def chance(self, one: int, other: int, cosine: float, days: float) -> float:
        """The chance, 0..1, that both tell the same story."""
        rules = self._rules
        weights = (
            rules.w_cosine,
            rules.w_names,
            rules.w_headline,
            rules.w_days,
            rules.w_outlet,
        )
        logit = rules.w_constant + float(self.features(one, other, cosine, days) @ weights)
        return 1 / (1 + exp(-logit))

    def _weigh(self, at: int) -> tuple[dict[int, float], dict[int, float]]:
        if at not in self._weighed:
            one = self._sketches[at]
            self._weighed[at] = self._names.of(one.names), self._terms.of(one.terms)
        return self._weighed[at]

    def _headline(self, at: int, own: dict[int, float], others: dict[int, float]) -> float:
        """The share of an article's headline, by rarity, that stands in the other's beginning."""
        words = self._sketches[at].headline.tolist()
        whole = sum(own[word] for word in words)
        return sum(own[word] for word in words if word in others) / whole if whole else 0.5


def _dot(one: dict[int, float], other: dict[int, float]) -> float:
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other[word] for word, weight in one.items() if word in other)
