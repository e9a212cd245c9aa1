"""Candidates in the order in which they are shown, and how far the first is ahead. Pure."""

import re
from collections.abc import Sequence
from math import inf, log

from bot.calibration import Calibration
from bot.candidates import Sentence
from bot.features import words
from bot.hedges import hedged
from bot.noun_phrases import head
from bot.questions import WHO
from bot.speakers import saying_of
from index.search import fade

# What is only expected or rumoured counts for so much of what is stated as fact.
_HEDGED = 0.85
# Where somebody's words are asked for, what others say counts for so much of what he says. Of 45
# questions five more come right than without it on the earlier half of `python -m tests.benchmarks
# who_said`, three more on the later.
_BY_OTHERS = 0.7
# What an older sentence counts for beside one as likely that is newer: half of what it can lose
# after so many days, and never less than this. Who asks for the price of gas means that of now.
# Of 193 questions, the earlier halves of two sets, one more is right first with it, asked on
# their day as well as long after, and none is lost.
_HALF_LIFE = 90.0
_OLD = 0.8

# Another name joined to a short answer, behind it and before it: "and the sprinter Marie Pérec".
_ARTICLE = r"(?:[Tt]he (?:[a-z]+ ){0,2})?"
_BEHIND = re.compile(
    rf"(?:,? and {_ARTICLE}[A-Z]|(?:, {_ARTICLE}[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*)+,? and )"
)
_BEFORE = re.compile(rf"[A-Z][\w’'-]*,? and {_ARTICLE}$")

# A sentence with the probability that it answers.
Scored = tuple[float, Sentence]


def ranked(
    sentences: Sequence[Sentence], calibration: Calibration, speaker: str | None = None
) -> list[Scored]:
    """All of them with their probabilities, what is best to show first.

    ``speaker`` is whose words are asked for, if the question tells (see Understood).
    """
    scored = [(s.features.probability(calibration), s) for s in sentences]
    worth = [(i, p * _worth(s, speaker)) for i, (p, s) in enumerate(scored)]
    articles = [s.passage.article for _, s in scored]
    moments = {i: a.published or a.first_seen for i, a in enumerate(articles)}
    return [scored[i] for i, _ in fade(worth, moments, _HALF_LIFE, _OLD)]


def lead(scored: Sequence[Scored]) -> float:
    """By how much the first's log-odds exceed those of any that does not say its short answer.

    -inf where it has none, inf where all others say the same. How likely the first is tells
    little of whether the reader's span in it is right; that nothing else is nearly as likely
    does, for where the news does not say, many sentences are as good as each other.
    """
    short = scored[0][1].short if scored else None
    if short is None:
        return -inf
    rivals = [p for p, sentence in scored[1:] if not _agrees(sentence, short)]
    return _log_odds(scored[0][0]) - _log_odds(max(rivals)) if rivals else inf


def is_one_of_several(sentence: Sentence) -> bool:
    """Whether its short answer is a name that the sentence joins to another: half an answer."""
    short = sentence.short
    if sentence.span is None or short is None or " and " in short or short.islower():
        return False
    start, end = sentence.span
    text = sentence.passage.text
    before, behind = text[sentence.start : start], text[end : sentence.end]
    return bool(_BEFORE.search(before) or _BEHIND.match(behind))


def _agrees(sentence: Sentence, short: str) -> bool:
    """Whether a sentence holds these words, or its own short answer is the same but longer or
    shorter: "nine years" and "nine years of jail time".
    """
    if re.search(rf"(?<!\w){re.escape(short)}(?!\w)", sentence.text, re.IGNORECASE):
        return True
    one, other = set(words(short)), set(words(sentence.short or ""))
    return bool(one and other) and (one <= other or other <= one)


def _log_odds(probability: float) -> float:
    if not 0 < probability < 1:
        return inf if probability else -inf
    return log(probability / (1 - probability))


def _worth(sentence: Sentence, speaker: str | None) -> float:
    """What a sentence counts for beside one as likely that is a fact, or by who is asked for."""
    worth = _HEDGED if hedged(sentence.text) else 1.0
    if speaker is None:
        return worth
    saying = saying_of(sentence.passage.text, sentence.start, sentence.end)
    said_by = saying.speaker if saying else None
    is_his = said_by is not None and (speaker == WHO or _is_named(speaker, said_by))
    return worth if is_his else worth * _BY_OTHERS


def _is_named(speaker: str, name: str) -> bool:
    """Whether a name as an article has it holds what the question calls him last: "Lee".

    What the question says of him behind his name, "Lee of the coast guard", does not count.
    """
    asked = words(head(speaker))
    return bool(asked) and asked[-1] in words(name)
