"""Whether answers still stand: what they quoted, held against what the articles say now.

Pure but for check(), which reads the news.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.answers import Answer, Citation, Claim, claim_from_plain
from bot.corrections import corrections
from index import Article, News, Version
from index.keywords import terms
from index.paragraphs import Span, split_paragraphs, split_sentences
from index.storing import sha256

# A sentence that shares less than half of its words with the quote is another sentence.
_LIKE = 0.5
_TYPOGRAPHY = str.maketrans("‘’‚‛“”„‟«»–—−‐‑", '\'\'\'\'""""""-----')


class Standing(StrEnum):
    """What became of a quote. Of UNREADABLE the stored text is damaged, so nobody can say."""

    STANDS = "stands"
    CHANGED = "changed"
    GONE = "gone"
    REMOVED = "removed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim as it was given, and what became of it.

    ``now`` is the sentence that stands in its place, when the article CHANGED; GONE is a
    quote without one, REMOVED one whose article is no longer kept. ``correction`` is what
    the article says of its own correction.
    """

    claim: Claim
    standing: Standing
    now: Claim | None = None
    correction: Claim | None = None

    @property
    def stands(self) -> bool:
        """Whether nothing is known to have changed."""
        return self.standing in (Standing.STANDS, Standing.UNREADABLE)


def check(news: News, answer: Answer) -> tuple[Checked, ...]:
    """What became of each quote of an answer, once. Blocks; belongs in a worker thread."""
    quotes: dict[Citation, Claim] = {}
    for claim in answer.cites:
        quotes.setdefault(claim.citation, claim)
    return tuple(_check(news, claim) for claim in quotes.values())


def _check(news: News, claim: Claim) -> Checked:
    # By its key: in an archive that was made anew the numbers are others.
    article = news.archive.by_key(claim.article.key)
    newest = news.archive.version(article.id, article.version) if article else None
    if article is None or newest is None:
        return Checked(claim, Standing.REMOVED)
    if sha256(newest.text) != newest.sha256:
        return Checked(claim, Standing.UNREADABLE)
    cited = news.archive.version(article.id, claim.citation.version)
    if cited is None or sha256(cited.text) != claim.citation.sha256:
        cited = newest if newest.sha256 == claim.citation.sha256 else None
    return judged(claim, cited.text if cited else None, article, newest)


def judged(claim: Claim, cited: str | None, article: Article, newest: Version) -> Checked:
    """What became of a claim in the newest version of its article.

    ``cited`` is the text that it was quoted from, None if that is no longer kept. A claim
    stands if each whole sentence that it was taken from is still one, but for white space
    and the forms of quotation marks and dashes. What takes its place is the sentence that
    shares most words with it and did not stand in the old text already; what the article
    says of its own correction, which repeats what was wrong, is never taken for that.
    """
    now = list(_sentences(article, newest))
    notes = corrections(newest.text)
    before, noted = _old(cited)
    said = [c for c in now if not _within(c, notes) or same(c.quote) in noted]
    correction = _claim(article, newest, notes[0]) if notes else None
    there = {same(c.quote) for c in said}
    if all(same(sentence) in there for sentence in _whole(claim, cited)):
        return Checked(claim, Standing.STANDS, correction=correction)
    fresh = [c for c in said if same(c.quote) not in before]
    likest = max(fresh, key=lambda c: likeness(claim.quote, c.quote), default=None)
    if likest is None or likeness(claim.quote, likest.quote) < _LIKE:
        return Checked(claim, Standing.GONE, correction=correction)
    return Checked(claim, Standing.CHANGED, likest, correction)


def same(text: str) -> str:
    """A sentence without what typesetting alone may change."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_TYPOGRAPHY).split())


def likeness(one: str, other: str) -> float:
    """How many words two sentences share, of all that they have: 0..1 (Dice, on stems)."""
    a, b = Counter(terms(one)), Counter(terms(other))
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def _whole(claim: Claim, cited: str | None) -> list[str]:
    """The whole sentences of the cited text that a quote was taken from, or its own."""
    if cited is None:
        spans = split_sentences(claim.quote, 0, len(claim.quote))
        return [claim.quote[s.start : s.end] for s in spans]
    at = claim.citation
    spans = tuple(s for _, s in _spans(cited) if s.start < at.end and at.start < s.end)
    return [cited[s.start : s.end] for s in spans]


def _old(cited: str | None) -> tuple[set[str], set[str]]:
    """The sentences of the cited text, and those of them that tell of corrections."""
    if cited is None:
        return set(), set()
    notes = corrections(cited)
    spans = [s for _, s in _spans(cited)]
    told = [s for s in spans if any(n.start <= s.start < n.end for n in notes)]
    return {same(cited[s.start : s.end]) for s in spans}, {
        same(cited[s.start : s.end]) for s in told
    }


def _spans(text: str) -> Iterator[tuple[int, Span]]:
    """Each sentence of a text with its paragraph's number."""
    for number, paragraph in enumerate(split_paragraphs(text), start=1):
        for sentence in split_sentences(text, paragraph.start, paragraph.end):
            yield number, sentence


def _sentences(article: Article, version: Version) -> Iterator[Claim]:
    for number, span in _spans(version.text):
        yield _at(article, version, number, span)


def _claim(article: Article, version: Version, span: Span) -> Claim:
    numbered = enumerate(split_paragraphs(version.text), start=1)
    number = next(i for i, p in numbered if p.start <= span.start < p.end)
    return _at(article, version, number, span)


def _at(article: Article, version: Version, paragraph: int, span: Span) -> Claim:
    citation = Citation(
        article=article.id,
        version=version.number,
        paragraph=paragraph,
        start=span.start,
        end=span.end,
        sha256=version.sha256,
    )
    return Claim(version.text[span.start : span.end], citation, article, score=1.0)


def _within(claim: Claim, notes: Iterable[Span]) -> bool:
    return any(n.start <= claim.citation.start < n.end for n in notes)


def checked_from_plain(stored: dict[str, Any]) -> Checked:
    """The Checked that bot.plain.plain() was given; raises KeyError on anything else."""
    now, correction = stored["now"], stored["correction"]
    return Checked(
        claim=claim_from_plain(stored["claim"]),
        standing=Standing(stored["standing"]),
        now=claim_from_plain(now) if now else None,
        correction=claim_from_plain(correction) if correction else None,
    )
