"""A misspelt word to the one that was probably meant. Pure."""

import re
from collections import Counter
from collections.abc import Iterable
from string import ascii_lowercase

# Shorter words are one slip away from too many others.
LEAST_LETTERS = 6
_WORD = re.compile(r"[^\W\d_]+")


def meant(word: str, texts: Iterable[str]) -> str | None:
    """The commonest word of the texts that is one slip away from this one, as they write it.

    A slip is a letter too many, too few, another one, or two changed about (Damerau 1964), never
    the first one. None if the texts have no such word.
    """
    lower = word.casefold()
    found: Counter[str] = Counter()
    for text in texts:
        found.update(other for other in _WORD.findall(text) if _is_slip(lower, other.casefold()))
    if not found:
        return None
    best = max(found, key=lambda other: (found[other], other))
    # What begins a sentence has a capital whatever it is; a name always has one.
    return best.casefold() if best.casefold() in found else best


def slips(word: str) -> set[str]:
    """Every word, of letters from a to z, that is one slip away from this one, in lower case."""
    lower = word.casefold()
    made: set[str] = set()
    for at in range(1, len(lower) + 1):
        before, after = lower[:at], lower[at:]
        made.update(before + letter + after for letter in ascii_lowercase)
        made.update(before + letter + after[1:] for letter in ascii_lowercase if after)
        made.add(before + after[1:])
        made.add(before + after[1::-1] + after[2:])
    return made - {lower}


def _is_slip(one: str, other: str) -> bool:
    """Whether one edit behind the first letter makes one word the other."""
    if one == other or one[0] != other[0]:
        return False
    start = 0
    while one[start : start + 1] == other[start : start + 1] != "":
        start += 1
    one, other = one[start:], other[start:]
    if one[:2] == other[1::-1] and one[2:] == other[2:]:
        return True
    return other[1:] in (one[1:], one) or one[1:] == other
