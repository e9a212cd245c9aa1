"""What an answer is made of: frozen values, from answering to every way of showing them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.hedges import Hedge
from bot.plain import plain
from bot.saying_verbs import Stance
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

    ``score`` in 0..1 is how likely the sentence answers the question. ``speaker`` is who
    says so, if the paragraph tells, as the article names him; ``stance`` how he stands to it.
    ``hedge`` is why it is not to be taken as fact, None if it is stated as one.
    """

    quote: str
    citation: Citation
    article: Article
    score: float
    speaker: str | None = None
    stance: Stance | None = None
    hedge: Hedge | None = None


class Disagreement(StrEnum):
    """How accounts differ: a charge and its denial, two numbers, or a newer number."""

    DENIAL = "denial"
    DIFFERENCE = "difference"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Account:
    """What one side says; the claim's quote may be a part of a sentence.

    ``direct`` says that the quote is the speaker's own words, which the article quotes. Of
    a number that the outlet itself gives, the outlet is the ``speaker``; "" if it has no name.
    """

    speaker: str
    claim: Claim
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Dispute:
    """Accounts of one thing that differ: the charge before its denial, the newest number first."""

    kind: Disagreement
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A further article that says what the first claim says, and its sentence.

    ``copy_of`` is the id of the article, the first claim's or an earlier carrier's, whose text
    it repeats; None if it is a source of its own.
    """

    claim: Claim
    copy_of: int | None = None


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
    quote; ``short_speaker`` is who claims it, None where it is told as fact.
    ``accounts`` are where sides differ over what is asked, ``carriers`` who else says
    what the first claim says. ``limits`` are what the question limited its sources to. Of a
    question in several parts, ``parts`` are the answers to each and ``claims`` all of theirs.
    ``typed`` is how it was asked, where a word was taken for another one that the sources have.
    Citation numbers are not stored: cited() derives them.
    """

    question: str
    outcome: Outcome
    claims: tuple[Claim, ...]
    coverage: Coverage
    as_of: datetime
    short: str | None = None
    short_speaker: str | None = None
    accounts: tuple[Dispute, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    limits: Limits | None = None
    parts: tuple["Answer", ...] = ()
    typed: str | None = None

    @property
    def cites(self) -> tuple[Claim, ...]:
        """All that is quoted, in the order in which it is shown."""
        if self.parts:
            return tuple(claim for part in self.parts for claim in part.cites)
        differing = (a.claim for dispute in self.accounts for a in dispute.accounts)
        return (*self.claims, *differing, *(c.claim for c in self.carriers))

    @property
    def sources(self) -> int:
        """How many independent sources say what the first claim says; copies count once."""
        return bool(self.claims) + sum(c.copy_of is None for c in self.carriers)


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
        short_speaker=stored.get("short_speaker"),
        accounts=tuple(map(_dispute, stored.get("accounts", ()))),
        carriers=tuple(
            Carrier(claim_from_plain(carrier["claim"]), carrier["copy_of"])
            for carrier in stored.get("carriers", ())
        ),
        limits=_limits(stored.get("limits")),
        parts=tuple(map(answer_from_plain, stored.get("parts", ()))),
        typed=stored.get("typed"),
    )


def _dispute(stored: dict[str, Any]) -> Dispute:
    return Dispute(
        Disagreement(stored["kind"]),
        tuple(
            Account(account["speaker"], claim_from_plain(account["claim"]), account["direct"])
            for account in stored["accounts"]
        ),
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
        stance=Stance(stance) if (stance := stored.get("stance")) else None,
        hedge=Hedge(hedge) if (hedge := stored.get("hedge")) else None,
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
