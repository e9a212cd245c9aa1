"""Question and passages to an answer: which sentences answer it, and whether any does.

Pure but for the two callables that it is given: word rarities and stored quotes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from bot.answers import Answer, Citation, Claim, Coverage, Outcome
from bot.calibration import CALIBRATION, Calibration
from bot.features import Features, asked, measured, words
from bot.reader.reading import Reading
from bot.verbs import all_forms
from index import Filters, News, Passage
from index.keywords import terms
from index.paragraphs import split_sentences

# How many passages are looked at for sentences, and how many of those are read by the reader.
PASSAGES = 10
READ = 5
_CLAIMS = 3
_CLAIMS_OF_ONE_ARTICLE = 2
# A further sentence is shown when it is nearly as likely an answer as the first.
_NEARLY = 0.6
# What may stand behind a sentence's mark.
_CLOSING = "\"'”’)]"
# What a span of the reader may have around the answer itself.
_AROUND = " \t\n,;:.\"'”’“‘"
# Longer questions are cut for the models; nobody asks that much at once.
LONGEST_QUESTION = 1000

Rarities = Callable[[Sequence[str]], Sequence[float]]
Read = Callable[[str, Sequence[str]], Sequence[Reading]]

# Words that ask but name nothing; the index already ignores the commonest English words.
_ASKING = set(
    terms(
        "who whom whose what which when where why how many much long often old far big large"
        " did does do doing done has have had was were been being can could would should will"
        " shall may might must about tell me say says said happen happened happens latest news"
        " please give show know any anything there some according"
    )
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A candidate: a slice ``text[start:end]`` of a passage's text, with its features.

    ``span`` is the slice of the passage's text in it that the reader found.
    """

    passage: Passage
    start: int
    end: int
    features: Features
    span: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]

    @property
    def short(self) -> str | None:
        """The words in it that the reader takes for the answer, if it read it."""
        if self.span is None:
            return None
        start, end = self.span
        return self.passage.text[start:end].strip(_AROUND) or None


def ask(
    news: News, question: str, filters: Filters, now: datetime, read: Read | None = None
) -> Answer:
    """Answer a question from the news. Blocks; belongs in a worker thread.

    ``read`` is bot.reader's; without it there is no short answer, and less is told apart.
    """
    # A command line can hand over what is no text; nothing behind this could read it.
    question = question.encode("utf-8", "replace").decode()
    question = " ".join(question.split())[:LONGEST_QUESTION]
    passages = news.search(question, PASSAGES, filters)
    sentences = candidates(question, passages, news.rarities, read) if passages else []
    answer = decide(question, sentences, coverage(news), now)
    return verified(answer, news.quote)


def candidates(
    question: str,
    passages: Sequence[Passage],
    rarities: Rarities,
    read: Read | None = None,
) -> list[Sentence]:
    """Every sentence of the passages with its features, in the passages' order.

    A sentence that itself asks answers nothing and is left out.
    """
    sought = asked(question, _rarities_of(asked_terms(question), rarities))
    readings = read(question, [p.text for p in passages[:READ]]) if read else ()
    found = []
    for passage, reading in zip_longest(passages, readings):
        around = set(words(f"{passage.article.title}\n{passage.text}"))
        for span in split_sentences(passage.text, 0, len(passage.text)):
            text = passage.text[span.start : span.end]
            if text.rstrip(_CLOSING).endswith("?"):
                continue
            answer = _span_in(reading, span.start, span.end)
            margin = reading.margin if answer else None
            features = measured(sought, text, around, passage.similarity or 0.0, margin)
            found.append(Sentence(passage, span.start, span.end, features, answer))
    return found


def _span_in(reading: Reading | None, start: int, end: int) -> tuple[int, int] | None:
    """The part of the reader's span in a sentence, if it begins there."""
    if reading is None or not start <= reading.text_start < end:
        return None
    stop = min(reading.text_end, end)
    return (reading.text_start, stop) if stop > reading.text_start else None


def _rarities_of(named: Sequence[str], rarities: Rarities) -> dict[str, float]:
    """The rarity of each word; of a verb that of its commonest form.

    The index knows "won" but not that it is "win", which may be nowhere and is not rare.
    """
    forms = {word: all_forms(word) for word in named}
    flat = [form for of_word in forms.values() for form in of_word]
    known = dict(zip(flat, rarities(flat), strict=True)) if flat else {}
    return {word: min(known[form] for form in of_word) for word, of_word in forms.items()}


def asked_terms(question: str) -> list[str]:
    """The stemmed words of a question that name something, each once, in order."""
    return [w for w in dict.fromkeys(words(question)) if w not in _ASKING]


def decide(
    question: str,
    sentences: Sequence[Sentence],
    covers: Coverage,
    now: datetime,
    calibration: Calibration = CALIBRATION,
) -> Answer:
    """The most likely sentences as claims, and what the best one's probability means."""
    scored = sorted(
        ((s.features.probability(calibration), s) for s in sentences),
        key=lambda item: -item[0],
    )
    best = scored[0][0] if scored else 0.0
    if best < calibration.closest:
        return Answer(question, Outcome.NOT_IN_SOURCES, (), covers, now)
    outcome = Outcome.ANSWERED if best >= calibration.answered else Outcome.CLOSEST
    least = max(best * _NEARLY, calibration.closest)
    claims = tuple(_pick((p, s) for p, s in scored if p >= least))
    first = scored[0][1]
    sure = outcome is Outcome.ANSWERED and first.features.reading >= calibration.short
    return Answer(question, outcome, claims, covers, now, first.short if sure else None)


def _pick(scored: Iterator[tuple[float, Sentence]]) -> Iterator[Claim]:
    """The first claims, few from one article, none twice."""
    of_article: dict[int, int] = {}
    said: set[str] = set()
    for probability, sentence in scored:
        claim = _claim(sentence, probability)
        words = " ".join(terms(claim.quote))
        if of_article.get(claim.article.id, 0) < _CLAIMS_OF_ONE_ARTICLE and words not in said:
            of_article[claim.article.id] = of_article.get(claim.article.id, 0) + 1
            said.add(words)
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
    sound = tuple(claim for claim in answer.claims if _is_sound(claim, quote))
    if answer.short is not None and not (sound and answer.short in sound[0].quote):
        answer = replace(answer, short=None)
    if len(sound) == len(answer.claims):
        return answer
    outcome = answer.outcome
    if not sound:
        outcome = Outcome.NOT_IN_SOURCES
    elif sound[0] != answer.claims[0]:
        outcome = Outcome.CLOSEST
    return replace(answer, claims=sound, outcome=outcome, short=None)


def _is_sound(claim: Claim, quote: Quote) -> bool:
    c = claim.citation
    return quote(c.article, c.version, c.start, c.end, c.sha256) == claim.quote


def coverage(news: News) -> Coverage:
    """What the sources cover."""
    outlets = news.outlets()
    earliest = [o.earliest for o in outlets if o.earliest]
    latest = [o.latest for o in outlets if o.latest]
    return Coverage(
        articles=sum(o.articles for o in outlets),
        earliest=min(earliest, default=None),
        latest=max(latest, default=None),
        outlets=tuple(o.name for o in outlets if o.name)[:5],
    )
