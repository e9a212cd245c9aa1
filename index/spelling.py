"""A word that no article has, to the one that was probably meant. Pure."""

import re
from collections import Counter
from collections.abc import Iterable

from index.keywords import terms

# Shorter words are one slip away from too many others.
LEAST_LETTERS = 6
# "s", "ed": not that of "mechanism", whose stem is near "Meghan".
_LONGEST_ENDING = 2
_WORD = re.compile(r"[^\W\d_]+")


def meant(word: str, texts: Iterable[str]) -> str | None:
    """The commonest word of the texts that is one slip away from this one, as they write it.

    A slip is a letter too many, too few, another one, or two changed about (Damerau 1964), never
    the first one; in the word or, of one that is no name, in its stem. None if the texts have no
    such word.
    """
    lower, stem = word.casefold(), "".join(terms(word))
    found: Counter[str] = Counter()
    for text in texts:
        found.update(other for other in _WORD.findall(text) if other[0].casefold() == lower[0])
    near = {other for other in found if _is_slip(lower, other.casefold())}
    if not near and not word[0].isupper():
        near = {other for other in found if _is_slip_of_stem(stem, other)}
    if not near:
        return None
    best = max(near, key=lambda other: (found[other], other))
    # What begins a sentence has a capital whatever it is; a name always has one.
    return best.casefold() if best.casefold() in found else best


def _is_slip_of_stem(stem: str, other: str) -> bool:
    """Whether a stem is one edit from that of a word with no more than a plain ending to it."""
    other_stem = "".join(terms(other))
    return len(other) - len(other_stem) <= _LONGEST_ENDING and _is_slip(stem, other_stem)


def _is_slip(one: str, other: str) -> bool:
    """Whether one edit makes one word the other."""
    if one == other:
        return False
    start = 0
    while one[start : start + 1] == other[start : start + 1] != "":
        start += 1
    one, other = one[start:], other[start:]
    if one[:2] == other[1::-1] and one[2:] == other[2:]:
        return True
    return other[1:] in (one[1:], one) or one[1:] == other
