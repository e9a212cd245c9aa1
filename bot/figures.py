"""The figures in a sentence, in digits or words, as numbers. Pure."""

import re
from dataclasses import dataclass

from bot.features import words

MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTH = "|".join(MONTHS)
_SMALL = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_SCALES = {
    "dozen": 12.0,
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "k": 1e3,
    "m": 1e6,
    "bn": 1e9,
}
_WORDED = "|".join((*_SMALL, *_TENS))
_SCALE_WORDS = "|".join(word for word in _SCALES if len(word) > 2)
_FIGURE = re.compile(
    r"(?P<digits>\d+(?:[.,]\d+)*)|"
    rf"\b(?P<worded>(?:{_WORDED})(?:[ -](?:{_WORDED}))?|an?(?=\s+(?:{_SCALE_WORDS})))\b|"
    r"\b(?P<half>half)\b",
    re.IGNORECASE,
)
_SCALE = re.compile(rf"[\s-]*\b(?:an? )?({_SCALE_WORDS})s?\b|\s?(bn|m|k)\b", re.IGNORECASE)
# Digits that count nothing.
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTH})|(?:{_MONTH})\s+\d{{1,2}})\b(?:,?\s+\d{{4}})?|"
    r"\b(?:in|since|of|until|by)\s+(?:19|20)\d\d\b|\b\d{1,2}:\d\d\b|\b\d{1,2}\.\d\d\s*[ap]\.?m\b",
    re.IGNORECASE,
)
_ROUGHLY = re.compile(
    r"\b(about|around|some|roughly|nearly|almost|approximately|more than|at least|over|up to|"
    r"an estimated|close to)\s*\S?$",
    re.IGNORECASE,
)
# Between a figure and what it counts stand few words.
_NEAR_WORDS = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and whether it is said to be only rough."""

    value: float
    rough: bool


def counted_figures(question: str, sentence: str) -> list[Figure]:
    """The figures of a sentence that stand before what a question counts; if none does, all.

    Of "how many people" the figure before "people". Dates and years count nothing.
    """
    sentence = _DATE.sub(lambda found: " " * len(found[0]), sentence)
    counted = set(words(question))
    near, every, end = [], [], 0
    for match in _FIGURE.finditer(sentence):
        if match.start() < end:
            continue
        value, end = _value(sentence, match)
        figure = Figure(value, bool(_ROUGHLY.search(sentence[: match.start()].rstrip())))
        every.append(figure)
        behind = " ".join(re.split(r"[,;:.]", sentence[end:])[0].split()[:_NEAR_WORDS])
        if not counted.isdisjoint(words(behind)):
            near.append(figure)
    return near or every


def _value(sentence: str, match: re.Match[str]) -> tuple[float, int]:
    """The number of a match with the scale behind it, and where that ends."""
    if match["digits"]:
        value = _of_digits(match["digits"])
    elif match["half"]:
        value = 0.5
    else:
        parts = re.split(r"[ -]", match["worded"].casefold())
        # "a thousand" is one of them.
        value = float(sum(_SMALL.get(p, _TENS.get(p, 1)) for p in parts))
    end = match.end()
    while scale := _SCALE.match(sentence, end):
        value *= _SCALES[(scale[1] or scale[2]).casefold()]
        end = scale.end()
    return value, end


def _of_digits(digits: str) -> float:
    """ "1,036" and "1.036.000" are grouped; "78.6" and "78,6" are not."""
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits):
        return float(digits.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", digits):
        return float(digits.replace(".", ""))
    whole, *rest = re.split("[.,]", digits)
    return float(f"{whole}.{rest[0]}" if rest else whole)
