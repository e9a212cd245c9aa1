"""Our own questions and follow-ups with how they are to be read, and whether they are.

The questions' files: a line each, ``question | d=… | o=… | latest | s=… | p=… / …``; what is
not given is not asked for. ``@ TIME ZONE`` sets the local time of what follows.

- ``d=SINCE..UNTIL`` is the span of time that the question names, local, the end not included;
  ``pub`` behind it when it is when something was published, not when something happened.
- ``o=`` the outlets that the answer is to come from, as they are stored.
- ``latest``: what is newest is wanted.
- ``s=`` whose words are asked for; ``?`` when the question is who said something.
- ``p=`` the questions that it is made of, each understandable by itself.

The dialogues' files: ``Q`` a question, ``"`` the sentences that answered it, then follow-ups:
``> question | need words | not words`` holds when all the words needed, and none of the
others, are searched for, or ``alone`` when nothing is to be taken over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.answers import Answer, Citation, Claim, Coverage, Outcome
from bot.candidates import asked_terms
from bot.features import words
from bot.follow_ups import read_question
from bot.outlets_asked import Known
from bot.questions import Understood, understand
from index.articles import Article

FOLDER = Path(__file__).parent
FACETS = ("dates", "outlets", "latest", "speaker", "parts")

KNOWN = (
    Known("BBC News", "https://www.bbc.co.uk/news/1"),
    Known("Reuters", "https://www.reuters.com/world/1"),
    Known("The Guardian", "https://www.theguardian.com/world/1"),
    Known("CNN", "https://edition.cnn.com/2024/1"),
    Known("USA Today", "https://www.usatoday.com/story/1"),
    Known("The Week", "https://theweek.com/1"),
    Known("The New York Times", "https://www.nytimes.com/1"),
    Known("Al Jazeera English", "https://www.aljazeera.com/news/1"),
    Known("Time", "https://time.com/1"),
    Known("AP News", "https://apnews.com/article/1"),
    Known("The Independent", "https://www.independent.co.uk/1"),
    Known("Deutsche Welle", "https://www.dw.com/en/1"),
    Known("Sky News", "https://news.sky.com/story/1"),
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question, when and where it was asked, and how it is to be read.

    ``dates`` are aware UTC times and whether they are of publication.
    """

    text: str
    now: datetime
    zone: str
    dates: tuple[datetime | None, datetime | None, bool] | None
    outlets: frozenset[str]
    latest: bool
    speaker: str | None
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """An answer, a question after it, and the stems that must and must not be searched for."""

    last: Answer
    text: str
    alone: bool
    need: frozenset[str]
    forbidden: frozenset[str]


@cache
def questions(part: str) -> tuple[Labelled, ...]:
    """The labelled questions of a part, "tuning" or "held_out"."""
    found, now, zone = [], datetime(2024, 1, 1, tzinfo=UTC), "UTC"
    for line in _lines(f"questions_{part}.txt"):
        if line.startswith("@"):
            _, moment, zone = line.split()
            now = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            continue
        text, *labels = line.split(" | ")
        given = dict(label.partition("=")[::2] for label in labels)
        found.append(
            Labelled(
                text=text,
                now=now,
                zone=zone,
                dates=_dates(given["d"], zone) if "d" in given else None,
                outlets=frozenset(given["o"].split(", ")) if "o" in given else frozenset(),
                latest="latest" in given,
                speaker=given.get("s"),
                parts=tuple(given["p"].split(" / ")) if "p" in given else (),
            )
        )
    return tuple(found)


def _dates(label: str, zone: str) -> tuple[datetime | None, datetime | None, bool]:
    span, _, published = label.partition(" ")
    since, until = (
        datetime.fromisoformat(end).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if end else None
        for end in span.split("..")
    )
    return since, until, published == "pub"


@cache
def dialogues(part: str) -> tuple[Dialogue, ...]:
    """The labelled dialogues of a part, "tuning" or "held_out"."""
    found, question, quotes = [], "", []
    for line in _lines(f"dialogues_{part}.txt"):
        kind, rest = line[0], line[1:].strip()
        if kind == "Q":
            question, quotes = rest, []
        elif kind == '"':
            quotes.append(rest)
        else:
            text, *labels = rest.split(" | ")
            given = dict(label.strip().partition(" ")[::2] for label in labels)
            found.append(
                Dialogue(
                    last=answered(question, quotes),
                    text=text,
                    alone="alone" in given,
                    need=frozenset(words(given.get("need", ""))),
                    forbidden=frozenset(words(given.get("not", ""))),
                )
            )
    return tuple(found)


def _lines(name: str) -> Iterator[str]:
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def answered(question: str, quotes: list[str]) -> Answer:
    """An answer with these quotes."""
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    article = Article(1, "k", None, "Title", None, None, (), moment, None, moment, 1)
    claims = tuple(
        Claim(quote, Citation(1, 1, 1, 0, len(quote), ""), article, 0.9) for quote in quotes
    )
    return Answer(question, Outcome.ANSWERED, claims, Coverage(1, None, None, ()), moment)


def right(label: Labelled) -> dict[str, bool]:
    """Which facets of a question are read exactly as labelled."""
    got: Understood = understand(label.text, label.now, ZoneInfo(label.zone), KNOWN)
    dates = got.dates and (got.dates.since, got.dates.until, got.dates.published)
    return {
        "dates": dates == label.dates,
        "outlets": frozenset(got.outlets) == label.outlets,
        "latest": got.latest == label.latest,
        "speaker": _name(got.speaker) == _name(label.speaker),
        "parts": [_meaning(p) for p in got.parts] == [_meaning(p) for p in label.parts],
    }


def _name(speaker: str | None) -> str | None:
    return None if speaker is None else speaker.casefold().removeprefix("the ")


def _meaning(part: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a part asks, however it is put: its question words and its content words."""
    asks = re.findall(r"\b(who|whom|whose|what|which|when|where|why|how)\b", part.casefold())
    return frozenset(asks), frozenset(asked_terms(part))


def follows_right(dialogue: Dialogue) -> bool:
    """Whether a follow-up is read as labelled."""
    reading = read_question(dialogue.text, dialogue.last, is_reply=False)
    searched = set(words(reading.search))
    if dialogue.alone:
        return reading.search == dialogue.text
    return dialogue.need <= searched and not dialogue.forbidden & searched
