"""Whether the answer to a question is another one, or the same in other words. Pure.

What two sentences answer is compared by what the question asks for: names, times, numbers,
money. It must be there in both, and have nothing in common. Of other questions (why, what,
whether) a change cannot be told from other words, so none is told.
"""

import re
from enum import Enum

from bot.figures import MONTHS, Figure, counted_figures


class Sort(Enum):
    """What a question asks for."""

    NAME = "name"
    PLACE = "place"
    TIME = "time"
    NUMBER = "number"


def answer_changed(question: str, before: str, now: str) -> bool:
    """Whether the sentence ``now`` gives another answer to a question than ``before``."""
    sort = sort_of(question)
    if sort is None or before == now:
        return False
    match sort:
        case Sort.NUMBER:
            return _figures_differ(
                counted_figures(question, before), counted_figures(question, now)
            )
        case Sort.TIME:
            return _times_differ(before, now)
        case _:
            old, new = _names(question, before, sort), _names(question, now, sort)
            return bool(old and new and old.isdisjoint(new))


def sort_of(question: str) -> Sort | None:
    """What a question asks for; None when that has no form by which two could be compared."""
    return next((sort for asks, sort in _SORTS if asks.search(question)), None)


_NOUNS = (
    "country|state|city|town|nation|company|firm|airline|team|club|party|bank|agency|person|"
    "player|singer|actor|actress|artist|candidate|team|movie|film|group|man|woman"
)
_SORTS = tuple(
    (re.compile(asks, re.IGNORECASE), sort)
    for asks, sort in (
        (
            r"\bhow (many|much|long|old|far|big|large|high|tall|often|strong|fast|heavy)\b",
            Sort.NUMBER,
        ),
        (
            r"\b(what|which) (is |was |are |were )?(the )?(\w+ )?(percent\w*|share|proportion|age|"
            r"number|amount|price|cost|rate|toll|size|value)\b",
            Sort.NUMBER,
        ),
        (r"\b(when|(what|which) (day|date|time|year|month))\b", Sort.TIME),
        (r"\bwhere\b", Sort.PLACE),
        (r"\b(who|whom|whose)\b", Sort.NAME),
        (rf"\b(which|what) (\w+ )?({_NOUNS})\b", Sort.NAME),
        (
            r"\bwhat (is|was|are|were) (the names? of\b|.*\b(called|named)\b)",
            Sort.NAME,
        ),
    )
)

# Names

_NAME = re.compile(r"[^\W\d_a-z][\w’'-]+")
# Written with a capital and no name of what is asked for.
_NOT_NAMES = frozenset(
    "the a an in on at it he she they we i but and as this that these those there his her their"
    " its our for from after before when while with if by to of or so some many most more all one"
    " two three several both what who how why where which however also now then not no such other"
    " another each every since during according although though because despite under over about"
    " last first earlier later here today yesterday nobody officials police mr mrs ms dr dame sir"
    " lord lady president minister prime secretary king queen prince princess pope senator judge"
    " governor mayor general january february march april may june july august september october"
    " november december monday tuesday wednesday thursday friday saturday sunday".split()
)
# Who is named with these behind or before them speaks of the answer, or has lost to it.
_SPEAKS = re.compile(
    r"(?:said|told|says|according to|reported by|announced by)\s+((?:[\w’'.-]+\s+){0,3}?"
    r"(?:[^\W\d_a-z][\w’'-]+\s*)+)|"
    r"((?:[^\W\d_a-z][\w’'-]+,?\s+)+)(?:said|says|told|reported|announced)\b",
)
_LOST = re.compile(
    r"\b(?:beat|beats|beaten|defeated|defeating|ousted|unseated|topped|overtook|succeeds?|"
    r"succeeded|replaces?|replaced|replacing|over from|against|than|instead of|victory over|"
    r"win over)\s+((?:[a-z]+\s+){0,3}?(?:[^\W\d_a-z][\w’'-]+\s*)+)|"
    r"\b[Aa]fter\s+((?:[^\W\d_a-z][\w’'-]+\s+)+)(?:had\s+)?(?:declined|resigned|quit|died|left)\b"
)
_WHERE = re.compile(r"\b(?:in|at|near|from|outside|off)\s+((?:the\s+)?(?:[^\W\d_a-z][\w’'-]+\s*)+)")
# A government by its land, its people or its seat.
_LANDS = {
    name: land
    for land, names in {
        "russia": "russia russian russians moscow kremlin",
        "ukraine": "ukraine ukrainian ukrainians kyiv",
        "us": "us american americans washington america u.s",
        "britain": "britain british uk london england english britons",
        "china": "china chinese beijing",
        "france": "france french paris",
        "germany": "germany german germans berlin",
        "italy": "italy italian italians rome",
        "spain": "spain spanish madrid",
        "turkey": "turkey turkish ankara türkiye",
        "iran": "iran iranian iranians tehran",
        "israel": "israel israeli israelis jerusalem",
        "japan": "japan japanese tokyo",
        "india": "india indian indians delhi",
        "egypt": "egypt egyptian egyptians cairo",
        "qatar": "qatar qatari doha",
        "sweden": "sweden swedish stockholm",
        "finland": "finland finnish helsinki",
        "poland": "poland polish warsaw",
        "hungary": "hungary hungarian budapest",
        "greece": "greece greek athens",
        "brazil": "brazil brazilian brasilia",
        "mexico": "mexico mexican",
        "canada": "canada canadian ottawa",
        "australia": "australia australian canberra",
        "pakistan": "pakistan pakistani islamabad",
        "colombia": "colombia colombian bogotá",
    }.items()
    for name in names.split()
}


def _names(question: str, sentence: str, sort: Sort) -> set[str]:
    """The names in a sentence that may be the answer, in lower case."""
    beside = [_SPEAKS, _LOST] + ([_WHERE] if sort is Sort.NAME and "where" not in question else [])
    said = {_land(name) for name in _NAME.findall(sentence)}
    for pattern in beside:
        for found in pattern.finditer(sentence):
            part = next((group for group in found.groups() if group), "")
            said -= {_land(name) for name in _NAME.findall(part)}
    asked = {_land(name) for name in re.findall(r"[\w’'-]+", question)}
    return said - asked - _NOT_NAMES


def _land(name: str) -> str:
    bare = re.sub(r"[’']s?$", "", name.casefold())
    return _LANDS.get(bare, bare)


# Figures that are rounded differ by less; without such a word by no more than their rounding.
_ROUGH, _EXACT = 0.05, 0.005


def _figures_differ(old: list[Figure], new: list[Figure]) -> bool:
    """Whether there are figures in both, and none of one is near one of the other."""

    def alike(one: Figure, other: Figure) -> bool:
        least = _ROUGH if one.rough or other.rough else _EXACT
        return abs(one.value - other.value) <= least * max(abs(one.value), abs(other.value))

    return bool(old and new) and not any(alike(one, other) for one in old for other in new)


# Times

_MONTH = "|".join(MONTHS)

_DAY_MONTH = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?\s+({_MONTH})|({_MONTH})\s+(\d{{1,2}}))\b", re.IGNORECASE
)
_A_MONTH = re.compile(rf"\b({'|'.join(m.capitalize() for m in MONTHS)})\b")
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_WEEKDAY = re.compile(r"\b((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b")
# When something was said, and not when it happens.
_SAID_ON = re.compile(
    r"\b(?:said|told|says|announced|reported)\b[^,.;]*?\b(?:on )?(?:Mon|Tues|Wednes|Thurs|Fri|"
    r"Satur|Sun)day\b"
)


def _times_differ(before: str, now: str) -> bool:
    """Whether both name a time, as finely as both can, and not the same."""
    for read in (_days, _months, _years, _weekdays):
        old, new = read(before), read(now)
        if old and new:
            return old.isdisjoint(new)
    return False


def _days(sentence: str) -> set[tuple[str, int]]:
    return {((m[2] or m[3]).casefold(), int(m[1] or m[4])) for m in _DAY_MONTH.finditer(sentence)}


def _months(sentence: str) -> set[str]:
    return set(_A_MONTH.findall(sentence))


def _years(sentence: str) -> set[str]:
    return set(_YEAR.findall(sentence))


def _weekdays(sentence: str) -> set[str]:
    return set(_WEEKDAY.findall(_SAID_ON.sub(" ", sentence)))
