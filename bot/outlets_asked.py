"""The outlets that a question wants its answer from. Pure.

An outlet is only taken for one that is asked where the question says so ("according to the
BBC", "what does Reuters say"): in "who bought CNN?" it is what the question is about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Known:
    """An outlet by its name as it is stored, with the address of any page of it."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class OutletsAsked:
    """The outlets asked, as they are stored; ``cues`` are the places of the words that say so.

    ``mentions`` are the places of all outlets' names, also of those that are not asked;
    ``reporting`` is whether the question is what the outlets say, not only according to whom.
    """

    names: tuple[str, ...]
    cues: tuple[tuple[int, int], ...]
    mentions: tuple[tuple[int, int], ...]
    reporting: bool


# What an outlet's name may do without at its end.
_GENERIC = set(
    "news online newspaper magazine english international world website uk us com tv radio"
    " latest rss feed".split()
)
# Names that are words as well need their capital, and are not shortened to.
_ALSO_WORDS = set(
    "time week today sun mirror independent mail times post star people express standard metro"
    " nature science world nation hill sky fox observer telegraph guardian economist local"
    " athletic atlantic wired quartz fortune variety politico semafor record herald globe age"
    " verge intercept onion sample".split()
) - {"guardian", "economist", "telegraph", "politico", "semafor", "quartz"}
_ABBREVIATIONS = {
    "bbc": "british broadcasting corporation",
    "ap": "associated press",
    "afp": "agence france-presse",
    "dw": "deutsche welle",
    "ft": "financial times",
    "wapo": "washington post",
    "wsj": "wall street journal",
    "nyt": "new york times",
    "sz": "süddeutsche zeitung",
    "faz": "frankfurter allgemeine zeitung",
    "scmp": "south china morning post",
    "pa": "press association",
}
# Others publish under these, each at an address of its own.
_HOSTING = set(
    "wordpress blogspot substack medium github githubusercontent feedburner google youtube"
    " archive localhost example facebook twitter telegram tumblr".split()
)
_SUBDOMAINS = set("www edition feeds feed rss m en news amp web mobile".split())
_THE = r"(?:the\s+)?"

_SAYS = (
    r"(?:says?|said|reports?|reported|writes?|wrote|written|mentions?|mentioned|explains?|"
    r"explained|describes?|described|covers?|covered|publish(?:es|ed)?|claims?|claimed|tells?|"
    r"told|notes?|calls?|quotes?|quoted|suggests?)"
)
_TEXTS = r"(?:news|articles?|stories|story|reports?|reporting|coverage|headlines?|pieces?)"
_ANY = r"(?:anything|something|everything|nothing|what(?:'s|’s| is| was| are)?|is there|find)"
_DOES = r"(?:does|do|did|has|have|had)"

# What stands before and behind an outlet that is asked. Any one of these pairs decides.
_ACCORDING = re.compile(
    rf"\b(?:according\s+to|(?:as\s+)?(?:reported|published|written|said)\s+(?:by|in|on))\s+{_THE}$",
    re.IGNORECASE,
)
_DOES_BEFORE = re.compile(rf"\b{_DOES}\s+{_THE}$", re.IGNORECASE)
_SAYS_BEHIND = re.compile(rf"\s+(?:\w+ly\s+|also\s+|just\s+|ever\s+)?{_SAYS}\b", re.IGNORECASE)
_TEXTS_BEHIND = re.compile(
    rf"(?:['’]s)?\s+(?:latest\s+)?(?:{_TEXTS}\b|says\b|said\b|writes\b|wrote\b|reported\b)",
    re.IGNORECASE,
)
_TEXTS_BEFORE = re.compile(
    rf"\b(?:{_TEXTS}|{_ANY})\b[^?.!]*?\b(?:in|on|from|by|at)\s+{_THE}$", re.IGNORECASE
)
_BEGINNING = re.compile(rf"^\s*(?:only\s+)?(?:from|in|by|on)\s+{_THE}$", re.IGNORECASE)
_ONLY = re.compile(rf"\bonly\s+(?:from|in|by|on)\s+{_THE}$", re.IGNORECASE)
_IN = re.compile(rf"\bin\s+{_THE}$", re.IGNORECASE)
_AT_ITS = re.compile(rf"\b(?:in|on|from|at|by)\s+{_THE}$", re.IGNORECASE)
_ABOUT_BEHIND = re.compile(r"\s+(?:on|about)\b", re.IGNORECASE)
_ENDING = re.compile(r"\s*[?.!]*\s*$")
# Names that hold an outlet's: the Reuters Institute, the Irish Independent.
_LONGER_BEHIND = re.compile(r"\s+(?!News\b|Online\b|TV\b|World\b|Sport\b|Radio\b)[A-Z]\w")
_LONGER_BEFORE = re.compile(r"\s(?!The\b)[A-Z][\w’'-]*\s+(?:the\s+)?$")
_JOINING = re.compile(rf"\s*(?:,|,?\s*\b(?:and|or)\b|&)\s*{_THE}$", re.IGNORECASE)


def outlets_asked(text: str, known: Sequence[Known]) -> OutletsAsked:
    """Which of the known outlets the question wants its answer from."""
    mentions = list(_mentions(text, _aliases(tuple(known))))
    names: list[str] = []
    cues: list[tuple[int, int]] = []
    reporting = False
    for group in _joined(text, mentions):
        start, end = group[0][0], group[-1][1]
        asked = _cue(text, start, end, domain="." in text[start:end])
        if asked is not None:
            names += [name for *_, found in group for name in found]
            cues.append((asked[0], asked[1]))
            reporting = reporting or asked[2]
    places = tuple((start, end) for start, end, _ in mentions)
    return OutletsAsked(tuple(dict.fromkeys(names)), tuple(cues), places, reporting)


_Mention = tuple[int, int, tuple[str, ...]]


def _cue(text: str, start: int, end: int, *, domain: bool) -> tuple[int, int, bool] | None:
    """From where to where it is said that this outlet is asked, and whether for its reports."""
    before, behind = text[:start], text[end:]
    if found := _ACCORDING.search(before):
        return found.start(), end, False
    if (found := _DOES_BEFORE.search(before)) and (says := _SAYS_BEHIND.match(behind)):
        return found.start(), end + says.end(), True
    if texts := _TEXTS_BEHIND.match(behind):
        return start, end + texts.end(), True
    if (found := _BEGINNING.search(before)) and re.match(r"\s*[:,]", behind):
        return found.start(), end + 1, True
    if not before.strip() and (_ABOUT_BEHIND.match(behind) or behind.startswith(":")):
        return start, end, True
    if _TEXTS_BEFORE.search(before) and (found := _AT_ITS.search(before)):
        if _ENDING.match(behind) or _ABOUT_BEHIND.match(behind) or re.match(r"\s*[,:]", behind):
            return found.start(), end, True
        if re.search(rf"\b{_TEXTS}\b", before, re.IGNORECASE) and not behind[:1].isalpha():
            return found.start(), end, True
    if (found := _IN.search(before)) and _ENDING.match(behind):
        return found.start(), end, True
    if (found := _ONLY.search(before)) or (domain and (found := _AT_ITS.search(before))):
        return found.start(), end, True
    return None


def _joined(text: str, mentions: list[_Mention]) -> list[list[_Mention]]:
    """Mentions that stand together, as in "the BBC and Reuters"."""
    groups: list[list[_Mention]] = []
    for mention in mentions:
        if groups and _JOINING.fullmatch(text[groups[-1][-1][1] : mention[0]]):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return groups


def _mentions(
    text: str, named: tuple[re.Pattern[str] | None, dict[str, tuple[str, ...]]]
) -> list[_Mention]:
    pattern, names = named
    if pattern is None:
        return []
    found = []
    for match in pattern.finditer(text):
        said = match["alias"]
        alias = " ".join(said.split()).casefold()
        word = alias.removeprefix("the ")
        if (word in _ALSO_WORDS and not said.split()[-1][0].isupper()) or (
            len(word) <= 2 and not said.isupper()
        ):
            continue
        if _LONGER_BEHIND.match(text, match.end()) or _LONGER_BEFORE.search(text[: match.start()]):
            continue
        if alias in names:
            found.append((match.start("alias"), match.end("alias"), names[alias]))
    return found


@lru_cache(maxsize=8)
def _aliases(
    known: tuple[Known, ...],
) -> tuple[re.Pattern[str] | None, dict[str, tuple[str, ...]]]:
    """A pattern for all aliases, and the outlets that each one stands for."""
    names: dict[str, tuple[str, ...]] = {}
    for outlet in known:
        for alias in aliases(outlet):
            names[alias] = (*names.get(alias, ()), outlet.name)
    if not names:
        return None, names
    longest_first = sorted(names, key=len, reverse=True)
    either = "|".join(re.escape(alias).replace(r"\ ", r"\s+") for alias in longest_first)
    return re.compile(rf"(?<![\w.])(?:www\.)?(?P<alias>{either})(?!\w|\.\w)", re.I), names


def aliases(outlet: Known) -> frozenset[str]:
    """What an outlet may be called, in lower case: parts of its name, initials, its domain."""
    found: set[str] = set()
    for part in [outlet.name, *re.split(r"\s+[|>–—:-]\s+|\s*[|>]\s*", outlet.name)]:
        bare = " ".join(part.casefold().split())
        found.add(bare)
        words = bare.removeprefix("the ").split()
        while words:
            found.add(" ".join(words))
            if words[-1].strip("()") not in _GENERIC or len(words) == 1:
                break
            words.pop()
        capitals = [w for w in part.split() if w.casefold() != "the" and w[:1].isupper()]
        if len(capitals) >= 3:
            found.add("".join(w[0] for w in capitals).casefold())
    for short, long in _ABBREVIATIONS.items():
        if found & {short, long}:
            found |= {short, long}
    host = _host(outlet.url) or _host(f"//{outlet.name}")
    if host:
        found |= _of_host(host)
    # A name that is nothing but a common word is one; a part that is one says too little.
    own = {outlet.name.casefold(), outlet.name.casefold().removeprefix("the ")}
    return frozenset(
        alias
        for alias in found
        if len(alias) > 1 and alias not in _GENERIC and (alias not in _ALSO_WORDS or alias in own)
    )


def _host(url: str | None) -> str | None:
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host if host and re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", host) else None


def _of_host(host: str) -> set[str]:
    """A domain and what it calls itself: edition.cnn.com is cnn.com and cnn."""
    parts = host.split(".")
    while len(parts) > 2 and parts[0] in _SUBDOMAINS:
        parts = parts[1:]
    ending = 2 if len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= 3 else 1
    main = parts[-ending - 1]
    if main in _HOSTING:
        return {".".join(parts)}
    found = {host.removeprefix("www."), ".".join(parts[-ending - 1 :])}
    return found | ({main} if len(main) > 2 else set())
