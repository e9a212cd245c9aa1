"""What can be measured of a sentence against a question without a model. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp

from bot.calibration import Calibration
from bot.verbs import base_forms
from index.keywords import terms

# Added to every rarity: among the few paragraphs of a small archive, how rare a word is
# there says little of how much it means.
_LEAST_RARITY = 2.0
# Stems at least so long match when one is the other with at most so much behind it:
# "Russia" and "Russian", "Armenia" and "Armenians", never "president" and "presidential".
LONG_STEM = 5
_LONGEST_ENDING = 2

# What is read of a sentence as likely to answer as not; see Reading.sureness_of.
UNREAD = 0.67


@dataclass(frozen=True, slots=True)
class Features:
    """What is measured of a sentence against a question; each in 0..1.

    ``context`` is the share of the question's words, weighted by their rarity, that its
    paragraph and its article's title hold, which often name what the sentence calls "it";
    what the sentence itself holds tells no more, and whether it holds something of the kind
    asked for, a name or a number, the reader knows. ``place`` is one by the number of its
    paragraph, for news says first what matters most. ``reading`` is how far the reader prefers
    an answer in this sentence to none (see Reading.sureness_of), UNREAD without a reader.
    ``names`` is the share of the names and figures in the question that its whole article
    holds, 1 where the question has none: who asks about Lyon is not answered by an
    article that never names it.
    """

    context: float
    place: float
    reading: float = UNREAD
    names: float = 1.0

    def probability(self, calibration: Calibration) -> float:
        """How likely a sentence with these features answers the question (logistic)."""
        weighted = calibration.intercept + sum(
            weight * getattr(self, name) for name, weight in calibration.weights.items()
        )
        return 1 / (1 + exp(-weighted))


def words(text: str) -> list[str]:
    """The stemmed words of a text, irregular verbs in their base form, without stop words."""
    return base_forms(terms(text))


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a question is looked for: its words with their rarities.

    ``names`` are those of the words that are names or figures.
    """

    rarities: Mapping[str, float]
    names: Mapping[str, float]


def is_polar(question: str) -> bool:
    """Whether a question asks for yes or no, which no few words of a sentence can say."""
    return _POLAR.match(question) is not None and _OR.search(question) is None


def asked(question: str, rarities: Mapping[str, float]) -> Asked:
    """A question made ready; ``rarities`` are those of its words that name something."""
    weights = {w: r + _LEAST_RARITY for w, r in rarities.items()}
    names = {w: weights[w] for w in words(" ".join(_ASKED_NAME.findall(question))) if w in weights}
    return Asked(weights, names)


def share(rarities: Mapping[str, float], said: Iterable[str]) -> float:
    """The share of words() that were said, weighted by their rarities; 0..1."""
    total = sum(rarities.values())
    return sum(rarities[w] for w in held(rarities, said)) / total if total else 0.0


def held(asked: Iterable[str], said: Iterable[str]) -> list[str]:
    """Those of the stems that were said, in the same form or one that only ends otherwise."""
    by_beginning: dict[str, list[str]] = {}
    for word in said:
        by_beginning.setdefault(word[:LONG_STEM], []).append(word)
    return [
        word
        for word in asked
        if any(
            word == other or _alike(word, other) for other in by_beginning.get(word[:LONG_STEM], ())
        )
    ]


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return (
        len(short) >= LONG_STEM
        and len(long) - len(short) <= _LONGEST_ENDING
        and long.startswith(short)
    )


_POLAR = re.compile(
    r"\W*(?:and |but |so )?(?:did|do|does|is|are|was|were|has|have|had|will|would|can|could|should|"
    r"may|might|must|isn['’]t|aren['’]t|wasn['’]t|didn['’]t|doesn['’]t|hasn['’]t)\b",
    re.IGNORECASE,
)
_OR = re.compile(r"\bor\b", re.IGNORECASE)
_FIGURES = r"\d+(?:[.,]\d+)*"
# A question's first word has a capital whatever it is. Whose cup, team or record it is is a part
# of its name.
_ASKED_NAME = re.compile(
    rf"(?<=\S )[\"“‘']?([A-Z][\w-]+|{_FIGURES}|(?:(?:wo)?men|girls|boys)(?=['’]))"
)
