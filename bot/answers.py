"""What an answer is made of: frozen values, from answering to every way of showing them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.plain import plain
from index.articles import Article


class Outcome(StrEnum):
    """Whether the sources answer the question. A fault is never one of these."""

    ANSWERED = "answered"
    CLOSEST = "closest"
    NOT_IN_SOURCES = "not in my sources"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands: ``text[start:end]`` of one version of an article.

    ``sha256`` is the digest of that version's whole text, by which the quote is checked
    again right before it is shown. ``paragraph`` counts from 1.
    """

    article: int
    version: int
    paragraph: int
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A verbatim sentence, where it stands, and in which article.

    ``speaker`` is who says so, if the sentence tells; ``score`` in 0..1 is how likely
    the sentence answers the question.
    """

    quote: str
    citation: Citation
    article: Article
    score: float
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the sources cover: shown when they do not answer.

    ``outlets`` are those with the newest articles first, at most a handful.
    """

    articles: int
    earliest: datetime | None
    latest: datetime | None
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the question's own words limit its answer to, times in the asker's zone.

    ``without`` are those limits, "dates" or "outlets", that had to be given up because
    nothing within them answers.
    """

    outlets: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, what the sources say, and how sure that is.

    ``short`` is the answer in a few words, if a reader found one in the first claim's
    quote. Citation numbers are not stored: cited() derives them from the claims. Of a
    question in several parts, ``parts`` are the answers to each and ``claims`` all of theirs.
    """

    question: str
    outcome: Outcome
    claims: tuple[Claim, ...]
    coverage: Coverage
    as_of: datetime
    short: str | None = None
    limits: Limits | None = None
    parts: tuple["Answer", ...] = ()


def cited(claims: tuple[Claim, ...]) -> dict[int, int]:
    """Article ids to citation numbers from 1, in order of first use, so that none dangles."""
    numbers: dict[int, int] = {}
    for claim in claims:
        numbers.setdefault(claim.article.id, len(numbers) + 1)
    return numbers


def answer_from_plain(stored: dict[str, Any]) -> Answer:
    """The Answer that bot.plain.plain() was given; raises KeyError on anything else."""
    claims = tuple(claim_from_plain(claim) for claim in stored["claims"])
    coverage = stored["coverage"]
    return Answer(
        question=stored["question"],
        outcome=Outcome(stored["outcome"]),
        claims=claims,
        coverage=Coverage(
            articles=coverage["articles"],
            earliest=_time(coverage["earliest"]),
            latest=_time(coverage["latest"]),
            outlets=tuple(coverage["outlets"]),
        ),
        as_of=datetime.fromisoformat(stored["as_of"]),
        short=stored["short"],
        # Answers that were stored before these were known have none of them.
        limits=_limits(stored.get("limits")),
        parts=tuple(map(answer_from_plain, stored.get("parts", ()))),
    )


def _limits(stored: dict[str, Any] | None) -> Limits | None:
    if stored is None:
        return None
    outlets, without = tuple(stored["outlets"]), tuple(stored["without"])
    return Limits(outlets, _time(stored["since"]), _time(stored["until"]), without)


def claim_to_plain(claim: Claim) -> dict[str, Any]:
    """A claim as plain values, for claim_from_plain()."""
    stored = plain(claim)
    assert isinstance(stored, dict)
    return stored


def claim_from_plain(stored: dict[str, Any]) -> Claim:
    """The Claim that bot.plain.plain() was given; raises KeyError on anything else."""
    article = stored["article"]
    return Claim(
        quote=stored["quote"],
        citation=Citation(**stored["citation"]),
        article=Article(
            **{
                **article,
                "authors": tuple(article["authors"]),
                "published": _time(article["published"]),
                "first_seen": datetime.fromisoformat(article["first_seen"]),
            }
        ),
        score=stored["score"],
        speaker=stored["speaker"],
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
