"""Nations and unions under the several names that news has for them. Pure.

Those of whom stemmed words do not tell all: that "Chilean" is of Chile and "UK" of Britain.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cache

from bot.features import words

# A nation a line; what is short enough to be another word too, in capitals.
_NAMES = """
united states, u.s., US, USA, u.s.a., america, american, americans, washington
united kingdom, u.k., UK, britain, british, briton, britons
united nations, u.n., UN
european union, e.u., EU, brussels
united arab emirates, u.a.e., UAE, emirati
argentina, argentine, argentinian
brazil, brazilian
bulgaria, bulgarian
cambodia, cambodian
canada, canadian
chile, chilean
china, chinese, beijing
congo, congolese, DRC
croatia, croatian
cuba, cuban
czech republic, czechia, czech
denmark, danish, dane, danes
egypt, egyptian
england, english
finland, finnish, finn, finns
france, french
georgia, georgian
ghana, ghanaian
greece, greek
haiti, haitian
hungary, hungarian
iceland, icelandic
india, indian
iran, iranian, tehran
iraq, iraqi
ireland, irish
israel, israeli
italy, italian
japan, japanese
kenya, kenyan
lebanon, lebanese
libya, libyan
mali, malian
mexico, mexican
morocco, moroccan
myanmar, burma, burmese
netherlands, dutch, holland
new zealand, new zealander
niger, nigerien
nigeria, nigerian
north korea, north korean, pyongyang
norway, norwegian
oman, omani
palestine, palestinian, palestinians
peru, peruvian
philippines, philippine, filipino
poland, polish, pole, poles
portugal, portuguese
qatar, qatari
russia, russian, moscow, kremlin
saudi arabia, saudi
scotland, scottish, scot, scots
serbia, serbian, serb, serbs
slovakia, slovak
somalia, somali
south africa, south african
south korea, south korean
spain, spanish, spaniard
sudan, sudanese
sweden, swedish, swede, swedes
switzerland, swiss
syria, syrian
taiwan, taiwanese
thailand, thai
turkey, türkiye, turkish, turk, turks
ukraine, ukrainian, kyiv, kiev
venezuela, venezuelan
vietnam, vietnamese
wales, welsh
yemen, yemeni
zimbabwe, zimbabwean
"""


_CAPITALS = re.compile(r"\b[A-Z]{2,3}\b")


@dataclass(frozen=True, slots=True)
class _Nation:
    """What names it: stems of single words, words in capitals, and longer or dotted names.

    ``every`` are the stems of all of them.
    """

    stems: frozenset[str]
    capitals: frozenset[str]
    longer: tuple[str, ...]
    every: frozenset[str]


@cache
def _nations() -> tuple[_Nation, ...]:
    nations = []
    for line in _NAMES.strip().splitlines():
        names = line.split(", ")
        single = [name for name in names if name.isalpha() and name.islower()]
        longer = tuple(name for name in names if not name.isalpha())
        stems = frozenset(words(" ".join(single)))
        capitals = frozenset(name for name in names if name.isupper())
        nations.append(_Nation(stems, capitals, longer, frozenset(words(" ".join(names)))))
    return tuple(nations)


def also_called(text: str, said: Set[str]) -> set[str]:
    """The words() of all names of the nations that a text, with these words(), names by one."""
    lower, capitals = text.lower(), set(_CAPITALS.findall(text))
    found: set[str] = set()
    for nation in _nations():
        if (
            not nation.stems.isdisjoint(said)
            or not nation.capitals.isdisjoint(capitals)
            or any(name in lower for name in nation.longer)
        ):
            found |= nation.every
    return found
