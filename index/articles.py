"""What the news is made of: frozen values, passed between all other modules.

Times are aware and in UTC. Offsets count Python characters (code points).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SourceKind(StrEnum):
    """What a source is, which decides how it is read."""

    FILE = "file"
    FOLDER = "folder"
    PAGE = "page"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Health:
    """How a source has been doing.

    ``failures`` counts failures in a row; ``error`` is the last one's message.
    """

    due: datetime | None = None
    checked: datetime | None = None
    succeeded: datetime | None = None
    failures: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A place that news comes from; ``url`` is a URL or an absolute path."""

    id: int
    url: str
    kind: SourceKind
    title: str | None
    added: datetime
    health: Health = Health()
    etag: str | None = None
    last_modified: str | None = None
    articles: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a feed states it; ``id`` is the feed's own, else the link.

    ``html`` is the longest body the feed gives; ``complete`` says whether that is the
    article itself (True) or only a summary of the page at ``url`` (False).
    """

    id: str
    url: str | None
    title: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str | None = None
    html: str = ""
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """An article as it was read from a page, a feed entry or a file, not stored yet.

    ``text`` holds the body's paragraphs separated by one empty line, with nothing of
    the headline, byline or the page's furniture in it. ``url`` is the canonical one.
    """

    title: str
    text: str
    url: str | None = None
    outlet: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """An article that is kept. ``key`` is its identity: canonical URL, feed id or path.

    ``version`` is the number of its newest version, counted from 1.
    """

    id: int
    key: str
    url: str | None
    title: str
    outlet: str | None
    section: str | None
    authors: tuple[str, ...]
    published: datetime | None
    language: str | None
    first_seen: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable text of an article; ``sha256`` is the hex digest of ``text`` in UTF-8."""

    article: int
    number: int
    fetched: datetime
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A slice ``text[start:end]`` of an article's version; ``number`` counts from 1.

    ``id`` names it in both derived indexes.
    """

    id: int
    article: int
    version: int
    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph that search returns, with its text and its scores.

    ``score`` is the fused score in 0..1 relative to the other candidates of the same
    search; ``similarity`` the cosine to the question (None if only keywords found it);
    ``keywords`` the BM25 score (None if only the vectors found it).
    """

    article: Article
    paragraph: Paragraph
    version_sha256: str
    text: str
    score: float
    similarity: float | None
    keywords: float | None
