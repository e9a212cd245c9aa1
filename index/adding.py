"""What a person names (a path, a URL) to the sources that it stands for."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from index.articles import Source, SourceKind
from index.errors import FetchError, UnreadableError
from index.feeds import Kind, Outline, discover_feeds, parse_feed, parse_opml, sniff
from index.fetching import Fetched, Fetcher
from index.files import article_files, read_document, read_file


@dataclass(frozen=True, slots=True)
class Recognised:
    """The sources that a target stands for, not stored yet, and what was fetched already."""

    sources: tuple[Source, ...]
    fetched: dict[str, Fetched]


async def recognise(target: str, fetcher: Fetcher, now: datetime) -> Recognised:
    """Find out what a target is: file, folder, page, feed, front page or OPML.

    Raises UnreadableError or FetchError with what is wrong and what to do.
    """
    target = target.strip()
    if not target:
        raise UnreadableError("add", "nothing was named", "Give a path or a URL")
    path = await asyncio.to_thread(_existing, target)
    if path is not None:
        return await asyncio.to_thread(_recognise_path, path, now)
    if "://" not in target and not _like_a_host(target):
        raise UnreadableError(target, "there is no such file or folder", "Check the path")
    return await _recognise_url(target if "://" in target else f"https://{target}", fetcher, now)


def _existing(target: str) -> Path | None:
    try:
        path = Path(target).expanduser().resolve()
        return path if "://" not in target and path.exists() else None
    except (OSError, RuntimeError, ValueError):
        # Too long, an unknown user's home, a NUL byte: no such file.
        return None


def _like_a_host(target: str) -> bool:
    host = target.split("/")[0].split(":")[0]
    suffix = host.rpartition(".")[2]
    return (
        "." in host
        and suffix.isalpha()
        and f".{suffix.lower()}" not in {".txt", ".md", ".html", ".htm", ".xml", ".opml", ".json"}
    )


def _recognise_path(path: Path, now: datetime) -> Recognised:
    if path.is_dir():
        article_files(path)
        return Recognised((_source(str(path), SourceKind.FOLDER, path.name, now),), {})
    data = read_file(path)
    match sniff(data, None):
        case Kind.OPML:
            return _outlines(parse_opml(data, url=path.as_uri()), str(path), now)
        case Kind.FEED:
            feed = parse_feed(data, url=path.as_uri())
            return Recognised((_source(str(path), SourceKind.FEED, feed.title, now),), {})
        case _:
            document = read_document(data, path.name)
            return Recognised((_source(str(path), SourceKind.FILE, document.title, now),), {})


async def _recognise_url(url: str, fetcher: Fetcher, now: datetime) -> Recognised:
    answer = await fetcher.get(url)
    if not isinstance(answer, Fetched):
        raise FetchError(url, "the site answered 'not modified' to a first request")
    home = answer.permanent_url or url
    match sniff(answer.body, answer.content_type):
        case Kind.OPML:
            outlines = await asyncio.to_thread(parse_opml, answer.body, url=answer.url)
            return _outlines(outlines, url, now)
        case Kind.FEED:
            feed = await asyncio.to_thread(
                parse_feed, answer.body, url=answer.url, content_type=answer.content_type
            )
            return Recognised((_source(home, SourceKind.FEED, feed.title, now),), {home: answer})
        case Kind.HTML:
            return await _recognise_html(home, answer, fetcher, now)
        case _:
            document = await asyncio.to_thread(
                read_document, answer.body, answer.url, answer.content_type, answer.charset
            )
            source = _source(home, SourceKind.PAGE, document.title, now)
            return Recognised((source,), {home: answer})


async def _recognise_html(
    home: str, answer: Fetched, fetcher: Fetcher, now: datetime
) -> Recognised:
    """A front page stands for its feed; any other page for the article that it is."""
    feeds = await asyncio.to_thread(discover_feeds, answer.body, url=answer.url)
    if feeds and _is_front_page(answer.url):
        return await _first_that_works(feeds, fetcher, now)
    try:
        document = await asyncio.to_thread(
            read_document, answer.body, answer.url, answer.content_type, answer.charset
        )
    except UnreadableError:
        if feeds:
            return await _first_that_works(feeds, fetcher, now)
        raise
    return Recognised((_source(home, SourceKind.PAGE, document.title, now),), {home: answer})


async def _first_that_works(
    feeds: tuple[Outline, ...], fetcher: Fetcher, now: datetime
) -> Recognised:
    """The first feed that a page names and that can be read; sites name dead ones too."""
    failed: FetchError | UnreadableError | None = None
    for outline in feeds:
        try:
            answer = await fetcher.get(outline.url)
            if isinstance(answer, Fetched):
                feed = await asyncio.to_thread(parse_feed, answer.body, url=answer.url)
                title = feed.title or outline.title
                source = _source(outline.url, SourceKind.FEED, title, now)
                return Recognised((source,), {outline.url: answer})
        except (FetchError, UnreadableError) as error:
            failed = failed or error
    assert failed is not None
    raise failed


def _is_front_page(url: str) -> bool:
    """Whether a URL's path is at most a language or an index file."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    return len(parts) <= 1 and all(len(p) <= 3 or p.startswith(("index.", "home")) for p in parts)


def _outlines(outlines: tuple[Outline, ...], name: str, now: datetime) -> Recognised:
    if not outlines:
        raise UnreadableError(name, "this OPML file lists no feeds")
    unique = {outline.url: outline for outline in outlines}
    return Recognised(
        tuple(_source(o.url, SourceKind.FEED, o.title, now) for o in unique.values()), {}
    )


def _source(url: str, kind: SourceKind, title: str | None, now: datetime) -> Source:
    return Source(id=0, url=url, kind=kind, title=title, added=now)
