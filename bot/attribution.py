"""Who says what an answer quotes, who says otherwise, and who else says it.

Pure but for the news that is read: the paragraphs of at most a few articles.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from bot.accounts import Denial, denials
from bot.answers import Account, Answer, Carrier, Citation, Claim, Disagreement, Dispute, Outcome
from bot.candidates import asked_terms
from bot.carriers import carriers
from bot.features import is_polar, words
from bot.hedges import hedge
from bot.number_accounts import Counted, Difference, counted, differences
from bot.saying_verbs import Stance
from bot.sketches import sketch
from bot.speakers import saying_of
from bot.stated import Stated, quoted_span
from bot.stories import Recent, place
from index import News, Passage
from index.archive import Row
from index.paragraphs import Span, split_sentences

# Articles whose paragraphs are read for other accounts: those cited, then those found.
_READ = 2
_ASKS_A_NUMBER = re.compile(r"\bhow (?:many|much|high|large|big)\b|\b(?:number|toll|cost)\b", re.I)
# The share of a question's words that a charge has to hold to be what is asked.
_ASKED = 0.8
# "A ceasefire brokered by": what follows is known, whoever is accused of breaking it.
_KNOWN = re.compile(r"\b\w+(?:ed|en|ne|ilt|ght|wn) by (?:the )?$")


def attributed(answer: Answer, passages: Sequence[Passage], news: News) -> Answer:
    """The answer with its speakers, the accounts that differ, and who else carries it.

    ``passages`` are what the search for the answer found. To whether a disputed charge is
    true there is no short answer but the charge and its denial.
    """
    if not answer.claims:
        return answer
    texts = {(p.article.id, p.paragraph.number): p.text for p in passages}
    claims = tuple(_with_speaker(c, texts) for c in answer.claims)
    answer = _with_short(replace(answer, claims=claims))
    articles = _paragraphs(_to_read(claims, passages), news)
    answer = _with_denial(answer, articles)
    answer = _with_numbers(answer, articles)
    return replace(answer, carriers=_carriers(answer, passages, news))


def _with_speaker(claim: Claim, texts: Mapping[tuple[int, int], str]) -> Claim:
    paragraph = texts.get((claim.article.id, claim.citation.paragraph), claim.quote)
    start = paragraph.find(claim.quote)
    saying = saying_of(paragraph, start, start + len(claim.quote))
    return replace(
        claim,
        speaker=saying.speaker if saying else None,
        stance=saying.stance if saying else None,
        hedge=hedge(claim.quote),
    )


def _with_short(answer: Answer) -> Answer:
    """The answer with who claims its short answer; without one that its sentence denies."""
    first = answer.claims[0]
    if answer.short is None or first.stance is None:
        return answer
    at = first.quote.find(answer.short)
    alone = saying_of(first.quote, 0, len(first.quote))
    is_said = alone is None or alone.said.start <= at < alone.said.end
    if not is_said or _KNOWN.search(first.quote[:at]):
        return answer
    if first.stance is Stance.DENIED:
        return replace(answer, short=None)
    return replace(answer, short_speaker=first.speaker)


def _to_read(claims: Sequence[Claim], passages: Sequence[Passage]) -> list[int]:
    found = [c.article.id for c in claims] + [p.article.id for p in passages]
    return list(dict.fromkeys(found))[:_READ]


def _paragraphs(ids: Sequence[int], news: News) -> list[list[Row]]:
    """The paragraphs of each article, in order, read at once."""
    of_article: dict[int, list[Row]] = {article: [] for article in ids}
    for row in news.archive.rows(articles_in=ids):
        of_article[row.article.id].append(row)
    return [sorted(rows, key=lambda r: r.paragraph.number) for rows in of_article.values()]


def _with_denial(answer: Answer, articles: Sequence[Sequence[Row]]) -> Answer:
    shown = {(c.citation.article, c.citation.start) for c in answer.claims}
    asks = is_polar(answer.question)
    for pair in denials(articles):
        sides = (pair.charge, pair.denial, *pair.shown)
        is_shown = any(_place(side) in shown for side in sides)
        is_asked = asks and _answers(pair, answer.question)
        if is_shown or is_asked:
            dispute = Dispute(Disagreement.DENIAL, tuple(_accounts(pair)))
            answer = replace(answer, accounts=(*answer.accounts, dispute))
            if asks:
                answer = replace(answer, short=None, short_speaker=None)
            if is_asked:
                answer = replace(answer, outcome=Outcome.ANSWERED)
            return answer
    return answer


def _place(said: Stated) -> tuple[int, int]:
    return said.row.article.id, said.row.paragraph.start + said.sentence.start


def _answers(pair: Denial, question: str) -> bool:
    """Whether a question asks for what is charged."""
    asked = asked_terms(question)
    title = pair.charge.row.article.title
    held = set(words(f"{title} {pair.charge.whole} {pair.denial.whole}"))
    return bool(asked) and sum(word in held for word in asked) >= _ASKED * len(asked)


def _accounts(pair: Denial) -> Iterator[Account]:
    charge, denial = pair.shown
    together = _place(charge) == _place(denial)
    for said in (charge, denial):
        quoted = None if together else quoted_span(said)
        clause = Span(said.saying.start, said.saying.end)
        span = quoted or (clause if together else said.sentence)
        yield Account(said.speaker, _claim(said.row, span, said), direct=quoted is not None)


def _claim(row: Row, span: Span, said: Stated | None = None) -> Claim:
    text = row.text[span.start : span.end]
    start = row.paragraph.start + span.start + len(text) - len(text.lstrip(" ,;"))
    text = text.strip(" ,;")
    return Claim(
        quote=text,
        citation=Citation(
            row.article.id,
            row.paragraph.version,
            row.paragraph.number,
            start,
            start + len(text),
            row.version_sha256,
        ),
        article=row.article,
        score=0.0,
        speaker=said.speaker if said else None,
        stance=said.saying.stance if said else None,
    )


def _with_numbers(answer: Answer, articles: Sequence[Sequence[Row]]) -> Answer:
    if not _ASKS_A_NUMBER.search(answer.question):
        return answer
    first = answer.claims[0].citation
    rows = [row for of_article in articles for row in of_article]
    cited = [
        row
        for row in rows
        if (row.article.id, row.paragraph.number) == (first.article, first.paragraph)
    ]
    of = [
        n
        for n in counted(cited)
        if n.row.paragraph.start + n.sentence.start == first.start
        and (answer.short is None or _is_in(n, answer.short))
    ]
    numbers = counted(rows, {n.quantity.thing for n in of}) if of else []
    for difference in differences(of, numbers):
        dispute = Dispute(difference.kind, tuple(_number_accounts(difference)))
        return replace(answer, accounts=(*answer.accounts, dispute))
    return answer


def _is_in(number: Counted, short: str) -> bool:
    written = number.whole[number.quantity.start : number.quantity.end]
    return written in short or short in written


def _number_accounts(difference: Difference) -> Iterator[Account]:
    for number in (difference.first, difference.second):
        speaker = number.speaker or number.row.article.outlet or ""
        claim = replace(_claim(number.row, number.sentence), speaker=number.speaker)
        yield Account(speaker, claim)


def _carriers(answer: Answer, passages: Sequence[Passage], news: News) -> tuple[Carrier, ...]:
    def groups(ids: Collection[int]) -> Mapping[int, int]:
        return copies(ids, news)

    among = (*answer.claims, *_sentences(passages))
    return carriers(answer.claims[0], among, answer.short, groups)


def _sentences(passages: Iterable[Passage]) -> Iterator[Claim]:
    for passage in passages:
        row = Row(passage.paragraph, passage.article, passage.version_sha256, passage.text)
        for span in split_sentences(passage.text, 0, len(passage.text)):
            yield _claim(row, span)


def copies(ids: Collection[int], news: News) -> dict[int, int]:
    """Article ids to the id that all copies of one text have in common."""
    vectors = news.vectors(ids)
    sketches = []
    for article in ids:
        rows = news.paragraphs(article)
        of_article = list(vectors.get(article, {}).values())
        if rows and of_article:
            text = "\n".join(row.text for row in rows)
            sketches.append(sketch(rows[0].article, text, np.stack(of_article)))
    placed, _ = place(sketches, Recent())
    return {p.article: p.group for p in placed}
