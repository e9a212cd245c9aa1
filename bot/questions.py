"""What is asked: a question on its own, or one that the last answer explains. Pure."""

import re
from dataclasses import dataclass

from bot.answers import Answer
from bot.candidates import asked_terms

# Words that point back instead of naming something.
_POINTING = re.compile(
    r"\b(it|its|they|them|their|he|him|his|she|her|hers|this|that|these|those|there|then)\b",
    re.IGNORECASE,
)
_CONTINUING = re.compile(r"^\s*(and|but|so|or|also|what about|how about|why|since when)\b", re.I)
_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_MOST_NAMES = 3


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

    A reply to an answer always follows it. Otherwise a question follows when it begins
    like a continuation or points back, and has at most two words that name something.
    """
    question = " ".join(text.split())
    if last is None or not last.claims:
        return Reading(question, question)
    named = asked_terms(question)
    points = bool(_POINTING.search(question) or _CONTINUING.search(question))
    if not is_reply and not (points and len(named) <= 2) and named:
        return Reading(question, question)
    about = _subject(last, question)
    return Reading(question, " ".join((question, *about)), about)


def _subject(last: Answer, question: str) -> tuple[str, ...]:
    """What the last answer was about: the words of its question that its quotes hold too,
    and the first names in its first quote, without what the new question says itself.
    """
    quoted = set(asked_terms(" ".join(claim.quote for claim in last.claims)))
    said = set(asked_terms(question))
    words = [
        word
        for word in re.findall(r"[\w’'-]+", last.question)
        if (stems := asked_terms(word)) and quoted.issuperset(stems) and said.isdisjoint(stems)
    ]
    for name in _NAME.findall(last.claims[0].quote)[:_MOST_NAMES]:
        named = set(asked_terms(name))
        if named and named.isdisjoint(said | set(asked_terms(" ".join(words)))):
            words.append(name)
    return tuple(dict.fromkeys(words))
