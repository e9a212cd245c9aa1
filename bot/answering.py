"""Question and passages to an answer: which sentences answer it, and whether any does.

Pure but for the callables that it is given: the news, the reader and stored quotes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from bot.answers import Answer, Citation, Claim, Coverage, Limits, Outcome
from bot.attribution import attributed
from bot.calibration import CALIBRATION, Calibration
from bot.candidates import PASSAGES, Read, Sentence, asked_terms, candidates
from bot.features import is_polar
from bot.limits import limits_of, widening, within
from bot.outlets_asked import Known
from bot.questions import Understood, understand
from bot.ranking import is_one_of_several, lead, ranked
from index import Filters, News, Outlet
from index.keywords import terms

_CLAIMS = 3
_CLAIMS_OF_ONE_ARTICLE = 2
# A further sentence is shown when it is nearly as likely an answer as the first.
_NEARLY = 0.6
_LETTERS = re.compile(r"[^\W\d_]+")
# Longer questions are cut for the models; nobody asks that much at once.
LONGEST_QUESTION = 1000
# In days, where the latest is asked for; chosen on the earlier half of a news question set,
# see `python -m tests.benchmarks freshness`.
HALF_LIFE = 14.0


def ask(
    news: News,
    question: str,
    filters: Filters,
    now: datetime,
    read: Read | None = None,
    zone: tzinfo = UTC,
) -> Answer:
    """Answer a question from the news. Blocks; belongs in a worker thread.

    ``filters`` hold whatever the question says; ``now`` and ``zone`` tell what it means by
    "yesterday". ``read`` is bot.reader's; without it there is no short answer, and less is
    told apart.
    """
    # A command line can hand over what is no text; nothing behind this could read it.
    question = question.encode("utf-8", "replace").decode()
    question = " ".join(question.split())[:LONGEST_QUESTION]
    outlets = news.outlets()
    known = [Known(outlet.name, outlet.page) for outlet in outlets if outlet.name]
    typed, (question, whole) = question, as_meant(news, question, now, zone, known)

    def answered(text: str, asked: Understood) -> Answer:
        limits = limits_of(asked, whole, filters, now, zone)
        return _within(news, text, asked, filters, limits, now, read, _coverage(outlets))

    answer = None
    if whole.parts:
        parts = tuple(answered(p, understand(p, now, zone, known)) for p in whole.parts)
        if any(part.outcome is Outcome.ANSWERED for part in parts):
            answer = together(question, parts)
    answer = answer or answered(question, whole)
    return replace(answer, typed=typed) if question != typed else answer


def as_meant(
    news: News, typed: str, now: datetime, zone: tzinfo, known: Sequence[Known]
) -> tuple[str, Understood]:
    """A question in the words that were probably meant, and what it asks for."""
    whole = understand(typed, now, zone, known)
    question = respelled(typed, whole.topic, news.spelling)
    return question, whole if question == typed else understand(question, now, zone, known)


def respelled(question: str, topic: str, spelling: Callable[[str], str | None]) -> str:
    """A question with the words of its topic as they were probably meant.

    ``spelling`` gives another word for one that no article has, or None.
    """
    sought = set(_LETTERS.findall(topic)) if asked_terms(topic) else set()
    return _LETTERS.sub(lambda m: (m[0] in sought and spelling(m[0])) or m[0], question)


def _within(
    news: News,
    question: str,
    asked: Understood,
    given: Filters,
    limits: Limits | None,
    now: datetime,
    read: Read | None,
    covers: Coverage,
) -> Answer:
    """The answer within the question's limits or, where there is none, without them."""
    topic, half_life = sought(question, asked)
    first = None
    for tried in widening(limits):
        passages = news.search(topic, PASSAGES, within(given, tried), half_life)
        sentences = candidates(topic, passages, news.rarities, news.texts, read) if passages else []
        decided = decide(question, sentences, covers, now, speaker=asked.speaker)
        answer = attributed(decided, passages, news)
        answer = replace(verified(answer, news.quote), limits=tried)
        first = first or answer
        if answer.outcome is not Outcome.NOT_IN_SOURCES:
            return answer
    assert first is not None
    return first


def sought(question: str, asked: Understood) -> tuple[str, float | None]:
    """What is searched for and, where what is newer comes first, the half-life in days."""
    topic = asked.topic if asked_terms(asked.topic) else question
    return topic, HALF_LIFE if asked.latest else None


def together(question: str, parts: tuple[Answer, ...]) -> Answer:
    """The answers to a question's parts as one: sure where all are."""
    outcomes = {part.outcome for part in parts}
    claims = tuple(dict.fromkeys(claim for part in parts for claim in part.claims))
    if len(outcomes) == 1:
        [outcome] = outcomes
    else:
        outcome = Outcome.CLOSEST if claims else Outcome.NOT_IN_SOURCES
    covers, as_of = parts[0].coverage, parts[0].as_of
    return Answer(question, outcome, claims, covers, as_of, parts=parts)


def decide(
    question: str,
    sentences: Sequence[Sentence],
    covers: Coverage,
    now: datetime,
    calibration: Calibration = CALIBRATION,
    speaker: str | None = None,
) -> Answer:
    """The most likely sentences as claims, and what the best one's probability means.

    ``speaker`` is whose words are asked for, if the question tells (see Understood).
    """
    scored = ranked(sentences, calibration, speaker)
    best = scored[0][0] if scored else 0.0
    if not scored or best < calibration.closest:
        return Answer(question, Outcome.NOT_IN_SOURCES, (), covers, now)
    outcome = Outcome.ANSWERED if best >= calibration.answered else Outcome.CLOSEST
    least = max(best * _NEARLY, calibration.closest)
    claims = tuple(_pick((p, s) for p, s in scored if p >= least))
    first = scored[0][1]
    sure = lead(scored) >= calibration.short and not is_polar(question)
    sure = sure and not is_one_of_several(first)
    short = first.short if sure and outcome is Outcome.ANSWERED else None
    return Answer(question, outcome, claims, covers, now, short)


def _pick(scored: Iterator[tuple[float, Sentence]]) -> Iterator[Claim]:
    """The first claims, few from one article, none twice."""
    of_article: dict[int, int] = {}
    said: set[str] = set()
    for probability, sentence in scored:
        claim = _claim(sentence, probability)
        text = " ".join(terms(claim.quote))
        if of_article.get(claim.article.id, 0) < _CLAIMS_OF_ONE_ARTICLE and text not in said:
            of_article[claim.article.id] = of_article.get(claim.article.id, 0) + 1
            said.add(text)
            yield claim
        if len(said) == _CLAIMS:
            return


def _claim(sentence: Sentence, probability: float) -> Claim:
    passage = sentence.passage
    paragraph = passage.paragraph
    return Claim(
        quote=sentence.text,
        citation=Citation(
            article=passage.article.id,
            version=paragraph.version,
            paragraph=paragraph.number,
            start=paragraph.start + sentence.start,
            end=paragraph.start + sentence.end,
            sha256=passage.version_sha256,
        ),
        article=passage.article,
        score=probability,
    )


Quote = Callable[[int, int, int, int, str], str | None]


def verified(answer: Answer, quote: Quote) -> Answer:
    """The answer with only those claims whose quotes are in the store, word for word, now.

    Called right before an answer is shown. Without its first claim an answer is at most
    the closest that was found.
    """
    if answer.parts:
        return together(answer.question, tuple(verified(part, quote) for part in answer.parts))
    sound = tuple(claim for claim in answer.claims if _is_sound(claim, quote))
    answer = _verified_accounts(answer, quote)
    if answer.short is not None and not (sound and answer.short in sound[0].quote):
        answer = replace(answer, short=None, short_speaker=None)
    if len(sound) == len(answer.claims):
        return answer
    outcome = answer.outcome
    if not sound:
        outcome = Outcome.NOT_IN_SOURCES
        answer = replace(answer, accounts=(), carriers=())
    elif sound[0] != answer.claims[0]:
        outcome = Outcome.CLOSEST
        answer = replace(answer, carriers=())
    return replace(answer, claims=sound, outcome=outcome, short=None, short_speaker=None)


def _verified_accounts(answer: Answer, quote: Quote) -> Answer:
    """Without accounts of which one is not in the store: one side alone would mislead."""
    return replace(
        answer,
        accounts=tuple(
            dispute
            for dispute in answer.accounts
            if all(_is_sound(account.claim, quote) for account in dispute.accounts)
        ),
        carriers=tuple(c for c in answer.carriers if _is_sound(c.claim, quote)),
    )


def _is_sound(claim: Claim, quote: Quote) -> bool:
    c = claim.citation
    return quote(c.article, c.version, c.start, c.end, c.sha256) == claim.quote


def coverage(news: News) -> Coverage:
    """What the sources cover."""
    return _coverage(news.outlets())


def _coverage(outlets: Sequence[Outlet]) -> Coverage:
    earliest = [o.earliest for o in outlets if o.earliest]
    latest = [o.latest for o in outlets if o.latest]
    return Coverage(
        articles=sum(o.articles for o in outlets),
        earliest=min(earliest, default=None),
        latest=max(latest, default=None),
        outlets=tuple(o.name for o in outlets if o.name)[:5],
    )
