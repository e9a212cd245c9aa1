"""Whether two names mean the same side: Azerbaijan and its army, a club and the club. Pure."""

import re

_TITLES = set(
    "spokesman spokeswoman spokesperson speaker former chief head leader official officials mr mrs"
    " ms dr the and for its his her their of in at new old local some many several other".split()
)
# Capital letters that begin no name.
_NAMES = re.compile(r"(?<!^)\b[A-Z]\w+|^(?!The|An?\b|Two)[A-Z]\w+")


def alike(one: str, other: str) -> bool:
    """Whether two words are one but for their ending."""
    short = min(len(one), len(other))
    return one == other or (short >= 4 and one[:5] == other[:5] and abs(len(one) - len(other)) <= 3)


def share_names(one: str, other: str) -> bool:
    """Whether two texts name the same, by the beginnings of their words: "Greece", "Greek"."""
    a, b = _name_words(one), _name_words(other)
    return any(
        x == y or (min(len(x), len(y)) >= 4 and x[:4] == y[:4] and abs(len(x) - len(y)) <= 4)
        for x in a
        for y in b
    )


def same_side(one: str, other: str) -> bool:
    """Whether two speakers speak for the same: by their names, or where one has none, by all."""
    names, others = (" ".join(_NAMES.findall(speaker)) for speaker in (one, other))
    return share_names(names, others) if names and others else share_names(one, other)


def _name_words(text: str) -> list[str]:
    words = re.findall(r"\w+", text.casefold())
    return [word for word in words if len(word) > 2 and word not in _TITLES]
