"""Numbers of things in sentences, and whether two are of the same thing but differ. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.features import words
from bot.hedges import hedged

_SMALL = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = {word: value for value, word in enumerate(_SMALL, start=1)}
_VALUES |= {word: 20 + 10 * at for at, word in enumerate(_TENS)}
_VALUES |= {
    f"{ten}{mark}{one}": _VALUES[ten] + _VALUES[one]
    for ten in _TENS
    for one in _SMALL[:9]
    for mark in "- "
}
_SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "m": 10**6, "billion": 10**9}
_SCALES |= {"bn": 10**9, "trillion": 10**12}
_ROUGH = (
    r"more than|over|about|around|some|nearly|almost|roughly|up to|approximately|close to|under"
)
_WRITTEN = "|".join(sorted(_VALUES, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<![\w.,:/-])(?:(?P<rough>{_ROUGH}) )?(?P<money>[$€£])?"
    rf"(?P<value>\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?|{_WRITTEN})"
    rf"(?:(?:[ -]|(?<=\d)(?=bn|m\b))(?P<scale>{'|'.join(_SCALES)})\b)?(?![\w:/-]|[.,]\d)",
    re.IGNORECASE,
)
# What becomes of people and things, by which two numbers are of the same.
_FATES = {
    "dead": r"kill\w*|dead|died|dies|die|deaths?|bodies|perished|fatalit\w+",
    "injured": r"injur\w+|wounded|hurt",
    "missing": r"missing|unaccounted",
    "arrested": r"arrest\w*|detained|detain\w*",
    "saved": r"rescued?|saved|evacuat\w+",
    "homeless": r"homeless|displaced|fled|flee",
    "trapped": r"trapped|buried",
    "destroyed": r"destroy\w*|burned|burnt",
    "damaged": r"damag\w+",
}
_FATE = re.compile(
    "|".join(rf"(?P<{fate}>\b(?:{forms})\b)" for fate, forms in _FATES.items()), re.I
)
_TOLL = re.compile(r"\bdeath toll\b", re.IGNORECASE)
_PEOPLE = {"peopl", "person", "other", "victim", "man", "woman", "civilian", ""}
_MONEY = re.compile(
    r"(?:\w+ )?(dollars?|euros?|pounds?|crowns?|francs?|pesos?|rupees?|yen|yuan)\b", re.IGNORECASE
)
_SYMBOLS = {"$": "dollar", "€": "euro", "£": "pound"}
# Numbers of these are dates, ages and times, or count nothing.
_NO_THING = re.compile(
    r"\s*(?:[-–]?(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|am|pm|a\.m|p\.m|times|km|km/h"
    r"|miles?|kilometres?|kilometers?|met(?:re|er)s?|feet|degrees?|o.clock|of|January|February|March"
    r"|April|May|June|July|August|September|October|November|December|and|to|or|on|in|from|by|at)\b"
    r"|-year-old)",
    re.IGNORECASE,
)
_THING = re.compile(
    r"\s+((?:[\w’'-]+\s+){0,2}?)([a-z][\w’-]*s|[a-z]*(?:people|men|women|children))\b"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DAY = re.compile(
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    r"|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r" \d{1,2}\b"
)
_SCOPE = re.compile(
    r"\b(?:since|in total|so far this|a year|a day|per|each|every|annually|first half|last year"
    r"|this year|last month|overall|between|ago|record)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:in|at|near|off|of|from|on|outside|under|through)\s+(?:the\s+)?((?:[A-Z][\w’-]+\s?)+)"
)
_NO_PLACE = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August"
    r"|September|October|November|December"
)
# Two rough numbers within this share of each other may be one.
_ROUGHLY = 0.25
_LEAST_SHARED = 2
_SHARED = 0.5
_SHARED_UNLESS_FATE = 0.6
# Numbers further apart than so many times are not of one thing.
_MAGNITUDE = 10


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of things in a sentence, at ``text[start:end]``.

    ``thing`` is what is counted, by its fate and its stem: two of the same thing have the
    same. ``rough`` says that it is no exact number.
    """

    value: float
    rough: bool
    thing: tuple[str, str]
    start: int
    end: int


def may_count(text: str) -> bool:
    """Whether there is a number in a text at all."""
    return bool(_NUMBER.search(text))


@lru_cache(maxsize=512)
def quantities(sentence: str) -> tuple[Quantity, ...]:
    """The numbers of things in a sentence; dates, ages, distances and scores are none."""
    found = []
    for number in _NUMBER.finditer(sentence):
        value = _value(number)
        rest = sentence[number.end() :]
        thing = _thing(sentence, number, rest, value)
        if thing is not None:
            rough = number["rough"] is not None
            found.append(Quantity(value, rough, thing, number.start("value"), number.end()))
    return tuple(found)


def _value(number: re.Match[str]) -> float:
    text = number["value"].casefold()
    value = float(_VALUES[text]) if text in _VALUES else float(text.replace(",", ""))
    return value * _SCALES.get((number["scale"] or "").casefold(), 1)


def _thing(sentence: str, number: re.Match[str], rest: str, value: float) -> tuple[str, str] | None:
    currency = _MONEY.match(rest.lstrip()) if rest[:1] == " " else None
    if number["money"] or currency:
        unit = _SYMBOLS[number["money"]] if number["money"] else ""
        named = words(currency.group(1))[0] if currency else unit
        return ("money", named)
    fate = _fate(sentence, number)
    if _TOLL.search(sentence[: number.start()]) and re.search(
        r"\b(?:to|at|is|was|of)\s*$", sentence[: number.start()]
    ):
        return ("dead", "people")
    if re.match(r"\s+(?:dead|killed|died)\b", rest):
        return ("dead", "people")
    if 1900 <= value <= 2100 and number["value"].isdigit() and not number["rough"]:
        return None
    if _NO_THING.match(rest):
        return None
    noun = _THING.match(rest)
    if noun is None:
        return None
    stem = (words(noun.group(2)) or [""])[-1]
    if stem in ("bodi", "dead"):
        return ("dead", "people")
    return (fate, "people" if stem in _PEOPLE else stem)


def _fate(sentence: str, number: re.Match[str]) -> str:
    """What becomes of what is counted: the nearest such word of the clause."""
    best, least = "", 60
    for found in _FATE.finditer(sentence):
        gap = sentence[min(found.end(), number.end()) : max(found.start(), number.start())]
        far = len(gap) + (40 if "," in gap or " and " in gap or ";" in gap else 0)
        if far < least:
            best, least = str(found.lastgroup), far
    return best


def differ(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers cannot both be right."""
    if one.value == other.value:
        return False
    low, high = sorted((one.value, other.value))
    return not ((one.rough or other.rough) and high - low <= _ROUGHLY * high)


def same_thing(one: Quantity, sentence: str, other: Quantity, in_sentence: str) -> bool:
    """Whether two numbers in two sentences are of the same thing, at the same place and time.

    Conservative: the sentences have to share most of their other words, and no place, year
    or span of time may tell them apart.
    """
    if one.thing != other.thing:
        return False
    if set(_YEAR.findall(sentence)) != set(_YEAR.findall(in_sentence)):
        return False
    if bool(_SCOPE.search(sentence)) != bool(_SCOPE.search(in_sentence)):
        return False
    if hedged(sentence) != hedged(in_sentence):
        return False
    days, others_days = set(_DAY.findall(sentence)), set(_DAY.findall(in_sentence))
    if days and others_days and not days & others_days:
        return False
    if not one.value <= _MAGNITUDE * other.value or not other.value <= _MAGNITUDE * one.value:
        return False
    if any(sum(q.thing == one.thing for q in quantities(s)) > 1 for s in (sentence, in_sentence)):
        # "A fee of 15 rises to 20": which of them it is, only the sentence knows.
        return False
    places, others = _places(sentence), _places(in_sentence)
    if (places and others and not places & others) or not _names(sentence) & _names(in_sentence):
        return False
    said, also = _context(sentence, one), _context(in_sentence, other)
    shared = len(said & also)
    fate = one.thing[0] in _FATES
    # Sums of money are of so many things that more has to be the same.
    more = 2 if one.thing[0] == "money" else 1
    least, share = (_LEAST_SHARED, _SHARED) if fate else (_LEAST_SHARED + more, _SHARED_UNLESS_FATE)
    return shared >= least and shared >= share * min(len(said), len(also))


_NAME = re.compile(r"(?<=[\w,;] )[A-Z][\w’-]+|^(?!The\b|An?\b|In\b|At\b)[A-Z][\w’-]+")


def _names(sentence: str) -> set[str]:
    return {name for name in _NAME.findall(sentence) if not _NO_PLACE.match(name)}


def _places(sentence: str) -> set[str]:
    return {
        word
        for found in _PLACE.findall(sentence)
        for word in found.split()
        if not _NO_PLACE.match(word)
    }


_NO_CONTEXT = set(
    words(
        "say says said people person official officials police according least now have has had"
        " been were was number put more than that will would monday tuesday wednesday thursday"
        " friday saturday sunday kill killed die died dead death toll injured rise rose"
    )
)


def _context(sentence: str, quantity: Quantity) -> set[str]:
    rest = f"{sentence[: quantity.start]} {sentence[quantity.end :]}"
    return {w for w in words(rest) if w not in _NO_CONTEXT and not w.isdigit()} - {
        quantity.thing[1]
    }
