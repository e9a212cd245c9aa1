"""Feeds that tests write themselves, and how they are read."""

from datetime import UTC, datetime

from index.articles import Entry
from index.feeds import Feed, parse_feed

URL = "https://news.test/feeds/all.xml"
NOW = datetime(2024, 6, 1, tzinfo=UTC)
MOMENT = datetime(2024, 3, 3, 9, 15, tzinfo=UTC)
SENTENCE = "The river burst its banks on Sunday night and flooded forty homes in the old town."
ARTICLE = "".join(f"<p>{SENTENCE} It is paragraph number {i} of the report.</p>" for i in range(12))
SUMMARY = "The river burst its banks and flooded forty homes [...]"


def parse(text: str, url: str = URL) -> Feed:
    """The feed in a text, read as of NOW."""
    return parse_feed(text.encode(), url=url, now=NOW)


def only(text: str) -> Entry:
    """The one entry of a feed."""
    (entry,) = parse(text).entries
    return entry


def rss(*items: str, channel: str = "") -> str:
    """An RSS 2.0 feed with these items, each the inside of its element."""
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
        f"<title>The Courier</title><link>https://news.test/</link>{channel}{body}</channel></rss>"
    )


def atom(*entries: str, attributes: str = "") -> str:
    """An Atom feed with these entries, each the inside of its element."""
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>The Courier</title>'
        '<link href="https://news.test/"/>'
        + "".join(f"<entry>{entry}</entry>" for entry in entries)
        + "</feed>"
    )


def items(*orders: int) -> list[str]:
    """RSS items with a number each, for :func:`rss`."""
    return [
        f"<title>Article {i}</title><link>https://news.test/{i}</link>"
        f"<guid>https://news.test/{i}</guid><description>{SENTENCE}</description>"
        for i in orders
    ]
