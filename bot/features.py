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
    what the sentence itself holds tells no more. ``kind`` is 1 when the sentence holds
    something of the kind asked for (a name, a time, a number, a place) that the question does
    not, 0 when not, 0.5 when the question does not tell. ``place`` is one by the number of its
    paragraph, for news says first what matters most. ``reading`` is how far the reader prefers
    an answer in this sentence to none (see Reading.sureness_of), UNREAD without a reader.
    ``names`` is the share of the names and figures in the question that its whole article
    holds, 1 where the question has none: who asks about Lyon is not answered by an
    article that never names it.
    """

    context: float
    kind: float
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
    """What of a question is looked for: its words with their rarities, and a kind of thing.

    ``names`` are those of the words that are names or figures. ``named`` are the words, in
    lower case, that the question says itself.
    """

    rarities: Mapping[str, float]
    names: Mapping[str, float]
    kind: re.Pattern[str] | None
    named: frozenset[str]


def is_polar(question: str) -> bool:
    """Whether a question asks for yes or no, which no few words of a sentence can say."""
    return _POLAR.match(question) is not None and _OR.search(question) is None


def asked(question: str, rarities: Mapping[str, float]) -> Asked:
    """A question made ready; ``rarities`` are those of its words that name something."""
    kind = next((kind for asks, kind in _KINDS if asks.search(question)), None)
    named = frozenset(_bare(word) for word in re.findall(rf"{_FIGURES}|{_WORD}", question))
    weights = {w: r + _LEAST_RARITY for w, r in rarities.items()}
    names = {w: weights[w] for w in words(" ".join(_ASKED_NAME.findall(question))) if w in weights}
    return Asked(weights, names, kind, named)


def measured(
    question: Asked,
    sentence: str,
    around: Iterable[str],
    paragraph: int,
    reading: float = UNREAD,
    names: float = 1.0,
) -> Features:
    """The features of a sentence in its article's paragraph of this number, from 1.

    ``around`` are the words() of its paragraph and its article's title; ``reading`` is the
    reader's; ``names`` its article's.
    """
    return Features(
        context=share(question.rarities, around),
        kind=0.5 if question.kind is None else float(_holds_kind(question, sentence)),
        place=1 / paragraph,
        reading=reading,
        names=names,
    )


def share(rarities: Mapping[str, float], said: Iterable[str]) -> float:
    """The share of words() that were said, weighted by their rarities; 0..1."""
    total = sum(rarities.values())
    return sum(rarities[w] for w in held(rarities, said)) / total if total else 0.0


def _holds_kind(question: Asked, sentence: str) -> bool:
    """Whether the sentence has something of the kind that the question did not name itself."""
    return bool(of_kind(question, sentence))


def of_kind(question: Asked, sentence: str) -> set[str]:
    """What the sentence has of the kind asked for, in lower case, without what was named."""
    assert question.kind is not None
    found = question.kind.finditer(sentence)
    return {_bare(m.group(m.lastindex or 0)) for m in found} - question.named


def _bare(word: str) -> str:
    return word.casefold().replace("’", "'").removesuffix("'s")


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
_COMMON_FIRST = (
    "The|A|An|In|On|At|It|He|She|They|We|I|You|But|And|As|This|That|These|Those|There|His|Her|"
    "Their|Its|Our|For|From|After|Before|When|While|With|If|By|To|Of|Or|So|Some|Many|Most|More|"
    "All|One|Two|Three|Several|Both|What|Who|How|Why|Where|Which|However|Meanwhile|Also|Now|Then|"
    "Not|No|Such|Other|Another|Each|Every|Since|During|According|Although|Though|Because|Despite|"
    "Under|Over|About|Last|First|Earlier|Later|Here"
)
_WORD = r"[\w’'-]+"
_FIGURES = r"\d+(?:[.,]\d+)*"
_NAME = re.compile(rf"(?<![.!?“\"] )(?<!^)\b[A-Z]{_WORD}|^(?!(?:{_COMMON_FIRST})\b)[A-Z]{_WORD}")
# A question's first word has a capital whatever it is. Whose cup, team or record it is is a part
# of its name.
_ASKED_NAME = re.compile(
    rf"(?<=\S )[\"“‘']?([A-Z][\w-]+|{_FIGURES}|(?:(?:wo)?men|girls|boys)(?=['’]))"
)
# The group is what is named; the other kinds are named by the whole.
_PLACE = re.compile(
    rf"\b(?:in|at|on|to|near|from|outside|off|of) (?:the |a )?(?:\w+ (?:of )?)?([A-Z]{_WORD})"
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_TIME = re.compile(
    rf"\b(?:\d{{4}}|{_MONTHS}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today|tomorrow|"
    r"(?:last|next|this) (?:week|month|year|night)|(?:day|week|month|year|hour|minute)s?|"
    r"\d{1,2}[:.]\d\d)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"{_FIGURES}|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|"
    r"hundreds?|thousands?|million|billion|trillion|half|none|several|zero)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    rf"[$€£¥₹]\s?{_FIGURES}|{_FIGURES}[ -]?(?:thousand|million|billion|trillion)\b|"
    rf"\b{_FIGURES} (?:dollars?|euros?|pounds?|cents?|crowns?|francs?|pesos?|rupees?|yen|yuan)\b",
    re.IGNORECASE,
)
_SPENDING = "cost|costs|pay|paid|worth|price|priced|spend|spent|earn|earned|money|fined?|owes?"
# What a question with "which" or "what" asks the name of.
_NAMED = (
    "country|state|city|town|place|nation|continent|island|river|company|team|movie|film|show|"
    "band|singer|rapper|artist|actor|actress|player|star|athlete|celebrity|app|brand|automaker|"
    "airline|retailer|chain|network|agency|organization|university|president|leader|official|"
    "politician|senator"
)
# The first that fits decides.
_ANSWERS_KIND = (
    (r"\b(who|whom|whose)\b", _NAME),
    (r"\b(when|what (day|date|time|year|month))\b", _TIME),
    (rf"\bhow much\b.*\b({_SPENDING})\b", _MONEY),
    (r"\bhow (many|much|long|old|far|big|large|high|tall|often)\b", _NUMBER),
    (r"\b(what|which) (percent\w*|share|proportion|age|number|amount)|\bat what\b", _NUMBER),
    (r"\bwhere\b", _PLACE),
    (r"\bwhat (do|does|is|are|was|were)\b.*\b(call(?:ed)?|named)\b(?! (for|on|off)\b)", _NAME),
    (rf"\b(which|what) (\w+ )?({_NAMED})\b", _NAME),
)
_KINDS = tuple((re.compile(asks, re.IGNORECASE), kind) for asks, kind in _ANSWERS_KIND)
