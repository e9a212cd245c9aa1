"""Feeds in JSON: JSON Feed 1.0 and 1.1, and RSS in JSON. Pure.

Formats: https://www.jsonfeed.org/version/1.1/ and
https://github.com/scripting/Scripting-News/blob/master/rss-in-json/README.md
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from index.entries import Item, text_as_html
from index.errors import UnreadableError

_REMEDY = "Check in a browser what the site gives at this address"


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed as its format gives it: strings as they are, items untouched."""

    title: str = ""
    link: str = ""
    language: str | None = None
    ttl: timedelta | None = None
    items: tuple[Item, ...] = ()


def parse_json_feed(text: str, subject: str) -> Channel:
    """A feed in JSON. Raises UnreadableError where it is none, or damaged."""
    try:
        root = json.loads(text.strip().removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else "it nests too deeply"
        raise UnreadableError(subject, f"its JSON is damaged: {reason}", _REMEDY) from error
    if isinstance(root, dict):
        rss = root.get("rss")
        if isinstance(rss, dict) and isinstance(rss.get("channel"), dict):
            return _rss(rss["channel"])
        if isinstance(root.get("items"), list):
            return _json_feed(root)
    raise UnreadableError(subject, "this is JSON, but no feed", _REMEDY)


def _json_feed(root: Mapping[str, Any]) -> Channel:
    authors = _json_authors(root)
    return Channel(
        title=_string(root.get("title")),
        link=_string(root.get("home_page_url")),
        language=_string(root.get("language")) or None,
        items=tuple(_json_item(item, authors) for item in root["items"] if isinstance(item, dict)),
    )


def _json_item(item: Mapping[str, Any], authors: tuple[str, ...]) -> Item:
    identity = _string(item.get("id"))
    summary = _string(item.get("summary"))
    content = _string(item.get("content_html")) or text_as_html(_string(item.get("content_text")))
    linked = identity if identity.startswith(("http://", "https://")) else ""
    return Item(
        id=identity,
        links=_present(item.get("url"), linked, item.get("external_url")),
        title=_string(item.get("title")),
        content=content,
        summary=text_as_html(summary),
        authors=_json_authors(item) or authors,
        dates=(parse_date(item.get("date_published")), parse_date(item.get("date_modified"))),
        language=_string(item.get("language")) or None,
    )


def _json_authors(holder: Mapping[str, Any]) -> tuple[str, ...]:
    """Version 1.1's ``authors`` where they say anything, else version 1.0's ``author``."""
    several = holder.get("authors")
    people = several if isinstance(several, list) else []
    names = _present(*(person.get("name") for person in people if isinstance(person, dict)))
    one = holder.get("author")
    return names or _present(one.get("name") if isinstance(one, dict) else one)


def _rss(channel: Mapping[str, Any]) -> Channel:
    found = channel.get("item")
    items = found if isinstance(found, list) else [found]
    minutes = _string(channel.get("ttl"))
    return Channel(
        title=_string(channel.get("title")),
        link=_string(channel.get("link")),
        language=_string(channel.get("language")) or None,
        ttl=ttl_of(minutes),
        items=tuple(_rss_item(item) for item in items if isinstance(item, dict)),
    )


def _rss_item(item: Mapping[str, Any]) -> Item:
    guid = item.get("guid")
    identity = _string(guid)
    permanent = not (isinstance(guid, dict) and _string(guid.get("isPermaLink")).lower() == "false")
    linked = identity if permanent and identity.startswith(("http://", "https://")) else ""
    return Item(
        id=identity,
        links=_present(item.get("link"), linked),
        title=_string(item.get("title")),
        content=_string(item.get("content:encoded")),
        summary=_string(item.get("description")),
        authors=_present(item.get("dc:creator")) or _present(item.get("author")),
        dates=(parse_date(item.get("pubDate")), parse_date(item.get("dc:date"))),
    )


def ttl_of(minutes: str) -> timedelta | None:
    """RSS's ``ttl``, whole minutes; None if it is none or would never come due."""
    digits = minutes.strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 7 or not int(digits):
        return None
    return timedelta(minutes=int(digits))


def parse_date(value: Any) -> datetime | None:
    """A date in ISO 8601 or as mail writes it; None if it is neither."""
    text = _string(value)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        try:
            return parsedate_to_datetime(text)
        except (ValueError, IndexError, OverflowError):
            return None


def _present(*values: Any) -> tuple[str, ...]:
    return tuple(filter(None, (_string(value) for value in values)))


def _string(value: Any) -> str:
    """What a value says as text: attributes make an object of it that holds ``#value``."""
    if isinstance(value, dict):
        value = value.get("#value")
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return str(value) if abs(value) < 1e300 else ""
    return value.strip() if isinstance(value, str) else ""
