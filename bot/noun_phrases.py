"""Who acts in a sentence, and whom a pronoun means: noun phrases by rules, without a parser.

Rough on purpose, and None rather than a guess. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.verbs import base_forms
from index.keywords import terms
from index.paragraphs import Span

_LONGEST = 14
# Words in -ly that are no adverbs, so that "Italy said" keeps its speaker.
ADVERB = (
    r"(?!(?:family|ally|Italy|assembly|supply|July|bully|monopoly|Sicily|reply|Lily|Emily|Kelly"
    r"|Billy|Sally|Molly|Reilly|anomaly|the \w+ly)\b)\w+ly"
)
_ADVERBIAL = re.compile(
    r"(?:after|before|on|in|at|during|since|for|with|without|despite|by|from|following|asked|of"
    r"|earlier|later|meanwhile|however|but|and|instead|still|yet|also|through|under|as|when|while"
    r"|if|although|though|because|to|last|yesterday|today|tonight|then|now|once|where|until|amid"
    r"|according|even|there|not|so|or|nor|that|which|who|about|against|over|near|next|every|\w+ing|{ADVERB}"
    r")\b",
    re.IGNORECASE,
)
_ADVERB = re.compile(ADVERB)
_FINITE = re.compile(
    r"(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|did|does|do|cannot"
    r"|\w+n[’']t)"
)
_LEAD = re.compile(
    r"\s*(?:(?:but|and|however|meanwhile|yet|also|so|or|(?:on|this|last) \w+day)\s+)*",
    re.IGNORECASE,
)
# Ends in -ed and is no verb.
_NO_VERB = {"hundred", "armed", "unnamed", "unidentified", "retired", "ousted", "elected", "united"}
_DETERMINERS = re.compile(
    r"(?:the|an?|this|that|these|those|his|her|its|their|our|my|some|several|many|most|all|both|two"
    r"|three|four|five|six|seven|eight|nine|ten|\d+|another|other|one|no|any|more|\w+[’']s?)",
    re.IGNORECASE,
)
# Behind them a noun must come: "the accused", "an alleged".
_UNFINISHED = re.compile(
    r"(?:the|an?|his|her|its|their|our|my|no|every|of|in|to|for|by|over|about|on|at|with|from|into"
    r"|against|under|as|who|which|that|than|\w+[’']s)",
    re.IGNORECASE,
)
# Somebody who does something is more than a name; "based in" only says more about him.
_ACTS = re.compile(
    r"\w (?!unnamed|retired|armed|elected|hundred)[a-z]{3,}ed\b(?! (?:by|in|at|from|with|on|of)\b)"
    r"(?= (?:the|an?|his|her|its|their|that|to|out|up|off|having|\w+ly)\b)|[(%]"
)
_NOBODY = re.compile(r"(?:no|none|nobody|neither|few)\b", re.IGNORECASE)
_LINKING = re.compile(r"(?:of|in|at|for|from|with|on|near|who|which|that|under|by|to|behind)\b")
PRONOUN = re.compile(r"(?:he|she|it|they|we|i|you|this|that|who|which|there)", re.IGNORECASE)
# Alone they name nobody: which ministry it is was said before, or is not known.
_POINTING = re.compile(
    r"[Tt]he (ministry|group|agency|office|department|company|firm|organi[sz]ation"
    r"|spokes(?:man|woman|person)|official|officials|statement|report|party|pair|committee|body"
    r"|commission|association|federation|foundation|institute|man|woman|men|women|boy|girl)"
)
_PEOPLE = re.compile(
    r"\b(?:man|woman|boy|girl|minister|president|chancellor|king|queen|prince|princess|chief|leader"
    r"|spokes(?:man|woman|person)|chair(?:man|woman)|mother|father|brother|sister|son|daughter|wife"
    r"|husband|(?:[a-z]+(?:er|or|ist|ian|ant|cian))|mayor|judge|coach|nurse|expert|witness|guard"
    r"|Mr|Mrs|Ms|Dr|Sir|Professor|Captain|General|Colonel|Mayor|President|Minister|Senator|Judge)\b"
)
_BODIES = re.compile(
    r"\b(?:ministry|office|party|council|police|bank|union|agency|university|government|army|navy"
    r"|company|group|commission|court|club|team|authority|network|department|committee|parliament"
    r"|organi[sz]ation|operator|airline|regulator|federation|association|hospital|institute|forces"
    r"|church|firm|board|centre|center|service|school|city|line|republic|nations|states|kingdom"
    r"|committee|society|museum|foundation|corporation|news|times|post|media|channel)\b",
    re.IGNORECASE,
)
_OF_SOMEBODY = re.compile(r"(?:his|her|their|its)\b", re.IGNORECASE)
# A short word before a verb in the plural that is one: "police", "people".
_PLURAL_WORDS = re.compile(r"(?:\b(?:police|people|children|media)|men)$", re.IGNORECASE)


def noun_phrase(text: str, start: int, end: int) -> Span | None:
    """The slice without conjunctions around it, if it can name who acts; None if it cannot."""
    lead = _LEAD.match(text, start, end)
    start = lead.end() if lead else start
    while end > start and text[end - 1] in " \n,":
        end -= 1
    words = text[start:end].split()
    while len(words) > 1 and _ADVERB.fullmatch(words[-1]):
        end = text.rindex(words.pop(), start, end)
        end = start + len(text[start:end].rstrip())
    if not words or len(words) > _LONGEST or not words[0][0].isalnum():
        return None
    if PRONOUN.fullmatch(text[start:end]):
        return Span(start, end)
    if _UNFINISHED.fullmatch(words[-1]) or _NOBODY.match(words[0]):
        return None
    if _ADVERBIAL.match(text[start:end]) and not _DETERMINERS.fullmatch(words[0]):
        return None
    relative = re.search(r"\b(?:who|which|that|whose)\b", text[start:end])
    until = relative.start() if relative else end - start
    named = text[start : start + until]
    if any(_FINITE.fullmatch(word) for word in named.split()) or _ACTS.search(named):
        return None
    return Span(start, end)


def subject(text: str, start: int, end: int) -> Span | None:
    """Who acts in the clause ``text[start:end]``: what stands before its first verb."""
    at = start
    for piece in text[start:end].split(", "):
        if not _ADVERBIAL.match(piece.lstrip('“"‘ ')):
            break
        at += len(piece) + 2
    first = at
    for found in re.finditer(r"[\w’'-]+", text[at:end]):
        word = found.group()
        if found.start() == 0 and word[:1].islower() and _is_verb(word, ""):
            return None
        before = text[first : at + found.start()].rstrip()
        if before and _is_verb(word, before.split()[-1]):
            return noun_phrase(text, first, first + len(before))
        if text[at + found.end() : at + found.end() + 1] in (",", ".", ";", ":", ""):
            return noun_phrase(text, first, at + found.end())
    return None


def verbs(text: str) -> list[str]:
    """The words of a text that by their form can be verbs, but for auxiliaries."""
    found = re.findall(r"[\w’'-]+", text)
    return [
        word
        for word, before in zip(found[1:], found, strict=False)
        if not _FINITE.fullmatch(word)
        and word not in ("been", "being", "having", "had")
        and (_is_verb(word, before) or (word.endswith("ing") and len(word) > 5))
    ]


def begins_with_verb(text: str) -> bool:
    """Whether the first word of a clause is by its form a verb, so that it names nobody."""
    words = text.split(maxsplit=1)
    return bool(words) and _is_verb(words[0], "")


def _is_verb(word: str, before: str) -> bool:
    if not word[:1].islower():
        return False
    if _FINITE.fullmatch(word):
        return True
    if word in _NO_VERB or (before and _DETERMINERS.fullmatch(before)):
        return False
    return (word.endswith("ed") and len(word) > 4) or _is_irregular(word)


@cache
def _is_irregular(word: str) -> bool:
    stems = terms(word)
    return bool(stems) and base_forms(stems) != stems


def named(paragraph: str, phrase: Span, earlier: Sequence[Span]) -> str | None:
    """Whom a noun phrase names: itself, or what a pronoun means in the paragraph, or None.

    ``earlier`` are the noun phrases that acted or spoke before it, in order.
    """
    text = paragraph[phrase.start : phrase.end]
    if PRONOUN.fullmatch(text):
        return _meant(text.casefold(), paragraph[: phrase.start], earlier)
    pointing = _POINTING.fullmatch(text)
    if not pointing:
        return text
    noun = pointing.group(1)
    for before in reversed(earlier):
        said = paragraph[before.start : before.end]
        pointing = PRONOUN.fullmatch(said) or _POINTING.fullmatch(said)
        if not pointing and re.search(rf"\b{noun}\b", said, re.IGNORECASE):
            return said
    return _longer(paragraph[: phrase.start], noun)


def _longer(before: str, noun: str) -> str | None:
    """The last name in the text that ends in the noun and says which one it is."""
    name = r"(?:(?:[Tt]he |[Aa]n? )?(?:[A-Z][\w’'-]*(?:[’']s)? )(?:[\w’'-]+ ){0,3}?)"
    found = list(re.finditer(rf"{name}{noun}\b", before))
    return found[-1].group() if found else None


def _meant(pronoun: str, before: str, earlier: Sequence[Span]) -> str | None:
    """The last of the phrases that the pronoun fits; None where persons could be confused."""
    fits = {"he": is_person, "she": is_person, "it": _is_thing, "they": _is_plural}.get(pronoun)
    if fits is None:
        return None
    for place in reversed(earlier):
        phrase = before[place.start : place.end]
        if phrase and not PRONOUN.fullmatch(phrase) and fits(phrase):
            # Where "his father" is spoken of, "he" may be either.
            unclear = _POINTING.fullmatch(phrase) or _OF_SOMEBODY.match(phrase)
            another = fits is is_person and _names_another(before[place.end :], phrase)
            return None if unclear or another else phrase
    return None


_PERSON = re.compile(r"(?<!\bin )(?<!\bat )(?<!\bof )(?<!\bthe )\b[A-Z][a-zé]+ [A-Z][a-zé]+\b")


def _names_another(text: str, person: str) -> bool:
    """Whether a text names somebody else, by two names."""
    return any(
        not _BODIES.search(name) and not set(name.split()) & set(person.split())
        for name in _PERSON.findall(text)
    )


def head(phrase: str) -> str:
    """The phrase up to what only says more about it: "forces in the region" is "forces"."""
    words = phrase.split()
    for i, word in enumerate(words):
        if i and _LINKING.match(word):
            return " ".join(words[:i])
    return phrase


def is_person(phrase: str) -> bool:
    """Whether a noun phrase names one human being."""
    named = head(phrase)
    if _is_plural(phrase) or _BODIES.search(named):
        return False
    names = re.findall(r"\b[A-Z][\w’'-]+", named)
    return len(names) >= 2 or bool(_PEOPLE.search(named))


def _is_plural(phrase: str) -> bool:
    words = head(phrase).split()
    last = words[-1] if words else ""
    plural = last.endswith("s") and last[0].islower() and not last.endswith(("ss", "’s", "'s"))
    return plural or " and " in f" {phrase} " or bool(_PLURAL_WORDS.search(head(phrase)))


def _is_thing(phrase: str) -> bool:
    if _is_plural(phrase):
        return False
    return bool(_BODIES.search(head(phrase))) or not is_person(phrase)


def pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """The parts of a clause between its commas."""
    at = start
    for part in text[start:end].split(", "):
        yield Span(at, min(at + len(part), end))
        at += len(part) + 2


def is_adverbial(text: str) -> bool:
    """Whether a part of a clause only tells when, where or how."""
    return bool(_ADVERBIAL.match(text.strip())) or not text.strip()
