"""Who else says what a claim says, and which of them only carry the same text. Pure."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from bot.answers import Carrier, Claim
from bot.features import words
from bot.hedges import hedged

# Shares of the words of the two sentences that both have, and the fewest such words.
_OF_SHORTER = 0.7
_OF_LONGER = 0.45
_LEAST = 4
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATION = re.compile(
    r"\b(?:not|no|never|nobody|none|den(?:y|ies|ied)|\w+n[’']t)\b", re.IGNORECASE
)
_NO_MATTER = set(words("say says said told tell tells according report reported on in at the a of"))

# Article ids to what all copies of one text have in common.
Groups = Callable[[Collection[int]], Mapping[int, int]]


def says_the_same(one: str, other: str) -> bool:
    """Whether two sentences tell the same: most words, the same numbers, as surely or not."""
    if set(_NUMBER.findall(one)) != set(_NUMBER.findall(other)):
        return False
    short, long = sorted((set(words(s)) - _NO_MATTER for s in (one, other)), key=len)
    shared = len(short & long)
    if shared < max(_LEAST, _OF_SHORTER * len(short), _OF_LONGER * len(long)):
        return False
    denies, also_denies = (bool(_NEGATION.search(s)) for s in (one, other))
    return denies == also_denies and hedged(one) == hedged(other)


def carriers(
    first: Claim, among: Sequence[Claim], short: str | None, groups: Groups
) -> tuple[Carrier, ...]:
    """The articles besides the first claim's that say the same, each with its sentence.

    ``among`` are sentences that the same search found, best first; ``short`` is what they
    have to hold, if there is a short answer.
    """
    sought = set(words(short or ""))
    found: dict[int, Claim] = {}
    for claim in among:
        other = claim.article.id
        if other == first.article.id or other in found or sought - set(words(claim.quote)):
            continue
        if says_the_same(first.quote, claim.quote):
            found[other] = claim
    if not found:
        return ()
    group = groups([first.article.id, *found])
    cited: dict[int, int] = {group.get(first.article.id, first.article.id): first.article.id}
    made = []
    for article, claim in found.items():
        own = group.get(article, article)
        made.append(Carrier(claim, cited.get(own)))
        cited.setdefault(own, article)
    return tuple(made)
