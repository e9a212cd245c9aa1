"""A question on its own, or one that the last answer explains. Pure."""

import re
from dataclasses import dataclass

from bot.answers import Answer
from bot.candidates import asked_terms
from bot.parts_asked import with_nouns, with_other_word
from bot.verbs import is_verb_form
from index.keywords import terms

_CONTINUING = re.compile(r"^\s*(?:(?:and|but|so|or|also|then|ok|okay)\b[\s,]*)+", re.IGNORECASE)
_INSTEAD = re.compile(
    r"^(?:what about|how about|and|or|but)\s+(?P<preposition>(?:in|on|at|from|for|with)\s+)?"
    r"(?P<of>(?:the\s+|a\s+)?[\w’'.-]+(?:\s+[\w’'.-]+){0,3})\s*[?.!]*$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|did|does|do|is|are|was|were|has|have|"
    r"can|could|will|would|should|may|might|since|until|by|for|tell|show|any)\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^(?:(?:since|until|by|for|to|with|from|in|at|on)\s+)?"
    r"(?:why|when|where|how|who|whom|how (?:much|many|long|often)(?: \w+)?|what|which(?: one)?)"
    r"(?:\s+(?:exactly|not|so|else))?\s*\?*$",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:he|him|his|she|her|hers)\b", re.IGNORECASE)
_PEOPLE = re.compile(r"\b(?:they|them|their|theirs)\b", re.IGNORECASE)
_THING = re.compile(
    r"\b(?:it|its|this|these|those|that(?=\s*(?:[?.!,]|$|is\b|was\b|happen|mean|take|cost))|"
    r"there(?!\s+(?:is|are|was|were|any|been|a|be)\b))\b",
    re.IGNORECASE,
)
_EVENT = re.compile(r"\b(?:that|this|so)\b", re.IGNORECASE)
_THERE = re.compile(r"\bthere\b", re.IGNORECASE)
# These point to nothing: "is it true that", "this week", "are there".
_EMPTY = re.compile(
    r"\b(?:is|was|will|does) it (?:be )?(?:true|safe|possible|likely|legal|known|clear|raining|"
    r"time|too|take)\b(?! to \w+ (?:it|them)\b)(?= \w+ \w)|\b(?:are|is|was|were|be) there\b|"
    r"\bthis (?:week|month|year|morning|afternoon|evening|weekend|time|summer|winter|spring|"
    r"autumn)\b|\bthose who\b|\bthat (?:the|a|an|there|it|he|she|they)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z][\w’'-]*\w(?:\s+(?:(?:of|de|von|der|van|al|bin)\s+)?[A-Z][\w’'-]*\w)*")
_SEVERAL = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|dozens of|hundreds of|thousands of|"
    r"some|several|many|both|all|\d[\d,.]*)\s+((?:\w+\s+)?\w+s)\b"
)
_MOST_NAMES = 2
# A question that points back has few words of its own to look for.
_FEW_WORDS = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as it was understood: ``search`` is what is looked for.

    ``about`` are the words taken over from the last answer; empty when the question
    stands on its own.
    """

    question: str
    search: str
    about: tuple[str, ...] = ()


def read_question(text: str, last: Answer | None, *, is_reply: bool) -> Reading:
    """Understand a question; ``last`` is the answer that it may follow.

    A reply to an answer always follows it. Otherwise a question follows when it names
    nothing, or continues or points back to what it does not name itself.
    """
    question = " ".join(text.split())
    if last is None or not last.claims:
        return Reading(question, question)
    named = asked_terms(question)
    bare = _BARE.match(_CONTINUING.sub("", question))
    if named and not bare and not is_reply and not _follows(question, named, last):
        return Reading(question, question)
    search = _explained(question, named, last)
    search = search[:1].upper() + search[1:]
    said = set(asked_terms(question))
    taken = [
        w for w in re.findall(r"[\w’'-]+", search) if (t := asked_terms(w)) and t[0] not in said
    ]
    return Reading(question, search, tuple(dict.fromkeys(taken)))


def _follows(question: str, named: list[str], last: Answer) -> bool:
    if _INSTEAD.match(question) and (
        not _ASKS.match(_CONTINUING.sub("", question)) or question.lower().startswith(_ABOUT)
    ):
        return True
    body = _EMPTY.sub(" ", question)
    continues = bool(_CONTINUING.match(question))
    points = _THING.search(body) or _PERSON.search(body) or _PEOPLE.search(body)
    if points is None:
        if _OF_ANYTHING.issuperset(named):
            return True
        if len(named) > _FEW_WORDS or _NAME.search(_CONTINUING.sub("", question), 1):
            return False
        return continues or bool(_ANY.search(question)) or _known_thing(question, last)
    # What a pronoun means may stand before it in the same question.
    before = _CONTINUING.sub("", question)[: points.start()]
    return len(named) <= _FEW_WORDS and not _NAME.search(before, 1)


def _known_thing(question: str, last: Answer) -> bool:
    """Whether "the ..." in a question is something that the last answer tells of."""
    told = set(asked_terms(" ".join((last.question, *(c.quote for c in last.claims)))))
    return any(told.issuperset(asked_terms(m[1]) or [""]) for m in _THE.finditer(question))


_ABOUT = ("what about", "how about")
_ANY = re.compile(r"\b(?:any|anything|there)\b(?=.{0,30}$)", re.IGNORECASE)
_THE = re.compile(r"\b(?:the|this|that|these|those) ([\w’'-]+)", re.IGNORECASE)
# Words that name no topic: "how many people died?" can be asked of anything.
_OF_ANYTHING = set(
    terms(
        "people person man woman died die killed injured hurt wounded missing dead victims won"
        " win lost lose loses caused cause responsible arrested charged caught involved damage"
        " cost start started end ended begin began reason plan next more details else anyone"
        " anybody someone somebody everyone everybody survive survived survivors rescued"
        " sentenced guilty answer answered react reaction respond official old name real"
    )
)


def _explained(question: str, named: list[str], last: Answer) -> str:
    """The question with what it leaves to the last answer."""
    body = _CONTINUING.sub("", question).rstrip("?!. ")
    earlier = re.sub(r"\s*\([^)]*\)", "", last.question).rstrip("?!. ")
    if (other := _INSTEAD.match(question)) and not _ASKS.match(other["of"]):
        return _put_instead(other["of"], earlier)
    if _BARE.match(body) and not is_verb_form(body.split()[-1]):
        return f"{with_other_word(body, earlier)}?"
    names = _names(last)
    person = None
    asks_who = re.match(r"(?:who|whom|which)\b", earlier, re.IGNORECASE)
    inside = [n for n in names if n.casefold() in earlier.casefold()]
    outside = [n for n in names if n not in inside]
    if _PERSON.search(body) or (_PEOPLE.search(body) and asks_who):
        if last.short and last.short[:1].isupper():
            person = last.short
        else:
            pool = outside if asks_who else [*inside, *outside]
            person = pool[0] if pool else None
    text = with_nouns(body, earlier, person)
    about = [person] if person else []
    if not person and _PEOPLE.search(text):
        about += [m[1] for m in _SEVERAL.finditer(last.claims[0].quote)][:1]
    if text == body or _EVENT.search(body):
        about += _content(earlier, last)
    if _THERE.search(_EMPTY.sub(" ", body)):
        about += names[:1]
    if not any(_NAME.search(said, 1) for said in (text, *(f" {a}" for a in about))):
        about += ([m[0] for m in _NAME.finditer(earlier, 1)] or names)[:_MOST_NAMES]
    about = _new(about, text)
    return f"{text}? ({', '.join(about)})" if about else f"{text}?"


def _put_instead(other: str, earlier: str) -> str:
    """The earlier question of something else: in place of its last name, or added."""
    names = list(_NAME.finditer(earlier, 1))
    if names and other.removeprefix("the ").removeprefix("The ")[:1].isupper():
        speaker = re.match(r"\w+ (?:did|does|has|do|have) (?=[A-Z])", earlier)
        name = names[0] if speaker else names[-1]
        before = earlier[: name.start()]
        if before.lower().endswith(" the "):
            other = re.sub("^the ", "", other, flags=re.IGNORECASE)
        return f"{before}{other}{earlier[name.end() :]}?"
    return f"{earlier}? ({other})"


def _names(last: Answer) -> list[str]:
    """The names in the last quotes' first one, without a word that only begins it."""
    quote = last.claims[0].quote
    found = []
    for match in _NAME.finditer(quote):
        if match.start() == 0 and " " not in match[0] and not _stays_capital(match[0], quote):
            continue
        if asked_terms(match[0]):
            found.append(match[0])
    return list(dict.fromkeys(found))


_FIRST_WORDS = set(
    "the a an in on at it he she they we i you but and as this that these those there his her"
    " their its our for from after before when while with if by to of or so some many most more"
    " all one two three several both about investigators officials police flights people".split()
)


def _stays_capital(word: str, quote: str) -> bool:
    return word.lower() not in _FIRST_WORDS


def _content(earlier: str, last: Answer) -> list[str]:
    """The words that the earlier question named; of many, those that the quotes hold."""
    quoted = set(asked_terms(" ".join(claim.quote for claim in last.claims)))
    words = [w for w in re.findall(r"[\w’'-]+", earlier) if asked_terms(w)]
    held = [w for w in words if quoted.issuperset(asked_terms(w))]
    return held if len(words) > _FEW_WORDS and held else words


def _new(about: list[str], text: str) -> list[str]:
    said = set(asked_terms(text))
    found = []
    for phrase in about:
        stems = set(asked_terms(phrase))
        if stems and not stems <= said:
            found.append(phrase)
            said |= stems
    return found
