"""Questions with a passage that looks right and lacks the answer: near misses to train on.

Four kinds. A question with the passage that shares its rarest words (TF-IDF over the set
itself, as a retriever would rank it); a question with what is left of its own context
beside the sentence that answers it; and a question about another name or number of its
context, or about the opposite, which is how many of SQuAD 2.0's were made (Rajpurkar et
al. 2018, table 2). Pure.
"""

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from bot.reader.data import Example

_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"[.!?][\"')\]”’]*\s+")

_NUMBER = r"\d+(?:[.,]\d+)*"
_NAME = r"[A-Z][\w-]+(?: [A-Z][\w-]+)*"
# A name begins no sentence: there every word has a capital.
_NAMED = re.compile(rf"(?<=[\w,;:] )(?:{_NUMBER}|{_NAME})\b")

_OPPOSITES = """
first/last first/second largest/smallest biggest/smallest highest/lowest oldest/youngest
longest/shortest best/worst most/least more/less more/fewer before/after during/after
increase/decrease increased/decreased rise/fall rose/fell gain/loss won/lost win/lose
north/south east/west northern/southern eastern/western above/below upper/lower left/right
begin/end began/ended start/end started/stopped open/close opened/closed joined/left
join/leave enter/leave buy/sell bought/sold support/oppose supported/opposed accept/reject
accepted/rejected allow/forbid allowed/forbidden agreed/refused approved/rejected early/late
earliest/latest earlier/later old/new male/female men/women man/woman boys/girls son/daughter
father/mother husband/wife brother/sister king/queen strong/weak strongest/weakest rich/poor
major/minor maximum/minimum common/rare public/private inside/outside success/failure
succeeded/failed always/never everyone/nobody winter/summer positive/negative attack/defend
attacked/defended teacher/student parents/children near/far hot/cold high/low large/small
good/bad similar/different possible/impossible included/excluded gained/lost born/died
""".split()
_OTHER: dict[str, list[str]] = defaultdict(list)
for _pair in _OPPOSITES:
    _one, _two = _pair.split("/")
    _OTHER[_one].append(_two)
    _OTHER[_two].append(_one)

# What can be denied: not why and how, whose answers often stand beside a denial.
_DENIED = re.compile(r"(?i)^(?:who|what|which|where|when)\b[^?]*?\b(did|does|do|is|are|was|were)\b")

# Few people ask what did not happen; a model should not decline all who do.
_DENIALS = 0.2

# Words in more contexts than this say too little to look contexts up by them.
_COMMON = 400
# The ranks among which a passage is drawn: always the first would be the same few.
_RANKS = 4
# How near to the best passage's score the others must come.
_CLOSE = 0.6
# Below this a rest of a context is too short to look like a passage.
_SHORTEST = 160


def near_misses(
    examples: Sequence[Example], contexts: Sequence[str], number: int, seed: int
) -> list[Example]:
    """``number`` unanswerable examples (or fewer) made from answerable ones.

    Half of them are other passages, as most of what is read for a question is about something
    else, and a sixth is of each other kind, where they can. ``contexts`` are the passages to pair
    with. A passage that holds any accepted answer is not taken; one that answers in other
    words may be, which is noise of a few percent.
    """
    random = Random(seed)
    index = _Index(contexts)
    pool = [example for example in examples if example.answerable]
    random.shuffle(pool)
    made: list[Example] = []
    for example in pool:
        if len(made) >= number:
            break
        question, text = example.question, None
        kind = len(made) % 6
        if kind == 0:
            text = beside(example, random)
        elif kind in (1, 2):
            changed = (renamed, opposite)[kind - 1](example, random)
            if changed is not None:
                question, text = changed, example.context
        text = text or index.alike(example, random)
        if text is not None:
            made.append(
                replace(example, question=question, context=text, start=-1, end=-1, answers=())
            )
    return made


def renamed(example: Example, random: Random) -> str | None:
    """The question with one of its names or numbers changed for another one of its context.

    A year is changed for a year, a number for a number, a name for a name that shares no
    word with it, the question or an answer; None if the two hold no such pair.
    """
    taken = set(_WORD.findall(" ".join([example.question, *example.answers]).lower()))
    others: dict[str, set[str]] = defaultdict(set)
    for other in _NAMED.findall(example.context):
        if taken.isdisjoint(_WORD.findall(other.lower())):
            others[_kind(other)].add(other)
    places = [m for m in _NAMED.finditer(example.question) if others[_kind(m.group())]]
    if not places:
        return None
    place = random.choice(places)
    other = random.choice(sorted(others[_kind(place.group())]))
    return example.question[: place.start()] + other + example.question[place.end() :]


def opposite(example: Example, random: Random) -> str | None:
    """The question with a word changed for its opposite, or denied; None if neither fits.

    An opposite that the context holds is not taken: it may well answer that too.
    """
    held = _words(example.context)
    made: list[str] = []
    for place in _WORD.finditer(example.question):
        others = [other for other in _OTHER.get(place.group(), ()) if other not in held]
        if others:
            before, after = example.question[: place.start()], example.question[place.end() :]
            made.append(before + random.choice(others) + after)
    denied = _DENIED.match(example.question) if random.random() < _DENIALS else None
    if not made and denied is not None:
        made.append(example.question[: denied.end()] + "n't" + example.question[denied.end() :])
    return random.choice(made) if made else None


def _kind(name: str) -> str:
    if not name[0].isdigit():
        return "name"
    return "year" if name.isdigit() and len(name) == 4 else "number"


def beside(example: Example, random: Random) -> str | None:
    """The context before or after the sentence of the answer; None if nothing fit is left."""
    ends = [match.end() for match in _SENTENCE_END.finditer(example.context)]
    before = max((end for end in ends if end <= example.start), default=0)
    after = min((end for end in ends if end >= example.end), default=len(example.context))
    rests = [example.context[:before].rstrip(), example.context[after:].lstrip()]
    fit = [rest for rest in rests if len(rest) >= _SHORTEST and not _holds(rest, example.answers)]
    return random.choice(fit) if fit else None


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if len(word) > 2 or word.isdigit()}


def _holds(text: str, answers: Sequence[str]) -> bool:
    lower = text.lower()
    return any(answer.lower() in lower for answer in answers)


class _Index:
    """Contexts by their words."""

    def __init__(self, contexts: Sequence[str]) -> None:
        self._contexts = list(dict.fromkeys(contexts))
        self._found: dict[str, list[int]] = defaultdict(list)
        for number, context in enumerate(self._contexts):
            for word in _words(context):
                self._found[word].append(number)

    def alike(self, example: Example, random: Random) -> str | None:
        """A context that shares rare words with the question and lacks its answer."""
        scores: dict[int, float] = defaultdict(float)
        for word in sorted(_words(example.question)):
            numbers = self._found.get(word, ())
            weight = math.log(len(self._contexts) / len(numbers)) if numbers else 0.0
            if weight > 0 and len(numbers) <= _COMMON:
                for number in numbers:
                    scores[number] += weight
        ranked = sorted(scores, key=lambda number: (-scores[number], number))
        fit: list[str] = []
        least = 0.0
        for number in ranked[: 10 * _RANKS]:
            context = self._contexts[number]
            if scores[number] < least:
                break
            if context != example.context and not _holds(context, example.answers):
                fit.append(context)
                least = least or _CLOSE * scores[number]
                if len(fit) == _RANKS:
                    break
        return random.choice(fit) if fit else None
