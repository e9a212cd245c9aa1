"""Who speaks at a verb of saying, and where what he says begins and ends. Pure.

All functions take a paragraph in which quotations are hidden (see bot.quotations), so that
only the words of whoever reports are read.
"""

import re
from dataclasses import dataclass

from bot.noun_phrases import (
    ADVERB,
    PRONOUN,
    begins_with_verb,
    is_adverbial,
    is_person,
    noun_phrase,
    pieces,
    subject,
)
from bot.quotations import HIDDEN
from bot.saying_verbs import DENIALS, NEED_PLURAL, NOUNS, PARTICIPLES
from index.paragraphs import Span

# Between somebody and the verb, besides what every adverb may be.
_BETWEEN = re.compile(
    r"(?:\s+|^)(?:has|have|had|also|later|then|again|still|now|since|already|once|always|all|both"
    rf"|repeatedly|further|first|earlier|{ADVERB}|yesterday|today|(?:was|were|is|are) quick to"
    r"|moved to|(?:continued|continues|continue|went on) to|this week|in turn"
    r"|on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)$"
)
_BE = re.compile(r"\b(?:is|are|was|were|been|be|being|gets?|got)$", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|never|nor|neither|cannot|\w+n[’']t|to|would|may|might|could|can|will|must|should|did"
    r"|does|do|having|if|without|by|and|or|before|after|while|when)$",
    re.IGNORECASE,
)
_NOT_EARLIER = re.compile(r"\b(?:neither|refused to|declined to|failed to|did not|has not)\b")
# Where a clause of its own begins inside a sentence.
_BOUNDARY = re.compile(
    rf";|\(|\swhen\b|:(?=\s)|,?\s(?:but|while|although|whereas)\b|,\s(?:and|or|which|who|so)\b"
    rf"|\s[–—-]{{1,2}}\s|\b(?:a|an|another) (?:claim|charge|allegation|accusation|suggestion"
    rf"|version)(?: that| which)?(?=\s)|\bsomething(?: that| which)?(?=\s)"
    rf"|{HIDDEN}[”\"»]?,?(?=\s)|\sthat\b"
)
_AND = re.compile(r"\sand\b")
_DOES = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|did|\w{3,}ed)\b")
# What may stand behind the verb at the end of a sentence and says nothing of the matter.
_AFTERWARDS = re.compile(
    r"(?:\s+(?:on|in|at|during|after|before|through|via|from|by|late|early|this|last|yesterday|today"
    r"|earlier|later|again|when|as|to|following)\b[^,;:]{0,60})?(?:,[^”\"]{0,80})?[.!]?[”\"»]?$"
)
_TOLD = re.compile(rf"\s+(?!.*\bthat\b)[^,.;:{HIDDEN}“\"]{{2,50}}[.!]?$")
_INVERTED = re.compile(rf"\s+([^,.;:{HIDDEN}“\"]{{2,90}})(?=[,.;]|[”\"]?$)")

# "…, said the club's coach, Ann Lee", "…, said University of Y, Z's head, Ann Lee".
_NAME_BEHIND = re.compile(
    r"(?P<office>, [^,.;]*[’']s [a-z]+(?: [a-z]+)*)?"
    r", (?P<name>[A-Z][a-zé]+(?: (?:[A-Z]\.|[A-Z][\w’'-]+)){1,2})(?=[,.;]|[”\"]?$)"
)

_INVERTS = set(
    "said says wrote writes added adds argued argues explained explains noted notes reported"
    " reports recalled announced admitted concluded insisted insists warned warns claimed claims"
    " stated replied remarked complained predicted".split()
)
_BEGINS_A_NAME = re.compile(r"[A-Z]|(?:the|an?|his|her|its|their|one|two|officials|police)\b")
_RELATIVE = re.compile(
    r"(?:\b(?:which|something(?: that| which)?|an? (?:\w+ )?(?:claim|charge|allegation|accusation"
    r"|suggestion|version)s?(?: that| which)?))\s+$"
)
_ENDS_CLAUSE = re.compile(
    r";|,\s(?:but|while|although|whereas|which|a claim|a charge|an allegation|an accusation"
    r"|something)\b"
)
_QUANTITY = re.compile(r"(?:several|some|many|all|both|two|three|four|five|one)", re.I)
_SINGULAR = re.compile(r"(?:the|an?|this|that|his|her|its|their|no|any|every)\s", re.IGNORECASE)
_DETERMINER = re.compile(
    r"(?:the|an?|this|that|these|those|his|her|its|their|no|any|such|some|all)", re.IGNORECASE
)
_PLURAL = re.compile(r"\b(?:police|people|men|women|and)\b|s\b")
_WHEN = re.compile(
    r"\s(?:on|in a|in an|during|as|after|before|while|when|at a|at the|late|early)\b"
)
_PASSIVES = ("accused", "blamed", "claimed", "alleged", "reported", "denied", "rejected")
_BY = re.compile(
    r"[^.;]{0,80}?\bby\s+([^,.;]+?)(?=\s(?:of|that|for)\s\w+ing\b|\s(?:of|as)\s|\sthat\s|,|\.|$)"
)


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks at a verb: ``phrase`` names him, None where a passive leaves him out.

    ``clause`` is the part of the sentence that tells of it, ``said`` what he says, empty for
    "…, which he denies". ``outer`` says that the whole sentence is what he says, but for
    the words that tell so; ``passive`` that the sentence is about whom it is said of.
    """

    phrase: Span | None
    clause: Span
    said: Span
    outer: bool = False
    passive: bool = False


def voice(hidden: str, sentence: Span, verb: re.Match[str]) -> Voice | None:
    """Who speaks at the verb, None where nobody surely does: "did not say", "the reports"."""
    start, end, word = sentence.start, sentence.end, verb.group()
    inverted = _behind(hidden, sentence, verb)
    if inverted is not None:
        return Voice(inverted, sentence, Span(start, verb.start()), outer=True)
    before, passive = _without_between(hidden, start, verb.start())
    if passive:
        return _passive(hidden, sentence, verb)
    earlier = hidden[max(start, verb.start() - 60) : verb.start()]
    if _NOT.search(hidden[start:before]) or _NOT_EARLIER.search(earlier):
        return None
    begin = _clause_start(hidden, start, before)
    if word in PARTICIPLES:
        phrase = _of_participle(hidden, sentence, verb)
    else:
        # After "was quick to" a verb has no number.
        free = re.search(r"\bto\s+$", hidden[before : verb.start()])
        phrase = _before(hidden, begin, before, "" if free else word)
    if phrase is None:
        return None
    stop = _clause_end(hidden, verb.end(), end)
    if word in DENIALS and _RELATIVE.search(hidden[start : phrase.start]):
        return Voice(phrase, Span(phrase.start, stop), Span(verb.end(), verb.end()))
    if word not in DENIALS | set(PARTICIPLES) and _ends(hidden, sentence, verb, begin):
        return Voice(phrase, sentence, Span(start, phrase.start), outer=True)
    return Voice(phrase, Span(min(begin, phrase.start), stop), Span(verb.end(), stop))


def _behind(hidden: str, sentence: Span, verb: re.Match[str]) -> Span | None:
    """Who speaks where the verb stands between what is said and him: ``"…," said Ann.``"""
    before = hidden[sentence.start : verb.start()].rstrip()
    if not before.endswith(("”", '"', "»", ",", "’")) or verb.group() not in _INVERTS:
        return None
    match = _INVERTED.match(hidden[: sentence.end], verb.end())
    if match is None:
        return None
    words = _WHEN.split(match.group(1))[0]
    if _DOES.search(re.split(r"\b(?:who|which)\b", words)[0]) or words.split()[0] in ("that", "it"):
        return None
    if before.endswith(",") and not _BEGINS_A_NAME.match(words):
        return None
    phrase = noun_phrase(hidden, match.start(1), match.start(1) + len(words))
    if phrase is None or (PRONOUN.match(words.split()[0]) and len(words.split()) > 1):
        return None
    name = _NAME_BEHIND.match(hidden[: sentence.end], phrase.end)
    if name is None or not is_person(name["name"]):
        return phrase
    in_office = name["office"] or words.split()[-1].islower()
    return Span(phrase.start, name.end()) if in_office else phrase


def _without_between(hidden: str, start: int, end: int) -> tuple[int, bool]:
    """Where what stands between somebody and the verb begins; whether the verb is passive."""
    while True:
        before = hidden[start:end].rstrip()
        end = start + len(before)
        # Before adverbs are taken away, so that "is quick to" is not taken for "is".
        between = _BETWEEN.search(before)
        if between is None:
            return end, bool(_BE.search(before))
        end = start + between.start()


def _clause_start(hidden: str, start: int, end: int) -> int:
    found = start
    for boundary in _BOUNDARY.finditer(hidden, start, end):
        found = boundary.end()
    for boundary in _AND.finditer(hidden, found, end):
        if _DOES.search(hidden[found : boundary.start()].rpartition(", ")[2]):
            found = boundary.end()
    return found


def _clause_end(hidden: str, start: int, end: int) -> int:
    found = _ENDS_CLAUSE.search(hidden, start, end)
    return found.start() if found and not _is_open(hidden, found.start(), end) else end


def _is_open(hidden: str, at: int, end: int) -> bool:
    """Whether nothing but a quotation follows, as in "X rejects it; “We never did.”"."""
    return hidden[at] == ";" and not re.search(r"\w", hidden[at:end])


def _before(hidden: str, begin: int, end: int, verb: str) -> Span | None:
    """Who speaks where he stands before the verb."""
    text = hidden[begin:end]
    parts = list(pieces(hidden, begin, end))
    aside = hidden[end - 1 : end] == "," if end > begin else False
    if aside:
        relative = re.search(r",\s(?:which|who)\b", hidden[:end])
        start = begin
        if hidden[:begin].endswith(" that") and begins_with_verb(text):
            # "…, head of the body that ran it, said": who it is stands before the relative clause.
            that = begin - len(" that")
            start = _clause_start(hidden, _sentence_start(hidden, begin), that)
            parts = list(pieces(hidden, start, end))
        elif relative and relative.end() >= begin - 6:
            start = _clause_start(hidden, _sentence_start(hidden, begin), relative.start())
            parts = list(pieces(hidden, start, end))
        for part in parts:
            if not is_adverbial(hidden[part.start : part.end]):
                phrase = noun_phrase(hidden, part.start, part.end)
                return phrase and _agreeing(hidden, phrase, verb)
        return None
    if not text.strip():
        return None
    last = parts[-1]
    if len(parts) > 1 and " and " in hidden[last.start : last.end]:
        listed = all(
            re.fullmatch(r"(?:[A-Z][\w’'-]*\s?)+", hidden[p.start : p.end]) for p in parts[:-1]
        )
        last = Span(parts[0].start, last.end) if listed else last
    phrase = noun_phrase(hidden, last.start, last.end)
    return phrase and _agreeing(hidden, phrase, verb)


def _sentence_start(hidden: str, at: int) -> int:
    cut = max(hidden.rfind(mark, 0, at) for mark in (". ", "! ", "? ", "” "))
    return cut + 2 if cut >= 0 else 0


def _agreeing(hidden: str, phrase: Span, verb: str) -> Span | None:
    """The phrase, unless the verb is rather a noun behind it: "the reports", "false claims"."""
    words = hidden[phrase.start : phrase.end]
    if verb in ("accused", "alleged") and _QUANTITY.fullmatch(words):
        return None
    if verb in NOUNS and ((words.islower() and " " not in words) or _DETERMINER.fullmatch(words)):
        return None
    if verb in NOUNS and verb in NEED_PLURAL and re.search(r"\b(?:who|which|that)\b", words):
        return None
    singular = _SINGULAR.match(words) and not _PLURAL.search(words)
    return None if verb in NEED_PLURAL and singular else phrase


def _ends(hidden: str, sentence: Span, verb: re.Match[str], begin: int) -> bool:
    """Whether what is said stands before: "The road is shut, the council said on Friday." """
    if begin <= sentence.start and "," not in hidden[sentence.start : verb.start()]:
        return False
    rest = hidden[verb.end() : sentence.end]
    quiet = _AFTERWARDS.fullmatch(rest) or (
        verb.group() in ("told", "tells") and _TOLD.fullmatch(rest)
    )
    if not quiet:
        return False
    ahead = hidden[sentence.start : begin]
    last = hidden.rfind(",", sentence.start, verb.start())
    clause = hidden[sentence.start : max(last, sentence.start)]
    return HIDDEN in ahead or bool(_DOES.search(clause)) or len(clause.split()) > 3


def _of_participle(hidden: str, sentence: Span, verb: re.Match[str]) -> Span | None:
    """Who acts in the sentence of "…, saying that"."""
    if not re.search(r",\s+(?:\w+ly\s+)?$|\band\s+$", hidden[sentence.start : verb.start()]):
        return None
    begin = _clause_start(hidden, sentence.start, hidden.rfind(",", 0, verb.start()))
    return subject(hidden, begin, verb.start())


def _passive(hidden: str, sentence: Span, verb: re.Match[str]) -> Voice | None:
    if verb.group() not in _PASSIVES:
        return None
    agent = _BY.match(hidden, verb.end(), sentence.end)
    phrase = noun_phrase(hidden, agent.start(1), agent.end(1)) if agent else None
    accused = verb.group() in ("accused", "blamed")
    if phrase is None and not (accused and re.match(r"\s+of\b", hidden[verb.end() : sentence.end])):
        return None
    stop = _clause_end(hidden, verb.end(), sentence.end)
    after = agent.end() if agent and phrase else verb.end()
    return Voice(phrase, Span(sentence.start, stop), Span(after, stop), passive=True)
