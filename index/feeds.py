"""Bytes to entries: RSS 0.9x to 2.0, RDF, Atom, JSON Feed, RSS in JSON. Pure.

XML goes through feedparser, which knows the formats; what they leave uncertain is
settled here and in the modules that this one gathers: what a blob is (sniffing), text
and safe XML (markup), titles, ids, dates and links (entries), article or summary
(completeness), lists of feeds (opml) and what a page links to (autodiscovery).
"""

import html
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import struct_time
from typing import Any

import feedparser

from index.articles import Entry
from index.autodiscovery import discover_feeds
from index.entries import (
    Item,
    clean_title,
    entries_of,
    holds_blocks,
    language_tag,
    text_as_html,
    web_url,
)
from index.errors import UnreadableError
from index.jsonfeed import Channel, parse_json_feed, ttl_of
from index.markup import decode, safe_xml
from index.opml import Outline, parse_opml, write_opml
from index.sniffing import Kind, feed_start, sniff

__all__ = [
    "Feed",
    "Kind",
    "Outline",
    "discover_feeds",
    "parse_feed",
    "parse_opml",
    "sniff",
    "write_opml",
]

_CHECK = "Check in a browser what the site gives at this address"
_NO_FEED = {
    Kind.EMPTY: ("the feed is empty", "Try again later"),
    Kind.HTML: ("this is a web page, not a feed", "Look on the page for the feed's address"),
    Kind.OPML: ("this is an OPML list of feeds, not a feed", "Add it as a list"),
    Kind.BINARY: ("this is binary data, not a feed", _CHECK),
    Kind.TEXT: ("this is plain text, not a feed", _CHECK),
}
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 24 * 7, "monthly": 24 * 30, "yearly": 24 * 365}
_PERSON = r"(?:[\w.-]+:)?(?:author|creator|managingeditor|webmaster|publisher|owner|name|email)"
_PERSON_BEGINS = re.compile(rf"(<{_PERSON}\b[^<>]*>)", re.IGNORECASE)
_PERSON_ENDS = re.compile(rf"</(?:{_PERSON}|item|entry)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<!\[CDATA\[|\]\]>|<[^<>]*>")
_LONGEST_PERSON = 500
# What feedparser's parsers are known to let through on damaged input.
_PARSER_FAULTS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
)


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself, and its entries in its order.

    ``link`` is the site that it belongs to; ``ttl`` how long it asks to be left alone.
    """

    title: str | None
    link: str | None
    language: str | None
    entries: tuple[Entry, ...]
    ttl: timedelta | None = None


def parse_feed(
    data: bytes, *, url: str, content_type: str | None = None, now: datetime | None = None
) -> Feed:
    """A feed in any of the formats, also if it is not quite well formed.

    ``url`` is where the feed is from, for relative links and messages; ``content_type``
    the HTTP header's value, if any; ``now`` bounds dates in the future (default: the clock).
    Links are resolved against ``xml:base``, else the feed's site (in Atom, the feed's URL).
    Raises UnreadableError with one reason where there are no entries to be had.
    """
    kind = sniff(data, content_type)
    if kind is not Kind.FEED:
        reason, remedy = _NO_FEED[kind]
        raise UnreadableError(url, reason, remedy)
    text = decode(data, content_type)
    base = url
    if text.lstrip().startswith("{"):
        channel = parse_json_feed(text, url)
    else:
        channel, atom = _parse_xml(safe_xml(text[feed_start(text) :], url), url)
        base = url if atom else web_url(channel.link, url) or url
    entries = entries_of(channel.items, base, now or datetime.now(UTC))
    if not entries:
        raise UnreadableError(url, "the feed holds no entries", _CHECK)
    return Feed(
        title=clean_title(channel.title) or None,
        link=web_url(channel.link, url),
        language=language_tag(channel.language),
        entries=entries,
        ttl=channel.ttl,
    )


def _parse_xml(xml: str, url: str) -> tuple[Channel, bool]:
    """The feed, and whether it is Atom."""
    data = f"<?xml version='1.0' encoding='utf-8'?>\n{_with_short_names(xml)}".encode()
    try:
        # A stream, because feedparser would open bytes and text as a path or a URL. Its
        # cleaning and link rewriting of HTML serve display; bodies here only become text.
        parsed = feedparser.parse(
            io.BytesIO(data),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except _PARSER_FAULTS as error:
        raise UnreadableError(url, "the feed's XML is damaged beyond reading", _CHECK) from error
    feed, atom = parsed.feed, str(parsed.version).startswith("atom")
    authors = _authors(feed) if atom else ()
    if parsed.bozo and not parsed.entries:
        reason = f"the feed's XML is damaged ({parsed.bozo_exception})"
        raise UnreadableError(url, reason, _CHECK)
    channel = Channel(
        title=_text(feed, "title"),
        link=_text(feed, "link"),
        language=_text(feed, "language") or None,
        ttl=_ttl(feed),
        items=tuple(_item(entry, authors, atom) for entry in parsed.entries),
    )
    return channel, atom


def _with_short_names(xml: str) -> str:
    """The feed with what it says of people cut to what a name can be.

    feedparser looks for a mail address in it in quadratic time.
    """
    first, *rest = _PERSON_BEGINS.split(xml)
    parts = [first]
    for tag, after in zip(rest[::2], rest[1::2], strict=True):
        end = _PERSON_ENDS.search(after)
        length = end.start() if end else len(after)
        person = after[:length]
        if length > _LONGEST_PERSON and not tag.endswith("/>"):
            plain = html.unescape(_MARKUP.sub(" ", person))
            person = html.escape(plain[:_LONGEST_PERSON], quote=False)
        parts += [tag, person, after[length:]]
    return "".join(parts)


def _item(entry: Mapping[str, Any], authors: tuple[str, ...], atom: bool) -> Item:
    identity = _text(entry, "id")
    contents = [part for part in entry.get("content") or () if _is_text(part)]
    summary = entry.get("summary_detail") or {"value": _text(entry, "summary")}
    if any(part.get("value") == summary.get("value") for part in contents):
        # feedparser fills a missing summary with the content.
        summary = {}
    link = _text(entry, "link")
    if link == identity and not link.startswith(("http://", "https://", "/")):
        # RSS takes every guid for a link that does not deny it.
        link = ""
    title = entry.get("title_detail") or {}
    languages = [str(part["language"]) for part in (*contents, title) if part.get("language")]
    return Item(
        id=identity,
        links=tuple(filter(None, (_text(entry, "feedburner_origlink"), link))),
        title=_text(entry, "title"),
        plain_title=atom and title.get("type") == "text/plain",
        content=max(map(_html, contents), key=len, default=""),
        summary=_html(summary),
        authors=_authors(entry) or authors,
        dates=tuple(_date(entry, key) for key in ("published_parsed", "updated_parsed")),
        language=next(iter(languages), None) or _text(entry, "language") or None,
    )


def _is_text(part: Mapping[str, Any]) -> bool:
    kind = str(part.get("type") or "text/plain")
    return kind.startswith("text/") or kind.endswith("xml")


def _html(part: Mapping[str, Any]) -> str:
    value = str(part.get("value") or "")
    # Atom's default type is plain text, and many who write HTML leave it at that.
    if part.get("type") == "text/plain" and not holds_blocks(value):
        return text_as_html(value)
    return value


def _text(holder: Mapping[str, Any], key: str) -> str:
    value = holder.get(key)
    return value.strip() if isinstance(value, str) else ""


def _authors(holder: Mapping[str, Any]) -> tuple[str, ...]:
    people = holder.get("authors") or ()
    names = tuple(filter(None, (_text(person, "name") for person in people)))
    return names or tuple(filter(None, (_text(holder, "author"),)))


def _date(entry: Mapping[str, Any], key: str) -> datetime | None:
    # Asked for by ``in`` first: feedparser's get() passes off one date for the other.
    value = entry.get(key) if key in entry else None
    if not isinstance(value, struct_time):
        return None
    try:
        # A leap second is no datetime.
        return datetime(*value[:5], min(value[5], 59), tzinfo=UTC)
    except ValueError:
        return None


def _ttl(feed: Mapping[str, Any]) -> timedelta | None:
    """RSS's ``ttl``, else the syndication module's period divided by its frequency."""
    hours = _PERIODS.get(_text(feed, "sy_updateperiod").lower())
    stated = ttl_of(_text(feed, "ttl"))
    if stated or not hours:
        return stated
    times = ttl_of(_text(feed, "sy_updatefrequency")) or timedelta(minutes=1)
    return timedelta(hours=hours) / (times / timedelta(minutes=1))
